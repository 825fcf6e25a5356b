//! What follows from an office's new name or place, on both databases.

use shared::offices::OfficeKind;
use shared::text::search_key;

use super::*;
use crate::offices::closing::close;
use crate::offices::scope;
use crate::store::audit::{Actor, Exported, entries, head};
use crate::store::story::database::{Database, Server};
use crate::store::story::on_both_databases;

on_both_databases!(
    who_is_above_an_office_now_sees_it_and_who_was_before_does_not,
    a_move_stands_in_the_log_of_the_office_it_was_from,
    a_renamed_office_is_found_by_its_new_name_and_by_the_former_no_more,
    what_is_not_said_stays_as_it_is,
    an_office_that_cannot_be_changed_stays_and_the_log_says_why,
);

const FIRST: &str = "130001";
const SECOND: &str = "140007";
const CENTRE: &str = "131016";
const REASON: &str = "所管の変更";

fn code(text: &str) -> OfficeCode {
    text.parse().unwrap()
}

/// Two prefectures, and a health centre under the first.
async fn world(database: Database) -> Server {
    let server = Server::on(database).await;
    for prefecture in [FIRST, SECOND] {
        server
            .office(prefecture, OfficeKind::Prefecture, None)
            .await;
    }
    let centre = OfficeKind::HealthCentre;
    server.office(CENTRE, centre, Some(FIRST)).await;
    server
}

async fn changed(server: &Server, office: &str, changes: Changes) -> Result<(), NotChanged> {
    let act = Act::new(Actor::default(), "command office change");
    let reason = REASON.parse().unwrap();
    let released = change(&server.app, act, code(office), changes, reason).await?;
    assert_eq!(released, 0, "nobody is followed up");
    Ok(())
}

async fn put(server: &Server, office: &str, place: Place) -> Result<(), NotChanged> {
    let changes = Changes {
        place: Some(place),
        ..Changes::default()
    };
    changed(server, office, changes).await
}

fn called(name: &str) -> Changes {
    Changes {
        name: Some(name.parse().unwrap()),
        ..Changes::default()
    }
}

async fn office(server: &Server, office: &str) -> KnownOffice {
    let mut reader = server.app.store.reader().await.unwrap();
    let found = store::offices::by_code(&mut reader, &code(office)).await;
    found.unwrap().unwrap()
}

async fn particulars(server: &Server) -> Particulars {
    let number = office(server, CENTRE).await.number;
    let mut reader = server.app.store.reader().await.unwrap();
    let found = store::offices::particulars(&mut reader, number).await;
    found.unwrap()
}

/// Which of the two prefectures see the health centre's people.
async fn seen_by(server: &Server) -> Vec<&'static str> {
    let mut seen_by = Vec::new();
    for prefecture in [FIRST, SECOND] {
        let caller = server.caller(&office(server, prefecture).await, 1);
        let mut reader = server.app.store.reader().await.unwrap();
        let seen = scope(&mut reader, &caller.terminal).await.unwrap();
        if seen.iter().any(|it| it.office.code == code(CENTRE)) {
            seen_by.push(prefecture);
        }
    }
    seen_by
}

/// The last entries of the log, the latest last.
async fn last<const N: usize>(server: &Server) -> [Exported; N] {
    let mut reader = server.app.store.reader().await.unwrap();
    let end = head(&mut reader).await.unwrap().number;
    let count = i64::try_from(N).unwrap();
    let found = entries(&mut reader, end - count, end).await.unwrap();
    found.try_into().unwrap()
}

fn detail(entry: &Exported) -> Value {
    serde_json::from_str(&entry.detail).unwrap()
}

async fn who_is_above_an_office_now_sees_it_and_who_was_before_does_not(database: Database) {
    let server = world(database).await;
    assert_eq!(seen_by(&server).await, [FIRST]);
    let under = |parent| Place::Under(code(parent));
    put(&server, CENTRE, under(SECOND)).await.unwrap();
    assert_eq!(seen_by(&server).await, [SECOND]);
    put(&server, CENTRE, Place::Alone).await.unwrap();
    assert_eq!(seen_by(&server).await, [""; 0]);
    put(&server, CENTRE, under(FIRST)).await.unwrap();
    assert_eq!(seen_by(&server).await, [FIRST]);
}

