//! The certificate that the server shows: made for the hosts of its settings, replaced while it
//! runs, and left alone where it is the operator's own.

use std::fs;
use std::time::Duration;

use harness::process::wait_until;
use harness::world::World;

use crate::prefecture::{EAST, identity, world};
use crate::serving::{assert_one_sentence, contents};
use crate::wire::Line;

/// The settings of this world with these lines in the place of its host.
fn with_hosts(world: &World, lines: &str) {
    let settings = world.data().join("settings.toml");
    let sound = fs::read_to_string(&settings).unwrap();
    let text = sound.replace("host = \"localhost\"", lines);
    assert_ne!(text, sound);
    fs::write(&settings, text).unwrap();
}

const TWO_HOSTS: &str = "host = \"a.example.jp\"\npublic_enrolment = \"b.example.jp:443\"";

#[test]
fn what_serve_advises_on_its_hosts_leads_to_a_server_that_starts() {
    let mut world = World::prepare(None).unwrap();
    with_hosts(&world, TWO_HOSTS);
    let refused = world.attempt(["serve"]).unwrap();
    assert_one_sentence(&refused, "a.example.jp");
    let advised = refused.stderr.split('`').nth(1).unwrap().to_owned();
    let arguments = advised.strip_prefix("mimamori-server ").unwrap();
    let made = world.attempt(arguments.split(' ')).unwrap();
    assert!(made.status.success(), "{made:?}");
    let pem = world.data().join("server.pem").display().to_string();
    let names = [
        "localhost",
        "127.0.0.1",
        "::1",
        "a.example.jp",
        "b.example.jp",
    ];
    let said = names.map(|name| format!("host {name}\n")).concat();
    assert_eq!(made.stdout, format!("{pem}\n{said}"));
    assert!(made.stderr.contains("within seconds"), "{made:?}");
    world.serve().unwrap();

    // Beside it, too, the hosts of the settings stay: those of its start, and those of the next.
    let settings = world.data().join("settings.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("b.example.jp", "c.example.jp")).unwrap();
    let other = ["authority", "server-certificate", "--host", "d.example.jp"];
    let made = world.operator(other).unwrap();
    let names = made.lines().filter_map(|line| line.strip_prefix("host "));
    let names: Vec<&str> = names.filter(|name| name.ends_with(".jp")).collect();
    assert_eq!(
        names,
        ["d", "a", "c", "b"].map(|it| format!("{it}.example.jp"))
    );
    wait_until(Duration::from_secs(5), "the new certificate", || {
        let shown = "certificate was replaced";
        world.log().contains(shown).then_some(())
    })
    .unwrap();
}

#[test]
fn a_lost_certificate_is_made_again_for_the_hosts_of_the_settings() {
    let mut world = World::prepare(None).unwrap();
    with_hosts(&world, TWO_HOSTS);
    for file in ["server.pem", "server.key"] {
        fs::remove_file(world.data().join(file)).unwrap();
    }
    let made = world.operator(["authority", "server-certificate"]).unwrap();
    let hosts = "host a.example.jp\nhost b.example.jp\nhost localhost\n";
    assert!(made.contains(hosts), "{made}");
    world.serve().unwrap();
}

#[test]
fn a_certificate_of_one_s_own_is_named_to_be_replaced_and_none_is_made() {
    let mut world = World::prepare(None).unwrap();
    let own = ["own.pem", "own.key"].map(|file| world.beside(file));
    for (own, made) in own.iter().zip(["server.pem", "server.key"]) {
        fs::copy(world.data().join(made), own).unwrap();
    }
    let [certificate, key] = own.each_ref().map(|path| path.display().to_string());
    let command = ["authority", "server-certificate", "--host", "c.example.jp"];
    // A server that runs may write into its database at any moment.
    let kept = |world: &World| {
        let mut files = contents(world);
        files.retain(|(path, _)| !path.contains("mimamori.db"));
        files
    };
    let is_refused = |world: &World, hosts: &str| {
        let before = kept(world);
        let refused = world.attempt(command).unwrap();
        assert_one_sentence(&refused, "nothing was made");
        for word in [&certificate, &key, hosts] {
            assert!(refused.stderr.contains(word), "{refused:?}");
        }
        assert!(kept(world) == before);
    };
    // Told to the server that runs.
    world.set_environment("MIMAMORI_SERVER_CERT", &certificate);
    world.set_environment("MIMAMORI_SERVER_KEY", &key);
    world.serve().unwrap();
    is_refused(&world, "c.example.jp, localhost");
    world.server().signal("TERM");
    world.server().wait(Duration::from_secs(10)).unwrap();
    for variable in ["MIMAMORI_SERVER_CERT", "MIMAMORI_SERVER_KEY"] {
        world.unset_environment(variable);
    }

    // Said in the settings.
    let lines =
        format!("{TWO_HOSTS}\nserver_certificate = \"{certificate}\"\nserver_key = \"{key}\"");
    with_hosts(&world, &lines);
    is_refused(&world, "c.example.jp, a.example.jp, b.example.jp");
    let refused = world.attempt(["serve"]).unwrap();
    assert_one_sentence(&refused, "names a.example.jp, b.example.jp");
    assert!(refused.stderr.contains(&format!("its key {key}")));
    assert!(!refused.stderr.contains('`'), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_s_certificate_is_replaced_without_a_restart() {
    let world = world();
    let identity = identity(&world, EAST, "terminal");
    let mut before = Line::open(&world, &identity).await.unwrap();
    let old = before.shown();
    // One file alone, and what no terminal would take: nothing changes.
    let files = ["server.pem", "server.key"].map(|name| world.data().join(name));
    let sound = files.each_ref().map(|path| fs::read(path).unwrap());
    let foreign = World::prepare(None).unwrap();
    for path in &files {
        fs::copy(foreign.data().join(path.file_name().unwrap()), path).unwrap();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert_eq!(Line::open(&world, &identity).await.unwrap().shown(), old);
    }
    assert!(world.log().contains("cannot be shown"), "{}", world.log());
    for (path, content) in files.iter().zip(sound) {
        fs::write(path, content).unwrap();
    }
    world.operator(["authority", "server-certificate"]).unwrap();
    wait_until(Duration::from_secs(5), "the new certificate", || {
        world
            .log()
            .contains("certificate was replaced")
            .then_some(())
    })
    .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut after = Line::open(&world, &identity).await.unwrap();
    assert_ne!(after.shown(), old);
    assert_eq!(after.ask().await.unwrap().status, 200);
    assert_eq!(
        before.ask().await.unwrap().status,
        200,
        "it was open before"
    );
}
