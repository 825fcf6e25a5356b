//! One line of a contact list taken apart: addresses, names, or a heading.

use unicode_normalization::UnicodeNormalization as _;

use crate::table::decode::LOST;
use crate::text::{MailAddress, is_hyphen};

/// Under which heading a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Above the first heading.
    None,
    /// 自治体（保健所設置主体）
    Body,
    /// 保健所
    HealthCentres,
    /// Notes and anything else.
    Other,
}

impl Section {
    /// Whether offices are expected here.
    pub(super) fn lists_offices(self) -> bool {
        matches!(self, Self::Body | Self::HealthCentres)
    }
}

/// A line taken apart. All texts are in one width.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The addresses in order, each once, without those for passwords.
    pub(super) mails: Vec<MailAddress>,
    /// The first address that is marked as the one for the password.
    pub(super) password_mail: Option<MailAddress>,
    /// The first thing with an `@` that is no address.
    pub(super) malformed: Option<String>,
    /// What may name the office: each cell without its addresses.
    pub(super) names: Vec<String>,
    /// The words of these, for cells that say more than a name.
    pub(super) words: Vec<String>,
    /// A character could not be read.
    pub(super) is_damaged: bool,
    /// Of a row of headings, the columns for addresses to which passwords go.
    pub(super) headings_of_passwords: Option<Vec<usize>>,
    plain: String,
}

impl Line {
    /// Takes the cells of a row apart, or the one text of a line. In `password_columns` stand
    /// addresses for passwords.
    pub(super) fn read(cells: &[&str], password_columns: &[usize]) -> Self {
        let mut line = Self::default();
        for (column, cell) in cells.iter().enumerate() {
            let mut plain: String = cell.nfkc().collect();
            if let Some(quoted) = plain.trim_start().strip_prefix('>') {
                // Quoted in an answer; `<…>` begins with the other bracket.
                plain = quoted.trim_start_matches(['>', ' ']).to_owned();
            }
            line.is_damaged |= plain.contains(LOST);
            let rest = line.take_addresses(&plain, password_columns.contains(&column));
            let words = names_in(&rest, &mut line.names);
            line.words.extend(words);
            line.plain.push_str(&plain);
            line.plain.push('\t');
        }
        line.plain = line.plain.trim().to_owned();
        let has_address =
            !line.mails.is_empty() || line.password_mail.is_some() || line.malformed.is_some();
        if cells.len() > 1 && !has_address {
            let for_passwords: Vec<usize> = (0..cells.len())
                .filter(|column| is_of_passwords(&cells[*column].nfkc().collect::<String>()))
                .collect();
            if !for_passwords.is_empty() {
                line.headings_of_passwords = Some(for_passwords);
            }
        }
        line
    }

    /// The section that a heading such as 〈保健所〉 opens; `None` for any other line.
    pub(super) fn heading(&self) -> Option<Section> {
        if self.plain.contains('@') {
            return None;
        }
        let inside = [
            ('<', '>'),
            ('〈', '〉'),
            ('《', '》'),
            ('≪', '≫'),
            ('【', '】'),
            ('[', ']'),
            ('「', '」'),
            ('〔', '〕'),
        ]
        .iter()
        .find_map(|(open, close)| self.plain.strip_prefix(*open)?.strip_suffix(*close))
        .or_else(|| self.plain.strip_prefix(['■', '◆', '●', '□', '◇']))?;
        Some(
            if inside.contains("自治体") || inside.contains("設置主体") {
                Section::Body
            } else if inside.contains("保健所") {
                Section::HealthCentres
            } else {
                Section::Other
            },
        )
    }

    /// Whether a line without an address seems to name an office all the same.
    pub(super) fn looks_like_an_office(&self) -> bool {
        self.plain.chars().count() <= 40
            && ["保健所", "保健センター", "保健福祉事務所", "福祉保健所"]
                .iter()
                .any(|word| self.plain.ends_with(word))
    }

