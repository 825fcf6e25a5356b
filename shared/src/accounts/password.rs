//! What a password that a person chooses must be (M-08; NIST SP 800-63B-4, 3.1.1.2): long, and not
//! one of those that are tried first. Nothing is said of capitals, digits or signs.

use serde::{Deserialize, Serialize};

use super::{Login, Password};
use crate::contract::{Done, Personal, endpoints};
use crate::text::Refused;

/// The fewest characters (SP 800-63B-4: 15 where the password stands alone).
pub const SHORTEST: usize = 15;

/// The most characters: room for any sentence, and an end for what must be hashed.
pub const LONGEST: usize = 256;

/// Pieces that guessers begin with, in small letters. A password made of these, of rows of keys and
/// of repeated characters is no longer than what is left without them.
const OBVIOUS: &[&str] = &[
    "password",
    "passw0rd",
    "pasuwado",
    "passphrase",
    "secret",
    "himitsu",
    "letmein",
    "welcome",
    "youkoso",
    "administrator",
    "admin",
    "kanri",
    "mimamori",
    "hokenjo",
    "hokenjyo",
    "hersys",
    "corona",
    "covid",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwerty",
    "asdfgh",
    "zxcvb",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "iloveyou",
    "aishiteru",
    "sunshine",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "yakyuu",
    "sakura",
    "tokyo",
    "osaka",
    "nippon",
    "nihon",
    "japan",
    "login",
    "user",
    "guest",
    "test",
    "sample",
    "mihon",
    "office",
    "initial",
    "change",
    "reiwa",
    "heisei",
    "showa",
    "パスワード",
    "ぱすわーど",
    "ひみつ",
    "秘密",
    "見守り",
    "みまもり",
    "保健所",
];

/// How many characters must be left when the obvious ones are taken out.
const LEFT: usize = 8;

/// Why a new password is refused, if it is; `login` must not be what it is made of.
///
/// # Errors
/// The reason, whose sentence says what to choose instead.
pub fn check(password: &Password, login: &Login) -> Result<(), Refused> {
    let text = password.reveal();
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(Refused::new("password_short"));
    }
    if length > LONGEST {
        return Err(Refused::new("password_long"));
    }
    let plain = zeroize::Zeroizing::new(crate::text::fold_width(text).to_lowercase());
    let own = login.as_str();
    if own.chars().count() >= 3 && plain.contains(own) {
        let without = zeroize::Zeroizing::new(plain.replace(own, ""));
        if left(&without) < LEFT {
            return Err(Refused::new("password_login"));
        }
    }
    if left(&plain) < LEFT {
        return Err(Refused::new("password_common"));
    }
    Ok(())
}

/// How many characters are left of `text` without what guessers begin with: obvious pieces,
/// characters that repeat or follow the one before them, and a piece said again and again.
fn left(text: &str) -> usize {
    let mut rest = zeroize::Zeroizing::new(text.to_owned());
    for piece in OBVIOUS {
        if rest.contains(piece) {
            rest = zeroize::Zeroizing::new(rest.replace(piece, ""));
        }
    }
    let signs: zeroize::Zeroizing<Vec<u32>> =
        zeroize::Zeroizing::new(rest.chars().map(u32::from).collect());
    let period = (1..=signs.len() / 2)
        .find(|period| signs.iter().zip(&signs[*period..]).all(|(a, b)| a == b));
    let once = &signs[..period.unwrap_or(signs.len())];
    let follows = |pair: &&[u32]| pair[0].abs_diff(pair[1]) > 1;
    once.len().min(1) + once.windows(2).filter(follows).count()
}

/// Changes the caller's own password.
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PasswordChange {
    /// The one in use.
    pub present: Password,
    /// The one to use from now on.
    pub new: Password,
}

endpoints! {
    /// Changes the caller's own password, and ends their other sessions.
    ChangePassword = Post "/v1/password" PasswordChange => Done,
        session [Staff, Administrator, Helpdesk, Officer, Reader], Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(password: &str) -> Option<&'static str> {
        let login = Login::parse("yamada-hanako").unwrap();
        let password = Password::new(password.to_owned());
        check(&password, &login).err().map(|refused| refused.reason)
    }

    #[test]
    fn a_long_sentence_is_taken_whatever_it_is_made_of() {
        for good in [
            "correct horse battery",
            "あさがおのたねをまきました",
            "k7pw2-hx9dm-q4tze-vb8ny",
            "the tokyo office has a blue door",
        ] {
            let expected = (good.chars().count() < SHORTEST).then_some("password_short");
            assert_eq!(refused(good), expected, "{good}");
        }
    }

    #[test]
    fn what_is_tried_first_is_refused_however_long() {
        for common in [
            "passwordpassword",
            "Password12345678",
            "aaaaaaaaaaaaaaaaaa",
            "1234567890123456",
            "abcabcabcabcabcabc",
            "qwertyuiopasdfghjkl",
            "mimamori-hokenjo-2026",
            "ＰＡＳＳＷＯＲＤｐａｓｓｗｏｒｄ",
        ] {
            assert_eq!(refused(common), Some("password_common"), "{common}");
        }
        assert_eq!(refused("yamada-hanako-1234"), Some("password_login"));
        assert_eq!(refused("fourteen chars"), Some("password_short"));
        assert_eq!(refused(&"k7p w2x ".repeat(40)), Some("password_long"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,300}") {
            let _ = refused(&text);
        }
    }
}
