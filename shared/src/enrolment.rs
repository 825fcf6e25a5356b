//! Letting a terminal in: the enrolment link (証明書取得用リンク), what a certificate says, and
//! who this certificate is (M-02 to M-07).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::contract::{Done, Personal, endpoints};
use crate::id::{EnrolmentId, TerminalId};
use crate::offices::{OfficeCode, OfficeName};
use crate::text::{Refused, read_hex, text_type, through_text, write_hex};

pub mod advice;
pub mod approval;
pub mod ask;
pub mod deeds;
pub mod desk;
pub mod job;
pub mod link_password;
pub mod standing;
pub mod timeline;

/// How long an unused link lives (M-04): 30 days, to the second.
pub const LINK_LIFE_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How many wrong passwords lock a link (M-05).
pub const WRONG_PASSWORDS_LOCK: u32 = 5;

/// How long the same key may ask for the same certificate again, unless it was used before: an
/// answer lost on the line must not burn the link.
pub const REPEAT_SECONDS: i64 = 24 * 60 * 60;

/// The header in which EST answers name the `HOST:PORT` of the terminal listener, so that a link
/// alone tells a client where to go. Nothing is trusted because of it: the root decides.
pub const TERMINALS_HEADER: &str = "mimamori-terminals";

/// The header in which EST answers name the SHA-256 of the root that issues at present, in
/// hexadecimal. A terminal that trusts another one may renew early; it trusts the new one only if
/// its own root vouches for it.
pub const ISSUER_HEADER: &str = "mimamori-issuer";

/// The media type of a certificate request (RFC 7030 §4.2.1).
pub const PKCS10: &str = "application/pkcs10";

/// The media type of an answer with certificates (RFC 7030 §4.2.3).
pub const PKCS7: &str = "application/pkcs7-mime; smime-type=certs-only";

/// The SHA-256 of a root certificate's DER, 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of this certificate.
    #[must_use]
    pub fn of(certificate_der: &[u8]) -> Self {
        Self(Sha256::digest(certificate_der).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes 64 hexadecimal digits of either case.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        read_hex(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(Refused::new("fingerprint"))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

through_text!(Fingerprint, 64);

text_type!(
    /// A certificate's serial number as lowercase hexadecimal, 1 to 20 bytes.
    Serial, 40, |text| {
        let plain: String = text.trim().chars().filter(|c| *c != ':').collect();
        let plain = plain.to_ascii_lowercase();
        match read_hex(&plain) {
            Some(bytes) if (1..=20).contains(&bytes.len()) => Ok(plain),
            _ => Err(Refused::new("serial")),
        }
    }
);

impl Serial {
    /// The serial of these bytes, big-endian; `None` unless 1 to 20.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        struct Hex<'a>(&'a [u8]);
        impl fmt::Display for Hex<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(self.0, f)
            }
        }
        Self::parse(&Hex(bytes).to_string()).ok()
    }
}

/// Who a certificate is: the office and the terminal its SAN URI names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TerminalIdentity {
    /// The office that the terminal stands in.
    pub office: OfficeCode,
    /// The terminal.
    pub terminal: TerminalId,
}

impl TerminalIdentity {
    const SCHEME: &str = "urn:mimamori:terminal:";

    /// Takes `urn:mimamori:terminal:OFFICE:TERMINAL`, exactly as `Display` prints it.
    ///
    /// # Errors
    /// Refuses anything else, other spellings of the same identity among it.
    pub fn parse(uri: &str) -> Result<Self, Refused> {
        let refused = Refused::new("terminal_identity");
        let (office, terminal) = uri
            .strip_prefix(Self::SCHEME)
            .and_then(|rest| rest.split_once(':'))
            .ok_or(refused)?;
        let identity = Self {
            office: OfficeCode::parse(office).map_err(|_| refused)?,
            terminal: terminal.parse().map_err(|_| refused)?,
        };
        // One spelling only: two texts must never name one terminal.
        if identity.to_string() == uri {
            Ok(identity)
        } else {
            Err(refused)
        }
    }
}

impl fmt::Display for TerminalIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}:{}", Self::SCHEME, self.office, self.terminal)
    }
}

through_text!(TerminalIdentity, 100);

/// An enrolment link: `https://HOST:PORT/enrol#ID.FINGERPRINT`.
///
/// Id and fingerprint stand in the fragment, which no browser sends: they reach no log, and a
/// mail scanner that opens the page cannot spend the link. The `mimamori:` address that the
/// landing page offers is the same with another scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentLink {
    /// Host and port of the enrolment listener, e.g. `mimamori.example.jp:8444` or `[::1]:8444`.
    pub authority: String,
    /// The link's id.
    pub id: EnrolmentId,
    /// The root certificate to trust, and none but it.
    pub fingerprint: Fingerprint,
}

