//! What the helpdesk does for one office, and what everyone sees of it.

use shared::accounts::Role;
use shared::enrolment::advice::Advice;
use shared::enrolment::deeds::{Deed, Identification, ReissueCause, TerminalToReissue};
use shared::enrolment::desk::{
    CountsQuery, Enrolment, EnrolmentQuery, EnrolmentRow, EnrolmentsQuery,
};
use shared::enrolment::standing::{EnrolmentState, LinkState, Standing};
use shared::enrolment::timeline::{ActedBy, TimelineEvent, TimelineQuery};
use shared::mail::MailQuery;
use shared::mail::{MailKind, MailState};
use shared::offices::contacts::{ContactsToRegister, NewContact};
use shared::{Problem, id::Version};

use super::*;
use crate::app::Caller;
use crate::mail::list_mail;
use crate::offices::contacts::register_contacts;
use crate::store::story::database::with_key;

pub(super) const PREFECTURE: &str = "990001";
pub(super) const EAST: &str = "990001-1";
const ELSEWHERE: &str = "990002";

/// A prefecture with a health centre that has its contact, another prefecture, and the helpdesk.
pub(super) struct World {
    pub(super) server: Arc<Server>,
    pub(super) desk: Caller,
    pub(super) other_desk: Caller,
    pub(super) ken: Caller,
}

impl World {
    pub(super) async fn on(database: Database) -> Self {
        let server = Server::on(database).await;
        let prefecture = OfficeKind::Prefecture;
        let ken = server.office(PREFECTURE, prefecture, None).await;
        let centre = OfficeKind::HealthCentre;
        server.office(EAST, centre, Some(PREFECTURE)).await;
        server.office(ELSEWHERE, prefecture, None).await;
        let helpdesk = server.office("990000", OfficeKind::Helpdesk, None).await;
        let ken = server.logged_in(&ken, "ken", Role::Administrator, 1).await;
        let desk = server.logged_in(&helpdesk, "desk", Role::Helpdesk, 2).await;
        let other_desk = server
            .logged_in(&helpdesk, "desk-2", Role::Helpdesk, 3)
            .await;
        let world = Self {
            server: Arc::new(server),
            desk,
            other_desk,
            ken,
        };
        world.contact(EAST).await;
        world
    }

    pub(super) async fn contact(&self, office: &str) {
        let mail = format!("link-{office}@example.jp");
        self.contact_at(office, 0, &mail).await;
    }

    /// Registers or corrects where the links of an office go.
    pub(super) async fn contact_at(&self, office: &str, version: u32, mail: &str) {
        let contact = NewContact {
            office: office.parse().unwrap(),
            version: Version(version),
            mail: mail.parse().unwrap(),
            password_mail: Some(format!("password-{office}@example.jp").parse().unwrap()),
            no_password_mail: false,
        };
        let request = ContactsToRegister {
            contacts: vec![contact],
        };
        register_contacts(&self.server.app, &with_key(&self.desk), request)
            .await
            .unwrap();
    }

    /// Where mail to an office goes that is waiting or was sent.
    pub(super) async fn written_to(&self, office: &str) -> Vec<String> {
        let query = MailQuery {
            office: Some(office.parse().unwrap()),
            ..MailQuery::default()
        };
        let page = list_mail(&self.server.app, &self.desk, query).await;
        let to = page.unwrap().rows.into_iter().filter_map(|mail| mail.to);
        to.map(|to| to.to_string()).collect()
    }

    pub(super) async fn page(&self, office: &str) -> Enrolment {
        let request = EnrolmentQuery {
            office: office.parse().unwrap(),
        };
        show_enrolment(&self.server.app, &self.desk, request)
            .await
            .unwrap()
    }

    pub(super) async fn events(&self, office: &str) -> Vec<TimelineEvent> {
        let mut events = Vec::new();
        let mut after = None;
        loop {
            let request = TimelineQuery {
                office: office.parse().unwrap(),
                after,
                limit: Some(2),
            };
            let page = show_timeline(&self.server.app, &self.desk, request).await;
            let page = page.unwrap();
            events.extend(page.rows.into_iter().map(|entry| entry.event));
            after = page.next;
            if after.is_none() {
                return events;
            }
        }
    }

