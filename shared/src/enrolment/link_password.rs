//! The password of a link (M-02): what the program makes, and how people type it from a mail, a letter
//! or by ear.

use zeroize::Zeroizing;

use crate::accounts::made_password::SIGNS;
use crate::text::fold_width;

/// How many signs it has, in groups of four with hyphens between them: 80 random bits.
pub const LENGTH: usize = 16;

/// What was typed, in the form that is compared: without hyphens and spaces, in small letters of one
/// width.
#[must_use]
pub fn plain(typed: &str) -> Zeroizing<String> {
    let folded = Zeroizing::new(fold_width(typed));
    let plain = folded
        .chars()
        .filter(|c| *c != '-' && !c.is_whitespace())
        .flat_map(char::to_lowercase);
    Zeroizing::new(plain.collect())
}

/// Whether what was typed may be a link's password at all. What is not need not be sent, where it would
/// count as one of the five wrong tries (M-05).
#[must_use]
pub fn is_whole(typed: &str) -> bool {
    let plain = plain(typed);
    plain.len() == LENGTH && plain.bytes().all(|sign| SIGNS.contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_whole_however_it_is_written() {
        for typed in [
            "abcd-efgh-jkmn-pqrs",
            " abcdefghjkmnpqrs ",
            "ABCD EFGH JKMN PQRS",
            "ａｂｃｄ－ｅｆｇｈーｊｋｍｎ−ｐｑｒｓ",
        ] {
            assert!(is_whole(typed), "{typed}");
        }
    }

    #[test]
    fn what_is_cut_off_or_has_another_sign_is_not() {
        for typed in [
            "",
            "abcd-efgh-jkmn-pqr",
            "abcd-efgh-jkmn-pqrs2",
            "abcd-efgh-jkmn-pqr0",
            "abcd-efgh-jkmn-pqrl",
            "abcd-efgh-jkmn-pqr見",
            "k7pw2-hx9dm-q4tze-vb8ny",
        ] {
            assert!(!is_whole(typed), "{typed}");
        }
    }
}
