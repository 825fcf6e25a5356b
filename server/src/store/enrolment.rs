//! How links and certificates are kept. Which change is allowed when is decided in
//! [`crate::enrolment`]; here it is read and written.

mod certificate;
mod link;

pub use certificate::{
    CertificateRow, NewCertificate, certificate, certificates, certificates_of, hold_office,
    insert_certificate, issued_for_link, issued_for_renewal, mark_first_use, revoke, revoked,
    supersede_unused, terminals,
};
pub use link::{LinkRow, bind_link, cancel_link, insert_link, link, links, note_wrong_password};

use shared::text::Refused;
use uuid::Uuid;

use super::Error;

fn id(bytes: &[u8]) -> Result<Uuid, Error> {
    Uuid::from_slice(bytes).map_err(|error| Error::Corrupt(format!("id: {error}")))
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], Error> {
    <[u8; 32]>::try_from(bytes).map_err(|_| Error::Corrupt("a hash is not 32 bytes".to_owned()))
}

fn refused(error: Refused) -> Error {
    Error::Corrupt(error.to_string())
}

fn instant(milliseconds: i64) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map_err(|error| Error::Corrupt(format!("instant: {error}")))
}

fn maybe_instant(milliseconds: Option<i64>) -> Result<Option<jiff::Timestamp>, Error> {
    milliseconds.map(instant).transpose()
}