    /// Lets an office enrol and use its certificate, with a link of the command line.
    pub(super) async fn enrol(&self, office: &str) -> TerminalCertificate {
        let app = &self.server.app;
        let issued = issue_link(
            &app.store,
            &*app.clock,
            &*app.rng,
            office.parse().unwrap(),
            "localhost:8444".to_owned(),
            app.authority.fingerprint(),
        )
        .await
        .unwrap();
        let link = (issued.link.id, issued.password.to_string());
        let certificate = redeem(&self.server, &link, &request()).await.unwrap();
        use_first(&self.server, &certificate).await;
        self.server.clock.advance(SignedDuration::from_secs(60));
        certificate
    }

    /// `KIND STATE` of every message and password that is about this office.
    pub(super) async fn mails(&self, office: &str) -> Vec<(MailKind, MailState)> {
        let mut reader = self.server.app.store.reader().await.unwrap();
        let rows = crate::store::sql::query(
            "SELECT kind, state FROM mail WHERE office = $1 ORDER BY queued_at, id",
        )
        .bind(office)
        .fetch_all(&mut reader)
        .await
        .unwrap();
        rows.iter()
            .map(|row| {
                let kind: &str = row.get("kind");
                let state: &str = row.get("state");
                (kind.parse().unwrap(), state.parse().unwrap())
            })
            .collect()
    }
}

pub(super) fn deed(office: &str) -> Deed {
    Deed {
        office: office.parse().unwrap(),
        identified: Identification::KnownFacts,
        reason: "見本の理由".parse().unwrap(),
    }
}

fn reissue(office: &str, cause: ReissueCause) -> TerminalToReissue {
    TerminalToReissue {
        office: office.parse().unwrap(),
        cause,
        identified: Identification::KnownFacts,
        reason: "見本の理由".parse().unwrap(),
    }
}

pub(super) fn code<T: std::fmt::Debug>(answer: Result<T, Problem>) -> ProblemCode {
    answer.unwrap_err().code
}

async fn an_issued_link_is_mailed_with_its_password_apart_and_only_once(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    assert_eq!(world.page(EAST).await.advice, Advice::Issue);
    let caller = with_key(&world.desk);
    for _ in 0..2 {
        let page = issue_link_to(app, &caller, deed(EAST)).await.unwrap();
        assert_eq!(page.standing, Standing::Invited { days_left: 30 });
        assert_eq!(page.advice, Advice::UseLink);
        assert!(page.link.unwrap().url.is_some());
    }
    let waiting = MailState::Waiting;
    let expected = [
        (MailKind::Invitation, waiting),
        (MailKind::Password, waiting),
    ];
    let mails = world.mails(EAST).await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(
        expected.iter().all(|mail| mails.contains(mail)),
        "{mails:?}"
    );
    let again = issue_link_to(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(again), ProblemCode::LinkOpen);
    let without = issue_link_to(app, &with_key(&world.desk), deed(ELSEWHERE)).await;
    assert_eq!(code(without), ProblemCode::NoContact);
    let unknown = issue_link_to(app, &with_key(&world.desk), deed("no-such")).await;
    assert_eq!(code(unknown), ProblemCode::NotFound);
    assert_eq!(world.page(ELSEWHERE).await.standing, Standing::NotInvited);
}

