//! Text as people write it: what is folded for comparison and what is left alone.
//!
//! Stored names are never changed (神 and 神 are two characters to their bearer); only codes
//! and phone numbers are put into one width, and only search keys are normalised.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

mod variant;

/// Why a text was not taken. `reason` is a key under `refused.` in the translation files whose
/// sentence says what is expected, with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused.{reason}")]
pub struct Refused {
    /// The last part of the key, e.g. `passport_number`.
    pub reason: &'static str,
}

impl Refused {
    /// A refusal for `reason`.
    #[must_use]
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }

    /// The sentence that says what is expected.
    #[must_use]
    pub fn sentence(self, language: crate::Language) -> String {
        crate::words::sentence(&self.to_string(), language)
    }
}

/// True for every mark that people type where they mean a hyphen (‐ − ー and their kin).
#[must_use]
pub fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{30FC}'
                | '\u{FF70}'
                | '\u{FF0D}'
                | '\u{FE63}'
                | '\u{2500}'
    )
}

/// Folds full-width letters and digits to ASCII and hyphen look-alikes to `-`, and drops
/// surrounding space. For codes, numbers and addresses; never for names.
#[must_use]
pub fn fold_width(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    text.trim()
        .nfkc()
        .map(|c| if is_hyphen(c) { '-' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The form in which texts are searched: one width, one case, hiragana for katakana, one form of
/// each kanji (高 for 髙), without spaces, hyphens and middle dots. The long vowel mark counts as a
/// hyphen. A key is its own key, so that kept keys can be made anew from themselves.
#[must_use]
pub fn search_key(text: &str) -> String {
    folded(
        text,
        |c| tells(c) && !variant::is_selector(c),
        variant::usual,
    )
}

/// The form in which texts are compared to know one again: like [`search_key`], but forms of one
/// kanji stay two. What is kept of it can be compared for ever; add nothing to what it folds.
#[must_use]
pub fn identity_key(text: &str) -> String {
    folded(text, tells, std::convert::identity)
}

fn folded(text: &str, tells: impl Fn(char) -> bool, form: impl Fn(char) -> char) -> String {
    // Nearly every text is written plainly, and a list has a million of them.
    if text.chars().all(is_plain) {
        // No character becomes longer.
        let mut key = String::with_capacity(text.len());
        let telling = text.chars().filter(|&c| tells(c));
        key.extend(telling.map(|c| form(hiragana(c.to_ascii_lowercase()))));
        return key;
    }
    text.nfkc()
        .filter(|&c| tells(c))
        .flat_map(char::to_lowercase)
        .map(hiragana)
        // An accent that stood after a space meets its letter only now.
        .nfkc()
        .map(form)
        .collect()
}

/// Whether NFKC leaves this character as it is among others of its kind, or makes a space of it;
/// and whether it has no case but ASCII's.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | '\u{3000}' | 'ぁ'..='ゖ' | 'ァ'..='ー' | '一'..='\u{9FFF}')
}

/// Whether a text reads differently without this character.
fn tells(c: char) -> bool {
    // Nearly every character is one of these, which needs no look at the tables of Unicode.
    let is_letter = matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='\u{9FFF}');
    is_letter || c.is_ascii_alphanumeric() || tells_among_signs(c)
}

fn tells_among_signs(c: char) -> bool {
    !(c.is_whitespace() || is_hyphen(c) || matches!(c, '・' | '.' | ',' | '\''))
}

fn hiragana(c: char) -> char {
    match c {
        // Katakana lies 0x60 above hiragana, character for character.
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// Trims a text and checks its length in characters and that it holds no control characters
/// but line breaks.
pub(crate) fn checked(
    text: &str,
    least: usize,
    most: usize,
    reason: &'static str,
) -> Result<String, Refused> {
    let text = text.trim();
    let length = text.chars().count();
    let clean = text
        .chars()
        .all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    if length < least || length > most || !clean {
        return Err(Refused::new(reason));
    }
    Ok(text.to_owned())
}

/// Declares a text type: a `String` that only its `parse` can make, with `Display`, `FromStr`,
/// serde and a JSON Schema that all agree.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $most:expr, |$text:ident| $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as it was typed.
            ///
            /// # Errors
            /// Refuses what is not such a value; the reason's sentence says what is expected.
            pub fn parse($text: &str) -> Result<Self, $crate::text::Refused> {
                $parse.map(Self)
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        $crate::text::through_text!($name, $most);
    };
}
pub(crate) use text_type;

/// Gives a type with `parse(&str)` and `Display` its `FromStr`, serde and JSON Schema (a string
/// of at most `$most` characters).
macro_rules! through_text {
    ($name:ident, $most:expr) => {
        impl std::str::FromStr for $name {
            type Err = $crate::text::Refused;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "maxLength": $most })
            }
        }
    };
}
pub(crate) use through_text;

text_type!(
    /// A remark, note or reason: free text of 1 to 2,000 characters, line breaks allowed.
    Remark, 2000, |text| checked(text, 1, 2000, "remark")
);

text_type!(
    /// A short free text on one line, such as an address or a port: 1 to 200 characters.
    Line, 200, |text| one_line(text, 200, "line")
);

