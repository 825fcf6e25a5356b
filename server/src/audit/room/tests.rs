//! Who sees what of the log, told on both databases.

use jiff::SignedDuration;
use shared::accounts::{Login, Password, Role};
use shared::audit::AuditEntry;
use shared::offices::{OfficeCode, OfficeKind};
use shared::session::LogIn;
use shared::{ProblemCode, id::ReturneeId};

use super::*;
use crate::enrolment::{cancel_link, issue_link};
use crate::store::audit::Actor;
use crate::store::story::database::{Database, Server, id};
use crate::store::story::on_both_databases;

on_both_databases!(
    each_sees_what_was_done_in_their_reach_and_no_more,
    an_office_sees_what_others_did_to_it,
    the_helpdesk_sees_nothing_of_health_whatever_it_asks_for,
    every_look_is_an_entry,
    entries_are_found_by_day_person_kind_and_record,
    what_was_done_to_an_account_says_whose_it_is_and_is_found_by_its_login,
    pages_follow_one_another_without_gap_or_repeat,
    a_log_looked_through_in_pieces_is_looked_through_whole,
    the_check_comes_to_its_end_piece_by_piece,
    the_check_says_where_the_log_was_changed,
    the_head_that_is_handed_out_is_believed,
);

/// A prefecture, its health centre, another prefecture, the helpdesk and the ministry, each with
/// somebody at work.
struct World {
    server: Server,
    prefecture: Caller,
    centre: Caller,
    elsewhere: Caller,
    helpdesk: Caller,
    ministry: Caller,
}

impl World {
    async fn on(database: Database) -> Self {
        let server = Server::on(database).await;
        let office =
            async |code: &str, kind, parent: Option<&str>| server.office(code, kind, parent).await;
        let ken = office("990001", OfficeKind::Prefecture, None).await;
        let east = office("990001-1", OfficeKind::HealthCentre, Some("990001")).await;
        let other = office("990002", OfficeKind::Prefecture, None).await;
        let desk = office("990000-9", OfficeKind::Helpdesk, None).await;
        let sho = office("990000", OfficeKind::Ministry, None).await;
        let administrator = Role::Administrator;
        Self {
            prefecture: server.logged_in(&ken, "ken", administrator, 1).await,
            centre: server.logged_in(&east, "higashi", administrator, 2).await,
            elsewhere: server.logged_in(&other, "yoso", administrator, 3).await,
            helpdesk: server.logged_in(&desk, "desk", Role::Helpdesk, 4).await,
            ministry: server.logged_in(&sho, "sho", Role::Officer, 5).await,
            server,
        }
    }

    /// Somebody does something to a record.
    async fn deed(&self, caller: &Caller, action: &'static str, subject: ReturneeId) {
        let act = Act::new(caller.actor(), action);
        let done = self.server.app.store.write(act, subject, |tx, subject| {
            Box::pin(async move {
                tx.record(subject.0, &serde_json::json!({ "temperature": 38.1 }));
                Ok(())
            })
        });
        done.await.unwrap();
    }

    async fn ask(&self, caller: &Caller, query: AuditQuery) -> AuditPage {
        let app = &self.server.app;
        let page = match caller.user.as_ref().unwrap().role {
            Role::Helpdesk => list_enrolment_entries(app, caller, query).await,
            _ => list_audit_entries(app, caller, query).await,
        };
        page.unwrap()
    }

    async fn seen(&self, caller: &Caller, query: AuditQuery) -> Vec<AuditEntry> {
        self.ask(caller, query).await.rows
    }
}

fn record(seed: u64) -> ReturneeId {
    ReturneeId(id(seed))
}

fn of_record(seed: u64) -> AuditQuery {
    AuditQuery {
        subject: Some(id(seed)),
        ..AuditQuery::default()
    }
}

async fn each_sees_what_was_done_in_their_reach_and_no_more(database: Database) {
    let world = World::on(database).await;
    world.deed(&world.centre, "ShowReturnee", record(100)).await;
    for (caller, sees) in [
        (&world.centre, true),
        (&world.prefecture, true),
        (&world.ministry, true),
        (&world.elsewhere, false),
        (&world.helpdesk, false),
    ] {
        let seen = world.seen(caller, of_record(100)).await;
        assert_eq!(seen.len(), usize::from(sees), "{caller:?}");
    }
    let office = AuditQuery {
        office: Some("990001-1".parse().unwrap()),
        ..AuditQuery::default()
    };
    let app = &world.server.app;
    let refused = list_audit_entries(app, &world.elsewhere, office).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotFound);
}

