//! Pictures of screens for tests: drawn by the software renderer with the
//! Japanese face, left in `target/pictures/` for the eye, and compared with the
//! digests that are kept beside the tests.

use std::fs;
use std::path::{Path, PathBuf};

use iced::Settings;
use iced_test::Simulator;
use sha2::{Digest, Sha256};

use crate::ui::theme::Theme;
use crate::ui::{Element, font};

/// A screen that can be clicked, typed into and looked at.
pub(crate) type Driven<'a, Message> = Simulator<'a, Message, Theme>;

/// Set to draw new digests instead of comparing with the kept ones.
const RECORD: &str = "MIMAMORI_RECORD_PICTURES";

/// The window of a small office screen at 100 per cent, in logical pixels.
pub(crate) const AT_100: (f32, f32) = (1280.0, 720.0);
/// The same screen at 150 per cent: fewer logical pixels, reflowed.
pub(crate) const AT_150: (f32, f32) = (1280.0 / 1.5, 720.0 / 1.5);
/// The same screen at the smallest zoom that there is.
pub(crate) const AT_80: (f32, f32) = (1280.0 / 0.8, 720.0 / 0.8);
/// The same screen at the largest.
pub(crate) const AT_200: (f32, f32) = (1280.0 / 2.0, 720.0 / 2.0);

/// `element` in a window of this many logical pixels.
pub(crate) fn drive<'a, Message>(
    element: impl Into<Element<'a, Message>>,
    size: (f32, f32),
) -> Driven<'a, Message> {
    let family = font::prepare().expect("a Japanese typeface for the tests");
    let settings = Settings {
        default_font: iced::Font::with_name(family),
        ..Settings::default()
    };
    Simulator::with_size(settings, size, element)
}

/// The software renderer, with the typeface of the screens.
pub(crate) fn renderer() -> iced::Renderer {
    use iced::advanced::renderer::Headless;
    let family = font::prepare().expect("a Japanese typeface for the tests");
    let family = iced::Font::with_name(family);
    let made = <iced::Renderer as Headless>::new(family, iced::Pixels(16.0), None);
    futures_util::future::FutureExt::now_or_never(made)
        .expect("the software renderer is made at once")
        .expect("the software renderer")
}

/// A drawn screen.
pub(crate) struct Picture {
    path: PathBuf,
    rgba: Vec<u8>,
}

impl Picture {
    /// A screen drawn elsewhere and left at `path`.
    pub(crate) fn of(path: PathBuf, rgba: Vec<u8>) -> Self {
        Self { path, rgba }
    }

    /// How many pixels are exactly of this colour.
    pub(crate) fn count(&self, colour: iced::Color) -> usize {
        let [r, g, b, _] = colour.into_rgba8();
        self.rgba
            .chunks_exact(4)
            .filter(|pixel| pixel[..3] == [r, g, b])
            .count()
    }

    /// The pixels alone, row by row.
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.rgba
    }

    /// Compares with the digest kept under this picture's name in `kept`.
    ///
    /// A picture without a digest fails: one that nobody has looked at proves nothing.
    pub(crate) fn is_as_kept(&self, kept: &Path) {
        let name = self
            .path
            .file_stem()
            .expect("named when drawn")
            .to_string_lossy()
            .into_owned();
        let digest: String = Sha256::digest(&self.rgba)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if is_recording() {
            return record(kept, &name, &digest);
        }
        let text = fs::read_to_string(kept).unwrap_or_default();
        let found = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")));
        assert_eq!(
            font::prepare(),
            Ok(font::FAMILIES[0]),
            "pictures are kept as drawn in this face; install {}",
            font::PACKAGE
        );
        assert_eq!(
            found,
            Some(digest.as_str()),
            "look at {}; if it is right, run the test with {RECORD}=1",
            self.path.display()
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "asked of whoever runs the tests")]
fn is_recording() -> bool {
    std::env::var_os(RECORD).is_some()
}

/// Keeps a digest. Other tests, and other runs of them, may record or compare at this moment:
/// one at a time changes the file, and whoever reads it finds it whole.
fn record(kept: &Path, name: &str, digest: &str) {
    let folder = kept.parent().expect("kept in a folder");
    fs::create_dir_all(folder).expect("folder made");
    let lock = fs::File::create(pictures().join("recording.lock")).expect("a file to lock");
    lock.lock().expect("one at a time records");
    let text = fs::read_to_string(kept).unwrap_or_default();
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with(&format!("{name} ")))
        .map(str::to_owned)
        .collect();
    lines.push(format!("{name} {digest}"));
    lines.sort();
    let new = kept.with_extension("new");
    fs::write(&new, lines.join("\n") + "\n").expect("digests written");
    fs::rename(new, kept).expect("digests kept");
}

/// Where pictures are left for the eye.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures");
    fs::create_dir_all(&folder).expect("folder for pictures");
    folder
}

/// Draws what `driven` shows, at twice its logical size, and leaves the picture
/// as `target/pictures/NAME.png`.
pub(crate) fn take<Message>(driven: &mut Driven<'_, Message>, theme: Theme, name: &str) -> Picture {
    let path = pictures().join(format!("{name}.png"));
    // The first drawing tells widgets their status, the second shows it.
    driven.snapshot(&theme).expect("drawn");
    let snapshot = driven.snapshot(&theme).expect("drawn");
    // Pixels are given away as a file only. It is written in a folder of its own: another run of
    // the same test at the same time would otherwise take it away, or leave half of its own there.
    let own = tempfile::tempdir_in(pictures()).expect("a folder");
    snapshot
        .matches_image(own.path().join(name))
        .expect("written");
    // iced names the file after its renderer.
    let drawn = own.path().join(format!("{name}-tiny-skia.png"));
    let file = fs::File::open(&drawn).expect("the picture that was just written");
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("a picture");
    let mut rgba = vec![0; reader.output_buffer_size().expect("of a size that fits")];
    reader.next_frame(&mut rgba).expect("a whole picture");
    fs::rename(&drawn, &path).expect("left for the eye");
    Picture { path, rgba }
}
