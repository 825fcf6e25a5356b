//! A root's key in a PKCS#11 token: it is made there, signs there, and cannot be taken out.
//!
//! A token can go away and come back while the server runs. Whoever needs a signature meanwhile is
//! told so; the next one tries anew.

mod address;

use std::{
    collections::HashMap,
    mem,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    types::AuthPin,
};
use der::{Decode as _, Encode as _, asn1};
use rcgen::{PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::key::Elsewhere;
pub use address::{AddressError, TokenAddress};

/// The curve P-256 as PKCS#11 wants it: the DER of its object identifier.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// How the key is called in the token, for whoever looks into it.
const LABEL: &str = "mimamori-authority";

/// Why a token does not serve.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenError {
    /// The library cannot be loaded.
    #[error("the PKCS#11 module {0} cannot be loaded: {1}")]
    Module(String, String),
    /// No token with this label is there.
    #[error("there is no token with the label {0:?}: is it plugged in?")]
    Missing(String),
    /// The token does not take the PIN; it is not tried again, because tokens lock themselves.
    #[error("the PIN of the token is wrong")]
    Pin,
    /// The token has locked itself after wrong PINs.
    #[error("the token is locked: too many wrong PINs")]
    Locked,
    /// The key is not in the token.
    #[error("the token {0:?} does not hold the authority's key")]
    NoKey(String),
    /// What lies there is no key on P-256.
    #[error("the authority's key in the token is not on P-256")]
    Kind,
    /// The token, in its own words.
    #[error("the token refuses: {0}")]
    Refuses(String),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange, _) => Self::Pin,
            Error::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            other => Self::Refuses(other.to_string()),
        }
    }
}

/// What a token asks for. It has no `Debug`, and is wiped.
#[derive(Clone)]
pub struct Pin(Arc<AuthPin>);

impl Pin {
    /// Takes the text of a file or a prompt; a line break at its end is not part of it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Self(Arc::new(AuthPin::from(line.to_owned())))
    }
}

/// A key in a token.
pub struct TokenKey {
    address: TokenAddress,
    pin: Pin,
    /// The point, uncompressed.
    public: Vec<u8>,
    line: Mutex<Line>,
}

/// How the token is reached.
enum Line {
    /// Logged in, with the private key at hand, since the modules were begun for this time. The
    /// session is closed by hand, under the lock of the modules and in their time alone: later,
    /// its number could be another's.
    Open(Session, ObjectHandle, u64),
    /// To be opened at the next signature.
    Cut,
    /// The PIN that was right is wrong now; tried again, it would lock the token.
    Refused(TokenError),
}

impl TokenKey {
    /// Makes a new key in the token with this label, not to be read out by anyone. `id` names it
    /// there and must be fresh.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn generate(
        module: &Path,
        token: &str,
        id: [u8; 16],
        pin: Pin,
    ) -> Result<Self, TokenError> {
        let address = TokenAddress {
            module: module.to_owned(),
            token: token.to_owned(),
            id: id.to_vec(),
        };
        let mut modules = modules();
        let session = log_in(&mut modules, &address, &pin, true)?;
        let named = [
            Attribute::Token(true),
            Attribute::Id(address.id.clone()),
            Attribute::Label(LABEL.as_bytes().to_vec()),
        ];
        let mut public = named.to_vec();
        public.extend([
            Attribute::EcParams(P256.to_vec()),
            Attribute::Verify(true),
            Attribute::Private(false),
        ]);
        let mut private = named.to_vec();
        private.extend([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ]);
        let made = session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private);
        close(session);
        made?;
        drop(modules);
        Self::open(address, pin)
    }

    /// Finds the key at `address`.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn open(address: TokenAddress, pin: Pin) -> Result<Self, TokenError> {
        let mut modules = modules();
        let session = log_in(&mut modules, &address, &pin, false)?;
        match look_up(&session, &address) {
            Ok((private, public)) => Ok(Self {
                address,
                pin,
                public,
                line: Mutex::new(Line::Open(session, private, modules.begun)),
            }),
            Err(error) => {
                close(session);
                Err(error)
            }
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn address(&self) -> &TokenAddress {
        &self.address
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let digest = Sha256::digest(message);
        let mut modules = modules();
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *line, Line::Cut) {
            Line::Open(session, key, since) if since == modules.begun => {
                match session.sign(&Mechanism::Ecdsa, key, &digest) {
                    Ok(signature) => {
                        *line = Line::Open(session, key, since);
                        return in_der(&signature);
                    }
                    Err(_) => close(session),
                }
            }
            // The session ended with the modules.
            Line::Open(..) | Line::Cut => {}
            Line::Refused(error) => {
                *line = Line::Refused(error.clone());
                return Err(error);
            }
        }
        let open = |modules: &mut Modules| {
            let session = log_in(modules, &self.address, &self.pin, false)?;
            match find(&session, &self.address, ObjectClass::PRIVATE_KEY) {
                Ok(key) => Ok((session, key)),
                Err(error) => {
                    close(session);
                    Err(error)
                }
            }
        };
        let opened = match open(&mut modules) {
            Err(TokenError::Pin) => Err(TokenError::Pin),
            Err(TokenError::Locked) => Err(TokenError::Locked),
            // Modules remember that a token was away until they are begun anew.
            Err(_) => {
                begin_anew(&mut modules, &self.address.module).and_then(|()| open(&mut modules))
            }
            opened => opened,
        };
        match opened {
            Ok((session, key)) => match session.sign(&Mechanism::Ecdsa, key, &digest) {
                Ok(signature) => {
                    *line = Line::Open(session, key, modules.begun);
                    in_der(&signature)
                }
                Err(error) => {
                    close(session);
                    Err(error.into())
                }
            },
            Err(error) => {
                if matches!(error, TokenError::Pin | TokenError::Locked) {
                    *line = Line::Refused(error.clone());
                }
                Err(error)
            }
        }
    }
}

