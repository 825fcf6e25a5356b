//! A terminal whose certificate lets it in no longer asks for another one: over the enrolment
//! listener, where no certificate is asked for, with proof that it holds the old one's key.
//!
//! Nothing is issued for it. The helpdesk sees that the office asked, and reissues.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fingerprint, Serial};
use crate::text::Refused;

/// The path on the enrolment listener; `POST` with [`Ask`] as JSON.
pub const ASK_PATH: &str = "/ask";

/// How far the terminal's clock may be from the server's, in seconds: a whole day, for the clock
/// may be what is wrong with it.
pub const ASK_CLOCK_SECONDS: i64 = 24 * 60 * 60;

/// The same office need not be noted twice within this many seconds.
pub const ASK_AGAIN_SECONDS: i64 = 60 * 60;

/// What the terminal sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// SHA-256 of the certificate that lets in no longer.
    pub certificate: Fingerprint,
    /// When it was signed, by the terminal's clock (UTC).
    pub asked_at: Timestamp,
    /// ECDSA with SHA-256 by that certificate's key over [`Ask::message`], DER in base64.
    pub signature: String,
}

impl Ask {
    /// Asks for whoever holds the key of `certificate`: `sign` signs with it.
    ///
    /// # Errors
    /// As `sign`.
    pub fn new<E>(
        certificate: &[u8],
        asked_at: Timestamp,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let certificate = Fingerprint::of(certificate);
        let signature = sign(message(certificate, asked_at).as_bytes())?;
        Ok(Self {
            certificate,
            asked_at,
            signature: STANDARD.encode(signature),
        })
    }

    /// What is signed. No certificate request and nothing else that is signed with such a key
    /// begins like this.
    #[must_use]
    pub fn message(&self) -> String {
        message(self.certificate, self.asked_at)
    }

    /// The signature's octets.
    ///
    /// # Errors
    /// It is no base64.
    pub fn signature(&self) -> Result<Vec<u8>, Refused> {
        STANDARD
            .decode(&self.signature)
            .map_err(|_| Refused::new("signature"))
    }
}

fn message(certificate: Fingerprint, asked_at: Timestamp) -> String {
    format!("Mimamori asks for a new certificate 1\n{certificate}\n{asked_at}\n")
}

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Since when the office's wish is known (UTC).
    pub since: Timestamp,
}

/// An office that asked for another certificate and has got no link since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReissueAsked {
    /// Since when (UTC).
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// The certificate that its terminal holds.
    pub serial: Serial,
}
