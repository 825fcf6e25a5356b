//! Withdrawing the record of a day.

use shared::follow_up::observation::{DayToWithdraw, SignToClose};
use shared::follow_up::work_list::WorkListQuery;

use super::*;
use crate::clock::Clock as _;
use crate::store::story::on_both_databases;

on_both_databases!(
    a_withdrawn_day_is_as_if_nobody_had_recorded_it,
    who_withdrew_a_day_and_why_is_kept_and_what_stood_there_in_the_log_alone,
    withdrawing_closes_the_sign_and_a_fever_recorded_anew_opens_another,
    a_sign_that_was_closed_stays_so_after_a_correction_unless_its_record_was_withdrawn,
    the_sign_of_a_record_that_was_written_over_outlives_the_withdrawal,
    a_day_that_another_wrote_or_withdrew_in_between_is_not_withdrawn,
    whoever_still_sees_the_withdrawn_record_overwrites_nothing,
    another_office_withdraws_nothing,
);

const TODAY: &str = "2022-09-26";
const WHY: &str = "同姓の見本さんの記録でした";

impl World {
    async fn withdraw(
        &self,
        caller: &Caller,
        id: ReturneeId,
        version: u32,
    ) -> Result<Returnee, Problem> {
        let request = DayToWithdraw {
            id,
            day: day(TODAY),
            version: Version(version),
            reason: WHY.parse().unwrap(),
        };
        withdraw_observation(self.app(), &with_key(caller), request).await
    }

    /// Closes the first of their signs.
    async fn close_first(&self, of: &Returnee) -> Result<Returnee, Problem> {
        let request = SignToClose {
            id: of.id,
            sign: of.signs[0].id,
            action: "受診".parse().unwrap(),
        };
        close_sign(self.app(), &with_key(&self.hana), request).await
    }

    async fn unreached(&self) -> Vec<ReturneeId> {
        let query = WorkListQuery {
            not_reached_today: true,
            ..WorkListQuery::default()
        };
        let page = list_returnees(self.app(), &self.hana, query).await.unwrap();
        page.rows.iter().map(|row| row.id).collect()
    }
}

fn fever() -> Value {
    json!({ "reach": "phone", "temperature": 38.1 })
}

async fn a_withdrawn_day_is_as_if_nobody_had_recorded_it(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let yesterday = "2022-09-25";
    for day in [yesterday, TODAY] {
        world.record(&world.hana, id, day, 0, well()).await.unwrap();
    }
    assert_eq!(world.unreached().await, []);

    let after = world.withdraw(&world.ken, id, 1).await.unwrap();
    let days: Vec<Day> = after.observations.iter().map(|it| it.day).collect();
    assert_eq!(days, [day(yesterday)]);
    assert_eq!(world.unreached().await, [id], "they are to be called today");

    // Recorded anew, it is a day like any other.
    let after = world
        .record(&world.hana, id, TODAY, 0, well())
        .await
        .unwrap();
    assert_eq!(after.observations.len(), 2);
    assert_eq!(world.unreached().await, []);
}

async fn who_withdrew_a_day_and_why_is_kept_and_what_stood_there_in_the_log_alone(
    database: Database,
) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.hana, id, TODAY, 0, fever())
        .await
        .unwrap();
    let after = world.withdraw(&world.ken, id, 1).await.unwrap();
    let [withdrawn] = &after.withdrawn[..] else {
        panic!("one day was withdrawn")
    };
    assert_eq!(withdrawn.day, day(TODAY));
    assert_eq!(withdrawn.by.name.as_str(), "ken");
    assert_eq!(withdrawn.at, world.server.clock.now());
    assert_eq!(withdrawn.reason.as_str(), WHY);

    let (who, action, detail) = logged_about(&world, id).await.pop().unwrap();
    assert_eq!(who, world.ken.actor().user.unwrap());
    assert_eq!(action, "WithdrawObservation");
    assert_eq!(
        detail,
        json!({ "day": TODAY, "reason": WHY, "withdrawn": fever() })
    );

    // Of one day the last withdrawal is kept.
    world
        .record(&world.hana, id, TODAY, 0, well())
        .await
        .unwrap();
    let after = world.withdraw(&world.hana, id, 2).await.unwrap();
    assert_eq!(after.withdrawn.len(), 1);
    assert_eq!(after.withdrawn[0].by.name.as_str(), "hana");
}

