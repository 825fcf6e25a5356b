//! Bytes of a text file to text and back.
//!
//! Offices send UTF-8 with or without a byte order mark, CP932, and Excel's "Unicode text"
//! (UTF-16). A byte that means nothing is never dropped: it becomes [`LOST`] in the text, so
//! that the row it stands in can be refused, and its place is reported.

use encoding_rs::{DecoderResult, EncoderResult, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use super::ReadError;

/// Stands in the text where a byte could not be read.
pub const LOST: char = '\u{FFFD}';

/// Stands for [`LOST`] in CP932, which has no such character; printers of Japanese use this
/// mark (〓) for a missing type.
pub(crate) const GETA: char = '〓';

/// More damage than this is counted but not listed.
const LISTED_DAMAGE: usize = 1_000;

/// The characters that an office's own font adds in CP932 (外字): 1,880 places.
pub(crate) const PRIVATE: std::ops::RangeInclusive<char> = '\u{E000}'..='\u{E757}';

/// How the characters of a file are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark, as Excel writes "CSV UTF-8".
    Utf8Marked,
    /// Microsoft's Shift_JIS, with the NEC and IBM extensions.
    Cp932,
    /// UTF-16, little end first, with a byte order mark.
    Utf16Le,
    /// UTF-16, big end first, with a byte order mark.
    Utf16Be,
}

impl Encoding {
    fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 | Self::Cp932 => b"",
            Self::Utf8Marked => b"\xEF\xBB\xBF",
            Self::Utf16Le => b"\xFF\xFE",
            Self::Utf16Be => b"\xFE\xFF",
        }
    }
}

/// What ends the lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineBreak {
    /// Carriage return and line feed, as on Windows.
    CrLf,
    /// Line feed.
    Lf,
    /// Carriage return, as on the first Macintosh.
    Cr,
}

/// A place in a file whose bytes are no characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The line of the file, from 1.
    pub line: u32,
    /// The character of that line, from 1.
    pub place: u32,
    /// The bytes that could not be read.
    pub bytes: Vec<u8>,
}

/// The text of a file, with every line ended by a line feed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The characters, with [`LOST`] for each damage.
    pub text: String,
    /// How they were written.
    pub encoding: Encoding,
    /// What ended the first line; [`LineBreak::CrLf`] if there is but one line.
    pub line_break: LineBreak,
    /// The first thousand damaged places, in order.
    pub damage: Vec<Damage>,
    /// How many damaged places there are in all.
    pub damaged: usize,
}

/// Reads the bytes of a CSV or TSV file.
///
/// # Errors
/// [`ReadError::NotText`] for what is no text in any of the encodings: a picture, a program, or
/// a text of which one character in twenty is damaged.
pub fn decode(bytes: &[u8]) -> Result<Decoded, ReadError> {
    let encoding = recognise(bytes);
    let bytes = &bytes[encoding.mark().len()..];
    let utf16 = matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
    if !utf16 && bytes.contains(&0) {
        return Err(ReadError::NotText);
    }
    let mut reading = Reading::default();
    match (encoding, std::str::from_utf8(bytes)) {
        (Encoding::Utf8 | Encoding::Utf8Marked, Ok(text)) => text.clone_into(&mut reading.text),
        _ => reading.run(bytes, encoding),
    }
    let hopeless = reading.damaged > 20 && reading.damaged * 20 > reading.text.chars().count();
    if hopeless || reading.text.contains('\0') {
        return Err(ReadError::NotText);
    }
    let (text, line_break) = with_line_feeds(reading.text);
    Ok(Decoded {
        text,
        encoding,
        line_break,
        damage: reading.damage,
        damaged: reading.damaged,
    })
}

/// Writes a text whose lines end with a line feed, in the given form. What CP932 cannot say is
/// written as 〓.
#[must_use]
pub(crate) fn encode(text: &str, encoding: Encoding, line_break: LineBreak) -> Vec<u8> {
    let text = match line_break {
        LineBreak::Lf => text.to_owned(),
        LineBreak::CrLf => text.replace('\n', "\r\n"),
        LineBreak::Cr => text.replace('\n', "\r"),
    };
    let mut bytes = encoding.mark().to_vec();
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Marked => bytes.extend_from_slice(text.as_bytes()),
        Encoding::Utf16Le => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Encoding::Utf16Be => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Encoding::Cp932 => encode_cp932(&text, &mut bytes),
    }
    bytes
}

