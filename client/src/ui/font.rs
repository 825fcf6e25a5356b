//! Which typeface the window writes in, and that Han characters are Japanese.
//!
//! One code point stands for the Japanese, Chinese and Korean shape of a Han
//! character; which shape is drawn depends on the face. The text engine picks
//! among faces by the locale and knows `ja`, but the system says `ja-JP`, which
//! it does not recognise: then the *Chinese* shape of 直, 骨 or 角 is drawn. So
//! the engine's locale is set to `ja` before the first word is laid out, and a
//! Japanese face is chosen by name besides.

use std::sync::OnceLock;

use iced::Font;
use iced::advanced::graphics::text::cosmic_text::{self, fontdb};
use iced::advanced::graphics::text::font_system;
use iced::font::Weight;

/// The faces the window can be read in, the most readable first.
pub const FAMILIES: [&str; 5] = [
    "BIZ UDPGothic",
    "BIZ UDPゴシック",
    "Noto Sans CJK JP",
    "Yu Gothic UI",
    "Meiryo",
];

/// The Debian package that brings the first of them, named in the message that is
/// shown when there is none.
pub const PACKAGE: &str = "fonts-morisawa-bizud-gothic";

/// No face of [`FAMILIES`] is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Japanese typeface is installed; install the package {PACKAGE}")]
pub struct Missing;

/// Makes the text engine write Japanese and returns the family it writes in.
///
/// Must be called once before any text is laid out; later calls only repeat the
/// first answer.
///
/// # Errors
/// [`Missing`] when no family of [`FAMILIES`] is installed.
pub fn prepare() -> Result<&'static str, Missing> {
    static CHOSEN: OnceLock<Result<&'static str, Missing>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let mut system = font_system()
            .write()
            .expect("nothing else holds the font system yet");
        let raw = system.raw();
        let empty = cosmic_text::FontSystem::new_with_locale_and_db(
            "ja".to_owned(),
            fontdb::Database::new(),
        );
        let (_, mut faces) = std::mem::replace(raw, empty).into_locale_and_db();
        let chosen = FAMILIES.into_iter().find(|family| {
            faces
                .faces()
                .any(|face| face.families.iter().any(|(name, _)| name == family))
        });
        if let Some(family) = chosen {
            faces.set_sans_serif_family(family);
        }
        *raw = cosmic_text::FontSystem::new_with_locale_and_db("ja".to_owned(), faces);
        chosen.ok_or(Missing)
    })
}

/// The regular face.
pub const REGULAR: Font = Font::DEFAULT;

/// The bold face: titles, headings and what must not be overlooked.
pub const BOLD: Font = Font {
    weight: Weight::Bold,
    ..Font::DEFAULT
};

/// The face of the few drawn signs (tick, arrows) that iced brings with it.
pub(super) const SIGNS: Font = Font::with_name("Iced-Icons");
