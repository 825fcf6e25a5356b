//! Entering, showing, changing: whose, when, and what if two do it at once.

use shared::follow_up::returnee::{ChangedAssignee, ChangedPeriod, ChangedReturnee, ReturneeQuery};
use shared::id::UserId;

use super::*;
use crate::store::story::on_both_databases;

on_both_databases!(
    what_was_entered_is_shown_again_unchanged,
    someone_of_another_office_is_not_found_and_the_prefecture_sees_both,
    nobody_is_entered_for_a_health_centre_out_of_sight,
    nobody_is_handed_to_an_office_that_follows_nobody_up,
    someone_alike_is_shown_before_a_second_is_made,
    a_change_over_an_old_version_is_refused_with_the_present_record,
    of_two_changes_at_once_one_wins_and_the_other_hears_of_it,
    an_end_is_set_by_a_named_person_with_a_reason,
    a_corrected_entry_date_moves_the_period_unless_a_person_set_its_end,
    a_corrected_entry_date_fits_the_birth_and_an_end_set_by_hand,
    only_a_colleague_can_be_made_responsible,
    every_look_stands_in_the_audit_log,
    the_audit_log_says_who_changed_what_and_why,
    a_record_shown_with_a_refusal_or_a_second_time_stands_in_the_audit_log,
);

async fn what_was_entered_is_shown_again_unchanged(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let mut expected: ReturneeDetails = serde_json::from_value(sample()).unwrap();
    expected.health_centre = Some("131016".parse().unwrap());
    assert_eq!(entered.details, expected);
    assert_eq!(entered.version, Version(1));
    assert_eq!(entered.period.first_day, day("2022-09-21"));
    assert_eq!(entered.period.last_day, day("2022-10-04"));
    assert_eq!(entered.changed_by, world.hana.person().unwrap().person);

    // Names are kept as they are written, and what is absent stays absent.
    let bare = json!({ "name": "神\u{FA19} ｶｵﾙ", "entry_date": "2022-09-26" });
    let entered = world.enter(&world.hana, bare).await;
    assert_eq!(entered.details.name.as_str(), "神\u{FA19} ｶｵﾙ");
    assert_eq!(entered.details.consent, None);
    let query = ReturneeQuery { id: entered.id };
    let shown = show_returnee(world.app(), &world.hana, query)
        .await
        .unwrap();
    assert_eq!(shown, entered);
}

async fn someone_of_another_office_is_not_found_and_the_prefecture_sees_both(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let query = ReturneeQuery { id: entered.id };
    let refused = show_returnee(world.app(), &world.jiro, query)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::NotFound);
    let refused = world
        .record(&world.jiro, entered.id, "2022-09-26", 0, well())
        .await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotFound);
    let shown = show_returnee(world.app(), &world.ken, query).await.unwrap();
    assert_eq!(shown, entered);

    for kind in [OfficeKind::Ministry, OfficeKind::Helpdesk] {
        let office = world.server.office(kind.as_str(), kind, None).await;
        let mut caller = world.server.caller(&office, 9);
        caller.user.clone_from(&world.hana.user);
        let refused = show_returnee(world.app(), &caller, query)
            .await
            .unwrap_err();
        assert_eq!(refused.code, ProblemCode::NotPermitted, "{kind}");
    }
}

async fn nobody_is_entered_for_a_health_centre_out_of_sight(database: Database) {
    let world = World::on(database).await;
    let mut details = sample();
    details["health_centre"] = json!("131024");
    let request = NewReturnee {
        details: serde_json::from_value(details.clone()).unwrap(),
        although_alike: false,
    };
    let refused = enter_returnee(world.app(), &world.hana, request)
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("details.health_centre"));
    let entered = world.enter(&world.ken, details).await;
    let query = ReturneeQuery { id: entered.id };
    show_returnee(world.app(), &world.jiro, query)
        .await
        .unwrap();
}

async fn nobody_is_handed_to_an_office_that_follows_nobody_up(database: Database) {
    let world = World::on(database).await;
    let facility = OfficeKind::Facility;
    world
        .server
        .office("131016-1", facility, Some("131016"))
        .await;
    let entered = world.enter(&world.hana, sample()).await;
    let mut details = entered.details;
    details.health_centre = Some("131016-1".parse().unwrap());
    let request = ChangedReturnee {
        id: entered.id,
        version: entered.version,
        details: details.clone(),
    };
    let refused = change_returnee(world.app(), &world.hana, request).await;
    let field = refused.unwrap_err().field;
    assert_eq!(field.as_deref(), Some("details.health_centre"));
    let request = NewReturnee {
        details,
        although_alike: true,
    };
    let refused = enter_returnee(world.app(), &world.hana, request).await;
    let field = refused.unwrap_err().field;
    assert_eq!(field.as_deref(), Some("details.health_centre"));
}