async fn a_stolen_terminal_is_refused_at_once_and_a_broken_one_works_until_replaced(
    database: Database,
) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let old = world.enrol(EAST).await;
    let broken = reissue(EAST, ReissueCause::Broken);
    let page = reissue_terminal(app, &with_key(&world.desk), broken)
        .await
        .unwrap();
    assert_eq!(page.standing, Standing::Replaced { days_left: 30 });
    assert!(enter(&world.server, &old).is_ok());
    let first = page.link.unwrap().id;
    let stolen = reissue(EAST, ReissueCause::Stolen);
    let page = reissue_terminal(app, &with_key(&world.desk), stolen)
        .await
        .unwrap();
    assert_eq!(enter(&world.server, &old).unwrap_err(), NotLive::Revoked);
    // One link at a time: the first of them is dead, and its mails with it.
    assert_ne!(page.link.unwrap().id, first);
    let mut reader = app.store.reader().await.unwrap();
    let dead = store::enrolment::link(&mut reader, first, None)
        .await
        .unwrap();
    assert!(dead.unwrap().cancelled_at.is_some());
    drop(reader);
    let withdrawn = |(_, state): &&(MailKind, MailState)| *state == MailState::Withdrawn;
    assert_eq!(world.mails(EAST).await.iter().filter(withdrawn).count(), 2);
    let never = reissue(ELSEWHERE, ReissueCause::Broken);
    world.contact(ELSEWHERE).await;
    let never = reissue_terminal(app, &with_key(&world.desk), never).await;
    assert_eq!(code(never), ProblemCode::NoCertificate);
}