async fn withdrawing_closes_the_sign_and_a_fever_recorded_anew_opens_another(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.hana, id, TODAY, 0, fever())
        .await
        .unwrap();
    let after = world.withdraw(&world.ken, id, 1).await.unwrap();
    let closed = after.signs[0].closed.clone().unwrap();
    assert_eq!(closed.by.name.as_str(), "ken");
    assert_eq!(closed.action.as_str(), WHY);
    assert!(after.signs[0].withdrawn);
    let refused = world.close_first(&after).await;
    assert_eq!(refused.unwrap_err().code, ProblemCode::SignClosed);

    let after = world
        .record(&world.hana, id, TODAY, 0, fever())
        .await
        .unwrap();
    assert_eq!(after.signs.len(), 2);
    assert!(after.signs[0].closed.is_none(), "{:?}", after.signs);
    assert!(!after.signs[0].withdrawn);
}

async fn a_sign_that_was_closed_stays_so_after_a_correction_unless_its_record_was_withdrawn(
    database: Database,
) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    let open = |of: &Returnee| of.signs.iter().filter(|it| it.closed.is_none()).count();
    let record = async |seen, findings| {
        let recorded = world.record(&world.hana, id, TODAY, seen, findings).await;
        recorded.unwrap()
    };
    // The clock stands still: nothing depends on what came first within a moment.
    let after = record(0, fever()).await;
    world.close_first(&after).await.unwrap();
    let after = world.withdraw(&world.ken, id, 1).await.unwrap();
    assert!(after.signs[0].withdrawn, "whether open or closed");

    let after = record(0, fever()).await;
    assert_eq!(open(&after), 1, "it stands for itself");
    world.close_first(&after).await.unwrap();
    let noted = json!({ "reach": "phone", "temperature": 38.1, "note": "受診した" });
    assert_eq!(open(&record(2, noted).await), 0, "dealt with");
}

async fn the_sign_of_a_record_that_was_written_over_outlives_the_withdrawal(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.ken, id, TODAY, 0, fever())
        .await
        .unwrap();
    // Meant for somebody else, written over the fever of this one.
    world
        .record(&world.hana, id, TODAY, 1, well())
        .await
        .unwrap();
    let after = world.withdraw(&world.hana, id, 2).await.unwrap();
    assert!(after.observations.is_empty());
    assert!(after.signs[0].closed.is_none(), "nobody has dealt with it");
    assert!(!after.signs[0].withdrawn);
}

async fn a_day_that_another_wrote_or_withdrew_in_between_is_not_withdrawn(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.hana, id, TODAY, 0, well())
        .await
        .unwrap();
    world
        .record(&world.ken, id, TODAY, 1, fever())
        .await
        .unwrap();
    let refused = world.withdraw(&world.hana, id, 1).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::VersionClash);
    let current: Returnee = serde_json::from_value(refused.current.unwrap()).unwrap();
    assert_eq!(current.observations[0].version, Version(2));
    assert!(current.withdrawn.is_empty());

    world.withdraw(&world.hana, id, 2).await.unwrap();
    let refused = world.withdraw(&world.ken, id, 2).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::VersionClash);
}

async fn whoever_still_sees_the_withdrawn_record_overwrites_nothing(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.hana, id, TODAY, 0, well())
        .await
        .unwrap();
    world.withdraw(&world.ken, id, 1).await.unwrap();
    let stale = world.record(&world.hana, id, TODAY, 1, well()).await;
    assert_eq!(stale.unwrap_err().code, ProblemCode::VersionClash);

    let after = world
        .record(&world.ken, id, TODAY, 0, fever())
        .await
        .unwrap();
    assert_eq!(after.observations[0].version, Version(2));
    // The version that hana saw was the withdrawn one, and is not there a second time.
    let stale = world.record(&world.hana, id, TODAY, 1, well()).await;
    assert_eq!(stale.unwrap_err().code, ProblemCode::VersionClash);
}

async fn another_office_withdraws_nothing(database: Database) {
    let world = World::on(database).await;
    let id = world.enter(&world.hana, sample()).await.id;
    world
        .record(&world.hana, id, TODAY, 0, well())
        .await
        .unwrap();
    let refused = world.withdraw(&world.jiro, id, 1).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::NotFound);
}
