//! Which file: asked of a person by the desktop.

use std::path::PathBuf;

use futures_util::future::BoxFuture;

/// Asks a person for files, without holding up the window.
pub trait FileDialog: Send + Sync {
    /// A file to read. `None` if none was chosen or no dialog can be shown; the desktop does not
    /// tell which.
    fn open(&self, title: String) -> BoxFuture<'static, Option<PathBuf>>;

    /// A file to write, with this name proposed; the dialog asks before one is replaced.
    fn save(&self, title: String, name: String) -> BoxFuture<'static, Option<PathBuf>>;

    /// The folder in which this person looks for what a program gave them, if there is one.
    fn usual_folder(&self) -> Option<PathBuf> {
        None
    }
}

/// The dialogs of the desktop: on Linux the portal's, else zenity's.
pub struct Native;

impl FileDialog for Native {
    fn open(&self, title: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(async move {
            let dialog = rfd::AsyncFileDialog::new().set_title(title);
            let chosen = dialog.pick_file().await;
            chosen.map(|file| file.path().to_owned())
        })
    }

    fn save(&self, title: String, name: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(async move {
            let dialog = rfd::AsyncFileDialog::new()
                .set_title(title)
                .set_file_name(name);
            let chosen = dialog.save_file().await;
            chosen.map(|file| file.path().to_owned())
        })
    }

    fn usual_folder(&self) -> Option<PathBuf> {
        let folders = directories::UserDirs::new()?;
        let downloads = folders.download_dir().filter(|folder| folder.is_dir());
        Some(downloads.unwrap_or(folders.home_dir()).to_owned())
    }
}

/// Nobody chooses anything: for tests.
pub struct Nobody;

impl FileDialog for Nobody {
    fn open(&self, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    fn save(&self, _: String, _: String) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }
}