impl Drop for TokenKey {
    fn drop(&mut self) {
        // Whoever hangs in a module must not hold up whoever lets go of a key: the session then
        // stays as long as the program.
        let Ok(modules) = LOADED.try_lock() else {
            return;
        };
        let line = self.line.get_mut().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(line, Line::Cut) {
            Line::Open(session, _, since) if since == modules.begun => close(session),
            _ => {}
        }
    }
}

impl PublicKeyData for TokenKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for TokenKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signature(message).map_err(|error| {
            // The library's error has no room for the reason.
            tracing::error!(%error, "the authority's token does not sign");
            rcgen::Error::RemoteKeyError
        })
    }
}

impl Elsewhere for TokenKey {
    fn file(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}\n", self.address))
    }
}

/// A session of the token's user.
fn log_in(
    modules: &mut Modules,
    address: &TokenAddress,
    pin: &Pin,
    writes: bool,
) -> Result<Session, TokenError> {
    let module = module(modules, &address.module)?;
    let slot = module
        .get_slots_with_initialized_token()?
        .into_iter()
        .find(|slot| {
            let info = module.get_token_info(*slot);
            info.is_ok_and(|info| info.label() == address.token)
        })
        .ok_or_else(|| TokenError::Missing(address.token.clone()))?;
    let session = match writes {
        true => module.open_rw_session_no_drop(slot)?,
        false => module.open_ro_session_no_drop(slot)?,
    };
    match session.login(UserType::User, Some(&pin.0)) {
        // Every session of one program is logged in with the first.
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(error) => {
            close(session);
            Err(error.into())
        }
    }
}

/// Closes a session of the present time of the modules, whose lock is held: tokens have room for
/// few.
fn close(session: Session) {
    // One that the token has lost is closed.
    let _ = session.close();
}

/// The private key at `address`, and the point of the public one.
fn look_up(
    session: &Session,
    address: &TokenAddress,
) -> Result<(ObjectHandle, Vec<u8>), TokenError> {
    let private = find(session, address, ObjectClass::PRIVATE_KEY)?;
    let public = find(session, address, ObjectClass::PUBLIC_KEY)?;
    let wanted = [AttributeType::EcPoint, AttributeType::EcParams];
    let mut point = None;
    for attribute in session.get_attributes(public, &wanted)? {
        match attribute {
            Attribute::EcPoint(octets) => point = Some(octets),
            Attribute::EcParams(curve) if curve != P256 => return Err(TokenError::Kind),
            _ => {}
        }
    }
    // PKCS#11 wraps the point into an octet string; some modules forget to.
    let point = point.ok_or(TokenError::Kind)?;
    let point = match asn1::OctetString::from_der(&point) {
        Ok(wrapped) => wrapped.into_bytes(),
        Err(_) => point,
    };
    if point.len() != 65 || point[0] != 4 {
        return Err(TokenError::Kind);
    }
    Ok((private, point))
}

fn find(
    session: &Session,
    address: &TokenAddress,
    class: ObjectClass,
) -> Result<ObjectHandle, TokenError> {
    let template = [
        Attribute::Class(class),
        Attribute::KeyType(KeyType::EC),
        Attribute::Id(address.id.clone()),
    ];
    let found = session.find_objects(&template)?;
    let only = found.first().copied();
    only.ok_or_else(|| TokenError::NoKey(address.token.clone()))
}

/// The modules that this process has loaded.
#[derive(Default)]
struct Modules {
    loaded: HashMap<PathBuf, Pkcs11>,
    /// How often one was begun anew. What was opened before the last time is gone, and its numbers
    /// may mean another's by now.
    begun: u64,
}

/// The way to every token, one at a time: a module must not be begun anew while another thread is
/// in it.
static LOADED: LazyLock<Mutex<Modules>> = LazyLock::new(Mutex::default);

fn modules() -> MutexGuard<'static, Modules> {
    LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The module, loaded and begun once in this process.
fn module(modules: &mut Modules, path: &Path) -> Result<Pkcs11, TokenError> {
    if let Some(module) = modules.loaded.get(path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(|error| unusable(path, &error))?;
    begin(path, &module)?;
    modules.loaded.insert(path.to_owned(), module.clone());
    Ok(module)
}

fn begin(path: &Path, module: &Pkcs11) -> Result<(), TokenError> {
    let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match module.initialize(arguments) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(error) => Err(unusable(path, &error)),
    }
}

/// Ends the module and begins it anew. Every session over it is gone with that; whose was open
/// finds so at the next signature, and opens another.
fn begin_anew(modules: &mut Modules, path: &Path) -> Result<(), TokenError> {
    let Some(module) = modules.loaded.get(path) else {
        return Ok(());
    };
    modules.begun += 1;
    // It may have ended by itself.
    let _ = module.clone().finalize();
    begin(path, module)
}

fn unusable(path: &Path, error: &Error) -> TokenError {
    TokenError::Module(path.display().to_string(), error.to_string())
}

/// A signature as certificates hold it, from the two numbers side by side that tokens give.
fn in_der(signature: &[u8]) -> Result<Vec<u8>, TokenError> {
    let odd = || TokenError::Refuses("a signature of an odd form".to_owned());
    if signature.len() != 64 {
        return Err(odd());
    }
    let mut numbers = asn1::SequenceOf::<asn1::UintRef<'_>, 2>::new();
    for half in signature.chunks(32) {
        let number = asn1::UintRef::new(half).map_err(|_| odd())?;
        numbers.add(number).map_err(|_| odd())?;
    }
    numbers.to_der().map_err(|_| odd())
}
