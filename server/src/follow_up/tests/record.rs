//! Recording days, and signs.

use jiff::SignedDuration;
use shared::follow_up::observation::{SignCause, SignToClose};

use super::*;
use crate::clock::Clock as _;
use crate::store::story::on_both_databases;

on_both_databases!(
    a_day_is_recorded_and_corrected_by_name,
    days_before_day_one_after_the_end_and_to_come_are_refused,
    the_day_turns_at_midnight_in_japan,
    nobody_has_a_temperature_who_was_not_reached,
    a_day_written_by_another_in_between_is_not_overwritten,
    a_repeated_recording_has_no_second_effect,
    fever_or_a_symptom_opens_a_sign_that_only_a_person_closes,
    a_closed_sign_is_not_opened_again_by_a_corrected_note,
    what_nobody_asked_is_not_none,
);

async fn a_day_is_recorded_and_corrected_by_name(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let after = world
        .record(&world.hana, id, "2022-09-26", 0, well())
        .await
        .unwrap();
    assert_eq!(after.version, Version(1), "a day is a record of its own");
    let [observation] = &after.observations[..] else {
        panic!("one day")
    };
    assert_eq!(observation.version, Version(1));
    assert_eq!(serde_json::to_value(&observation.findings).unwrap(), well());
    assert_eq!(observation.recorded_by.name.as_str(), "hana");

    let mut findings = well();
    findings["note"] = json!("声が明るい");
    let after = world
        .record(&world.ken, id, "2022-09-26", 1, findings)
        .await
        .unwrap();
    assert_eq!(after.observations[0].version, Version(2));
    assert_eq!(after.observations[0].recorded_by.name.as_str(), "ken");
    // Yesterday's is added late, and stands before today's.
    let after = world
        .record(&world.hana, id, "2022-09-25", 0, well())
        .await
        .unwrap();
    let days: Vec<Day> = after.observations.iter().map(|it| it.day).collect();
    assert_eq!(days, [day("2022-09-25"), day("2022-09-26")]);
}

async fn days_before_day_one_after_the_end_and_to_come_are_refused(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    for (day, code) in [
        ("2022-09-20", ProblemCode::BeforeStart),
        ("2022-09-27", ProblemCode::InFuture),
        ("2022-10-05", ProblemCode::AfterEnd),
    ] {
        let refused = world
            .record(&world.hana, id, day, 0, well())
            .await
            .unwrap_err();
        assert_eq!(refused.code, code, "{day}");
    }
    world
        .record(&world.hana, id, "2022-09-21", 0, well())
        .await
        .unwrap();
    world
        .server
        .clock
        .set("2022-10-20T00:00:00Z".parse().unwrap());
    world
        .record(&world.hana, id, "2022-10-04", 0, well())
        .await
        .unwrap();
    let refused = world
        .record(&world.hana, id, "2022-10-05", 0, well())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::AfterEnd);
}

async fn the_day_turns_at_midnight_in_japan(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .server
        .clock
        .set("2022-09-27T14:59:59Z".parse().unwrap());
    let refused = world
        .record(&world.hana, id, "2022-09-28", 0, well())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::InFuture);
    world.server.clock.advance(SignedDuration::from_secs(1));
    world
        .record(&world.hana, id, "2022-09-28", 0, well())
        .await
        .unwrap();
}

async fn nobody_has_a_temperature_who_was_not_reached(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let findings = json!({ "reach": "not-reached", "temperature": 38.0 });
    let refused = world
        .record(&world.hana, id, "2022-09-26", 0, findings)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::InvalidField);
    assert_eq!(refused.field.as_deref(), Some("findings"));
}

async fn a_day_written_by_another_in_between_is_not_overwritten(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let blank = json!({ "reach": "not-reached" });
    let (one, other) = tokio::join!(
        world.record(&world.hana, id, "2022-09-26", 0, well()),
        world.record(&world.ken, id, "2022-09-26", 0, blank.clone()),
    );
    let (won, lost) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    let lost = lost.unwrap_err();
    assert_eq!(lost.code, ProblemCode::VersionClash);
    assert_eq!(
        lost.current.unwrap(),
        serde_json::to_value(won.unwrap()).unwrap()
    );
    // A blank report over a version that is gone erases nothing either.
    let refused = world
        .record(&world.ken, id, "2022-09-26", 9, blank)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::VersionClash);
}