async fn a_revoked_office_is_cancelled_until_it_gets_a_new_link(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let none = revoke_terminal(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(none), ProblemCode::NoCertificate);
    let certificate = world.enrol(EAST).await;
    let enrolled = issue_link_to(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(enrolled), ProblemCode::AlreadyEnrolled);
    let caller = with_key(&world.desk);
    for _ in 0..2 {
        let page = revoke_terminal(app, &caller, deed(EAST)).await.unwrap();
        assert_eq!(page.standing, Standing::Cancelled);
        assert_eq!(page.advice, Advice::IssueAnew);
    }
    assert_eq!(
        enter(&world.server, &certificate).unwrap_err(),
        NotLive::Revoked
    );
    let page = issue_link_to(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    assert_eq!(page.standing, Standing::Replaced { days_left: 30 });
}

async fn handing_out_anew_makes_the_old_password_worthless(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let none = resend_link(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(none), ProblemCode::NoLink);
    let old = issue_link(
        &app.store,
        &*app.clock,
        &*app.rng,
        EAST.parse().unwrap(),
        "localhost:8444".to_owned(),
        app.authority.fingerprint(),
    )
    .await
    .unwrap();
    let caller = with_key(&world.desk);
    for _ in 0..2 {
        let page = resend_link(app, &caller, deed(EAST)).await.unwrap();
        let link = page.link.unwrap();
        assert_eq!((link.id, link.handed_out), (old.link.id, 2));
    }
    assert_eq!(world.mails(EAST).await.len(), 2);
    let link = (old.link.id, old.password.to_string());
    let refused = redeem(&world.server, &link, &request()).await;
    assert_eq!(refused, Err(ProblemCode::LinkRefused));
}

async fn a_locked_link_is_unlocked_for_five_more_tries(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    issue_link_to(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    let id = world.page(EAST).await.link.unwrap().id;
    let wrong = (id, "abcd-abcd-abcd-abcd".to_owned());
    let guess = async || redeem(&world.server, &wrong, &request()).await.unwrap_err();
    for _ in 0..5 {
        guess().await;
    }
    let page = world.page(EAST).await;
    assert_eq!(page.standing, Standing::Locked);
    assert_eq!(page.advice, Advice::Unlock);
    let refused: Vec<_> = page.refusals.iter().map(|it| (it.code, it.count)).collect();
    assert!(
        refused.contains(&(ProblemCode::LinkRefused, 4)),
        "{refused:?}"
    );
    assert!(
        refused.contains(&(ProblemCode::LinkLocked, 1)),
        "{refused:?}"
    );
    let page = unlock_link(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    assert_eq!(page.link.unwrap().state, LinkState::Open);
    for _ in 0..4 {
        assert_eq!(guess().await, ProblemCode::LinkRefused);
    }
    assert_eq!(guess().await, ProblemCode::LinkLocked);
    let page = cancel(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    assert_eq!(page.standing, Standing::Cancelled);
    let gone = unlock_link(app, &with_key(&world.desk), deed(EAST)).await;
    assert_eq!(code(gone), ProblemCode::NoLink);
}

async fn the_timeline_tells_who_did_what_and_why(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let step = || world.server.clock.advance(SignedDuration::from_secs(1));
    issue_link_to(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    step();
    cancel(app, &with_key(&world.desk), deed(EAST))
        .await
        .unwrap();
    step();
    world.enrol(EAST).await;
    let lost = reissue(EAST, ReissueCause::Lost);
    reissue_terminal(app, &with_key(&world.desk), lost)
        .await
        .unwrap();
    world
        .server
        .clock
        .advance(SignedDuration::from_hours(24 * 31));
    use TimelineEvent::{
        Enrolled, FirstUsed, LinkCancelled, LinkExpired, LinkIssued, Reissued, Revoked,
    };
    assert_eq!(
        world.events(EAST).await,
        [
            LinkExpired,
            Reissued,
            Revoked,
            FirstUsed,
            Enrolled,
            LinkIssued,
            LinkCancelled,
            LinkIssued
        ]
    );
    let request = TimelineQuery {
        office: EAST.parse().unwrap(),
        after: None,
        limit: None,
    };
    let page = show_timeline(app, &world.ken, request.clone())
        .await
        .unwrap();
    assert_eq!(page.rows[0].by, ActedBy::Time);
    let reissued = &page.rows[1];
    assert_eq!(reissued.reason.as_ref().unwrap().as_str(), "見本の理由");
    assert_eq!(reissued.identified, Some(Identification::KnownFacts));
    assert_eq!(reissued.cause, Some(ReissueCause::Lost));
    assert!(matches!(&reissued.by, ActedBy::Person { name, .. } if name.as_str() == "desk"));
    assert_eq!(page.rows[4].by, ActedBy::Terminal);
    assert_eq!(page.rows[5].by, ActedBy::Operator);
    let elsewhere = TimelineQuery {
        office: ELSEWHERE.parse().unwrap(),
        ..request
    };
    let foreign = show_timeline(app, &world.ken, elsewhere).await;
    assert_eq!(code(foreign), ProblemCode::NotFound);
}

async fn lists_and_counts_show_each_office_in_exactly_one_state(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    world.enrol(EAST).await;
    world.contact(PREFECTURE).await;
    issue_link_to(app, &with_key(&world.desk), deed(PREFECTURE))
        .await
        .unwrap();
    let rows = async |caller: &Caller, state: Option<EnrolmentState>| {
        let mut rows: Vec<EnrolmentRow> = Vec::new();
        let mut after = None;
        loop {
            let query = EnrolmentsQuery {
                state,
                after,
                limit: Some(1),
                ..EnrolmentsQuery::default()
            };
            let page = list_enrolments(app, caller, query).await.unwrap();
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    };
    let codes = |rows: Vec<EnrolmentRow>| -> Vec<String> {
        rows.iter().map(|row| row.office.code.to_string()).collect()
    };
    let all = codes(rows(&world.desk, None).await);
    assert_eq!(all, ["990000", PREFECTURE, EAST, ELSEWHERE]);
    assert_eq!(codes(rows(&world.ken, None).await), [PREFECTURE, EAST]);
    let mut told = 0;
    for state in EnrolmentState::ALL {
        let found = rows(&world.desk, Some(*state)).await;
        assert!(found.iter().all(|row| row.standing.state() == *state));
        told += found.len();
    }
    assert_eq!(told, all.len());
    let counts = count_enrolments(app, &world.ken, CountsQuery::default()).await;
    let counts = counts.unwrap();
    let of = |state| {
        let mut states = counts.states.iter();
        states.find(|count| count.state == state).unwrap().offices
    };
    assert_eq!(of(EnrolmentState::Enrolled), 1);
    assert_eq!(of(EnrolmentState::Invited), 1);
    assert_eq!(of(EnrolmentState::NotInvited), 0);
    assert_eq!(counts.without_mail, 0);
}

on_both_databases!(
    an_issued_link_is_mailed_with_its_password_apart_and_only_once,
    a_stolen_terminal_is_refused_at_once_and_a_broken_one_works_until_replaced,
    a_revoked_office_is_cancelled_until_it_gets_a_new_link,
    handing_out_anew_makes_the_old_password_worthless,
    a_locked_link_is_unlocked_for_five_more_tries,
    the_timeline_tells_who_did_what_and_why,
    lists_and_counts_show_each_office_in_exactly_one_state,
);
