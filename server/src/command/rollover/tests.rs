//! A rollover, killed between any two steps of its commands: what is left serves, and the command
//! can be repeated.

use std::fs;

use super::*;
use crate::{
    command::{identity, init, passphrase::PassphraseSource},
    settings::Folder,
};

/// Nobody can be asked on a new server.
fn now() -> Asking {
    Asking::at_once()
}

fn finish_it(force: bool) -> Step {
    Step::Finish {
        force,
        asking: now(),
    }
}

struct Server {
    _home: tempfile::TempDir,
    place: Location,
}

impl Server {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let place = Location {
            folder: Folder::new(home.path().join("data")),
            database: None,
            passphrase: PassphraseSource::default(),
        };
        init::run(&place, init::Arguments::default()).await.unwrap();
        Self { _home: home, place }
    }

    /// The same files in another folder.
    fn copy(&self) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path().join("data"));
        folder.create().unwrap();
        for file in fs::read_dir(self.place.folder.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        let place = Location {
            folder,
            database: None,
            passphrase: PassphraseSource::default(),
        };
        Self { _home: home, place }
    }

    async fn step(&self, step: &Step, disk: &Disk) -> Result<(), Refusal> {
        let context = context::open(&self.place).await.unwrap();
        let app = &context.app;
        let files = &context.settings.server_certificate;
        let done = match step {
            Step::Begin(asking) => begin(&self.place, app, asking, disk).await,
            Step::Activate(asking) => activate(&self.place, &context, asking, disk).await,
            Step::Finish { force, asking } => {
                let end = End {
                    files,
                    force: *force,
                };
                finish(&self.place.folder, app, end, asking, disk).await
            }
            Step::Abandon(asking) => abandon(&self.place.folder, app, asking, disk).await,
            Step::Show { .. } => show(&self.place.folder, app, true).await,
        };
        context.app.store.close().await;
        done
    }

    /// Whether `serve` would start on these files: the keys open, and every terminal would take
    /// the server's certificate.
    async fn serves(&self) {
        let context = context::open_to_sign(&self.place).await.unwrap();
        let files =
            identity::IdentityFiles::of(&context.app, &self.place.folder, &context.settings);
        files.read().unwrap();
        context.app.store.close().await;
    }

    fn phase(&self) -> Option<Phase> {
        let rollover = roots::rollover(&self.place.folder).unwrap();
        rollover.map(|rollover| rollover.phase)
    }

    fn root(&self) -> Fingerprint {
        Fingerprint::of(&roots::known(&self.place.folder).unwrap().issuing)
    }
}

/// Runs `step` on copies of `server`, killed after each number of steps; gives the server on which
/// it was done to the end, and how often it was killed before.
async fn killed_anywhere(server: Server, step: Step) -> (Server, usize) {
    for steps in 0.. {
        let copy = server.copy();
        let killed = copy.step(&step, &Disk::killed_after(steps)).await;
        copy.serves().await;
        match killed {
            Ok(()) => return (copy, steps),
            Err(refusal) => assert_eq!(refusal.to_string(), "killed"),
        }
        let before = copy.phase();
        let again = copy.step(&step, &Disk::default()).await;
        if let Err(refusal) = again {
            // What had been done already is not done twice, and says so.
            assert_eq!(before, Some(Phase::Begun), "{refusal}");
        }
        copy.serves().await;
    }
    unreachable!("a command has an end")
}

