use shared::offices::OfficeKind;

use super::*;
use crate::{
    command::office,
    enrolment::issue_link,
    store::{
        audit::{Act, Actor},
        story::{
            database::{Database, Server},
            on_both_databases,
        },
    },
};

on_both_databases!(
    of_many_offices_under_a_closed_one_only_the_first_are_named,
    a_name_that_only_closed_offices_have_sends_to_the_former,
    a_look_up_that_fails_leaves_the_deed_done,
    an_office_hears_of_its_own_links_alone,
);

const ABOVE: &str = "130001";

fn code(text: &str) -> OfficeCode {
    text.parse().unwrap()
}

async fn with_offices_below(database: Database, count: usize) -> Server {
    let server = Server::on(database).await;
    server.office(ABOVE, OfficeKind::Prefecture, None).await;
    for below in 1..=count {
        let (below, kind) = (format!("13-{below}"), OfficeKind::HealthCentre);
        server.office(&below, kind, Some(ABOVE)).await;
    }
    server
}

async fn close(server: &Server, office: &str) {
    let act = Act::new(Actor::default(), "command office close");
    let closed = crate::offices::closing::close(
        &server.app,
        act,
        code(office),
        "見本の理由".parse().unwrap(),
    )
    .await;
    closed.unwrap();
}

/// An office of this code with the name that [`Server::office`] gave to another.
fn namesake(of: &str, office: &str) -> Office {
    Office {
        code: code(office),
        kind: OfficeKind::HealthCentre,
        name: format!("見本{of}").parse().unwrap(),
    }
}

async fn of_many_offices_under_a_closed_one_only_the_first_are_named(database: Database) {
    let server = with_offices_below(database, 7).await;
    let notes = async || closed(&server.app, &code(ABOVE)).await.unwrap();
    assert_eq!(
        notes().await,
        [
            "7 offices that stand under it stay open, with their terminals: 13-1, 13-2, 13-3, \
          13-4, 13-5, 2 more; `office close --code … --reason …` closes each on its own"
        ]
    );
    for below in ["13-1", "13-2", "13-4", "13-5", "13-6", "13-7"] {
        close(&server, below).await;
    }
    assert_eq!(
        notes().await,
        [
            "1 office that stands under it stays open, with its terminals: 13-3; `office close \
          --code … --reason …` closes each on its own"
        ]
    );
    close(&server, "13-3").await;
    assert_eq!(notes().await, [""; 0]);
}

async fn a_name_that_only_closed_offices_have_sends_to_the_former(database: Database) {
    let server = with_offices_below(database, 1).await;
    let new = namesake("13-1", "13-9");
    let notes = async || added(&server.app, &new, Some(&code(ABOVE))).await.unwrap();
    let [open] = &notes().await[..] else {
        panic!("an office of that name is there")
    };
    assert!(
        open.ends_with(
            "already: 13-1; if it is the same one, `office close --code … --reason …` closes what \
             is too many"
        ),
        "{open}"
    );
    close(&server, "13-1").await;
    let [closed] = &notes().await[..] else {
        panic!("an office of that name is there")
    };
    assert!(
        closed.ends_with(
            "already: 13-1 (closed); if it is the same one, `office close --code 13-9 --reason …` \
             closes this one, and `office reopen --code 13-1 --reason …` opens the former"
        ),
        "{closed}"
    );
    let former = namesake("13-1", "13-8");
    let add = office::add(&server.app, former, None, None, Default::default());
    add.await.unwrap();
    close(&server, "13-8").await;
    let [several] = &notes().await[..] else {
        panic!("two offices of that name are there")
    };
    assert!(
        several.ends_with(
            "`office close --code 13-9 --reason …` closes this one, and `office reopen --code … \
             --reason …` opens the former"
        ),
        "{several}"
    );
    let nobody = namesake("nowhere", "13-9");
    let notes = added(&server.app, &nobody, Some(&code(ABOVE))).await;
    assert_eq!(notes.unwrap(), [""; 0]);
}

async fn a_look_up_that_fails_leaves_the_deed_done(database: Database) {
    let server = with_offices_below(database, 1).await;
    // A kind that only a newer program knows.
    let newer = "UPDATE office SET kind = 'newer' WHERE code = '13-1'";
    server.database.tamper(newer).await;
    let new = namesake("13-1", "13-9");
    assert!(added(&server.app, &new, None).await.is_err());
    let done = office::add(&server.app, new, None, None, Default::default()).await;
    done.unwrap();
    let mut reader = server.app.store.reader().await.unwrap();
    let known = store::offices::by_code(&mut reader, &code("13-9")).await;
    assert!(known.unwrap().unwrap().open);
}

async fn an_office_hears_of_its_own_links_alone(database: Database) {
    let server = with_offices_below(database, 2).await;
    let app = &server.app;
    let issue = async |office: &str| {
        let address = "mimamori.example.jp:8444".to_owned();
        let root = app.authority.fingerprint();
        let issued = issue_link(
            &app.store,
            &*app.clock,
            &*app.rng,
            code(office),
            address,
            root,
        );
        issued.await.unwrap().link.id
    };
    let notes = async |office: &str, new| issued(app, &code(office), new).await.unwrap();
    let first = issue("13-1").await;
    let other = issue("13-2").await;
    assert_eq!(notes("13-1", first).await, [""; 0]);
    assert_eq!(notes("13-2", other).await, [""; 0]);
    let second = issue("13-1").await;
    let [note] = &notes("13-1", second).await[..] else {
        panic!("the first can be used")
    };
    assert!(note.ends_with(&format!("`link cancel {first}` ends it")));
}
