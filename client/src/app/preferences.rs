//! How a person likes the window: language, appearance, size; and how the helpdesk is reached.
//! Nothing secret.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shared::helpdesk::Helpdesk;

use crate::language::Language;
use crate::ui::theme::Appearance;
use crate::ui::zoom::Zoom;

/// How the window looks and speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// What it speaks.
    pub language: Language,
    /// Its colours.
    pub appearance: Appearance,
    /// Its size.
    pub zoom: Zoom,
    /// How the helpdesk is reached, as the server last said it; kept for when it cannot be asked.
    pub helpdesk: Option<Helpdesk>,
    /// Where they are kept; nowhere in tests.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

impl Preferences {
    /// What was kept in `folder`; what cannot be read counts as not kept.
    pub fn of(folder: Option<PathBuf>) -> Self {
        let file = folder.map(|folder| folder.join("preferences.json"));
        let kept = file.as_ref().and_then(|file| std::fs::read(file).ok());
        let kept: Option<Self> = kept.and_then(|text| serde_json::from_slice(&text).ok());
        Self {
            file,
            ..kept.unwrap_or_default()
        }
    }

    /// Keeps them. A full disk costs a preference and nothing else, so failing is silent.
    pub async fn keep(self) {
        let Some(file) = &self.file else { return };
        let Ok(text) = serde_json::to_vec(&self) else {
            return;
        };
        if let Some(folder) = file.parent() {
            let _ = tokio::fs::create_dir_all(folder).await;
        }
        let _ = tokio::fs::write(file, text).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_preferred_is_there_the_next_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut preferences = Preferences::of(Some(folder.path().join("new")));
        preferences.zoom = preferences.zoom.larger();
        preferences.language = Language::En;
        preferences.clone().keep().await;
        assert_eq!(
            Preferences::of(Some(folder.path().join("new"))),
            preferences
        );
    }

    #[test]
    fn a_broken_file_counts_as_none() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("preferences.json"), b"{").expect("written");
        let preferences = Preferences::of(Some(folder.path().to_owned()));
        assert_eq!(preferences.zoom, Zoom::NORMAL);
    }
}
