//! A health centre comes to stand under another prefecture.

use shared::follow_up::returnee::ChangedAssignee;
use shared::follow_up::work_list::WorkListQuery;

use super::*;
use crate::offices::changing::{self, Changes, Place};
use crate::store::audit::{Act, Actor};
use crate::store::story::on_both_databases;

on_both_databases!(whoever_sees_someone_no_longer_looks_after_them_no_longer);

async fn whoever_sees_someone_no_longer_looks_after_them_no_longer(database: Database) {
    let world = World::on(database).await;
    let prefecture = OfficeKind::Prefecture;
    world.server.office("140007", prefecture, None).await;
    let people = [&world.ken, &world.hana];
    let mut taken_on = Vec::new();
    for caller in people {
        let returnee = world.enter(&world.hana, sample_of(taken_on.len())).await;
        let request = ChangedAssignee {
            id: returnee.id,
            version: returnee.version,
            assignee: caller.actor().user,
        };
        let after = change_assignee(world.app(), &with_key(caller), request).await;
        taken_on.push(after.unwrap().id);
    }
    let put = async |place: Place| {
        let act = Act::new(Actor::default(), "command office change");
        let (code, reason) = ("131016".parse().unwrap(), "所管の変更".parse().unwrap());
        let changes = Changes {
            place: Some(place),
            ..Changes::default()
        };
        changing::change(world.app(), act, code, changes, reason).await
    };
    let under = |code: &str| Place::Under(code.parse().unwrap());
    assert_eq!(put(under("140007")).await.unwrap(), 1);
    let assignees = async || {
        let page = list_returnees(world.app(), &world.hana, WorkListQuery::default()).await;
        let mut rows = page.unwrap().rows;
        rows.sort_by_key(|row| taken_on.iter().position(|id| *id == row.id));
        let names = rows.into_iter().map(|row| row.assignee);
        names
            .map(|it| it.map(|it| it.name.to_string()))
            .collect::<Vec<_>>()
    };
    let own = Some("hana".to_owned());
    assert_eq!(assignees().await, [None, own.clone()]);
    // Nobody is taken back who was looked after from there once.
    assert_eq!(put(under("130001")).await.unwrap(), 0);
    assert_eq!(assignees().await, [None, own]);
}

/// Somebody, and somebody else.
fn sample_of(number: usize) -> Value {
    let name = ["見本 花子", "例示 太郎"][number];
    json!({ "name": name, "entry_date": "2022-09-20" })
}