async fn an_office_sees_what_others_did_to_it(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let centre: OfficeCode = "990001-1".parse().unwrap();
    let operator = |action| Act::new(Actor::default(), action);
    let login: shared::accounts::Login = "atarashi".parse().unwrap();
    let user = operator("command user add");
    let name = "架空 新".parse().unwrap();
    crate::accounts::add(app, user, centre.clone(), login.clone(), Role::Staff, name)
        .await
        .unwrap();
    let user = operator("command user reset");
    crate::accounts::reset_password(app, user, login)
        .await
        .unwrap();
    let mail = "hc@example.jp".parse().unwrap();
    crate::offices::contacts::set_contact(app, centre.clone(), mail, None)
        .await
        .unwrap();
    let (store, fingerprint) = (&app.store, "ab".repeat(32).parse().unwrap());
    let (clock, rng) = (&*app.clock, &*app.rng);
    let to = "mimamori.example:8444".to_owned();
    let link = issue_link(store, clock, rng, centre.clone(), to, fingerprint)
        .await
        .unwrap();
    for expected in [true, false] {
        let done = cancel_link(store, link.link.id).await;
        assert_eq!(done.is_ok(), expected);
    }
    // The newest are first, and those by which the world was made last.
    const ALL: [&str; 6] = [
        "command user add",
        "command user reset",
        "command office contact",
        "issue link",
        "cancel link",
        "cancel link",
    ];
    let deeds = |entries: Vec<AuditEntry>| -> Vec<String> {
        let done_to = entries.into_iter().filter(|it| it.concerns.is_some());
        let mut deeds: Vec<_> = done_to.map(|it| it.action).collect();
        deeds.truncate(ALL.len());
        deeds.reverse();
        deeds
    };
    for caller in [&world.centre, &world.prefecture, &world.ministry] {
        let seen = world.seen(caller, AuditQuery::default()).await;
        assert_eq!(deeds(seen), ALL, "{caller:?}");
        let of_office = AuditQuery {
            office: Some(centre.clone()),
            ..AuditQuery::default()
        };
        let seen = world.seen(caller, of_office).await;
        assert!(
            seen.iter()
                .filter_map(|it| it.concerns_name.as_ref())
                .all(|name| name.as_str().contains("990001-1")),
            "{seen:?}"
        );
        assert_eq!(deeds(seen), ALL, "{caller:?}");
    }
    let seen = world.seen(&world.elsewhere, AuditQuery::default()).await;
    assert!(seen.iter().all(|it| it.concerns.as_ref() != Some(&centre)));
    // What an office does to itself says so once.
    world.deed(&world.centre, "ShowReturnee", record(100)).await;
    let seen = world.seen(&world.centre, of_record(100)).await;
    assert_eq!(seen[0].concerns, None);
}

async fn the_helpdesk_sees_nothing_of_health_whatever_it_asks_for(database: Database) {
    let world = World::on(database).await;
    world
        .deed(&world.centre, "RecordObservation", record(100))
        .await;
    world.deed(&world.centre, "SomethingNew", record(101)).await;
    world.deed(&world.centre, "enrol", record(102)).await;
    let kinds = AuditKind::ALL.iter().map(|kind| AuditQuery {
        kind: Some(*kind),
        ..AuditQuery::default()
    });
    let names = ["RecordObservation", "SomethingNew"].map(|name| AuditQuery {
        action: Some(name.to_owned()),
        ..AuditQuery::default()
    });
    for query in kinds
        .chain(names)
        .chain([of_record(100), AuditQuery::default()])
    {
        for entry in world.seen(&world.helpdesk, query.clone()).await {
            let may = AuditKind::OF_THE_HELPDESK.contains(&entry.kind);
            assert!(may, "{query:?} gave {}", entry.action);
        }
    }
    let enrolment = AuditQuery {
        kind: Some(AuditKind::Enrolment),
        ..of_record(102)
    };
    assert_eq!(world.seen(&world.helpdesk, enrolment).await.len(), 1);
}

