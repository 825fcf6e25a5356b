//! People move: from one health centre to another one, also beyond the prefecture.

use shared::follow_up::hand_over::{ReceivingQuery, ReturneeToHandOver};
use shared::follow_up::returnee::{ChangedAssignee, ReturneeQuery};
use shared::follow_up::work_list::{WorkListQuery, WorkListRow};

use super::*;
use crate::store::story::on_both_databases;

on_both_databases!(
    whoever_is_handed_over_leaves_one_list_and_stands_marked_in_the_other,
    nobody_is_handed_over_to_where_nobody_would_see_them,
    only_whoever_sees_them_hands_them_over_and_over_what_they_saw,
    a_hand_over_stands_in_the_log_with_where_to_and_why,
);

const FAR: &str = "271004";

/// Taro at a health centre of another prefecture.
async fn far_away(world: &World) -> Caller {
    let kind = OfficeKind::HealthCentre;
    world
        .server
        .office("270008", OfficeKind::Prefecture, None)
        .await;
    let office = world.server.office(FAR, kind, Some("270008")).await;
    logged_in(&world.server, &office, "taro", 9).await
}

fn to(returnee: &Returnee, centre: &str) -> ReturneeToHandOver {
    ReturneeToHandOver {
        id: returnee.id,
        version: returnee.version,
        health_centre: centre.parse().unwrap(),
        reason: "大阪へ転居".parse().unwrap(),
    }
}

async fn listed(world: &World, caller: &Caller, search: Option<&str>) -> Vec<WorkListRow> {
    let query = WorkListQuery {
        search: search.map(str::to_owned),
        ..WorkListQuery::default()
    };
    list_returnees(world.app(), caller, query)
        .await
        .unwrap()
        .rows
}

async fn whoever_is_handed_over_leaves_one_list_and_stands_marked_in_the_other(database: Database) {
    let world = World::on(database).await;
    let taro = far_away(&world).await;
    let entered = world.enter(&world.hana, sample()).await;
    let hana = world.hana.person().unwrap().person.clone();
    let mine = ChangedAssignee {
        id: entered.id,
        version: entered.version,
        assignee: Some(hana.id),
    };
    let entered = change_assignee(world.app(), &world.hana, mine)
        .await
        .unwrap();
    world
        .record(
            &world.hana,
            entered.id,
            "2022-09-25",
            0,
            json!({ "reach": "phone" }),
        )
        .await
        .unwrap();
    world.tidy().await;

    let request = to(&entered, FAR);
    let caller = with_key(&world.hana);
    let handed = hand_over_returnee(world.app(), &caller, request.clone())
        .await
        .unwrap();
    assert_eq!(handed.health_centre.code.as_str(), FAR);
    let again = hand_over_returnee(world.app(), &caller, request).await;
    assert_eq!(again, Ok(handed), "a repeat has no second effect");

    let query = ReturneeQuery { id: entered.id };
    for name in [None, Some("見本")] {
        for former in [&world.hana, &world.ken] {
            assert_eq!(listed(&world, former, name).await, []);
        }
        let rows = listed(&world, &taro, name).await;
        assert_eq!(rows.len(), 1, "at once, before any index is written");
        assert!(rows[0].handed_over && rows[0].assignee.is_none());
    }
    world.tidy().await;
    assert_eq!(listed(&world, &world.hana, Some("見本")).await, []);
    assert_eq!(listed(&world, &taro, Some("見本")).await.len(), 1);
    let refused = show_returnee(world.app(), &world.hana, query).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::NotFound);

    let shown = show_returnee(world.app(), &taro, query).await.unwrap();
    let hand_over = shown.handed_over.clone().unwrap();
    assert_eq!(hand_over.from.code.as_str(), "131016");
    assert_eq!(hand_over.by, hana);
    assert_eq!(hand_over.reason.as_str(), "大阪へ転居");
    assert_eq!(shown.observations.len(), 1, "what was seen goes along");
    assert_eq!(shown.details.health_centre.as_ref().unwrap().as_str(), FAR);

    let taken_on = ChangedAssignee {
        id: shown.id,
        version: shown.version,
        assignee: Some(taro.person().unwrap().person.id),
    };
    change_assignee(world.app(), &taro, taken_on).await.unwrap();
    assert!(!listed(&world, &taro, None).await[0].handed_over);
    let shown = show_returnee(world.app(), &taro, query).await.unwrap();
    assert_eq!(shown.handed_over, Some(hand_over), "and can be read later");
}

async fn nobody_is_handed_over_to_where_nobody_would_see_them(database: Database) {
    let world = World::on(database).await;
    let taro = far_away(&world).await;
    let helpdesk = OfficeKind::Helpdesk;
    world.server.office("helpdesk", helpdesk, None).await;
    let closed = world
        .server
        .office("272000", OfficeKind::HealthCentre, None)
        .await;
    let act = store::audit::Act::new(store::audit::Actor::default(), "test");
    world
        .app()
        .store
        .write(act, closed.number, |tx, number| {
            Box::pin(async move { store::offices::close(tx, *number).await })
        })
        .await
        .unwrap();
    let entered = world.enter(&world.hana, sample()).await;
    for nowhere in ["helpdesk", "272000", "999999", "131016"] {
        let refused = hand_over_returnee(world.app(), &world.hana, to(&entered, nowhere)).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("health_centre"), "{nowhere}");
    }
    let open = list_receiving_centres(world.app(), &taro, ReceivingQuery {})
        .await
        .unwrap();
    let codes: Vec<&str> = open
        .offices
        .iter()
        .map(|office| office.code.as_str())
        .collect();
    assert_eq!(codes, ["130001", "131016", "131024", "270008", FAR]);
}

async fn only_whoever_sees_them_hands_them_over_and_over_what_they_saw(database: Database) {
    let world = World::on(database).await;
    let taro = far_away(&world).await;
    let entered = world.enter(&world.hana, sample()).await;
    for stranger in [&world.jiro, &taro] {
        let refused = hand_over_returnee(world.app(), stranger, to(&entered, FAR)).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::NotFound);
    }
    let older = ReturneeToHandOver {
        version: Version(entered.version.0 + 1),
        ..to(&entered, FAR)
    };
    let refused = hand_over_returnee(world.app(), &world.hana, older).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, ProblemCode::VersionClash);
    assert!(refused.current.is_some());
    // The prefecture sees theirs, and hands over for them.
    hand_over_returnee(world.app(), &world.ken, to(&entered, FAR))
        .await
        .unwrap();
}

async fn a_hand_over_stands_in_the_log_with_where_to_and_why(database: Database) {
    let world = World::on(database).await;
    far_away(&world).await;
    let entered = world.enter(&world.hana, sample()).await;
    hand_over_returnee(world.app(), &world.hana, to(&entered, FAR))
        .await
        .unwrap();
    let (who, action, detail) = logged_about(&world, entered.id).await.pop().unwrap();
    assert_eq!(Some(who), world.hana.actor().user);
    assert_eq!(action, "HandOverReturnee");
    assert_eq!(detail, json!({ "to": FAR, "reason": "大阪へ転居" }));
}
