//! The server as its operator meets it: setting up, starting, refusing, ending.

use std::fs;
use std::process::Command;
use std::time::Duration;

use harness::process::{Finished, Running, run};
use harness::reference::Identity;
use harness::world::World;
use serde_json::Value;

use crate::prefecture::{EAST, identity, populate, world};
use crate::wire::{Line, Terminal};

#[test]
fn a_second_init_changes_nothing() {
    let world = World::prepare(None).unwrap();
    let before = contents(&world);
    let again = world.attempt(["init", "--host", "localhost"]).unwrap();
    assert_eq!(again.status.code(), Some(1), "{}", again.stdout);
    assert_eq!(again.stderr.trim().lines().count(), 1, "{}", again.stderr);
    assert_eq!(contents(&world), before);
}

#[test]
fn init_says_which_host_links_name_and_how_that_is_changed() {
    let world = World::prepare(None).unwrap();
    fs::remove_dir_all(world.data()).unwrap();
    let unnamed = world.attempt(["init"]).unwrap();
    assert!(unnamed.status.success(), "{unnamed:?}");
    assert!(
        unnamed.stdout.ends_with("\nhost localhost\n"),
        "{unnamed:?}"
    );
    let note = unnamed.stderr.lines().next().unwrap();
    assert!(note.starts_with("No --host was given: links lead to localhost"));
    assert!(
        note.contains("settings.toml")
            && note.contains("`mimamori-server authority server-certificate")
    );
    fs::remove_dir_all(world.data()).unwrap();
    let named = world
        .attempt(["init", "--host", "mimamori.example.jp"])
        .unwrap();
    assert!(
        named.stdout.ends_with("\nhost mimamori.example.jp\n"),
        "{named:?}"
    );
    assert!(!named.stderr.contains("--host"), "{named:?}");
}

#[test]
fn an_address_that_is_none_is_refused_with_an_example() {
    let world = World::prepare(None).unwrap();
    let refused = world
        .attempt(["serve", "--terminals", "localhost:8443"])
        .unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("for example 0.0.0.0:8443"),
        "{refused:?}"
    );
}

#[test]
fn no_file_of_the_data_folder_is_open_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let world = populate(World::start().unwrap());
    for file in files(&world.data()) {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        let open = if file
            .extension()
            .is_some_and(|kind| kind == "toml" || kind == "pem")
        {
            0o022
        } else {
            0o077
        };
        assert_eq!(mode & open, 0, "{} is {mode:o}", file.display());
    }
}

#[test]
fn serve_refuses_what_it_cannot_do_with_one_sentence() {
    let world = World::prepare(None).unwrap();
    let other = World::prepare(None).unwrap();
    let foreign = ["server.pem", "server.key"].map(|file| other.data().join(file));
    let foreign = foreign.each_ref().map(|path| path.to_str().unwrap());
    let unissued = ["--server-cert", foreign[0], "--server-key", foreign[1]];
    for (arguments, word) in [
        (&["--terminals", "192.0.2.1:0"][..], "192.0.2.1"),
        (&["--database", "mysql://nowhere/db"], "database"),
        (&["--database", "postgres://127.0.0.1:1/none"], "database"),
        (&["--data", "/nonexistent/folder"], "/nonexistent/folder"),
        (&["--log", "loud"], "loud"),
        (&unissued[..2], "server_key"),
        (&unissued, "root"),
    ] {
        let refused = world.attempt(["serve"].iter().chain(arguments)).unwrap();
        assert_one_sentence(&refused, word);
    }
    let settings = world.data().join("settings.toml");
    let sound = fs::read_to_string(&settings).unwrap();
    for (line, word) in [
        ("terminal = 1", "terminal"),
        ("database =", "settings.toml"),
        (
            "public_terminals = \"elsewhere.example.jp:443\"",
            "elsewhere.example.jp",
        ),
    ] {
        fs::write(&settings, format!("{line}\n{sound}")).unwrap();
        assert_one_sentence(&world.attempt(["serve"]).unwrap(), word);
    }
}