async fn every_look_is_an_entry(database: Database) {
    let world = World::on(database).await;
    let export = AuditQuery {
        export: true,
        who: Some("ken".to_owned()),
        ..AuditQuery::default()
    };
    world.seen(&world.prefecture, export).await;
    let audit = AuditQuery {
        kind: Some(AuditKind::Audit),
        ..AuditQuery::default()
    };
    let looks = world.seen(&world.ministry, audit).await;
    // The ministry's own look stands before the one it looks for.
    assert_eq!(looks.len(), 2);
    assert_eq!(looks[1].action, "ListAuditEntries");
    assert!(
        looks[1].detail.contains("\"export\":true"),
        "{}",
        looks[1].detail
    );
}

async fn entries_are_found_by_day_person_kind_and_record(database: Database) {
    let world = World::on(database).await;
    world.deed(&world.centre, "ShowReturnee", record(100)).await;
    world.server.clock.advance(SignedDuration::from_hours(24));
    world
        .deed(&world.centre, "EnterReturnee", record(100))
        .await;
    world
        .deed(&world.prefecture, "ShowReturnee", record(101))
        .await;
    let count = async |query: AuditQuery| {
        let kind = query.kind.or(Some(AuditKind::FollowUp));
        let query = AuditQuery { kind, ..query };
        world.seen(&world.prefecture, query).await.len()
    };
    let day = |text: &str| Some(Day::parse(text).unwrap());
    let query = AuditQuery::default;
    assert_eq!(count(query()).await, 3);
    assert_eq!(
        count(AuditQuery {
            to: day("2022-09-26"),
            ..query()
        })
        .await,
        1
    );
    assert_eq!(
        count(AuditQuery {
            from: day("2022-09-27"),
            ..query()
        })
        .await,
        2
    );
    let neither = AuditQuery {
        from: day("2022-09-28"),
        ..query()
    };
    assert_eq!(count(neither).await, 0);
    assert_eq!(
        count(AuditQuery {
            who: Some("ＨＩＧＡＳＨＩ".into()),
            ..query()
        })
        .await,
        2
    );
    assert_eq!(
        count(AuditQuery {
            who: Some("nobody".into()),
            ..query()
        })
        .await,
        0
    );
    let action = Some("ShowReturnee".to_owned());
    assert_eq!(count(AuditQuery { action, ..query() }).await, 2);
    assert_eq!(count(of_record(100)).await, 2);
    let other = AuditQuery {
        kind: Some(AuditKind::Other),
        ..query()
    };
    assert_eq!(count(other).await, 0);
}

async fn what_was_done_to_an_account_says_whose_it_is_and_is_found_by_its_login(
    database: Database,
) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let centre: OfficeCode = "990001-1".parse().unwrap();
    let login: Login = "atarashi".parse().unwrap();
    let operator = |action| Act::new(Actor::default(), action);
    let name = "架空 新".parse().unwrap();
    let user = operator("command user add");
    crate::accounts::add(app, user, centre, login.clone(), Role::Staff, name)
        .await
        .unwrap();
    let wrong = LogIn {
        login: login.clone(),
        password: Password::new("not the right one".to_owned()),
    };
    let refused = crate::session::open_session(app, &world.centre, wrong).await;
    assert_eq!(refused.err().unwrap().code, ProblemCode::WrongLogin);
    let user = operator("command user delete");
    crate::accounts::delete(app, user, login.clone())
        .await
        .unwrap();
    world.deed(&world.centre, "ShowReturnee", record(100)).await;

    let of = |login: &str| AuditQuery {
        account: Some(login.parse().unwrap()),
        ..AuditQuery::default()
    };
    let found = world.seen(&world.centre, of("atarashi")).await;
    let deeds: Vec<&str> = found.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        deeds,
        ["command user delete", "OpenSession", "command user add"]
    );
    for entry in &found {
        assert_eq!(entry.account.as_ref(), Some(&login));
        let name = entry.account_name.as_ref().map(ToString::to_string);
        assert_eq!(name.as_deref(), Some("架空 新"));
    }
    let elsewhere = world.seen(&world.elsewhere, of("atarashi")).await;
    assert_eq!(elsewhere, [], "another office's account");
    assert_eq!(world.seen(&world.centre, of("nobody")).await, []);
    let both = AuditQuery {
        subject: Some(id(100)),
        ..of("atarashi")
    };
    assert_eq!(world.seen(&world.centre, both).await, []);
}

