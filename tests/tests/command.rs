//! The operator's command line: each refusal says which it is and what to do, each deed what was
//! done, and what was refused stands in the log.

use harness::process::Finished;
use harness::world::World;
use serde_json::Value;

const OFFICE: &str = "131016";

/// A server that is set up and does not run, with one office.
fn world() -> World {
    let world = World::prepare(None).unwrap();
    add(&world, OFFICE);
    world
}

fn add(world: &World, code: &str) -> String {
    let kind = ["--kind", "health-centre", "--name", "見本保健所"];
    let arguments = ["office", "add", "--code", code].into_iter().chain(kind);
    world.operator(arguments).unwrap()
}

/// The one sentence with which a command was refused.
fn refused<const N: usize>(world: &World, arguments: [&str; N]) -> String {
    let Finished {
        status,
        stdout,
        stderr,
    } = world.attempt(arguments).unwrap();
    assert_eq!(status.code(), Some(1), "{arguments:?}: {stdout}{stderr}");
    assert_eq!(stdout, "", "{arguments:?}");
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
    stderr.trim().to_owned()
}

fn holds(sentence: &str, words: &[&str]) {
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in: {sentence}");
    }
}

fn user_of(office: &str) -> [&str; 8] {
    [
        "user", "add", "--office", office, "--login", "taro", "--role", "staff",
    ]
}

fn contact_of(office: &str) -> [&str; 6] {
    let mail = "a@example.jp";
    ["office", "contact", "--code", office, "--mail", mail]
}

/// The action and the reason of every deed in the log that was refused.
fn refused_deeds(world: &World) -> Vec<(String, String)> {
    let log = world.operator(["audit", "export"]).unwrap();
    let entries = log.lines().map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        let detail: Value = serde_json::from_str(entry["detail"].as_str().unwrap()).unwrap();
        let why = detail["refused"].as_str().map(str::to_owned)?;
        Some((entry["action"].as_str().unwrap().to_owned(), why))
    });
    entries.flatten().collect()
}

/// The command that closes an office.
fn closing(office: &str) -> [&str; 6] {
    [
        "office",
        "close",
        "--code",
        office,
        "--reason",
        "見本の理由",
    ]
}

#[test]
fn an_office_that_is_closed_is_told_from_one_that_is_not_there_in_the_same_words_everywhere() {
    let world = world();
    let user = ["user", "add", "--office", OFFICE, "--login", "hana"];
    let role = ["--role", "staff"];
    world.operator(user.into_iter().chain(role)).unwrap();
    let changed = world.operator(contact_of(OFFICE)).unwrap();
    assert_eq!(changed, "changed the contact of 131016\n");
    let again = world.operator(contact_of(OFFICE)).unwrap();
    assert_eq!(again, "the contact of 131016 is the same as before\n");
    let closed = world.operator(closing(OFFICE)).unwrap();
    assert_eq!(closed, "closed 131016, links cancelled 0\n");

    let said = |office: &str| {
        [
            refused(&world, closing(office)),
            refused(&world, ["link", "issue", "--office", office]),
            refused(&world, user_of(office)),
            refused(&world, contact_of(office)),
        ]
    };
    let mut closed = said(OFFICE).to_vec();
    closed.push(refused(&world, ["user", "reset", "--login", "hana"]));
    for sentence in &closed {
        assert_eq!(sentence, &closed[0]);
        holds(sentence, &["the office 131016 is closed"]);
    }
    let unknown = said("nowhere");
    for sentence in &unknown {
        assert_eq!(sentence, &unknown[0]);
        holds(
            sentence,
            &["no office with the code nowhere", "office list"],
        );
    }
    let expected = [
        ("command office close", "closed-already"),
        ("issue link", "office-closed"),
        ("command user add", "office-closed"),
        ("command office contact", "office-closed"),
        ("command user reset", "office-closed"),
        ("command office close", "unknown"),
        ("issue link", "unknown"),
        ("command user add", "no-such-office"),
        ("command office contact", "no-such-office"),
    ];
    let expected = expected.map(|(action, why)| (action.to_owned(), why.to_owned()));
    assert_eq!(refused_deeds(&world), expected);
}

