//! PEM, the form in which curl, openssl and load tools read certificates and keys.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Writes `der` as PEM under `label`, for example `CERTIFICATE` or `PRIVATE KEY`.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|&octet| char::from(octet)));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
