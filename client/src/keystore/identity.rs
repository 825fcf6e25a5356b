//! A terminal's identity, packed into one secret.

use der::asn1::{OctetStringRef, Utf8StringRef};
use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Tag, Writer,
};
use zeroize::Zeroizing;

use super::MOST_BYTES;

/// The private key, the certificate over it, and the server both belong to.
///
/// While the terminal is being let in, certificate and root are still empty. It
/// has no `Debug`: the key must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The link it was asked for with, as [`shared::enrolment::EnrolmentLink`] prints it.
    pub link: String,
    /// `HOST:PORT` of the terminal listener; empty until the certificate is there.
    pub terminals: String,
    /// The private key as PKCS#8 DER; wiped when dropped.
    pub key: Zeroizing<Vec<u8>>,
    /// The certificate as DER; empty until it is there.
    pub certificate: Vec<u8>,
    /// The root as DER, and none but it is trusted; empty until it is there.
    pub root: Vec<u8>,
}

/// The identity does not fit into one entry, or what was read is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unpackable {
    /// More than [`MOST_BYTES`].
    #[error("an identity of {0} bytes is more than {MOST_BYTES}")]
    TooLarge(usize),
    /// Not the DER of an identity.
    #[error("not an identity")]
    Malformed,
}

impl Identity {
    /// Whether the certificate has arrived.
    pub fn is_issued(&self) -> bool {
        !self.certificate.is_empty()
    }

    /// The identity as one DER sequence.
    ///
    /// # Errors
    /// [`Unpackable::TooLarge`].
    pub fn pack(&self) -> Result<Zeroizing<Vec<u8>>, Unpackable> {
        let packed = Packed::of(self).and_then(|packed| packed.to_der());
        let packed = Zeroizing::new(packed.map_err(|_| Unpackable::Malformed)?);
        if packed.len() > MOST_BYTES {
            return Err(Unpackable::TooLarge(packed.len()));
        }
        Ok(packed)
    }

    /// Reads what [`Identity::pack`] wrote.
    ///
    /// # Errors
    /// [`Unpackable::Malformed`].
    pub fn unpack(bytes: &[u8]) -> Result<Self, Unpackable> {
        let packed = Packed::from_der(bytes).map_err(|_| Unpackable::Malformed)?;
        if packed.version != VERSION {
            return Err(Unpackable::Malformed);
        }
        Ok(Self {
            link: packed.link.as_str().to_owned(),
            terminals: packed.terminals.as_str().to_owned(),
            key: Zeroizing::new(packed.key.as_bytes().to_vec()),
            certificate: packed.certificate.as_bytes().to_vec(),
            root: packed.root.as_bytes().to_vec(),
        })
    }
}

const VERSION: u8 = 1;

/// The sequence as it is written.
struct Packed<'a> {
    version: u8,
    link: Utf8StringRef<'a>,
    terminals: Utf8StringRef<'a>,
    key: OctetStringRef<'a>,
    certificate: OctetStringRef<'a>,
    root: OctetStringRef<'a>,
}

impl<'a> Packed<'a> {
    fn of(identity: &'a Identity) -> der::Result<Self> {
        Ok(Self {
            version: VERSION,
            link: Utf8StringRef::new(&identity.link)?,
            terminals: Utf8StringRef::new(&identity.terminals)?,
            key: OctetStringRef::new(&identity.key)?,
            certificate: OctetStringRef::new(&identity.certificate)?,
            root: OctetStringRef::new(&identity.root)?,
        })
    }
}

impl FixedTag for Packed<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl EncodeValue for Packed<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.version.encoded_len()?
            + self.link.encoded_len()?
            + self.terminals.encoded_len()?
            + self.key.encoded_len()?
            + self.certificate.encoded_len()?
            + self.root.encoded_len()?
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.version.encode(writer)?;
        self.link.encode(writer)?;
        self.terminals.encode(writer)?;
        self.key.encode(writer)?;
        self.certificate.encode(writer)?;
        self.root.encode(writer)
    }
}

impl<'a> DecodeValue<'a> for Packed<'a> {
    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        reader.read_nested(header.length, |reader| {
            Ok(Self {
                version: reader.decode()?,
                link: reader.decode()?,
                terminals: reader.decode()?,
                key: reader.decode()?,
                certificate: reader.decode()?,
                root: reader.decode()?,
            })
        })
    }
}
