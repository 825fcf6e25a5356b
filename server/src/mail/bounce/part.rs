//! A message, or a part of one: its head, and its body as it was before it was made fit to travel.
//!
//! Heads are the library's work. Where a part ends is found here: the library takes whole trees
//! of parts apart, and does not promise to stay calm over broken ones. Of a notification only the
//! parts at the top matter.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};

/// A notification has three parts.
const MOST_PARTS: usize = 20;

/// A message or a part of one.
pub(super) struct Part<'a> {
    head: Message<'a>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// Reads the head; nothing if there is none.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (head, body) = at_blank_line(bytes);
        Some(Self {
            head: heads().parse_headers(head)?,
            body,
        })
    }

    /// Whether its `Content-Type` is `kind`/`subtype`.
    pub(super) fn is(&self, kind: &str, subtype: &str) -> bool {
        let found = self.header(HeaderName::ContentType);
        found
            .and_then(HeaderValue::as_content_type)
            .is_some_and(|it| {
                it.ctype().eq_ignore_ascii_case(kind)
                    && it
                        .subtype()
                        .is_some_and(|it| it.eq_ignore_ascii_case(subtype))
            })
    }

    /// What a header lists, such as the ids in `References`.
    pub(super) fn listed(&self, name: HeaderName<'static>) -> impl Iterator<Item = &str> {
        let list = self.header(name).and_then(HeaderValue::as_text_list);
        list.unwrap_or_default().iter().map(AsRef::as_ref)
    }

    /// The body, decoded.
    pub(super) fn body(&self) -> Cow<'a, [u8]> {
        let encoding = self.header(HeaderName::ContentTransferEncoding);
        let decoded = match encoding.and_then(HeaderValue::as_text) {
            Some(it) if it.eq_ignore_ascii_case("base64") => base64_decode(self.body),
            Some(it) if it.eq_ignore_ascii_case("quoted-printable") => {
                quoted_printable_decode(self.body)
            }
            _ => None,
        };
        decoded.map_or(Cow::Borrowed(self.body), Cow::Owned)
    }

    /// The parts of a multipart message, of whatever else none; at most twenty.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        let kind = self.header(HeaderName::ContentType);
        let boundary = kind
            .and_then(HeaderValue::as_content_type)
            .and_then(|it| it.attribute("boundary"));
        let Some(boundary) = boundary.filter(|it| !it.is_empty()) else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        let (mut at, mut begin) = (0, None);
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            let next = at + line.len();
            if let Some(is_last) = delimiter(line, boundary.as_bytes()) {
                parts.extend(begin.and_then(|begin: usize| Part::of(&self.body[begin..at])));
                begin = (!is_last && parts.len() < MOST_PARTS).then_some(next);
                if begin.is_none() {
                    return parts;
                }
            }
            at = next;
        }
        // It was cut short.
        parts.extend(begin.and_then(|begin| Part::of(&self.body[begin..])));
        parts
    }

    fn header(&self, name: HeaderName<'static>) -> Option<&HeaderValue<'a>> {
        self.head.header(name)
    }
}

/// Takes to pieces the few headers that matter here. Of all others, of which anybody may send any, not
/// a byte is looked at.
fn heads() -> MessageParser {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_text(HeaderName::ContentTransferEncoding)
        .header_id(HeaderName::MessageId)
        .header_id(HeaderName::InReplyTo)
        .header_id(HeaderName::References)
}

/// Head and body, which a blank line parts.
fn at_blank_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            return (&bytes[..at], &bytes[at + line.len()..]);
        }
        at += line.len();
    }
    (bytes, &[])
}

/// Whether this line parts two parts, and then whether it ends the last (RFC 2046 §5.1.1).
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    match rest.trim_ascii_end() {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}