#[tokio::test]
async fn a_rollover_killed_anywhere_leaves_a_server_that_serves_and_can_be_gone_on_with() {
    let server = Server::new().await;
    let old = server.root();
    let (begun, kills) = killed_anywhere(server, Step::Begin(now())).await;
    assert_eq!((begun.phase(), kills), (Some(Phase::Begun), 2));
    assert_eq!(begun.root(), old);
    let (active, kills) = killed_anywhere(begun, Step::Activate(now())).await;
    assert_eq!((active.phase(), kills), (Some(Phase::Active), 4));
    let new = active.root();
    assert_ne!(new, old);
    let (done, kills) = killed_anywhere(active, finish_it(false)).await;
    assert_eq!((done.phase(), kills), (None, 6));
    assert_eq!(done.root(), new);
    let known = roots::known(&done.place.folder).unwrap();
    assert_eq!(known.trusted().count(), 1);
    let former = known.handed_out.iter().map(|root| Fingerprint::of(root));
    assert!(former.clone().any(|root| root == old));
    assert!(!done.place.folder.rollover_key().exists());
    // Once more: whoever knows the very first root still finds the way to the last.
    done.step(&Step::Begin(now()), &Disk::default())
        .await
        .unwrap();
    done.step(&Step::Activate(now()), &Disk::default())
        .await
        .unwrap();
    let finish = finish_it(false);
    done.step(&finish, &Disk::default()).await.unwrap();
    done.serves().await;
    let known = roots::known(&done.place.folder).unwrap();
    assert_eq!(known.handed_out.len(), 4);
    let first = known
        .handed_out
        .iter()
        .find(|root| Fingerprint::of(root) == old);
    let context = context::open_to_sign(&done.place).await.unwrap();
    let files = identity::IdentityFiles::of(&context.app, &done.place.folder, &context.settings);
    let chain = files.read().unwrap().chain;
    let at = context.app.clock.now();
    tls::check_server_certificate(&chain, &[first.unwrap()], &["localhost"], at).unwrap();
    context.app.store.close().await;
}

#[tokio::test]
async fn a_step_out_of_turn_is_refused_and_changes_nothing() {
    let server = Server::new().await;
    let done = Disk::default();
    for step in [Step::Activate(now()), finish_it(true), Step::Abandon(now())] {
        let refused = server.step(&step, &done).await.unwrap_err().to_string();
        assert!(refused.contains("no rollover is under way"), "{refused}");
    }
    let old = server.root();
    server.step(&Step::Begin(now()), &done).await.unwrap();
    let content = roots::content(&server.place.folder);
    for step in [Step::Begin(now()), finish_it(true)] {
        assert!(server.step(&step, &done).await.is_err());
        assert_eq!(roots::content(&server.place.folder), content);
    }
    server.step(&Step::Abandon(now()), &done).await.unwrap();
    assert_eq!((server.phase(), server.root()), (None, old));
    server.step(&Step::Begin(now()), &done).await.unwrap();
    server.step(&Step::Activate(now()), &done).await.unwrap();
    for step in [Step::Begin(now()), Step::Abandon(now())] {
        assert!(server.step(&step, &done).await.is_err());
        assert_eq!(server.phase(), Some(Phase::Active));
    }
    // Twice is as good as once.
    server.step(&Step::Activate(now()), &done).await.unwrap();
    assert_ne!(server.root(), old);
}

#[tokio::test]
async fn the_new_key_is_kept_under_the_passphrase_of_the_old_one() {
    let server = Server::new().await;
    let secret = server.place.folder.path().join("passphrase");
    fs::write(&secret, "a passphrase for one test").unwrap();
    let place = Location {
        folder: server.place.folder.clone(),
        database: None,
        passphrase: PassphraseSource::of_file(secret),
    };
    let plain = fs::read_to_string(place.folder.authority_key()).unwrap();
    let file = crate::authority::KeyFile::parse(&plain).unwrap();
    let passphrase = place.passphrase.named().unwrap().unwrap();
    let key = file.open(None).unwrap();
    let sealed = crate::authority::encrypted(&key, &passphrase, &crate::clock::SystemRng).unwrap();
    fs::write(place.folder.authority_key(), &*sealed).unwrap();
    let server = Server { place, ..server };
    server
        .step(&Step::Begin(now()), &Disk::default())
        .await
        .unwrap();
    let text = fs::read_to_string(server.place.folder.rollover_key()).unwrap();
    assert!(
        text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        "{text}"
    );
    server
        .step(&Step::Activate(now()), &Disk::default())
        .await
        .unwrap();
    server.serves().await;
}