async fn someone_alike_is_shown_before_a_second_is_made(database: Database) {
    let world = World::on(database).await;
    let first = world.enter(&world.hana, sample()).await;
    // The same reading in another kana and width, and the same birth date.
    let mut request = NewReturnee {
        details: serde_json::from_value(json!({
            "name": "見本 太朗", "kana": "みほんたろう", "birth_date": "1980-01-02",
            "entry_date": "2022-09-25"
        }))
        .unwrap(),
        although_alike: false,
    };
    let refused = enter_returnee(world.app(), &world.hana, request.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::Alike);
    assert_eq!(refused.current.unwrap()["id"], json!(first.id));
    // Another office's people are not shown to this one, whatever they look like.
    enter_returnee(world.app(), &world.jiro, request.clone())
        .await
        .unwrap();
    request.although_alike = true;
    enter_returnee(world.app(), &world.hana, request.clone())
        .await
        .unwrap();
    // Even the very same once more, if a person says so.
    enter_returnee(world.app(), &world.hana, request)
        .await
        .unwrap();
}

async fn a_change_over_an_old_version_is_refused_with_the_present_record(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let mut details = entered.details.clone();
    details.phone = Some("09000000002".parse().unwrap());
    let request = ChangedReturnee {
        id: entered.id,
        version: entered.version,
        details,
    };
    let changed = change_returnee(world.app(), &world.hana, request.clone())
        .await
        .unwrap();
    assert_eq!(changed.version, Version(2));
    assert_eq!(changed.details, request.details);

    let refused = change_returnee(world.app(), &world.ken, request)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::VersionClash);
    assert_eq!(
        refused.current.unwrap(),
        serde_json::to_value(&changed).unwrap()
    );
}

async fn of_two_changes_at_once_one_wins_and_the_other_hears_of_it(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let change = |phone: &str| {
        let mut details = entered.details.clone();
        details.phone = Some(phone.parse().unwrap());
        ChangedReturnee {
            id: entered.id,
            version: entered.version,
            details,
        }
    };
    let (one, other) = tokio::join!(
        change_returnee(world.app(), &world.hana, change("09000000003")),
        change_returnee(world.app(), &world.ken, change("09000000004")),
    );
    let (won, lost) = if one.is_ok() {
        (one, other)
    } else {
        (other, one)
    };
    let current = lost.unwrap_err().current.unwrap();
    assert_eq!(current, serde_json::to_value(won.unwrap()).unwrap());
}

async fn an_end_is_set_by_a_named_person_with_a_reason(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let change = |version, last_day, reason: &str| ChangedPeriod {
        id: entered.id,
        version: Version(version),
        last_day: day(last_day),
        reason: reason.parse().unwrap(),
    };
    let request = change(1, "2022-10-10", "家族に有症状者");
    let extended = change_period(world.app(), &world.hana, request)
        .await
        .unwrap();
    let changed = extended.period.changed.unwrap();
    assert_eq!(extended.period.last_day, day("2022-10-10"));
    assert_eq!(changed.by, world.hana.person().unwrap().person);
    assert_eq!(
        (changed.reason.as_str(), changed.ended),
        ("家族に有症状者", false)
    );

    let request = change(2, "2022-09-26", "出国");
    let ended = change_period(world.app(), &world.ken, request)
        .await
        .unwrap();
    assert!(ended.period.changed.unwrap().ended);
    for impossible in ["2022-09-19", "2023-09-26"] {
        let request = change(3, impossible, "x");
        let refused = change_period(world.app(), &world.hana, request)
            .await
            .unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("last_day"), "{impossible}");
    }
}

async fn a_corrected_entry_date_moves_the_period_unless_a_person_set_its_end(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let correct = |version, entry_date: &str| {
        let mut details = entered.details.clone();
        details.entry_date = day(entry_date);
        ChangedReturnee {
            id: entered.id,
            version: Version(version),
            details,
        }
    };
    let moved = change_returnee(world.app(), &world.hana, correct(1, "2022-09-22"))
        .await
        .unwrap();
    assert_eq!(moved.period.first_day, day("2022-09-23"));
    assert_eq!(moved.period.last_day, day("2022-10-06"));
    let request = ChangedPeriod {
        id: entered.id,
        version: Version(2),
        last_day: day("2022-10-01"),
        reason: "出国".parse().unwrap(),
    };
    change_period(world.app(), &world.hana, request)
        .await
        .unwrap();
    let kept = change_returnee(world.app(), &world.hana, correct(3, "2022-09-20"))
        .await
        .unwrap();
    assert_eq!(kept.period.first_day, day("2022-09-21"));
    assert_eq!(kept.period.last_day, day("2022-10-01"));
}

async fn a_corrected_entry_date_fits_the_birth_and_an_end_set_by_hand(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let refused = async |version, entry_date: &str| {
        let mut details = entered.details.clone();
        details.entry_date = day(entry_date);
        let request = ChangedReturnee {
            id: entered.id,
            version: Version(version),
            details,
        };
        let refused = change_returnee(world.app(), &world.hana, request).await;
        let refused = refused.unwrap_err();
        (
            refused.field.unwrap(),
            refused.refused.unwrap().reason.to_owned(),
        )
    };
    let of = |field: &str, reason: &str| (format!("details.{field}"), reason.to_owned());
    let birth_after_entry = of("birth_date", "birth_after_entry");
    assert_eq!(refused(1, "1979-12-31").await, birth_after_entry);
    let request = ChangedPeriod {
        id: entered.id,
        version: Version(1),
        last_day: day("2022-09-24"),
        reason: "出国".parse().unwrap(),
    };
    change_period(world.app(), &world.hana, request)
        .await
        .unwrap();
    for impossible in ["2022-09-25", "2022-07-25", "1980-01-02"] {
        let against_end = of("entry_date", "entry_against_end");
        assert_eq!(refused(2, impossible).await, against_end, "{impossible}");
    }
}