text_type!(
    /// A telephone number: 10 or 11 digits beginning with 0, or 8 to 15 after a `+`, in the groups
    /// in which they were typed, with one hyphen between them.
    Phone, 30, |text| {
        let folded = fold_width(text);
        let groups = folded.split([' ', '-', '(', ')']).filter(|group| !group.is_empty());
        let groups: Vec<&str> = groups.collect();
        let phone = groups.concat();
        // A plus belongs to the digits behind it, however it was typed.
        let typed = groups.join("-").replacen("+-", "+", 1);
        let (digits, good) = match phone.strip_prefix('+') {
            Some(digits) => (digits, (8..=15).contains(&digits.len())),
            None => (phone.as_str(), matches!(phone.len(), 10 | 11) && phone.starts_with('0')),
        };
        if good && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(typed)
        } else {
            Err(Refused::new("phone"))
        }
    }
);

text_type!(
    /// A mail address: one `@`, a host with a dot, no spaces, at most 254 characters.
    MailAddress, 254, |text| {
        let mail = fold_width(text);
        let allowed = |c: char| c.is_ascii_graphic() && !"()<>[]:;,\\\"".contains(c);
        let good = mail.len() <= 254
            && mail.chars().all(|c| c == '@' || allowed(c))
            && matches!(mail.split('@').collect::<Vec<_>>()[..], [local, host]
                if !local.is_empty()
                    && host.split('.').count() > 1
                    && host.split('.').all(|label| !label.is_empty()));
        if good { Ok(mail) } else { Err(Refused::new("mail_address")) }
    }
);

impl MailAddress {
    /// Whether mail to both lands in one mailbox, as far as can be told: hosts and, in practice,
    /// everything before the `@` do not tell capitals from small letters.
    #[must_use]
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// Like [`checked`] for a text of one line.
pub(crate) fn one_line(text: &str, most: usize, reason: &'static str) -> Result<String, Refused> {
    let text = checked(text, 1, most, reason)?;
    if text.contains(['\n', '\t']) {
        return Err(Refused::new(reason));
    }
    Ok(text)
}

/// Writes bytes as lowercase hexadecimal.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads pairs of hexadecimal digits; `None` for anything else.
pub(crate) fn read_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_a_name_by_either_kana_and_any_width() {
        assert_eq!(search_key("ﾔﾏﾀﾞ　タロウ"), search_key("やまだたろう"));
        assert_eq!(search_key("０９０−１２３４"), "0901234");
        assert_eq!(search_key("Yamada Taro"), "yamadataro");
        assert_eq!(search_key("C´"), search_key("ć"));
    }

    #[test]
    fn finds_a_name_by_any_form_of_its_kanji() {
        for (written, typed) in [
            ("髙橋", "高橋"),
            ("𣘺本", "橋本"),
            ("山﨑", "山崎"),
            ("齋藤", "斉藤"),
            ("斎藤", "齊藤"),
            ("渡邉", "渡辺"),
            ("渡邊", "渡辺"),
            ("濵田", "浜田"),
            ("濱田", "浜田"),
            ("𠮷野", "吉野"),
            ("葛\u{E0100}城", "葛城"),
            ("神\u{FE00}", "神"),
        ] {
            assert_eq!(search_key(written), search_key(typed), "{written}");
            assert_ne!(identity_key(written), identity_key(typed), "{written}");
        }
        assert_ne!(search_key("大坂"), search_key("大阪"));
    }

    #[test]
    fn folds_codes_but_keeps_their_hyphens() {
        assert_eq!(fold_width(" １００ー８９１６ "), "100-8916");
    }

    #[test]
    fn takes_a_phone_number_as_offices_type_it() {
        for text in [
            "０９０ー００００ー１２３４",
            "090-0000-1234",
            "(090) 0000 1234",
            "090−0000‐1234",
        ] {
            let phone = Phone::parse(text).unwrap();
            assert_eq!(phone.as_str(), "090-0000-1234", "{text}");
            assert_eq!(Phone::parse(phone.as_str()), Ok(phone), "{text}");
        }
        for (typed, kept) in [
            ("09000001234", "09000001234"),
            ("03(0000)1234", "03-0000-1234"),
            ("+81 90 0000 1234", "+81-90-0000-1234"),
            ("+ 81 90 0000 1234", "+81-90-0000-1234"),
            ("+(81)90-0000-1234", "+81-90-0000-1234"),
            ("0-9-0-0-0-0-0-1-2-3-4", "0-9-0-0-0-0-0-1-2-3-4"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), kept);
        }
        for text in [
            "0900000123",
            "9000001234",
            "090-0000-12345",
            "090-0000-abcd",
            "+81",
            "",
        ] {
            let is_ten_digits = text == "0900000123";
            assert_eq!(Phone::parse(text).is_ok(), is_ten_digits, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_search_key_is_its_own_search_key(text in "\\PC{0,40}") {
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key);
            let key = identity_key(&text);
            prop_assert_eq!(identity_key(&key), key);
        }

        #[test]
        fn a_text_written_plainly_has_the_key_that_any_other_would_have(
            text in "[ -~　-〿ぁ-ヿ一-龯ｦ-ﾟＡ-ｚ]{0,12}",
        ) {
            // An accent makes the whole text one that is not plain, and then falls away.
            let accented = search_key(&format!("{text}か\u{3099}"));
            prop_assert_eq!(format!("{}が", search_key(&text)), accented);
        }

        #[test]
        fn what_a_remark_prints_it_takes(text in "\\PC{1,60}") {
            if let Ok(remark) = Remark::parse(&text) {
                prop_assert_eq!(Remark::parse(&remark.to_string()), Ok(remark));
            }
        }
    }
}