#[test]
fn an_office_is_closed_with_a_reason_and_opened_again_with_one() {
    let world = world();
    let link = world.link(OFFICE).unwrap();
    let reopen = ["office", "reopen", "--code", OFFICE, "--reason", "見本"];
    let open = refused(&world, reopen);
    holds(&open, &["131016 is open"]);
    let unsaid = ["office", "close", "--code", OFFICE];
    assert_eq!(world.attempt(unsaid).unwrap().status.code(), Some(2));
    world.operator(closing(OFFICE)).unwrap();
    let closed = refused(&world, ["link", "issue", "--office", OFFICE]);
    holds(&closed, &["is closed", "office reopen"]);
    let without = ["office", "reopen", "--code", OFFICE];
    assert_eq!(world.attempt(without).unwrap().status.code(), Some(2));
    let said = world.operator(reopen).unwrap();
    assert_eq!(said, "reopened 131016, certificates let in again 0\n");
    let offices = world.operator(["office", "list"]).unwrap();
    holds(&offices, &["見本保健所\topen"]);
    let list = world.operator(["link", "list"]).unwrap();
    holds(&list, &[&format!("{}\t{OFFICE}\tcancelled\t", link.id)]);
    world.link(OFFICE).unwrap();
    let unknown = ["office", "reopen", "--code", "nowhere", "--reason", "見本"];
    holds(
        &refused(&world, unknown),
        &["no office with the code nowhere"],
    );
    let expected = [
        ("command office reopen", "open-already"),
        ("issue link", "office-closed"),
        ("command office reopen", "unknown"),
    ];
    let expected = expected.map(|(action, why)| (action.to_owned(), why.to_owned()));
    assert_eq!(refused_deeds(&world), expected);
}

#[test]
fn the_link_of_a_closed_office_reads_as_cancelled() {
    let world = world();
    let link = world.link(OFFICE).unwrap();
    let closed = world.operator(closing(OFFICE)).unwrap();
    assert_eq!(closed, "closed 131016, links cancelled 1\n");
    let list = world.operator(["link", "list"]).unwrap();
    holds(&list, &[&format!("{}\t{OFFICE}\tcancelled\t", link.id)]);
    let offices = world.operator(["office", "list"]).unwrap();
    holds(&offices, &["見本保健所\tclosed"]);
}

#[test]
fn a_link_is_issued_with_the_id_by_which_it_is_cancelled() {
    let world = world();
    let issued = world
        .operator(["link", "issue", "--office", OFFICE])
        .unwrap();
    let id = issued.lines().find_map(|line| line.strip_prefix("id "));
    let id = id.unwrap().to_owned();
    let cancelled = world.operator(["link", "cancel", &id]).unwrap();
    assert_eq!(cancelled, format!("cancelled {id} of {OFFICE}\n"));
    let again = refused(&world, ["link", "cancel", &id]);
    holds(&again, &[&id, "cancelled already"]);
    let other = "00000000-0000-7000-8000-000000000001";
    let unknown = refused(&world, ["link", "cancel", other]);
    holds(&unknown, &["no link", other, "link list"]);
}

/// What a command that was done says beside its answer, and the answer.
fn noted(world: &World, arguments: &[&str]) -> (String, Vec<String>) {
    let done = world.attempt(arguments).unwrap();
    assert!(done.status.success(), "{done:?}");
    let notes = done.stderr.lines().map(str::to_owned).collect();
    (done.stdout, notes)
}

#[test]
fn closing_an_office_says_what_stays_open_under_it() {
    let world = World::prepare(None).unwrap();
    world
        .office("130001", "prefecture", "見本県", None)
        .unwrap();
    for (code, name) in [("131016", "東"), ("131024", "西"), ("131032", "北")] {
        let above = Some("130001");
        world.office(code, "health-centre", name, above).unwrap();
    }
    let close = |code| noted(&world, &closing(code));
    assert_eq!(close("131032").1, [""; 0]);
    let (answer, notes) = close("130001");
    assert_eq!(answer, "closed 130001, links cancelled 0\n");
    assert_eq!(
        notes,
        [
            "2 offices that stand under it stay open, with their terminals: 131016, 131024; \
          `office close --code … --reason …` closes each on its own"
        ]
    );
    let offices = world.operator(["office", "list"]).unwrap();
    holds(
        &offices,
        &["130001\tprefecture\t見本県\tclosed", "東\topen"],
    );
}

#[test]
fn an_office_under_a_closed_one_or_with_the_name_of_another_is_added_with_a_note() {
    let world = World::prepare(None).unwrap();
    world
        .office("130001", "prefecture", "見本県", None)
        .unwrap();
    let add = |code, name| {
        let named = [
            "--kind",
            "health-centre",
            "--name",
            name,
            "--parent",
            "130001",
        ];
        noted(
            &world,
            &[&["office", "add", "--code", code][..], &named].concat(),
        )
    };
    assert_eq!(
        add("131016", "東保健所"),
        ("added 131016\n".to_owned(), vec![])
    );
    let (answer, notes) = add("131024", "東保健所");
    assert_eq!((answer.as_str(), notes.len()), ("added 131024\n", 1));
    holds(&notes[0], &["東保健所", "131016"]);
    for code in ["131016", "130001"] {
        world.operator(closing(code)).unwrap();
    }
    let (answer, notes) = add("131032", "東保健所");
    assert_eq!((answer.as_str(), notes.len()), ("added 131032\n", 2));
    holds(&notes[0], &["130001", "closed", "131032 is open"]);
    holds(&notes[1], &["131016 (closed), 131024"]);
}