    /// Takes every address out of `plain`; gives what is left, with a space for each.
    fn take_addresses(&mut self, plain: &str, for_password: bool) -> String {
        let characters: Vec<char> = plain.chars().collect();
        let mut rest = String::new();
        let mut from = 0;
        let mut label_from = 0;
        while let Some(at) = characters[from..].iter().position(|c| *c == '@') {
            let at = from + at;
            let start = (from..at)
                .rev()
                .take_while(|place| belongs(&characters, *place))
                .last()
                .unwrap_or(at);
            let end = (at + 1..characters.len())
                .take_while(|place| belongs(&characters, *place))
                .last()
                .map_or(at + 1, |last| last + 1);
            let found: String = characters[start..end].iter().collect();
            let before: String = characters[label_from..start].iter().collect();
            rest.extend(&characters[from..start]);
            rest.push(' ');
            self.add(&found, for_password || is_of_passwords(&before));
            from = end;
            label_from = end;
        }
        rest.extend(&characters[from..]);
        rest
    }

    fn add(&mut self, found: &str, for_password: bool) {
        let Ok(mail) = MailAddress::parse(found.trim_matches('.')) else {
            self.malformed.get_or_insert_with(|| found.to_owned());
            return;
        };
        if for_password {
            // A second one is dropped like any further address.
            if self.password_mail.is_none() {
                self.password_mail = Some(mail);
                return;
            }
            if self.password_mail.as_ref() == Some(&mail) {
                return;
            }
        }
        // Mail programs write an address twice: a@b<mailto:a@b>.
        if !self.mails.contains(&mail) {
            self.mails.push(mail);
        }
    }
}

/// Whether the character at this place can belong to an address around it.
fn belongs(characters: &[char], place: usize) -> bool {
    let c = characters[place];
    // A look-alike of the hyphen counts between Latin letters alone: ー ends many a name.
    let neighbour = |place: Option<usize>| {
        place
            .and_then(|place| characters.get(place))
            .is_some_and(char::is_ascii_alphanumeric)
    };
    let between = || neighbour(place.checked_sub(1)) && neighbour(Some(place + 1));
    (c.is_ascii_graphic() && !"()<>[]{}:;,\\\"'|=/`".contains(c)) || (is_hyphen(c) && between())
}

fn is_of_passwords(label: &str) -> bool {
    label.contains("パスワード") || label.to_ascii_lowercase().contains("password")
}

/// Puts what may name an office in a text without addresses: the whole into `whole`; gives its
/// words.
fn names_in(text: &str, whole: &mut Vec<String>) -> Vec<String> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || SEPARATORS.contains(c))
        .filter(|word| !word.is_empty() && !is_label(word))
        .collect();
    // As it stands, for names that hold a bracket or a dot; then without number and bullet.
    let stripped = text.trim_matches(|c: char| c.is_whitespace() || SEPARATORS.contains(c));
    for candidate in [stripped.to_owned(), words.concat()] {
        if !words.is_empty() && !candidate.is_empty() && !whole.contains(&candidate) {
            whole.push(candidate);
        }
    }
    words.into_iter().map(str::to_owned).collect()
}

/// What stands between a name and an address, or before a name; `-` stands in codes and is none.
const SEPARATORS: &str = ",;:<>()[]{}\"'|=/\\、。・…‥―→⇒〈〉《》≪≫「」『』【】〔〕■◆●○□◇◎★☆※*#&`";

/// Words that say what follows and name nobody, and numbers of a list.
fn is_label(word: &str) -> bool {
    const LABELS: &[&str] = &[
        "mailto",
        "mail",
        "e-mail",
        "email",
        "to",
        "cc",
        "メール",
        "メールアドレス",
        "アドレス",
        "連絡先",
        "宛先",
        "送付先",
        "パスワード",
        "パスワード用",
        "パスワード送付先",
        "password",
    ];
    let lower = word.to_lowercase();
    let number = lower.trim_end_matches('.');
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    LABELS.contains(&lower.as_str()) || is_number || lower.chars().all(|c| is_hyphen(c) || c == '.')
}