fn encode_cp932(text: &str, bytes: &mut Vec<u8>) {
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut rest = text;
    loop {
        bytes.reserve(rest.len() + 8);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(c) => bytes.extend(beyond_the_standard(c)),
        }
    }
}

/// CP932 bytes of the characters that the WHATWG table reads but does not write (外字), and of
/// those for which Windows and the standard use different code points.
fn beyond_the_standard(c: char) -> [u8; 2] {
    match c {
        '〜' => [0x81, 0x60],
        '‖' => [0x81, 0x61],
        '¢' => [0x81, 0x91],
        '£' => [0x81, 0x92],
        '¬' => [0x81, 0xCA],
        c if PRIVATE.contains(&c) => {
            let place = u32::from(c) - u32::from(*PRIVATE.start());
            let trail = place % 188;
            let gap = u32::from(trail >= 0x3F);
            [0xF0 + (place / 188) as u8, 0x40 + (trail + gap) as u8]
        }
        _ => [0x81, 0xAC],
    }
}

fn recognise(bytes: &[u8]) -> Encoding {
    for marked in [Encoding::Utf8Marked, Encoding::Utf16Le, Encoding::Utf16Be] {
        if bytes.starts_with(marked.mark()) {
            return marked;
        }
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Encoding::Utf8;
    }
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
        // Kanji of CP932 are hardly ever sound UTF-8, so the first few settle it.
        if broken > 100 && broken > sound {
            return Encoding::Cp932;
        }
    }
    // A torn or slightly damaged UTF-8 file is still one: a list in CP932 would be broken at
    // nearly every character.
    if sound > 4 * broken {
        Encoding::Utf8
    } else {
        Encoding::Cp932
    }
}

/// A decoding under way.
#[derive(Default)]
struct Reading {
    text: String,
    damage: Vec<Damage>,
    damaged: usize,
    /// Where in `text` lines and places were last counted, and what was found until there.
    counted: usize,
    line_breaks: u32,
    place: u32,
}

impl Reading {
    fn run(&mut self, bytes: &[u8], encoding: Encoding) {
        let mut decoder = match encoding {
            Encoding::Utf8 | Encoding::Utf8Marked => UTF_8,
            Encoding::Cp932 => SHIFT_JIS,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
        }
        .new_decoder_without_bom_handling();
        self.text.reserve(bytes.len() + bytes.len() / 2);
        let mut read = 0;
        loop {
            let (result, taken) =
                decoder.decode_to_string_without_replacement(&bytes[read..], &mut self.text, true);
            read += taken;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => self.text.reserve((bytes.len() - read).max(64)),
                DecoderResult::Malformed(length, after) => {
                    let end = read.saturating_sub(usize::from(after));
                    let start = end.saturating_sub(usize::from(length));
                    self.record(&bytes[start..end]);
                }
            }
        }
    }

    fn record(&mut self, bytes: &[u8]) {
        self.damaged += 1;
        if self.damage.len() < LISTED_DAMAGE {
            self.count_lines();
            self.damage.push(Damage {
                line: self.line_breaks + 1,
                place: self.place + 1,
                bytes: bytes.to_vec(),
            });
        }
        self.text.reserve(64);
        self.text.push(LOST);
    }

    fn count_lines(&mut self) {
        let mut previous = self.text[..self.counted].chars().next_back();
        for c in self.text[self.counted..].chars() {
            match c {
                '\n' if previous == Some('\r') => {}
                '\n' | '\r' => {
                    self.line_breaks += 1;
                    self.place = 0;
                }
                _ => self.place += 1,
            }
            previous = Some(c);
        }
        self.counted = self.text.len();
    }
}

fn with_line_feeds(text: String) -> (String, LineBreak) {
    let line_break = match text.find(['\r', '\n']) {
        Some(at) if text[at..].starts_with('\n') => LineBreak::Lf,
        Some(at) if !text[at..].starts_with("\r\n") => LineBreak::Cr,
        _ => LineBreak::CrLf,
    };
    if !text.contains('\r') {
        return (text, line_break);
    }
    let mut fed = String::with_capacity(text.len());
    let mut parts = text.split('\r');
    fed.extend(parts.next());
    for part in parts {
        if !part.starts_with('\n') {
            fed.push('\n');
        }
        fed.push_str(part);
    }
    (fed, line_break)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
