//! Contacts, on both databases.

use shared::accounts::Role;
use shared::offices::OfficeKind;
use shared::offices::contacts::CheckContacts;

use super::*;
use crate::store::story::database::{Database, Server, with_key};
use crate::store::story::on_both_databases;

/// Two prefectures with a health centre each, a helpdesk, and a person at every one.
struct World {
    server: Server,
    ken: Caller,
    desk: Caller,
    centre: Caller,
}

impl World {
    async fn on(database: Database) -> Self {
        let server = Server::on(database).await;
        let prefecture = OfficeKind::Prefecture;
        let centre = OfficeKind::HealthCentre;
        let first = server.office("990001", prefecture, None).await;
        let under = server.office("990001-1", centre, Some("990001")).await;
        server.office("990002", prefecture, None).await;
        server.office("990002-1", centre, Some("990002")).await;
        let helpdesk = server.office("990000", OfficeKind::Helpdesk, None).await;
        let ken = server.logged_in(&first, "ken", Role::Staff, 1).await;
        let desk = server.logged_in(&helpdesk, "desk", Role::Helpdesk, 2).await;
        let centre = server.logged_in(&under, "hana", Role::Staff, 3).await;
        Self {
            server,
            ken,
            desk,
            centre,
        }
    }

    async fn register(
        &self,
        caller: &Caller,
        contacts: Vec<NewContact>,
    ) -> Result<RegisteredContacts, Problem> {
        let request = ContactsToRegister { contacts };
        register_contacts(&self.server.app, &with_key(caller), request).await
    }

    async fn effects(&self, caller: &Caller, contacts: Vec<NewContact>) -> Vec<ContactEffect> {
        let request = ContactsToRegister { contacts };
        let caller = with_key(caller);
        caller.may::<CheckContacts>().unwrap();
        let found = check_contacts(&self.server.app, &caller, request).await;
        let findings = found.unwrap().findings;
        findings.iter().map(|finding| finding.effect).collect()
    }

    async fn history(&self, office: &str) -> Vec<(u32, String)> {
        let request = ContactQuery {
            office: office.parse().unwrap(),
        };
        let history = show_contact_history(&self.server.app, &self.desk, request).await;
        let versions = history.unwrap().versions;
        versions
            .into_iter()
            .filter_map(|contact| Some((contact.version.0, contact.mail?.to_string())))
            .collect()
    }
}

fn contact(office: &str, version: u32, mail: &str) -> NewContact {
    NewContact {
        office: office.parse().unwrap(),
        version: Version(version),
        mail: mail.parse().unwrap(),
        password_mail: None,
        no_password_mail: false,
    }
}

fn refused(answer: Result<RegisteredContacts, Problem>) -> (Option<String>, &'static str) {
    let problem = answer.unwrap_err();
    assert_eq!(problem.code, ProblemCode::InvalidField);
    (problem.field, problem.refused.unwrap().reason)
}

async fn a_prefecture_registers_itself_and_its_health_centres_and_nobody_else(database: Database) {
    let world = World::on(database).await;
    let own = || {
        vec![
            contact("990001", 0, "ken@example.jp"),
            contact("990001-1", 0, "east@example.jp"),
        ]
    };
    use ContactEffect::{New, Unchanged, UnknownOffice};
    assert_eq!(world.effects(&world.ken, own()).await, [New, New]);
    let done = world.register(&world.ken, own()).await.unwrap();
    assert_eq!((done.new, done.changed, done.unchanged), (2, 0, 0));
    assert_eq!(
        world.effects(&world.ken, own()).await,
        [Unchanged, Unchanged]
    );
    let again = world.register(&world.ken, own()).await.unwrap();
    assert_eq!((again.new, again.changed, again.unchanged), (0, 0, 2));

    for foreign in ["990002", "990002-1", "999999"] {
        let contacts = vec![
            contact("990001-1", 1, "new@example.jp"),
            contact(foreign, 0, "a@example.jp"),
        ];
        let effects = world.effects(&world.ken, contacts.clone()).await;
        assert_eq!(effects[1], UnknownOffice, "{foreign}");
        let answer = world.register(&world.ken, contacts).await;
        let expected = (Some("contacts[1].office".to_owned()), "contact_office");
        assert_eq!(refused(answer), expected);
    }
    // All or none: the good line beside the foreign one was not taken either.
    let history = world.history("990001-1").await;
    assert_eq!(history, [(1, "east@example.jp".to_owned())]);
}

async fn the_helpdesk_registers_any_and_a_health_centre_none(database: Database) {
    let world = World::on(database).await;
    let contacts = vec![contact("990002-1", 0, "west@example.jp")];
    assert_eq!(world.register(&world.desk, contacts).await.unwrap().new, 1);
    let own = vec![contact("990001-1", 0, "east@example.jp")];
    let answer = world.register(&world.centre, own).await;
    let expected = (Some("contacts[0].office".to_owned()), "contact_office");
    assert_eq!(refused(answer), expected);
}

async fn two_people_do_not_overwrite_each_other_and_history_is_kept(database: Database) {
    let world = World::on(database).await;
    let first = vec![contact("990001", 0, "a@example.jp")];
    world.register(&world.ken, first).await.unwrap();
    let second = vec![contact("990001", 1, "b@example.jp")];
    world.register(&world.desk, second).await.unwrap();
    let late = vec![contact("990001", 1, "c@example.jp")];
    let problem = world.register(&world.ken, late).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::VersionClash);
    assert_eq!(problem.current.unwrap()["mail"], "b@example.jp");
    let kept = [
        (2, "b@example.jp".to_owned()),
        (1, "a@example.jp".to_owned()),
    ];
    assert_eq!(world.history("990001").await, kept);
}

