//! The form in which EST hands certificates over (RFC 7030 4.1.3, 4.2.3).

use cms::content_info::ContentInfo;
use der::{Decode, Encode};
use x509_cert::Certificate;

/// A certs-only PKCS#7 (CMS SignedData without signers) of the certificates given as DER.
///
/// # Errors
/// A certificate that is none; those of this authority always are.
pub fn certs_only<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> der::Result<Vec<u8>> {
    let chain = certificates
        .into_iter()
        .map(Certificate::from_der)
        .collect::<der::Result<Vec<_>>>()?;
    ContentInfo::try_from(chain)?.to_der()
}
