//! Last contact, and what terminals were refused.

use jiff::Timestamp;
use shared::enrolment::advice::Advice;
use shared::enrolment::desk::RefusedWhat;

use super::deeds::{EAST, World};
use super::*;

async fn last_contact_is_known_to_the_minute_and_costs_no_request_a_write(database: Database) {
    let world = World::on(database).await;
    let certificate = world.enrol(EAST).await;
    let (app, clock) = (&world.server.app, &world.server.clock);
    let fingerprint = *certificate.fingerprint.bytes();
    let seen_at = async || world.page(EAST).await.certificate.unwrap().seen_at;
    for _ in 0..200 {
        app.terminals.look_up(&fingerprint, clock.now()).unwrap();
    }
    let minute = |at: Timestamp| Timestamp::from_second(at.as_second() / 60 * 60).unwrap();
    let first = minute(clock.now());
    assert_eq!(seen_at().await, None, "it is in memory alone");
    note_sightings(app).await.unwrap();
    assert_eq!(seen_at().await, Some(first));

    clock.advance(SignedDuration::from_secs(180));
    app.terminals.look_up(&fingerprint, clock.now()).unwrap();
    note_sightings(app).await.unwrap();
    let later = minute(clock.now());
    assert_eq!(seen_at().await, Some(later));
    assert!(later > first);

    // Another server notes late what it saw earlier.
    let late = vec![(fingerprint, first)];
    let act = crate::store::audit::Act::housekeeping("test");
    let write = app.store.write(act, late, |tx, late| {
        Box::pin(async move { crate::store::enrolment::note_seen(tx, late).await })
    });
    write.await.unwrap();
    assert_eq!(seen_at().await, Some(later));
}

async fn what_a_terminal_is_refused_is_counted_but_not_what_its_screen_says(database: Database) {
    let world = World::on(database).await;
    let certificate = world.enrol(EAST).await;
    let app = &world.server.app;
    let fingerprint = *certificate.fingerprint.bytes();
    let (sightings, now) = (app.terminals.sightings(), world.server.clock.now());
    for code in [
        ProblemCode::TerminalSuperseded,
        ProblemCode::TerminalSuperseded,
        ProblemCode::WrongLogin,
        ProblemCode::InvalidField,
        ProblemCode::VersionClash,
        ProblemCode::NotLoggedIn,
    ] {
        sightings.refused(fingerprint, code, now);
    }
    // Nobody's certificate: it is held for a minute, and belongs to no office.
    sightings.refused([7; 32], ProblemCode::TerminalUnknown, now);
    note_sightings(app).await.unwrap();
    sightings.refused(fingerprint, ProblemCode::TerminalSuperseded, now);
    note_sightings(app).await.unwrap();
    let page = world.page(EAST).await;
    let mut seen: Vec<_> = page
        .refusals
        .iter()
        .map(|it| (it.what, it.code, it.count))
        .collect();
    seen.sort_by_key(|(_, _, count)| *count);
    assert_eq!(
        seen,
        [
            (RefusedWhat::Terminal, ProblemCode::WrongLogin, 1),
            (RefusedWhat::Terminal, ProblemCode::TerminalSuperseded, 3),
        ]
    );
    assert_eq!(page.advice, Advice::SeeRefusals);
}

async fn what_was_refused_before_the_present_certificate_is_told_apart(database: Database) {
    let world = World::on(database).await;
    let old = world.enrol(EAST).await;
    let app = &world.server.app;
    let refuse = async |certificate: &TerminalCertificate, code| {
        let sightings = app.terminals.sightings();
        let now = world.server.clock.now();
        sightings.refused(*certificate.fingerprint.bytes(), code, now);
        note_sightings(app).await.unwrap();
        world.server.clock.advance(SignedDuration::from_secs(1));
    };
    refuse(&old, ProblemCode::TerminalRevoked).await;
    let page = world.page(EAST).await;
    assert_eq!(page.refusals.len(), 1);
    assert!(!page.refusals[0].past);
    assert_eq!(page.advice, Advice::SeeRefusals);

    let new = world.enrol(EAST).await;
    let page = world.page(EAST).await;
    assert!(page.refusals.iter().all(|it| it.past), "{page:?}");
    assert_eq!(page.advice, Advice::Enrolled);

    refuse(&new, ProblemCode::StoreUnavailable).await;
    let page = world.page(EAST).await;
    let told: Vec<_> = page.refusals.iter().map(|it| (it.code, it.past)).collect();
    assert_eq!(
        told,
        [
            (ProblemCode::StoreUnavailable, false),
            (ProblemCode::TerminalRevoked, true),
        ]
    );
    assert_eq!(page.advice, Advice::SeeRefusals);
}

async fn what_is_written_down_late_tells_when_it_was(database: Database) {
    let world = World::on(database).await;
    let old = *world.enrol(EAST).await.fingerprint.bytes();
    let (app, clock) = (&world.server.app, &world.server.clock);
    let code = ProblemCode::StoreUnavailable;
    let refuse = |at| app.terminals.sightings().refused(old, code, at);
    let first = clock.now();
    refuse(first);
    clock.advance(SignedDuration::from_secs(10));
    let last = clock.now();
    refuse(last);
    // Within the minute the office enrols anew, and only then all is written down.
    clock.advance(SignedDuration::from_secs(20));
    world.enrol(EAST).await;
    clock.advance(SignedDuration::from_secs(30));
    let told = async || {
        note_sightings(app).await.unwrap();
        let page = world.page(EAST).await;
        let [told] = &page.refusals[..] else {
            panic!("{page:?}")
        };
        let when = (told.count, told.first_at, told.last_at);
        (when, told.past, page.advice)
    };
    let expected = ((2, first, last), true, Advice::Enrolled);
    assert_eq!(told().await, expected);

    // Another server comes later yet with what it saw between.
    refuse(first + SignedDuration::from_secs(1));
    let expected = ((3, first, last), true, Advice::Enrolled);
    assert_eq!(told().await, expected);

    let now = clock.now();
    refuse(now);
    let expected = ((4, first, now), false, Advice::SeeRefusals);
    assert_eq!(told().await, expected);
}

on_both_databases!(
    what_is_written_down_late_tells_when_it_was,
    what_was_refused_before_the_present_certificate_is_told_apart,
    last_contact_is_known_to_the_minute_and_costs_no_request_a_write,
    what_a_terminal_is_refused_is_counted_but_not_what_its_screen_says,
);