#[test]
fn an_office_under_none_says_so_and_is_put_under_one_with_a_reason() {
    let world = World::prepare(None).unwrap();
    world
        .office("130001", "prefecture", "見本県", None)
        .unwrap();
    let kind = ["--kind", "health-centre", "--name", "見本保健所"];
    let add = [&["office", "add", "--code", OFFICE][..], &kind].concat();
    let (answer, notes) = noted(&world, &add);
    assert_eq!((answer.as_str(), notes.len()), ("added 131016\n", 1));
    holds(
        &notes[0],
        &[
            OFFICE,
            "no prefecture sees it",
            "office change --code 131016 --parent",
        ],
    );
    let list = |json: bool| {
        let arguments = ["office", "list", "--json"].into_iter();
        world
            .operator(arguments.take(2 + usize::from(json)))
            .unwrap()
    };
    holds(&list(false), &["見本保健所\topen\t\n"]);

    let change = ["office", "change", "--code", OFFICE];
    let usage = |words: &[&str]| {
        let attempt = world.attempt([&change[..], words].concat()).unwrap();
        assert_eq!(attempt.status.code(), Some(2), "{attempt:?}");
    };
    usage(&["--parent", "130001"]);
    usage(&["--reason", "見本"]);
    usage(&["--parent", "130001", "--no-parent", "--reason", "見本"]);
    let change = |words: &[&str]| {
        let reason = ["--reason", "見本"];
        noted(&world, &[&change[..], words, &reason].concat())
    };
    let done = ("changed 131016\n".to_owned(), vec![]);
    assert_eq!(change(&["--parent", "130001"]), done);
    holds(&list(false), &["見本保健所\topen\t130001\n"]);
    let offices: Value = serde_json::from_str(&list(true)).unwrap();
    assert_eq!(offices[0]["parent"], Value::Null);
    assert_eq!(offices[1]["parent"], "130001");
    assert_eq!(change(&["--name", "新保健所"]), done);
    holds(&list(false), &["新保健所\topen\t130001\n"]);
    let (_, notes) = change(&["--no-parent"]);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let again = ["office", "change", "--code", OFFICE, "--no-parent"];
    let again = again.into_iter().chain(["--reason", "見本"]);
    let again = world.attempt(again).unwrap();
    assert_eq!(again.status.code(), Some(1));
    holds(&again.stderr, &["131016", "nothing was changed"]);
    let expected = ("command office change", "nothing-to-change");
    let expected = (expected.0.to_owned(), expected.1.to_owned());
    assert_eq!(refused_deeds(&world), [expected]);
}

#[test]
fn a_link_over_one_that_can_be_used_leaves_that_and_says_so() {
    let world = world();
    let issue = ["link", "issue", "--office", OFFICE];
    let (first, notes) = noted(&world, &issue);
    assert_eq!(notes, [""; 0]);
    let id = first
        .lines()
        .find_map(|line| line.strip_prefix("id "))
        .unwrap();
    let (second, notes) = noted(&world, &[&issue[..], &["--json"]].concat());
    assert!(serde_json::from_str::<Value>(&second).is_ok(), "{second}");
    assert_eq!(notes.len(), 1, "{notes:?}");
    holds(&notes[0], &[&format!("link cancel {id}"), OFFICE]);
    let list = world.operator(["link", "list"]).unwrap();
    holds(&list, &[&format!("{id}\t{OFFICE}\topen\t")]);
    let list: Vec<&str> = list
        .split(['\t', '\n'])
        .filter(|cell| cell.len() == 36)
        .collect();
    for id in list {
        world.operator(["link", "cancel", id]).unwrap();
    }
    assert_eq!(noted(&world, &issue).1, [""; 0]);
}

#[test]
fn a_terminal_that_cannot_be_revoked_says_why() {
    let world = world();
    let unknown = refused(&world, ["terminal", "revoke", "7badc0de"]);
    holds(&unknown, &["7badc0de", "terminal list"]);
}

#[test]
fn an_empty_list_says_so_beside_the_answer() {
    let world = World::prepare(None).unwrap();
    for (command, word, what_fills_it) in [
        (["office", "list"], "no office", "`office add`"),
        (["link", "list"], "no link", "`link issue`"),
        (["link", "jobs"], "no job", "`link issue --all-not-invited`"),
        (["terminal", "list"], "no terminal", "`link issue`"),
        (["mail", "list"], "no message", "`mail test`"),
    ] {
        let listed = world.attempt(command).unwrap();
        assert!(listed.status.success(), "{listed:?}");
        assert_eq!(listed.stdout, "", "{command:?}");
        assert_eq!(listed.stderr.trim().lines().count(), 1, "{listed:?}");
        holds(&listed.stderr, &[word, what_fills_it]);
        let [noun, verb] = command;
        let listed = world.attempt([noun, verb, "--json"]).unwrap();
        assert_eq!((&*listed.stdout, &*listed.stderr), ("[]\n", ""));
    }
    let few = noted(&world, &["mail", "list", "--state", "refused"]);
    assert_eq!(few.0, "");
    holds(&few.1[0], &["no such message", "without --state"]);
    add(&world, OFFICE);
    let nobody = noted(&world, &["user", "list", "--office", OFFICE]);
    assert_eq!(nobody.0, "");
    holds(&nobody.1[0], &["no accounts", "`user add`"]);
}