async fn a_move_stands_in_the_log_of_the_office_it_was_from(database: Database) {
    let server = world(database).await;
    let under = Place::Under(code(SECOND));
    put(&server, CENTRE, under).await.unwrap();
    let told = last::<2>(&server).await;
    let done = json!({
        "office": CENTRE, "reason": REASON,
        "before": { "parent": FIRST }, "after": { "parent": SECOND },
    });
    for (entry, concerns) in told.iter().zip([CENTRE, FIRST]) {
        assert_eq!(entry.action, "command office change");
        assert_eq!(entry.concerns.as_deref(), Some(concerns));
        assert_eq!(detail(entry), done);
    }
    changed(&server, CENTRE, called("新保健所")).await.unwrap();
    let [former, renamed] = last::<2>(&server).await;
    assert_eq!(former, told[1], "nobody is left by a new name");
    assert_eq!(renamed.concerns.as_deref(), Some(CENTRE));
}

async fn a_renamed_office_is_found_by_its_new_name_and_by_the_former_no_more(database: Database) {
    let server = world(database).await;
    let number = office(&server, CENTRE).await.number;
    let found = async |text: &str| {
        let mut reader = server.app.store.reader().await.unwrap();
        let (dialect, key) = (server.app.store.dialect(), search_key(text));
        let found = store::offices::search::by_text(&mut reader, dialect, &key, 0, 9).await;
        found.unwrap().contains(&number)
    };
    assert!(found("見本131016").await);
    let changes = Changes {
        particulars: Particulars {
            reading: Some("あたらしいほけんじょ".parse().unwrap()),
            ..Particulars::default()
        },
        ..called("新保健所")
    };
    changed(&server, CENTRE, changes).await.unwrap();
    assert!(found("新保健所").await && found("アタラシイ").await);
    assert!(!found("見本131016").await);
    assert_eq!(
        office(&server, CENTRE).await.office.name.to_string(),
        "新保健所"
    );
}

async fn what_is_not_said_stays_as_it_is(database: Database) {
    let server = world(database).await;
    let with = |particulars| Changes {
        particulars,
        ..Changes::default()
    };
    let phone = Particulars {
        phone: Some("03-1234-5678".parse().unwrap()),
        ..Particulars::default()
    };
    changed(&server, CENTRE, with(phone)).await.unwrap();
    let before = office(&server, CENTRE).await;
    let address = Particulars {
        address: Some("見本市1-1".parse().unwrap()),
        ..Particulars::default()
    };
    changed(&server, CENTRE, with(address)).await.unwrap();
    assert_eq!(office(&server, CENTRE).await, before);
    let kept = particulars(&server).await;
    assert_eq!(kept.phone.unwrap().as_str(), "03-1234-5678");
    assert_eq!(kept.address.unwrap().as_str(), "見本市1-1");
}

async fn an_office_that_cannot_be_changed_stays_and_the_log_says_why(database: Database) {
    let server = world(database).await;
    let before = office(&server, CENTRE).await;
    let why = async || detail(&last::<1>(&server).await[0])["refused"].clone();
    let under = |parent| Place::Under(code(parent));
    for (moved, place, word) in [
        ("nowhere", Place::Alone, "no-such-office"),
        (CENTRE, under("nowhere"), "unknown-parent"),
        (CENTRE, under(CENTRE), "under-itself"),
        // Of a prefecture under its own health centre, and so of every circle.
        (FIRST, under(CENTRE), "misplaced"),
        (CENTRE, under(FIRST), "nothing-to-change"),
        (FIRST, Place::Alone, "nothing-to-change"),
    ] {
        assert!(put(&server, moved, place).await.is_err(), "{word}");
        assert_eq!(why().await, word);
    }
    let act = Act::new(Actor::default(), "command office close");
    close(
        &server.app,
        act,
        code(CENTRE),
        "見本の理由".parse().unwrap(),
    )
    .await
    .unwrap();
    let refused = changed(&server, CENTRE, called("新保健所")).await;
    assert!(
        matches!(refused, Err(NotChanged::NotOpen(NotOpen::Closed(_)))),
        "{refused:?}"
    );
    assert_eq!(why().await, "office-closed");
    let closed = KnownOffice {
        open: false,
        ..before
    };
    assert_eq!(office(&server, CENTRE).await, closed);
}
