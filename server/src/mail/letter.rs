//! The password of a link as a printed letter: one page of A4 for each office, in PDF.

use fontdb::{Database, Family, Query};
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use shared::Language;
use shared::mail::spoken;
use zeroize::Zeroizing;

use super::notice::{fill, word};

/// Japanese fonts that are looked for, the best first. The first can be read in every size and
/// sets figures apart from letters.
const FONTS: [&str; 5] = [
    "BIZ UDPGothic",
    "BIZ UDPゴシック",
    "Noto Sans CJK JP",
    "IPAexGothic",
    "IPAGothic",
];

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
/// From the paper's edges to the text.
const MARGIN: f32 = 62.0;
/// From one line to the next, in font sizes.
const LEADING: f32 = 1.65;
/// One sign of the password with its reading.
const CELL: f32 = 52.0;
/// Groups on one line.
const GROUPS: usize = 2;

/// There is no font for letters on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no Japanese font to print letters with: install one, \
     such as the package fonts-morisawa-bizud-gothic or fonts-noto-cjk"
)]
pub(super) struct NoFont;

/// Why there are no letters.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotPrinted {
    /// See [`NoFont`].
    #[error(transparent)]
    Font(#[from] NoFont),
    /// The library refused.
    #[error("the letters cannot be made: {0}")]
    Pdf(String),
}

/// What stands in one letter.
pub(super) struct Letter {
    /// The office's name.
    pub office: String,
    /// The password, in groups with hyphens between them.
    pub password: Zeroizing<String>,
    /// The last digits of the link's id.
    pub id: String,
    /// The day of the letter.
    pub date: String,
    /// Until when the password is of use.
    pub until: String,
    /// Where to ask.
    pub help: String,
}

/// The font for letters among those installed on this machine. Looks at all of them: takes a
/// moment.
///
/// # Errors
/// [`NoFont`].
pub(super) fn find_font() -> Result<Font, NoFont> {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    choose(&fonts)
}

fn choose(fonts: &Database) -> Result<Font, NoFont> {
    FONTS
        .iter()
        .find_map(|name| {
            let query = Query {
                families: &[Family::Name(name)],
                ..Query::default()
            };
            fonts.with_face_data(fonts.query(&query)?, |data, index| {
                Font::new(data.to_vec().into(), index)
            })?
        })
        .ok_or(NoFont)
}

/// One page for each letter, as PDF.
///
/// # Errors
/// The library refuses.
pub(super) fn print(
    font: &Font,
    letters: &[Letter],
    language: Language,
) -> Result<Vec<u8>, NotPrinted> {
    let mut document = Document::new();
    let metadata = Metadata::new()
        .title(word("mail.letter.title", language))
        .language(language.tag().to_owned());
    document.set_metadata(metadata);
    for letter in letters {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1)
            .expect("the measures of A4 are positive and finite");
        let mut page = document.start_page_with(settings);
        Sheet {
            surface: page.surface(),
            font,
            language,
            y: MARGIN,
        }
        .write(letter);
        page.finish();
    }
    document
        .finish()
        .map_err(|error| NotPrinted::Pdf(format!("{error:?}")))
}

/// A page being written from top to bottom.
struct Sheet<'a> {
    surface: Surface<'a>,
    font: &'a Font,
    language: Language,
    y: f32,
}

impl Sheet<'_> {
    fn write(&mut self, letter: &Letter) {
        let facts = [
            ("office", letter.office.as_str()),
            ("id", &letter.id),
            ("until", &letter.until),
        ];
        let text = |name: &str| {
            let template = word(&format!("mail.letter.{name}"), self.language);
            fill(&template, &facts).as_str().to_owned()
        };
        let (to, title, before, after) = (text("to"), text("title"), text("before"), text("after"));
        self.line(&letter.date, 10.5);
        self.skip(14.0);
        self.paragraph(&to, 14.0);
        self.skip(22.0);
        self.line(&title, 18.0);
        self.skip(10.0);
        self.paragraph(&before, 10.5);
        self.skip(14.0);
        self.password(&letter.password);
        self.skip(18.0);
        self.paragraph(&after, 10.5);
        self.skip(16.0);
        self.paragraph(&letter.help, 10.5);
    }

    fn skip(&mut self, points: f32) {
        self.y += points;
    }

    fn paragraph(&mut self, text: &str, size: f32) {
        for line in text.lines() {
            for line in wrap(line, (PAGE.0 - 2.0 * MARGIN) / size) {
                self.line(&line, size);
            }
        }
    }

    fn line(&mut self, text: &str, size: f32) {
        self.y += size * LEADING;
        self.at(MARGIN, self.y, text, size);
    }

    fn at(&mut self, x: f32, y: f32, text: &str, size: f32) {
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(Fill {
            paint: rgb::Color::new(0, 0, 0).into(),
            ..Fill::default()
        }));
        let (font, from) = (self.font.clone(), Point::from_xy(x, y));
        self.surface
            .draw_text(from, font, size, text, false, TextDirection::LeftToRight);
    }

    /// The password, large, each sign with its reading below it, in a frame.
    fn password(&mut self, password: &str) {
        let groups: Vec<&str> = password.split('-').collect();
        let lines = groups.chunks(GROUPS).count();
        let height = 24.0 + lines as f32 * 62.0;
        self.frame(height);
        let top = self.y + 12.0;
        for (row, groups) in groups.chunks(GROUPS).enumerate() {
            let y = top + row as f32 * 62.0;
            for (place, group) in groups.iter().enumerate() {
                let left = MARGIN + 18.0 + place as f32 * (4.0 * CELL + 22.0);
                for (column, sign) in group.chars().enumerate() {
                    let x = left + column as f32 * CELL;
                    self.at(x + 12.0, y + 34.0, &sign.to_string(), 34.0);
                    self.at(x, y + 50.0, &spoken(sign, self.language), 6.5);
                }
            }
        }
        self.y += height;
    }

    fn frame(&mut self, height: f32) {
        let Some(frame) = Rect::from_xywh(MARGIN, self.y, PAGE.0 - 2.0 * MARGIN, height) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(frame);
        let Some(path) = path.finish() else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            width: 0.8,
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
    }
}

/// Breaks a line so that none is wider than `most` full-width characters; others count half.
/// Between words where there are spaces, else anywhere, as Japanese is broken.
fn wrap(line: &str, most: f32) -> Vec<String> {
    let width = |c: char| if c.is_ascii() { 0.56 } else { 1.0 };
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for word in line.split_inclusive(' ') {
        let whole: f32 = word.trim_end().chars().map(width).sum();
        let fits_a_line = whole <= most && word.is_ascii();
        if fits_a_line && used + whole > most {
            lines.push(String::new());
            used = 0.0;
        }
        for c in word.chars() {
            if used + width(c) > most && c != ' ' {
                lines.push(String::new());
                used = 0.0;
            }
            used += width(c);
            lines
                .last_mut()
                .expect("there is always a last line")
                .push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests;
