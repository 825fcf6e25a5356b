//! The kinds of identity a terminal can come with, and where the server must refuse each.

use clap::ValueEnum;

/// Where an identity meets its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Let in, if the server knows the certificate as that of a live terminal.
    Nowhere,
    /// The TLS handshake fails.
    Handshake,
    /// The handshake succeeds, every request is refused: the certificate is sound but no live
    /// terminal's.
    Request,
}

macro_rules! identities {
    ($($(#[doc = $doc:literal])+ $name:ident => $stage:ident,)+) => {
        /// One way for a terminal to identify itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
        pub enum Identity { $($(#[doc = $doc])+ $name,)+ }

        impl Identity {
            /// Every kind there is.
            pub const ALL: &'static [Identity] = &[$(Identity::$name,)+];

            /// Where the server must refuse this identity. One that is only `Request` on paper
            /// because its subject looks odd is still no certificate the server issued.
            pub fn refused_at(self) -> Stage {
                match self { $(Identity::$name => Stage::$stage,)+ }
            }
        }
    };
}

identities! {
    /// What the authority would issue.
    Good => Nowhere,
    /// Signed by its own key.
    SelfSigned => Handshake,
    /// Signed by another authority that calls itself by the same name.
    OtherAuthority => Handshake,
    /// Signed by another authority under a name of its own.
    WrongRoot => Handshake,
    /// Ended one second ago.
    Expired => Handshake,
    /// Begins in one second.
    NotYetValid => Handshake,
    /// Extended key usage serverAuth alone.
    WrongKeyUsage => Handshake,
    /// No extended key usage.
    NoEku => Handshake,
    /// Key usage keyCertSign alone: the key may not sign a handshake.
    NoDigitalSignature => Handshake,
    /// A leaf with CA:TRUE.
    CaLeaf => Handshake,
    /// The authority's own certificate, with its key.
    AuthorityItself => Handshake,
    /// A good certificate with somebody else's key: the proof of possession fails.
    BadProof => Handshake,
    /// A 1024-bit RSA key in the certificate.
    Rsa1024 => Handshake,
    /// Claims to be signed with SHA-1.
    Sha1 => Handshake,
    /// A key on the curve P-521.
    P521 => Handshake,
    /// Serial number 0.
    SerialZero => Handshake,
    /// A negative serial number.
    SerialNegative => Handshake,
    /// A serial number of 21 octets, one more than RFC 5280 4.1.2.2 allows.
    SerialTooLong => Handshake,
    /// A NUL in the middle of the common name.
    NulInName => Request,
    /// The common name in UTF-16.
    Utf16Name => Request,
    /// The office's name with a letter that only looks the same.
    LookAlikeName => Request,
    /// No subject alternative name.
    SanMissing => Handshake,
    /// Two terminals in one certificate.
    SanDoubled => Handshake,
    /// A URI that names no terminal.
    SanUnreadable => Handshake,
    /// Names the same terminal under another office.
    SanOfAnotherOffice => Request,
    /// Sound, but the terminal was never enrolled.
    UnknownTerminal => Request,
    /// A critical extension nobody knows.
    UnknownCriticalExtension => Handshake,
    /// Issued by an intermediate authority that the root's path length forbids.
    PathTooLong => Handshake,
    /// A good certificate followed by eight that have nothing to do with it.
    ChainStuffed => Handshake,
    /// A good certificate followed by 64 KiB of others.
    ChainHuge => Handshake,
    /// Four octets after the end of the certificate.
    TrailingDer => Handshake,
    /// One bit of the signature turned over.
    BitFlipped => Handshake,
}
