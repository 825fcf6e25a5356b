//! Where a key lies in a token, as a PKCS#11 address (RFC 7512).

use std::{fmt, path::PathBuf, str::FromStr};

/// The scheme of such an address.
const SCHEME: &str = "pkcs11:";

/// Module, token and key. Prints itself as a `pkcs11:` address, and is parsed from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAddress {
    /// The library that speaks to the token.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The key's id in it.
    pub id: Vec<u8>,
}

/// The text is no address of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no address of a key in a token, such as pkcs11:token=LABEL;id=%01?module-path=MODULE"
)]
pub struct AddressError;

impl TokenAddress {
    /// Whether a key file holds an address and not a key.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.trim_start().starts_with(SCHEME)
    }
}

impl FromStr for TokenAddress {
    type Err = AddressError;

    /// Takes an address with a token, an id and a module; what else it names is passed over.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text.trim().strip_prefix(SCHEME).ok_or(AddressError)?;
        let (path, query) = rest.split_once('?').ok_or(AddressError)?;
        let named = |list: &str, separator: char, name: &str| {
            let named = list.split(separator).find_map(|attribute| {
                let (key, value) = attribute.split_once('=')?;
                (key == name).then_some(value)
            });
            unescape(named?)
        };
        let text = |octets: Vec<u8>| String::from_utf8(octets).ok();
        let token = named(path, ';', "token").and_then(text);
        let module = named(query, '&', "module-path").and_then(text);
        let id = named(path, ';', "id").filter(|id| !id.is_empty());
        Ok(Self {
            module: module.ok_or(AddressError)?.into(),
            token: token.ok_or(AddressError)?,
            id: id.ok_or(AddressError)?,
        })
    }
}

impl fmt::Display for TokenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        f.write_str("token=")?;
        escape(self.token.as_bytes(), f)?;
        f.write_str(";id=")?;
        for octet in &self.id {
            write!(f, "%{octet:02X}")?;
        }
        f.write_str("?module-path=")?;
        escape(self.module.to_string_lossy().as_bytes(), f)
    }
}

fn escape(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for octet in octets {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                write!(f, "{}", char::from(*octet))?;
            }
            _ => write!(f, "%{octet:02X}")?,
        }
    }
    Ok(())
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            octets.push(*first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok()?;
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_is_read_as_it_was_printed(
            module in "/[ -~]{1,40}",
            token in "\\PC{1,32}",
            id in proptest::collection::vec(any::<u8>(), 1..20),
        ) {
            let address = TokenAddress { module: module.into(), token, id };
            let text = format!("{address}\n");
            prop_assert!(TokenAddress::is_one(&text));
            prop_assert_eq!(text.parse(), Ok(address));
        }

        #[test]
        fn no_text_panics(text in "pkcs11:\\PC{0,60}|\\PC{0,60}") {
            let _ = text.parse::<TokenAddress>();
        }
    }

    #[test]
    fn an_address_without_token_key_or_module_is_none() {
        for text in [
            "pkcs11:token=a;id=%01",
            "pkcs11:token=a?module-path=/m",
            "pkcs11:id=%01?module-path=/m",
            "pkcs11:token=a;id=?module-path=/m",
            "pkcs11:token=a;id=%0?module-path=/m",
            "token=a;id=%01?module-path=/m",
        ] {
            assert_eq!(text.parse::<TokenAddress>(), Err(AddressError), "{text}");
        }
    }
}
