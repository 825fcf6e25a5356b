//! What one core can do at most: how fast it signs, verifies and agrees on keys by openssl.

use std::process::Command;

/// What each takes, in seconds of the processor.
#[derive(Clone, Copy)]
pub(crate) struct Core {
    /// An ECDSA signature with P-256.
    pub(crate) sign: f64,
    /// Its verification.
    pub(crate) verify: f64,
    /// One operation of X25519, of which a handshake takes two.
    pub(crate) agree: f64,
}

impl Core {
    /// Measures for some seconds.
    pub(crate) fn measured() -> Self {
        // It counts its own processor time, not that of the clock on the wall.
        let output = Command::new("openssl")
            .args(["speed", "-mr", "-seconds", "1", "ecdsap256", "ecdhx25519"])
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let fields = |mark: &str| -> Vec<f64> {
            let line = printed.lines().find(|line| line.starts_with(mark)).unwrap();
            let fields = line.split(':').skip(1);
            fields.map(|field| field.parse().unwrap()).collect()
        };
        // `+F4:NUMBER:BITS:SIGNATURES A SECOND:VERIFICATIONS A SECOND`, and so on.
        let (ecdsa, ecdh) = (fields("+F4:"), fields("+F5:"));
        Self {
            sign: 1.0 / ecdsa[2],
            verify: 1.0 / ecdsa[3],
            agree: 1.0 / ecdh[2],
        }
    }

    /// The best of both.
    pub(crate) fn or_better(self, other: Self) -> Self {
        Self {
            sign: self.sign.min(other.sign),
            verify: self.verify.min(other.verify),
            agree: self.agree.min(other.agree),
        }
    }
}