async fn only_a_colleague_can_be_made_responsible(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let hand_to = |version, assignee: Option<UserId>| ChangedAssignee {
        id: entered.id,
        version: Version(version),
        assignee,
    };
    let hana = world.hana.person().unwrap().person.clone();
    let request = hand_to(1, Some(hana.id));
    let handed = change_assignee(world.app(), &world.hana, request)
        .await
        .unwrap();
    assert_eq!(handed.assignee, Some(hana));
    let jiro = world.jiro.person().unwrap().person.id;
    let refused = change_assignee(world.app(), &world.hana, hand_to(2, Some(jiro))).await;
    assert_eq!(refused.unwrap_err().field.as_deref(), Some("assignee"));
    let freed = change_assignee(world.app(), &world.hana, hand_to(2, None))
        .await
        .unwrap();
    assert_eq!(freed.assignee, None);
}

async fn every_look_stands_in_the_audit_log(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let head = async || {
        let mut reader = world.app().store.reader().await.unwrap();
        store::audit::verify(&mut reader, &[])
            .await
            .unwrap()
            .unwrap()
            .number
    };
    let before = head().await;
    let query = ReturneeQuery { id: entered.id };
    show_returnee(world.app(), &world.hana, query)
        .await
        .unwrap();
    list_returnees(world.app(), &world.hana, Default::default())
        .await
        .unwrap();
    assert_eq!(head().await, before + 2);
}

async fn a_record_shown_with_a_refusal_or_a_second_time_stands_in_the_audit_log(
    database: Database,
) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let request = ChangedReturnee {
        id: entered.id,
        version: Version(1),
        details: entered.details.clone(),
    };
    let caller = with_key(&world.hana);
    for _ in 0..2 {
        change_returnee(world.app(), &caller, request.clone())
            .await
            .unwrap();
    }
    change_returnee(world.app(), &world.ken, request)
        .await
        .unwrap_err();
    world
        .record(&world.ken, entered.id, "2022-09-26", 9, well())
        .await
        .unwrap_err();
    let alike = NewReturnee {
        details: entered.details,
        although_alike: false,
    };
    enter_returnee(world.app(), &world.hana, alike)
        .await
        .unwrap_err();

    let (hana, ken) = (&world.hana, &world.ken);
    let about = |caller: &Caller, action: &str, detail: Value| {
        (caller.actor().user.unwrap(), action.to_owned(), detail)
    };
    assert_eq!(
        logged_about(&world, entered.id).await,
        [
            about(hana, "EnterReturnee", json!({})),
            about(hana, "ChangeReturnee", json!({ "replaced": {} })),
            about(hana, "ChangeReturnee", json!({ "again": true })),
            about(ken, "ChangeReturnee", json!({ "refused": "version-clash" })),
            about(
                ken,
                "RecordObservation",
                json!({ "refused": "version-clash" })
            ),
            about(hana, "EnterReturnee", json!({ "refused": "alike" })),
        ]
    );
}

async fn the_audit_log_says_who_changed_what_and_why(database: Database) {
    let world = World::on(database).await;
    let entered = world.enter(&world.hana, sample()).await;
    let (id, today) = (entered.id, "2022-09-26");
    let fever = json!({ "reach": "phone", "temperature": 38.1 });
    world
        .record(&world.hana, id, today, 0, fever)
        .await
        .unwrap();
    world
        .record(&world.ken, id, today, 1, well())
        .await
        .unwrap();
    let mut details = entered.details;
    (details.phone, details.health_centre) = (None, None);
    let request = ChangedReturnee {
        id,
        version: Version(1),
        details,
    };
    change_returnee(world.app(), &world.ken, request)
        .await
        .unwrap();
    let request = ChangedPeriod {
        id,
        version: Version(2),
        last_day: day("2022-10-10"),
        reason: "家族に有症状者".parse().unwrap(),
    };
    change_period(world.app(), &world.hana, request)
        .await
        .unwrap();

    let log = logged_about(&world, id).await;
    let [_, first, corrected, changed, extended] = &log[..] else {
        panic!("{log:?}")
    };
    assert_eq!(first.2, json!({ "day": today }));
    let ken = world.ken.actor().user.unwrap();
    assert_eq!((corrected.0, changed.0), (ken, ken));
    let before = json!({ "temperature": 38.1, "symptoms": null, "household": null });
    assert_eq!(corrected.2, json!({ "day": today, "replaced": before }));
    let before = json!({ "phone": "09000000001" });
    assert_eq!(changed.2, json!({ "replaced": before }));
    assert_eq!(extended.0, world.hana.actor().user.unwrap());
    assert_eq!(extended.2["reason"], "家族に有症状者");
}