async fn a_repeated_recording_has_no_second_effect(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let caller = with_key(&world.hana);
    let request = RecordedDay {
        id,
        day: day("2022-09-26"),
        version: Version(0),
        findings: serde_json::from_value(well()).unwrap(),
    };
    let first = record_observation(world.app(), &caller, request.clone())
        .await
        .unwrap();
    let again = record_observation(world.app(), &caller, request.clone())
        .await
        .unwrap();
    assert_eq!(first, again);
    let mut other = request;
    other.day = day("2022-09-25");
    let refused = record_observation(world.app(), &caller, other)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::KeyReused);
}

async fn fever_or_a_symptom_opens_a_sign_that_only_a_person_closes(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let almost = json!({ "reach": "phone", "temperature": 37.4 });
    let after = world
        .record(&world.hana, id, "2022-09-24", 0, almost)
        .await
        .unwrap();
    assert_eq!(after.signs, []);
    let fever = json!({ "reach": "phone", "temperature": 37.5 });
    let after = world
        .record(&world.hana, id, "2022-09-25", 0, fever)
        .await
        .unwrap();
    assert_eq!(after.signs[0].causes, [SignCause::Temperature]);
    let cough = json!({ "reach": "phone", "household": { "present": ["cough"] } });
    let after = world
        .record(&world.hana, id, "2022-09-26", 0, cough)
        .await
        .unwrap();
    assert_eq!(after.signs[1].causes, [SignCause::Household]);

    // Correcting the day does not close it: someone has to say what was done.
    let after = world
        .record(&world.hana, id, "2022-09-25", 1, well())
        .await
        .unwrap();
    assert!(after.signs.iter().all(|sign| sign.closed.is_none()));
    let request = SignToClose {
        id,
        sign: after.signs[0].id,
        action: "見本診療所を受診、検査陰性".parse().unwrap(),
    };
    let after = close_sign(world.app(), &with_key(&world.hana), request.clone())
        .await
        .unwrap();
    assert_eq!(after.signs[0].day, day("2022-09-26"), "open ones first");
    let closed = after.signs[1].closed.clone().unwrap();
    assert_eq!(closed.by.name.as_str(), "hana");
    assert_eq!(closed.at, world.server.clock.now());
    let refused = close_sign(world.app(), &with_key(&world.ken), request.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::SignClosed);
    let stranger = SignToClose {
        sign: shared::id::SignId(super::id(77)),
        ..request
    };
    let refused = close_sign(world.app(), &with_key(&world.hana), stranger)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::NotFound);
}

async fn a_closed_sign_is_not_opened_again_by_a_corrected_note(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let mut findings = json!({ "reach": "phone", "temperature": 38.0 });
    let after = world
        .record(&world.hana, id, "2022-09-26", 0, findings.clone())
        .await
        .unwrap();
    let request = SignToClose {
        id,
        sign: after.signs[0].id,
        action: "受診".parse().unwrap(),
    };
    close_sign(world.app(), &with_key(&world.hana), request)
        .await
        .unwrap();
    findings["note"] = json!("解熱剤あり");
    let after = world
        .record(&world.hana, id, "2022-09-26", 1, findings.clone())
        .await
        .unwrap();
    assert_eq!(after.signs.len(), 1);
    // A new cause is news.
    findings["symptoms"] = json!({ "present": ["fatigue"] });
    let after = world
        .record(&world.hana, id, "2022-09-26", 2, findings)
        .await
        .unwrap();
    assert_eq!(after.signs.len(), 2);
    assert!(after.signs[0].closed.is_none());
}

async fn what_nobody_asked_is_not_none(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let blank = json!({ "reach": "phone" });
    let after = world
        .record(&world.hana, id, "2022-09-26", 0, blank)
        .await
        .unwrap();
    let findings = &after.observations[0].findings;
    assert_eq!((findings.temperature, &findings.symptoms), (None, &None));
    let after = world
        .record(&world.hana, id, "2022-09-25", 0, well())
        .await
        .unwrap();
    assert!(after.observations[0].findings.symptoms.is_some());
}
