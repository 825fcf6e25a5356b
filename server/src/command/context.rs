//! The server's parts, opened from its folder: by `serve`, and by the commands beside it.

use std::sync::Arc;

use rustls_pki_types::PrivateKeyDer;

use super::{Location, Refusal};
use crate::{
    app::App,
    authority::Authority,
    clock::{Clock as _, SystemClock, SystemRng},
    enrolment::LiveTerminals,
    password::PasswordPool,
    settings::{Folder, Overrides, Settings},
    store::Store,
    tls,
};

/// What a command works with.
pub(super) struct Context {
    pub(super) app: App,
    pub(super) settings: Settings,
}

/// Opens everything for a command beside a running server, or without one.
pub(super) async fn open(place: &Location) -> Result<Context, Refusal> {
    check_set_up(&place.folder)?;
    let serving = place.folder.serving();
    let overrides = Overrides {
        database: place
            .database
            .clone()
            .or_else(|| serving.and_then(|serving| serving.database)),
        ..Overrides::default()
    };
    let settings = Settings::load(&place.folder, overrides)?;
    Ok(Context {
        app: app(&place.folder, &settings).await?,
        settings,
    })
}

/// Refuses a folder that `init` has not been run on.
pub(super) fn check_set_up(folder: &Folder) -> Result<(), Refusal> {
    if folder.authority_certificate().exists() {
        return Ok(());
    }
    let path = folder.path().display();
    Err(
        format!("{path} holds no server yet: run `mimamori-server init --data {path}` first")
            .into(),
    )
}

/// The running parts for the server in `folder`.
pub(super) async fn app(folder: &Folder, settings: &Settings) -> Result<App, Refusal> {
    let authority = authority(folder)?;
    let clock = Arc::new(SystemClock);
    let store = Store::open(&settings.database, clock.clone())
        .await
        .map_err(|error| {
            // The location prints itself without its password.
            format!(
                "the database {:?} cannot be opened: {error}",
                settings.database
            )
        })?;
    let terminals = LiveTerminals::load(&store, clock.now()).await?;
    Ok(App {
        store,
        clock,
        rng: Arc::new(SystemRng),
        authority: Arc::new(authority),
        terminals,
        passwords: PasswordPool::new(places_for_passwords()),
    })
}

fn authority(folder: &Folder) -> Result<Authority, Refusal> {
    let path = folder.authority_certificate();
    let root = tls::read_certificates(&path)?.swap_remove(0);
    let key = tls::read_private_key(&folder.authority_key())?;
    let PrivateKeyDer::Pkcs8(key) = &*key else {
        return Err(format!("{} is not PKCS#8", folder.authority_key().display()).into());
    };
    Authority::load(root, key.secret_pkcs8_der())
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// One for each processor.
fn places_for_passwords() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
