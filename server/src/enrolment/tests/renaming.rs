//! What an office's terminals are told of its new name.

use super::deeds::{EAST, World};
use super::*;
use crate::offices::changing::{Changes, change};

async fn a_running_server_tells_a_terminal_its_offices_new_name(database: Database) {
    let world = World::on(database).await;
    let (app, now) = (&world.server.app, world.server.clock.now());
    let terminal = world.enrol(EAST).await;
    app.terminals.refresh(app).await.unwrap();
    let act = Act::new(Actor::default(), "command office change");
    let changes = Changes {
        name: Some("新保健所".parse().unwrap()),
        ..Changes::default()
    };
    let (code, reason) = (EAST.parse().unwrap(), "改称".parse().unwrap());
    change(app, act, code, changes, reason).await.unwrap();
    app.terminals.refresh(app).await.unwrap();
    let live = app.terminals.look_up(terminal.fingerprint.bytes(), now);
    assert_eq!(live.unwrap().terminal.office.name.as_str(), "新保健所");
}

on_both_databases!(a_running_server_tells_a_terminal_its_offices_new_name);