#[test]
fn an_operator_without_mail_is_told_which_setting_is_missing() {
    let world = world();
    let to = ["mail", "test", "--office", OFFICE, "--to", "a@example.jp"];
    for said in [
        refused(&world, to),
        refused(&world, ["link", "issue", "--all-not-invited"]),
    ] {
        holds(&said, &["[mail]", "settings.toml"]);
        assert!(!said.contains("operator"), "{said}");
    }
}

#[test]
fn an_office_that_is_not_added_stands_in_the_log() {
    let world = world();
    assert_eq!(add(&world, "990001"), "added 990001\n");
    let kind = ["--kind", "health-centre", "--name", "見本保健所"];
    let attempt = |code: &str, parent: &[&str]| {
        let arguments = ["office", "add", "--code", code].into_iter().chain(kind);
        let arguments = arguments.chain(parent.iter().copied());
        let refused = world.attempt(arguments).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    };
    attempt(OFFICE, &[]);
    attempt("990002", &["--parent", "nowhere"]);
    attempt("990002", &["--parent", OFFICE]);
    let job = refused(&world, ["link", "issue", "--all-not-invited"]);
    assert!(!job.is_empty());
    refused(&world, contact_of("nowhere"));
    let expected = [
        ("command office add", "code-taken"),
        ("command office add", "unknown-parent"),
        ("command office add", "misplaced"),
        ("command link issue", "mail-not-set-up"),
        ("command office contact", "no-such-office"),
    ];
    let expected = expected.map(|(action, why)| (action.to_owned(), why.to_owned()));
    assert_eq!(refused_deeds(&world), expected);
}

#[test]
fn a_kind_that_there_is_not_is_answered_with_those_there_are() {
    let world = World::prepare(None).unwrap();
    let wrong = [
        "office", "add", "--code", "1", "--name", "a", "--kind", "hospital",
    ];
    let refused = world.attempt(wrong).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    holds(
        &refused.stderr,
        &["health-centre", "prefecture", "business"],
    );
}

#[test]
fn init_names_every_host() {
    let world = World::prepare(None).unwrap();
    std::fs::remove_dir_all(world.data()).unwrap();
    let hosts = ["init", "--host", "a.example.jp", "--host", "b.example.jp"];
    let said = world.operator(hosts).unwrap();
    assert!(
        said.ends_with("\nhost a.example.jp\nhost b.example.jp\n"),
        "{said}"
    );
}

#[test]
fn an_account_is_made_listed_and_deleted_and_what_was_refused_stands_in_the_log() {
    let world = world();
    let add = |office, login, role| {
        let arguments = [
            "user", "add", "--office", office, "--login", login, "--role", role,
        ];
        arguments.map(str::to_owned)
    };
    world
        .operator(add(OFFICE, "kanri", "administrator"))
        .unwrap();
    let listed = world
        .operator(["user", "list", "--office", OFFICE, "--json"])
        .unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["login"], "kanri");
    assert_eq!(listed[0]["password"], "handed-over");
    assert_eq!(listed[0]["last_login_at"], Value::Null);

    let taken = add(OFFICE, "kanri", "staff");
    let taken = refused(&world, taken.each_ref().map(String::as_str));
    holds(&taken, &["kanri", "taken"]);
    let nowhere = add("999999", "hana", "staff");
    refused(&world, nowhere.each_ref().map(String::as_str));
    let out_of_place = add(OFFICE, "hana", "helpdesk");
    refused(&world, out_of_place.each_ref().map(String::as_str));
    refused(&world, ["user", "reset", "--login", "hana"]);
    refused(&world, ["user", "delete", "--login", "hana"]);
    let deleted = world.operator(["user", "delete", "--login", "kanri"]);
    assert_eq!(deleted.unwrap(), "deleted kanri\n");
    let why = |action: &str, why: &str| (action.to_owned(), why.to_owned());
    assert_eq!(
        refused_deeds(&world),
        [
            why("command user add", "login-taken"),
            why("command user add", "no-such-office"),
            why("command user add", "role-out-of-place"),
            why("command user reset", "unknown"),
            why("command user delete", "unknown"),
        ]
    );
}
