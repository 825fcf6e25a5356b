//! What arrives in an EST request, from whoever wrote the client.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use shared::id::EnrolmentId;
use zeroize::Zeroizing;

/// Takes padding or none: clients differ.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The DER of a request sent as base64 on one line or many, with PEM's first and last line or
/// without.
pub(super) fn request_octets(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let base64: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("-----"))
        .flat_map(str::chars)
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    LENIENT.decode(base64).ok().filter(|der| !der.is_empty())
}

/// Id and password from the value of an `Authorization` header (RFC 7617).
pub(super) fn basic(value: &[u8]) -> Option<(EnrolmentId, Zeroizing<String>)> {
    let value = std::str::from_utf8(value).ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(LENIENT.decode(credentials.trim()).ok()?);
    let text = std::str::from_utf8(&decoded).ok()?;
    let (id, password) = text.split_once(':')?;
    Some((id.parse().ok()?, Zeroizing::new(password.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn takes_id_and_password_apart_at_the_first_colon() {
        let (id, password) = basic(header(&format!("{ID}:a:b c")).as_bytes()).unwrap();
        assert_eq!(id.to_string(), ID);
        assert_eq!(password.as_str(), "a:b c");
        let lower = header(&format!("{ID}:x")).replacen("Basic", "basic", 1);
        assert!(basic(lower.as_bytes()).is_some());
    }

    #[test]
    fn refuses_other_schemes_and_ids_that_are_none() {
        for wrong in [
            "",
            "Basic",
            "Basic !",
            "Bearer abc",
            &header("nobody:x"),
            &header(ID),
        ] {
            assert!(basic(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reads_base64_however_it_is_wrapped(
            der in proptest::collection::vec(any::<u8>(), 1..300),
            width in 1_usize..100,
            pem: bool,
            ending in "\r?\n",
        ) {
            let encoded = STANDARD.encode(&der);
            let lines: Vec<&str> = encoded
                .as_bytes()
                .chunks(width)
                .map(|line| std::str::from_utf8(line).unwrap())
                .collect();
            let mut body = lines.join(&ending);
            if pem {
                body = format!("-----BEGIN X-----{ending}{body}{ending}-----END X-----{ending}");
            }
            prop_assert_eq!(request_octets(body.as_bytes()), Some(der));
        }

        #[test]
        fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = request_octets(&octets);
            let _ = basic(&octets);
            let _ = basic(&[b"Basic ".as_slice(), &octets].concat());
        }
    }
}