#[test]
fn a_port_in_use_and_a_host_of_no_certificate_are_told_by_their_settings() {
    let world = World::prepare(None).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for listener in ["terminals", "enrolment"] {
        let flag = format!("--{listener}");
        let refused = world.attempt(["serve", &flag, &address]).unwrap();
        for word in [
            &address,
            &flag,
            "listens on port",
            &format!("`{listener}` in settings.toml"),
        ] {
            assert_one_sentence(&refused, word);
        }
    }
    let elsewhere = world.attempt(["serve", "--terminals", "192.0.2.1:0"]);
    assert_one_sentence(
        &elsewhere.unwrap(),
        "192.0.2.1 is no address of this machine",
    );

    let settings = world.data().join("settings.toml");
    let sound = fs::read_to_string(&settings).unwrap();
    let other = sound.replace("host = \"localhost\"", "host = \"other.example.jp\"");
    let public = format!("public_enrolment = \"other.example.jp:443\"\n{sound}");
    for (text, setting) in [(other, "host"), (public, "public_enrolment")] {
        fs::write(&settings, text).unwrap();
        let refused = world.attempt(["serve"]).unwrap();
        assert_one_sentence(
            &refused,
            &format!("{setting} in settings.toml says other.example.jp"),
        );
        assert_one_sentence(&refused, "`mimamori-server authority server-certificate");
    }
}

