//! Passwords that the program makes and somebody hands over (M-08): what they look like, and how
//! they are read when they are typed from paper.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::text::is_hyphen;

/// Small letters and digits, none of which can be taken for another of them when read aloud or from
/// paper: of `i`, `l` and `1` only `i` is among them, of `o` and `0` neither. 32 of them: five bits
/// choose one without favour.
pub const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How many groups the password of an account has, with hyphens between them.
pub const GROUPS: usize = 4;

/// How many signs a group has: 100 random bits in all.
pub const LENGTH: usize = 5;

/// What was typed, as the program writes the passwords of accounts: small letters in one width, and
/// a hyphen between the groups. People leave the hyphens out, put spaces or a long vowel mark in
/// their place, and type capitals or full width. `None` for what is no such password, however it is
/// written.
///
/// It is for comparing with a password that was handed over. One's own may look the same and be
/// meant as it was typed.
#[must_use]
pub fn read(typed: &str) -> Option<Zeroizing<String>> {
    // With room for all of it, so that no half is left behind in memory.
    let mut password = Zeroizing::new(String::with_capacity(GROUPS * (LENGTH + 1)));
    let mut count = 0;
    let between = |c: &char| is_hyphen(*c) || c.is_whitespace();
    for c in typed.nfkc().filter(|c| !between(c)) {
        let sign = c.to_ascii_lowercase();
        let is_sign = u8::try_from(sign).is_ok_and(|sign| SIGNS.contains(&sign));
        if !is_sign || count == GROUPS * LENGTH {
            return None;
        }
        if count > 0 && count % LENGTH == 0 {
            password.push('-');
        }
        password.push(sign);
        count += 1;
    }
    (count == GROUPS * LENGTH).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_read_as(typed: &str) -> Option<String> {
        read(typed).map(|password| password.to_string())
    }

    const MADE: &str = "k7pw2-hx9dm-q4tze-vb8ny";

    #[test]
    fn a_password_from_paper_is_read_however_it_is_written() {
        for typed in [
            MADE,
            "k7pw2hx9dmq4tzevb8ny",
            " k7pw2 hx9dm q4tze vb8ny\t",
            "K7PW2-HX9DM-Q4TZE-VB8NY",
            "ｋ７ｐｗ２ー ｈｘ９ｄｍ－ｑ４ｔｚｅ−ｖｂ８ｎｙ",
            "k7pw\u{2010}2hx9\u{2014}dmq4tz\u{3000}evb8ny",
        ] {
            assert_eq!(is_read_as(typed).as_deref(), Some(MADE), "{typed}");
        }
    }

    #[test]
    fn what_has_another_shape_is_none() {
        for typed in [
            "",
            "k7pw2-hx9dm-q4tze-vb8n",
            "k7pw2-hx9dm-q4tze-vb8nyy",
            "k7pw2-hx9dm-q4tze-vb8nl",
            "k7pw2-hx9dm-q4tze-vb8n0",
            "k7pw2_hx9dm_q4tze_vb8ny",
            "k7pw2-hx9dm-q4tze-vb8nÿ",
            "あさがおのたねをまきましたあさがおの",
        ] {
            assert_eq!(is_read_as(typed), None, "{typed}");
        }
    }

    /// A password as the program makes it.
    fn made() -> impl Strategy<Value = String> {
        proptest::collection::vec(0..SIGNS.len(), GROUPS * LENGTH).prop_map(|places| {
            let signs: Vec<char> = places.iter().map(|at| char::from(SIGNS[*at])).collect();
            let groups = signs.chunks(LENGTH).map(|group| group.iter().collect());
            groups.collect::<Vec<String>>().join("-")
        })
    }

    /// How each sign is written: with what before it, large or small, wide or not.
    fn dress() -> impl Strategy<Value = Vec<(&'static str, bool, bool)>> {
        let before = prop::sample::select(vec!["", "-", " ", "ー", "\u{3000}", "−"]);
        proptest::collection::vec((before, any::<bool>(), any::<bool>()), GROUPS * LENGTH)
    }

    proptest! {
        #[test]
        fn one_that_was_made_is_itself(made in made()) {
            prop_assert_eq!(is_read_as(&made), Some(made));
        }

        #[test]
        fn hyphens_spaces_case_and_width_tell_nothing(made in made(), dress in dress()) {
            let signs = made.chars().filter(|c| *c != '-');
            let typed: String = signs
                .zip(dress)
                .map(|(sign, (before, large, wide))| {
                    let sign = if large { sign.to_ascii_uppercase() } else { sign };
                    let further = if wide { 0xfee0 } else { 0 };
                    let sign = char::from_u32(u32::from(sign) + further).expect("a sign");
                    format!("{before}{sign}")
                })
                .collect();
            prop_assert_eq!(is_read_as(&typed), Some(made));
        }

        #[test]
        fn what_is_read_is_written_as_it_is_made(typed in "\\PC{0,60}|[A-Za-z2-9 -]{18,26}") {
            if let Some(password) = is_read_as(&typed) {
                prop_assert_eq!(is_read_as(&password), Some(password));
            }
        }

        #[test]
        fn nothing_is_put_right_but_the_way_it_is_written(typed in "[A-Za-z0-9 -]{18,26}") {
            let signs = |text: &str| text.to_ascii_lowercase().replace(['-', ' '], "");
            if let Some(password) = is_read_as(&typed) {
                prop_assert_eq!(signs(&password), signs(&typed));
            }
        }
    }
}
