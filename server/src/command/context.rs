//! The server's parts, opened from its folder: by `serve`, and by the commands beside it.

use std::sync::Arc;

use super::{Location, Refusal, disk::is_there, roots};
use crate::{
    app::App,
    authority::{Authorities, InForce},
    clock::{Clock as _, SystemClock, SystemRng},
    enrolment::LiveTerminals,
    mail::{Post, SealingKey},
    password::PasswordPool,
    session::LiveSessions,
    settings::{DatabaseInUse, Folder, Overrides, Settings},
    store::Store,
};

/// What a command works with.
pub(super) struct Context {
    pub(super) app: App,
    pub(super) settings: Settings,
}

/// Opens everything for a command beside a running server, or without one. The authority stays
/// locked: few commands sign, and nobody should have to give a passphrase for the others.
pub(super) async fn open(place: &Location) -> Result<Context, Refusal> {
    check_set_up(&place.folder)?;
    open_with(place, roots::locked(&place.folder)?).await
}

/// The same with the authority's key, for commands that sign.
pub(super) async fn open_to_sign(place: &Location) -> Result<Context, Refusal> {
    check_set_up(&place.folder)?;
    let opened = roots::opened(&place.folder, &mut place.passphrase.keys())?;
    open_with(place, opened).await
}

async fn open_with(place: &Location, authority: InForce) -> Result<Context, Refusal> {
    let settings = settings(&place.folder, database(place)?)?;
    check_database(place, &settings)?;
    Ok(Context {
        app: app(&place.folder, &settings, authority).await?,
        settings,
    })
}

/// The settings in force for a command: over the file what the server that runs was told when it
/// started, and this address of a database.
pub(super) fn settings(folder: &Folder, database: Option<String>) -> Result<Settings, Refusal> {
    let identity = folder.serving().and_then(|serving| serving.identity);
    let (server_certificate, server_key) = identity.unzip();
    let overrides = Overrides {
        database,
        server_certificate,
        server_key,
        ..Overrides::default()
    };
    Ok(Settings::load(folder, overrides)?)
}

/// The address of the database, unless the settings say it: the one given to this command, or
/// else the one that the running server was given.
fn database(place: &Location) -> Result<Option<String>, Refusal> {
    if place.database.is_some() {
        return Ok(place.database.clone());
    }
    match place.folder.serving().map(|serving| serving.database) {
        None | Some(DatabaseInUse::OfSettings) => Ok(None),
        Some(DatabaseInUse::At(url)) => Ok(Some(url)),
        Some(DatabaseInUse::Withheld) => Err(
            "the server was started with a database address that holds a password and is kept \
             nowhere: give it to this command, too, in MIMAMORI_DATABASE"
                .into(),
        ),
    }
}

/// Refuses a folder that `init` has not been run on.
pub(super) fn check_set_up(folder: &Folder) -> Result<(), Refusal> {
    if is_there(&folder.authority_certificate())? {
        return Ok(());
    }
    let path = folder.path().display();
    Err(
        format!("{path} holds no server yet: run `mimamori-server init --data {path}` first")
            .into(),
    )
}

/// Refuses to begin anew where the database of the settings is gone: a disk that is not mounted
/// must not look like a server without offices. One named for this start may be new.
pub(super) fn check_database(place: &Location, settings: &Settings) -> Result<(), Refusal> {
    match settings.database.file() {
        Some(file) if place.database.is_none() && !is_there(file)? => Err(format!(
            "the database {} is gone: bring it back (is its disk mounted?), or restore a copy",
            file.display()
        )
        .into()),
        _ => Ok(()),
    }
}

/// The running parts for the server in `folder`.
pub(super) async fn app(
    folder: &Folder,
    settings: &Settings,
    authority: InForce,
) -> Result<App, Refusal> {
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
    let path = folder.mail_key();
    let sealing_key = SealingKey::load_or_create(&path, &SystemRng)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(App {
        store,
        clock,
        rng: Arc::new(SystemRng),
        authority: Authorities::new(authority),
        terminals,
        sessions: LiveSessions::default(),
        passwords: PasswordPool::new(places_for_passwords()),
        mail: Post::new(&settings.mail, sealing_key),
    })
}

/// One for each processor.
fn places_for_passwords() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command::passphrase::PassphraseSource, settings::Serving};

    fn beside_a_server_with(
        given: Option<&str>,
        own: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let folder = tempfile::tempdir().unwrap();
        let place = Location {
            folder: Folder::new(folder.path().to_owned()),
            database: own.map(str::to_owned),
            passphrase: PassphraseSource::default(),
        };
        let local = ([127, 0, 0, 1], 1).into();
        let serving = Serving {
            terminals: local,
            enrolment: local,
            database: DatabaseInUse::of(given),
            hosts: Vec::new(),
            identity: None,
        };
        place.folder.note_serving(&serving).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(!text.contains("secret"), "{text}");
        }
        database(&place)
    }

    #[test]
    fn a_folder_that_cannot_be_looked_into_is_not_taken_for_an_empty_one() {
        let place = tempfile::tempdir().unwrap();
        let empty = check_set_up(&Folder::new(place.path().to_owned())).unwrap_err();
        assert!(empty.to_string().contains("init"), "{empty}");
        let file = place.path().join("file");
        std::fs::write(&file, "").unwrap();
        let told = check_set_up(&Folder::new(file)).unwrap_err().to_string();
        assert!(told.contains("cannot be read"), "{told}");
        assert!(!told.contains("init"), "{told}");
    }

    #[test]
    fn a_database_that_cannot_be_looked_for_is_not_taken_for_one_that_is_gone() {
        let data = tempfile::tempdir().unwrap();
        let place = Location {
            folder: Folder::new(data.path().to_owned()),
            database: None,
            passphrase: PassphraseSource::default(),
        };
        let told = |path: &std::path::Path| {
            let overrides = Overrides {
                database: Some(format!("sqlite:{}", path.display())),
                ..Overrides::default()
            };
            let settings = Settings::load(&place.folder, overrides).unwrap();
            check_database(&place, &settings).unwrap_err().to_string()
        };
        std::fs::write(place.folder.settings(), "").unwrap();
        let gone = told(&data.path().join("mimamori.db"));
        assert!(gone.contains("is gone"), "{gone}");
        let unreadable = told(&place.folder.settings().join("mimamori.db"));
        assert!(unreadable.contains("cannot be read"), "{unreadable}");
    }

    #[test]
    fn a_command_finds_the_database_of_the_server_beside_it() {
        let url = "postgres://user@host/base";
        let found = beside_a_server_with(Some(url), None);
        assert_eq!(found.unwrap().as_deref(), Some(url));
        assert_eq!(beside_a_server_with(None, None).unwrap(), None);
    }

    #[test]
    fn a_password_is_not_left_for_the_commands_but_asked_of_them() {
        let url = "postgres://user:secret@host/base";
        let asked = beside_a_server_with(Some(url), None).unwrap_err();
        assert!(asked.to_string().contains("MIMAMORI_DATABASE"));
        let given = beside_a_server_with(Some(url), Some(url));
        assert_eq!(given.unwrap().as_deref(), Some(url));
    }
}