#[test]
fn a_server_whose_database_is_gone_does_not_begin_anew() {
    let world = World::prepare(None).unwrap();
    let database = world.data().join("mimamori.db");
    fs::remove_file(&database).unwrap();
    for arguments in [&["serve"][..], &["office", "list"]] {
        assert_one_sentence(&world.attempt(arguments).unwrap(), "is gone");
    }
    assert!(!database.exists());
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let world = World::prepare(None).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(["openapi"]);
    let done = command.stdout(writer).output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

/// A file with this passphrase beside the data.
fn passphrase(world: &World, name: &str, text: &str) -> String {
    let path = world.beside(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_encrypted_authority_serves_with_its_passphrase_alone() {
    let mut world = World::prepare(None).unwrap();
    let [first, second] = ["a first passphrase\n", "another passphrase"]
        .map(|text| passphrase(&world, &text[..7], text));
    let key = world.data().join("authority.key");
    let encrypt = |new: &str, more: &[&str]| {
        let arguments = ["authority", "encrypt", "--new-passphrase-file", new];
        world.attempt(arguments.iter().chain(more)).unwrap()
    };
    encrypt(&first, &[]).success().unwrap();
    let text = fs::read_to_string(&key).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert!(
        Command::new("openssl")
            .args(["pkey", "-noout", "-passin", &format!("file:{first}"), "-in"])
            .arg(&key)
            .status()
            .unwrap()
            .success()
    );
    // What signs nothing needs no passphrase.
    world
        .office("990001", "prefecture", "見本県", None)
        .unwrap();
    assert_one_sentence(&world.attempt(["serve"]).unwrap(), "--passphrase-file");
    let wrong = world
        .attempt(["serve", "--passphrase-file", &second])
        .unwrap();
    assert_one_sentence(&wrong, "the passphrase is wrong");
    let missing = world
        .attempt(["serve", "--passphrase-file", "/nowhere"])
        .unwrap();
    assert_one_sentence(&missing, "/nowhere");
    // Changed with the old one only, and whole or not at all.
    assert_one_sentence(&encrypt(&second, &[]), "--passphrase-file");
    assert_eq!(fs::read_to_string(&key).unwrap(), text);
    encrypt(&second, &["--passphrase-file", &first])
        .success()
        .unwrap();
    let old = world
        .attempt(["serve", "--passphrase-file", &first])
        .unwrap();
    assert_one_sentence(&old, "the passphrase is wrong");
    world.set_environment("MIMAMORI_PASSPHRASE_FILE", &second);
    world.serve().unwrap();
    identity(&world, "990001", "terminal");
}

#[test]
fn init_says_that_the_authority_s_key_is_open_and_how_it_is_encrypted() {
    let world = World::prepare(None).unwrap();
    let new = passphrase(&world, "new", "a passphrase for one test");
    fs::remove_dir_all(world.data()).unwrap();
    let init = world.attempt(["init", "--host", "localhost"]).unwrap();
    assert!(init.status.success(), "{init:?}");
    assert_eq!(init.stderr.lines().count(), 1, "{init:?}");
    let key = world.data().join("authority.key");
    let says = format!("key {} lies unencrypted", key.display());
    assert!(init.stderr.contains(&says), "{init:?}");
    let advised = init.stderr.split('`').nth(1).unwrap();
    let arguments = advised.strip_prefix("mimamori-server ").unwrap();
    let how = ["--new-passphrase-file", &new];
    world.operator(arguments.split(' ').chain(how)).unwrap();
    let text = fs::read_to_string(key).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
}

#[test]
fn init_encrypts_the_authority_when_a_passphrase_is_named() {
    let mut world = World::prepare(None).unwrap();
    let credentials = world.beside("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(
        credentials.join("authority-passphrase"),
        "handed over by systemd",
    )
    .unwrap();
    fs::remove_dir_all(world.data()).unwrap();
    world.set_environment("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap());
    let init = world.attempt(["init", "--host", "localhost"]).unwrap();
    assert!(init.status.success() && init.stderr.is_empty(), "{init:?}");
    let text = fs::read_to_string(world.data().join("authority.key")).unwrap();
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    world.serve().unwrap();
    let short = passphrase(&world, "short", "too short");
    let refused = world
        .attempt(["serve", "--passphrase-file", &short])
        .unwrap();
    assert_one_sentence(&refused, "15 characters");
}

/// A refusal: exit status 1, nothing on standard output, one line with `word` on standard error.
pub(crate) fn assert_one_sentence(refused: &Finished, word: &str) {
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(refused.stdout, "", "{refused:?}");
    assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
    assert!(refused.stderr.to_lowercase().contains(word), "{refused:?}");
}

#[test]
fn wrong_usage_is_told_apart_from_a_refusal() {
    let world = World::prepare(None).unwrap();
    for arguments in [
        ["serve", "--terminals=256.0.0.1:1"],
        ["office", "append"],
        ["serve", "--no-such-flag"],
        ["link", "issue"],
    ] {
        assert_eq!(
            world.attempt(arguments).unwrap().status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
    let refused = world
        .attempt(["link", "issue", "--office", "nowhere"])
        .unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
    assert_eq!(
        refused.stderr.trim().lines().count(),
        1,
        "{}",
        refused.stderr
    );
}

#[test]
fn the_openapi_document_holds_the_whole_contract() {
    let world = World::prepare(None).unwrap();
    let document: Value = serde_json::from_str(&world.operator(["openapi"]).unwrap()).unwrap();
    for endpoint in shared::contract::all() {
        let method = endpoint.method.as_str().to_lowercase();
        assert_eq!(
            document["paths"][endpoint.path][method]["operationId"],
            endpoint.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_up_is_there_after_a_restart() {
    let mut world = world();
    let identity = identity(&world, EAST, "terminal");
    world.server().signal("TERM");
    assert!(
        world
            .server()
            .wait(Duration::from_secs(10))
            .unwrap()
            .success()
    );
    world.serve().unwrap();
    let answer = Terminal::new(&world, &identity)
        .send("GET", "/v1/terminal", None, None)
        .await
        .unwrap();
    assert_eq!(
        (answer.status, &answer.body["office"]),
        (200, &Value::from(EAST))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_before_the_server_ends() {
    let mut world = world();
    let identity = identity(&world, EAST, "terminal");
    let mut line = Line::open(&world, &identity).await.unwrap();
    let body = r#"{"login":"nobody","password":"none"}"#;
    let head = format!(
        "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (early, late) = body.split_at(10);
    line.write(format!("{head}{early}").as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.server().signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        Line::open(&world, &identity).await.is_err(),
        "a new connection was accepted"
    );
    line.write(late.as_bytes()).await.unwrap();
    assert_eq!(line.answer().await.unwrap().code(), "wrong-login");
    assert!(
        world
            .server()
            .wait(Duration::from_secs(10))
            .unwrap()
            .success()
    );
}

/// A world whose settings have these limits.
fn limited(limits: &str) -> World {
    let mut world = World::prepare(None).unwrap();
    let settings = world.data().join("settings.toml");
    // The table of limits is the last of the file.
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n{limits}\n")).unwrap();
    world.serve().unwrap();
    populate(world)
}

/// A request whose body never ends.
async fn begin_endless(world: &World, identity: &Identity) -> Line {
    let mut line = Line::open(world, identity).await.unwrap();
    line.write(
        b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
          Content-Length: 1000\r\n\r\n{",
    )
    .await
    .unwrap();
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_ends_is_answered_when_its_time_is_over() {
    let world = limited("body_seconds = 1");
    let mut line = begin_endless(&world, &identity(&world, EAST, "terminal")).await;
    let answer = tokio::time::timeout(Duration::from_secs(6), line.answer()).await;
    let answer = answer.expect("no answer").unwrap();
    assert_eq!((answer.status, answer.code()), (400, "invalid-request"));
    assert!(
        line.ask().await.is_err(),
        "what follows is still the body, and no request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_does_not_keep_the_server_from_ending() {
    let mut world = limited("body_seconds = 3600\ndrain_seconds = 1");
    let mut line = begin_endless(&world, &identity(&world, EAST, "terminal")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.server().signal("TERM");
    let ended = world.server().wait(Duration::from_secs(6)).unwrap();
    assert!(ended.success(), "{ended}");
    assert!(line.answer().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_settings_reach_the_listeners() {
    let world = limited("head_seconds = 1\nidle_seconds = 2\nconnections_per_address = 3");
    let identity = identity(&world, EAST, "terminal");
    let mut lines = Vec::new();
    for _ in 0..3 {
        let mut line = Line::open(&world, &identity).await.unwrap();
        assert_eq!(line.ask().await.unwrap().status, 200);
        lines.push(line);
    }
    let fourth = async { Line::open(&world, &identity).await?.ask().await };
    assert!(fourth.await.is_err(), "a fourth connection was served");
    lines[0].write(b"GET /v1/terminal").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(lines[1].ask().await.unwrap().status, 200);
    for (line, what) in lines.iter_mut().zip(["half a head", "", "idling"]) {
        if !what.is_empty() {
            let cut = tokio::time::timeout(Duration::from_secs(6), line.answer()).await;
            assert!(cut.expect(what).is_err(), "{what}");
        }
    }
}

#[test]
fn two_servers_do_not_share_a_port() {
    let world = world();
    let log = world.beside("second.log");
    let mut second = Running::start(&mut world.command(["serve"]), &log).unwrap();
    assert_eq!(
        second.wait(Duration::from_secs(10)).unwrap().code(),
        Some(1)
    );
    assert!(
        second.log().contains(&world.terminals().port().to_string()),
        "{}",
        second.log()
    );
}

#[test]
fn logs_are_structured_lines() {
    let world = world();
    run(
        identity(&world, EAST, "terminal")
            .curl()
            .arg(format!("{}/v1/terminal", world.terminals_url())),
        "",
    )
    .unwrap();
    for line in world
        .log()
        .lines()
        .filter(|line| !line.starts_with("ready "))
    {
        let entry: Result<Value, _> = serde_json::from_str(line);
        assert!(
            entry.is_ok_and(|entry| entry["level"].is_string()),
            "{line}"
        );
    }
}

pub(crate) fn contents(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = files(&world.data())
        .into_iter()
        .map(|file| (file.display().to_string(), fs::read(&file).unwrap()))
        .collect();
    all.sort();
    all
}

pub(crate) fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}
