//! A certificate before it is signed, every part of it open to being wrong.

use aws_lc_rs::{rand::SystemRandom, signature::EcdsaKeyPair};
use jiff::Timestamp;

use crate::der;

pub(crate) const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
pub(crate) const ECDSA_WITH_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
pub(crate) const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
pub(crate) const SECP521R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// `digitalSignature` and `keyCertSign` with `cRLSign`, as the content of a BIT STRING.
pub(crate) const DIGITAL_SIGNATURE: &[u8] = &[0x03, 0x02, 0x07, 0x80];
pub(crate) const CERTIFICATE_SIGNING: &[u8] = &[0x03, 0x02, 0x01, 0x06];

/// What will be signed. All fields but the times are DER or the content of a DER element.
pub(crate) struct Template {
    /// Content octets of the serial INTEGER, sign bit and all.
    pub(crate) serial: Vec<u8>,
    /// Encoded OID of the signature algorithm that the certificate claims.
    pub(crate) signature_algorithm: &'static [u8],
    /// Issuer's Name.
    pub(crate) issuer: Vec<u8>,
    /// First second in which the certificate is valid.
    pub(crate) not_before: Timestamp,
    /// Last second in which the certificate is valid.
    pub(crate) not_after: Timestamp,
    /// Subject's Name.
    pub(crate) subject: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub(crate) public_key: Vec<u8>,
    /// Extensions in order.
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Template {
    /// Signs with `key`, whatever algorithm the template claims.
    pub(crate) fn sign(&self, key: &EcdsaKeyPair) -> Vec<u8> {
        let algorithm = der::sequence(&[&der::oid(self.signature_algorithm)]);
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let tbs = der::sequence(&[
            &der::element(0xa0, &der::element(der::INTEGER, &[2])),
            &der::element(der::INTEGER, &self.serial),
            &algorithm,
            &self.issuer,
            &der::sequence(&[&der::time(self.not_before), &der::time(self.not_after)]),
            &self.subject,
            &self.public_key,
            &der::element(0xa3, &der::sequence(&extensions)),
        ]);
        let signature = key
            .sign(&SystemRandom::new(), &tbs)
            .expect("a fresh P-256 key signs");
        der::sequence(&[&tbs, &algorithm, &der::bits(signature.as_ref())])
    }
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { der::yes() } else { Vec::new() };
    der::sequence(&[
        &der::oid(id),
        &flag,
        &der::element(der::OCTET_STRING, value),
    ])
}

/// basicConstraints; `path_length` counts the authorities that may follow.
pub(crate) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Vec<u8> {
    let flag = if ca { der::yes() } else { Vec::new() };
    let length = path_length.map_or(Vec::new(), |n| der::element(der::INTEGER, &[n]));
    extension(&[0x55, 0x1d, 0x13], true, &der::sequence(&[&flag, &length]))
}

/// keyUsage from an encoded BIT STRING.
pub(crate) fn key_usage(encoded: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x0f], true, encoded)
}

/// extKeyUsage with one purpose.
pub(crate) fn extended_key_usage(purpose: &[u8]) -> Vec<u8> {
    extension(
        &[0x55, 0x1d, 0x25],
        false,
        &der::sequence(&[&der::oid(purpose)]),
    )
}

/// subjectAltName with URIs.
pub(crate) fn alternative_names(uris: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = uris
        .iter()
        .flat_map(|uri| der::element(0x86, uri.as_bytes()))
        .collect();
    self::names(&names)
}

/// subjectAltName from GeneralNames that are already encoded.
pub(crate) fn names(encoded: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x11], false, &der::element(0x30, encoded))
}

/// A critical extension under an OID that means nothing to anyone.
pub(crate) fn unknown_critical() -> Vec<u8> {
    extension(
        &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x87, 0x67, 0x7f],
        true,
        &[0x05, 0x00],
    )
}

/// SubjectPublicKeyInfo of a point on a named curve.
pub(crate) fn ec_public_key(curve: &[u8], point: &[u8]) -> Vec<u8> {
    let id = der::oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
    der::sequence(&[&der::sequence(&[&id, &der::oid(curve)]), &der::bits(point)])
}

/// SubjectPublicKeyInfo of an RSA key with exponent 65537.
pub(crate) fn rsa_public_key(modulus: &[u8]) -> Vec<u8> {
    let id = der::oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    let positive = [&[0], modulus].concat();
    let key = der::sequence(&[
        &der::element(der::INTEGER, &positive),
        &der::element(der::INTEGER, &[1, 0, 1]),
    ]);
    der::sequence(&[
        &der::sequence(&[&id, &der::element(0x05, &[])]),
        &der::bits(&key),
    ])
}