async fn pages_follow_one_another_without_gap_or_repeat(database: Database) {
    let world = World::on(database).await;
    for _ in 0..7 {
        world.deed(&world.centre, "ShowReturnee", record(100)).await;
    }
    let mut query = AuditQuery {
        kind: Some(AuditKind::FollowUp),
        limit: Some(3),
        ..AuditQuery::default()
    };
    let mut numbers = Vec::new();
    loop {
        let page = world.ask(&world.centre, query.clone()).await;
        numbers.extend(page.rows.iter().map(|entry| entry.number));
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(numbers.len(), 7);
    assert!(
        numbers.windows(2).all(|pair| pair[0] > pair[1]),
        "{numbers:?}"
    );
    query.after = Some("first".to_owned());
    let refused = list_audit_entries(&world.server.app, &world.centre, query).await;
    assert_eq!(refused.unwrap_err().field.as_deref(), Some("after"));
}

async fn a_log_looked_through_in_pieces_is_looked_through_whole(database: Database) {
    let world = World::on(database).await;
    world.deed(&world.centre, "ShowReturnee", record(100)).await;
    world.server.clock.advance(SignedDuration::from_hours(24));
    let act = Act::new(Actor::default(), "filling");
    let many = world.server.app.store.write(act, (), |tx, ()| {
        Box::pin(async move {
            for number in 0..21_000 {
                tx.note(&serde_json::json!(number));
            }
            Ok(())
        })
    });
    many.await.unwrap();
    let mut query = AuditQuery {
        action: Some("ShowReturnee".to_owned()),
        ..AuditQuery::default()
    };
    let first = world.ask(&world.ministry, query.clone()).await;
    assert!(first.rows.is_empty() && first.searched_to.is_some());
    query.after = first.next;
    assert!(query.after.is_some(), "there is more to look through");
    let second = world.ask(&world.ministry, query.clone()).await;
    assert_eq!((second.rows.len(), second.next), (1, None));
    // The day leads there at once.
    query.after = None;
    query.to = Some(Day::parse("2022-09-26").unwrap());
    assert_eq!(world.seen(&world.ministry, query).await.len(), 1);

    let mut at = AuditCheckQuery::default();
    let mut steps = 0;
    loop {
        let check = check_audit(&world.server.app, &world.ministry, at)
            .await
            .unwrap();
        steps += 1;
        match check.verdict {
            Verdict::SoFarWhole => {
                at = AuditCheckQuery {
                    number: Some(check.number),
                    hash: Some(check.hash),
                };
            }
            found => break assert_eq!(found, Verdict::Whole),
        }
    }
    assert!(steps > 1, "{steps}");
}

async fn the_check_comes_to_its_end_piece_by_piece(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let check = check_audit(app, &world.centre, AuditCheckQuery::default())
        .await
        .unwrap();
    assert_eq!(check.verdict, Verdict::Whole);
    assert_eq!(check.number, check.of);
    let audit = AuditQuery {
        action: Some("CheckAudit".to_owned()),
        ..AuditQuery::default()
    };
    let noted = world.seen(&world.centre, audit).await;
    assert!(noted[0].detail.contains("whole"), "{}", noted[0].detail);
    let half = AuditCheckQuery {
        number: Some(1),
        hash: None,
    };
    let refused = check_audit(app, &world.centre, half).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::InvalidField);
}

async fn the_check_says_where_the_log_was_changed(database: Database) {
    let world = World::on(database).await;
    world
        .server
        .database
        .tamper("UPDATE audit SET detail = '{}' WHERE number = 3")
        .await;
    let app = &world.server.app;
    let check = check_audit(app, &world.centre, AuditCheckQuery::default())
        .await
        .unwrap();
    assert_eq!(check.verdict, Verdict::Changed { at: 3 });
    // What was changed can still be looked at.
    world
        .server
        .database
        .tamper("UPDATE audit SET office = 'no such code at all' WHERE number = 4")
        .await;
    assert!(
        !world
            .seen(&world.ministry, AuditQuery::default())
            .await
            .is_empty()
    );
    world
        .server
        .database
        .tamper("DELETE FROM audit WHERE number = 2")
        .await;
    let check = check_audit(app, &world.centre, AuditCheckQuery::default())
        .await
        .unwrap();
    assert_eq!(check.verdict, Verdict::Missing { at: 3 });
}

async fn the_head_that_is_handed_out_is_believed(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let shown = show_audit_head(app, &world.ministry, AuditHeadQuery {})
        .await
        .unwrap();
    let believed = SignedHead::believe(&shown.line, app.authority.roots().all()).unwrap();
    assert_eq!(u64::try_from(believed.number), Ok(shown.number));
    assert_eq!(hex(&believed.hash), shown.hash);
}
