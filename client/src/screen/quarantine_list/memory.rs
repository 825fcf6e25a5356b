//! What the columns of earlier lists held, where somebody corrected it by hand: kept in a file of
//! this terminal. Headings alone, nobody's data.

use std::path::{Path, PathBuf};

use shared::quarantine_list::Remembered;

/// The file in the terminal's folder.
fn file(folder: &Path) -> PathBuf {
    folder.join("quarantine_lists.json")
}

/// What was kept; what cannot be read counts as nothing.
pub(super) fn recall(folder: Option<&Path>) -> Remembered {
    let text = folder.and_then(|folder| std::fs::read(file(folder)).ok());
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// Keeps it. A full disk costs a correction that can be made again, so failing is silent.
pub(super) fn keep(folder: Option<&Path>, remembered: &Remembered) {
    let (Some(folder), Ok(text)) = (folder, serde_json::to_vec(remembered)) else {
        return;
    };
    let _ = std::fs::create_dir_all(folder);
    let _ = std::fs::write(file(folder), text);
}