impl EnrolmentLink {
    /// Takes a link as pasted: surrounding space, angle brackets and line breaks that a mail
    /// program put in are dropped; the scheme may be `https` or `mimamori`.
    ///
    /// # Errors
    /// Refuses any other address and one that was cut off.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let refused = Refused::new("enrolment_link");
        let text: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '\u{200B}' | '\u{FEFF}'))
            .collect();
        let rest = ["https://", "mimamori://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .ok_or(refused)?;
        let (authority, fragment) = rest.split_once("/enrol#").ok_or(refused)?;
        let (id, fingerprint) = fragment.split_once('.').ok_or(refused)?;
        if !is_authority(authority) {
            return Err(refused);
        }
        Ok(Self {
            authority: authority.to_ascii_lowercase(),
            id: id.parse().map_err(|_| refused)?,
            fingerprint: Fingerprint::parse(fingerprint).map_err(|_| refused)?,
        })
    }

    /// The same link for the client's own address scheme.
    #[must_use]
    pub fn client_address(&self) -> String {
        self.to_string().replacen("https", "mimamori", 1)
    }
}

/// A host name, IPv4 or bracketed IPv6 address, with or without a port.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let host_is_good = match bracketed {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            (1..=253).contains(&host.len())
                && host
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        }
    };
    host_is_good && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

impl fmt::Display for EnrolmentLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "https://{}/enrol#{}.{}",
            self.authority, self.id, self.fingerprint
        )
    }
}

through_text!(EnrolmentLink, 400);

/// Asks who this certificate is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TerminalQuery {}

/// Who this certificate is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Terminal {
    /// The office's code.
    pub office: OfficeCode,
    /// The office's name.
    pub office_name: OfficeName,
    /// The terminal.
    pub terminal: TerminalId,
    /// The certificate's serial number.
    pub serial: Serial,
    /// When the certificate expires (UTC).
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
}

/// Gives back the caller's own certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Leave {
    /// Its serial number, so that no other is given back by mistake.
    pub serial: Serial,
}

endpoints! {
    /// Who this certificate is; needs no login.
    ShowTerminal = Get "/v1/terminal" TerminalQuery => Terminal,
        certificate, Personal::None;

    /// Revokes the caller's own certificate: the terminal is no longer used. Needs no login.
    LeaveOffice = Post "/v1/terminal/leave" Leave => Done,
        certificate, Personal::None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link() -> EnrolmentLink {
        EnrolmentLink {
            authority: "mimamori.example.jp:8444".into(),
            id: EnrolmentId::new(1, [3; 10]),
            fingerprint: Fingerprint::of(b"root"),
        }
    }

    #[test]
    fn takes_a_link_that_a_mail_program_broke() {
        let text = link().to_string();
        let (head, tail) = text.split_at(60);
        assert_eq!(
            EnrolmentLink::parse(&format!(" <{head}\r\n {tail}>\n")),
            Ok(link())
        );
        assert_eq!(EnrolmentLink::parse(&link().client_address()), Ok(link()));
    }

    #[test]
    fn refuses_a_link_cut_anywhere() {
        let text = link().to_string();
        for end in 0..text.len() {
            assert!(
                EnrolmentLink::parse(&text[..end]).is_err(),
                "{}",
                &text[..end]
            );
        }
    }

    #[test]
    fn refuses_a_link_to_a_strange_place() {
        let text = link().to_string();
        for wrong in [
            text.replace("https", "http"),
            text.replace("mimamori.example.jp", "user@mimamori.example.jp"),
            text.replace(":8444", ":0"),
            text.replace(":8444", ":84444"),
            text.replace("/enrol", "/other"),
            text.replace("mimamori.example.jp", "[::zz]"),
        ] {
            assert!(EnrolmentLink::parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_terminal_has_one_spelling() {
        let identity = TerminalIdentity {
            office: OfficeCode::parse("131016").unwrap(),
            terminal: TerminalId::new(1, [9; 10]),
        };
        let uri = identity.to_string();
        assert_eq!(TerminalIdentity::parse(&uri), Ok(identity));
        for other in [
            uri.to_uppercase(),
            uri.replace("131016", "１３１０１６"),
            format!("{uri} "),
        ] {
            assert!(TerminalIdentity::parse(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn id_and_password_fit_into_what_reference_clients_send() {
        assert!(link().id.to_string().len() <= 40);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}|https://[a-z.:\\[\\]]{0,20}/enrol#[0-9a-f.-]{0,110}") {
            if let Ok(link) = EnrolmentLink::parse(&text) {
                prop_assert_eq!(EnrolmentLink::parse(&link.to_string()), Ok(link));
            }
            let _ = Serial::parse(&text);
            let _ = TerminalIdentity::parse(&text);
        }
    }
}