async fn a_repeat_under_the_same_key_registers_once(database: Database) {
    let world = World::on(database).await;
    let caller = with_key(&world.ken);
    let request = ContactsToRegister {
        contacts: vec![contact("990001", 0, "a@example.jp")],
    };
    for _ in 0..2 {
        let app = &world.server.app;
        let answer = register_contacts(app, &caller, request.clone())
            .await
            .unwrap();
        assert_eq!(answer.new, 1);
    }
    assert_eq!(world.history("990001").await.len(), 1);
}

async fn doubled_offices_and_one_mailbox_for_both_are_refused_with_their_place(database: Database) {
    let world = World::on(database).await;
    let doubled = vec![
        contact("990001", 0, "a@example.jp"),
        contact("990001", 0, "b@example.jp"),
    ];
    let answer = world.register(&world.ken, doubled).await;
    let expected = (Some("contacts[1].office".to_owned()), "contact_doubled");
    assert_eq!(refused(answer), expected);
    let mut same = contact("990001", 0, "a@example.jp");
    same.password_mail = Some("A@example.jp".parse().unwrap());
    let answer = world.register(&world.ken, vec![same]).await;
    let place = Some("contacts[0].password_mail".to_owned());
    assert_eq!(refused(answer), (place, "contact_same_mailbox"));
    let answer = world.register(&world.ken, vec![]).await;
    assert_eq!(
        refused(answer),
        (Some("contacts".to_owned()), "contact_count")
    );
}

async fn a_password_address_stays_until_it_is_taken_away(database: Database) {
    let world = World::on(database).await;
    let with = |version: u32, mail: &str, password: Option<&str>, none: bool| NewContact {
        password_mail: password.map(|mail| mail.parse().unwrap()),
        no_password_mail: none,
        ..contact("990001", version, mail)
    };
    let present = async || {
        let query = ContactsQuery {
            under: Some("990001".parse().unwrap()),
            ..ContactsQuery::default()
        };
        let page = list_contacts(&world.server.app, &world.ken, query).await;
        let contact = page.unwrap().rows.remove(0);
        contact.password_mail.map(|mail| mail.to_string())
    };
    let second = Some("p@example.jp".to_owned());
    for (contact, expected) in [
        (
            with(0, "a@example.jp", Some("p@example.jp"), false),
            &second,
        ),
        (with(1, "b@example.jp", None, false), &second),
        (with(2, "b@example.jp", None, true), &None),
    ] {
        world.register(&world.ken, vec![contact]).await.unwrap();
        assert_eq!(&present().await, expected);
    }
}

async fn contacts_are_listed_page_by_page_within_reach(database: Database) {
    let world = World::on(database).await;
    let all = async |caller: &Caller, missing: bool| {
        let mut codes = Vec::new();
        let mut after = None;
        loop {
            let query = ContactsQuery {
                missing,
                after,
                limit: Some(2),
                ..ContactsQuery::default()
            };
            let page = list_contacts(&world.server.app, caller, query)
                .await
                .unwrap();
            codes.extend(page.rows.iter().map(|row| row.office.code.to_string()));
            after = page.next;
            if after.is_none() {
                return codes;
            }
        }
    };
    let country = ["990000", "990001", "990001-1", "990002", "990002-1"];
    assert_eq!(all(&world.desk, false).await, country);
    assert_eq!(all(&world.ken, false).await, ["990001", "990001-1"]);
    assert_eq!(all(&world.centre, false).await, ["990001-1"]);
    let contacts = vec![contact("990001", 0, "a@example.jp")];
    world.register(&world.ken, contacts).await.unwrap();
    assert_eq!(all(&world.ken, true).await, ["990001-1"]);

    let elsewhere = ContactsQuery {
        under: Some("990002".parse().unwrap()),
        ..ContactsQuery::default()
    };
    let problem = list_contacts(&world.server.app, &world.ken, elsewhere).await;
    assert_eq!(problem.unwrap_err().code, ProblemCode::NotFound);
}

async fn the_command_line_registers_too(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let mail = |text: &str| text.parse::<MailAddress>().unwrap();
    let code = || "990001".parse::<OfficeCode>().unwrap();
    set_contact(app, code(), mail("a@example.jp"), None)
        .await
        .unwrap();
    set_contact(app, code(), mail("b@example.jp"), None)
        .await
        .unwrap();
    let kept = [
        (2, "b@example.jp".to_owned()),
        (1, "a@example.jp".to_owned()),
    ];
    assert_eq!(world.history("990001").await, kept);
    let same = set_contact(
        app,
        code(),
        mail("a@example.jp"),
        Some(mail("a@example.jp")),
    )
    .await;
    let Err(NotRegistered::Refused(problem)) = same else {
        panic!("one mailbox for both")
    };
    assert_eq!(problem.field.as_deref(), Some("password_mail"));
}

on_both_databases!(
    a_prefecture_registers_itself_and_its_health_centres_and_nobody_else,
    the_helpdesk_registers_any_and_a_health_centre_none,
    two_people_do_not_overwrite_each_other_and_history_is_kept,
    a_repeat_under_the_same_key_registers_once,
    doubled_offices_and_one_mailbox_for_both_are_refused_with_their_place,
    a_password_address_stays_until_it_is_taken_away,
    contacts_are_listed_page_by_page_within_reach,
    the_command_line_registers_too,
);
