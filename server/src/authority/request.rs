//! A certificate signing request (PKCS#10), of which only the public key is used.

use rcgen::SubjectPublicKeyInfo;
use x509_parser::{
    certification_request::X509CertificationRequest,
    oid_registry::{
        OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA,
        OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384,
    },
    prelude::FromDer,
};

use crate::tls::key_is_strong;

/// Largest request read, in octets. One with an RSA key of 4,096 bits takes about 1,600.
const MOST_OCTETS: usize = 8 * 1024;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not one PKCS#10 request and nothing else, or too large.
    #[error("not a certificate signing request (PKCS#10)")]
    Form,
    /// The key is none of P-256, P-384 and RSA of 2,048 to 4,096 bits.
    #[error("the key must be on P-256 or P-384, or RSA of 2,048 to 4,096 bits")]
    Key,
    /// The sender did not prove to hold the private key.
    #[error("the request is not signed by its own key")]
    Proof,
}

/// A public key whose holder proved to have the private one.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    key: SubjectPublicKeyInfo,
    encoded: Vec<u8>,
}

impl CertificateRequest {
    /// Reads the DER of a request.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn parse(der: &[u8]) -> Result<Self, RequestError> {
        if der.len() > MOST_OCTETS {
            return Err(RequestError::Form);
        }
        let (rest, request) =
            X509CertificationRequest::from_der(der).map_err(|_| RequestError::Form)?;
        if !rest.is_empty() {
            return Err(RequestError::Form);
        }
        let key = &request.certification_request_info.subject_pki;
        if !key_is_strong(key) {
            return Err(RequestError::Key);
        }
        let signed_with = &request.signature_algorithm.algorithm;
        let known = [
            OID_SIG_ECDSA_WITH_SHA256,
            OID_SIG_ECDSA_WITH_SHA384,
            OID_PKCS1_SHA256WITHRSA,
            OID_PKCS1_SHA384WITHRSA,
            OID_PKCS1_SHA512WITHRSA,
        ];
        if !known.contains(signed_with) || request.verify_signature().is_err() {
            return Err(RequestError::Proof);
        }
        Ok(Self {
            key: SubjectPublicKeyInfo::from_der(key.raw).map_err(|_| RequestError::Key)?,
            encoded: key.raw.to_vec(),
        })
    }

    /// The key to certify.
    #[must_use]
    pub fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.key
    }

    /// SubjectPublicKeyInfo, DER: what a link is bound to.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        &self.encoded
    }
}
