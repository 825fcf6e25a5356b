//! What is said of how a caller was identified must be possible.

use shared::enrolment::deeds::{Deed, Identification};
use shared::enrolment::job::{JobKind, NewJob, Selection};
use shared::id::JobId;
use shared::offices::Particulars;

use super::deeds::{EAST, World, code, deed};
use super::*;
use crate::offices::changing::{Changes, change};
use crate::store::audit::{Act, Actor};
use crate::store::story::database::with_key;

async fn an_office_without_a_number_on_record_was_not_called_back(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let called = || Deed {
        identified: Identification::CalledBack,
        ..deed(EAST)
    };
    let (before, mails) = (world.events(EAST).await, world.mails(EAST).await);
    let issued = issue_link_to(app, &with_key(&world.desk), called()).await;
    let problem = issued.unwrap_err();
    assert_eq!(problem.code, ProblemCode::InvalidField);
    assert_eq!(problem.field.as_deref(), Some("identified"));
    assert_eq!(world.events(EAST).await, before);
    assert_eq!(world.mails(EAST).await, mails);

    let known = issue_link_to(app, &with_key(&world.desk), deed(EAST)).await;
    known.unwrap();
    let resent = resend_link(app, &with_key(&world.desk), called()).await;
    assert_eq!(code(resent), ProblemCode::InvalidField);
    let cancelled = cancel(app, &with_key(&world.desk), called()).await;
    assert_eq!(code(cancelled), ProblemCode::InvalidField);

    let changes = Changes {
        particulars: Particulars {
            phone: Some("03-1234-5678".parse().unwrap()),
            ..Particulars::default()
        },
        ..Changes::default()
    };
    let act = Act::new(Actor::default(), "command office change");
    let reason = "見本の理由".parse().unwrap();
    change(app, act, EAST.parse().unwrap(), changes, reason)
        .await
        .unwrap();
    let cancelled = cancel(app, &with_key(&world.desk), called()).await;
    cancelled.unwrap();
}

async fn a_job_for_offices_without_a_number_names_no_call_back(database: Database) {
    let world = World::on(database).await;
    let app = &world.server.app;
    let job = NewJob {
        id: JobId(id(1)),
        kind: JobKind::Issue,
        selection: Selection::Offices {
            offices: vec![EAST.parse().unwrap()],
        },
        cause: None,
        identified: Identification::CalledBack,
        reason: "見本の理由".parse().unwrap(),
    };
    let checked = check_job(app, &world.desk, job.clone()).await;
    assert_eq!(code(checked), ProblemCode::InvalidField);
    let begun = begin_job(app, &with_key(&world.desk), job.clone()).await;
    assert_eq!(code(begun), ProblemCode::InvalidField);
    let by_letter = NewJob {
        identified: Identification::OfficialLetter,
        ..job
    };
    begin_job(app, &with_key(&world.desk), by_letter)
        .await
        .unwrap();
}

on_both_databases!(
    a_job_for_offices_without_a_number_names_no_call_back,
    an_office_without_a_number_on_record_was_not_called_back,
);
