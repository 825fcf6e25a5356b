//! A made-up prefecture: its offices, terminals and people.

use harness::reference::{Identity, curl_and_openssl};
use harness::world::{User, World};
use serde_json::{Value, json};

use crate::wire::Terminal;

/// 見本県 and two of its health centres, as the operator sets them up.
pub(crate) const PREFECTURE: &str = "990001";
pub(crate) const EAST: &str = "990001-1";
pub(crate) const WEST: &str = "990001-2";

/// A served installation with the prefecture in it.
pub(crate) fn world() -> World {
    populate(World::start().unwrap())
}

pub(crate) fn populate(world: World) -> World {
    world
        .office(PREFECTURE, "prefecture", "見本県", None)
        .unwrap();
    world
        .office(EAST, "health-centre", "見本県東保健所", Some(PREFECTURE))
        .unwrap();
    world
        .office(WEST, "health-centre", "見本県西保健所", Some(PREFECTURE))
        .unwrap();
    world
}

/// Enrols a terminal of this office; its identity lies in files under `name`.
pub(crate) fn identity(world: &World, office: &str, name: &str) -> Identity {
    let link = world.link(office).unwrap();
    curl_and_openssl::enrol(world, &link, &world.beside(name)).unwrap()
}

/// The terminal of this office, seen by several people who are logged in on it.
pub(crate) async fn colleagues<const N: usize>(
    world: &World,
    office: &str,
    logins: [&str; N],
) -> [Terminal; N] {
    let terminal = Terminal::new(world, &identity(world, office, "shared"));
    let mut seats = logins.map(|_| terminal.clone());
    for (seat, login) in seats.iter_mut().zip(logins) {
        assert_eq!(
            log_in(seat, &world.user(office, login, "staff").unwrap()).await,
            200
        );
    }
    seats
}

/// A terminal of this office with somebody of this role logged in.
pub(crate) async fn terminal(world: &World, office: &str, login: &str, role: &str) -> Terminal {
    let user = world.user(office, login, role).unwrap();
    let mut terminal = Terminal::new(world, &identity(world, office, login));
    let answer = log_in(&mut terminal, &user).await;
    assert_eq!(answer, 200);
    terminal
}

pub(crate) async fn log_in(terminal: &mut Terminal, user: &User) -> u16 {
    terminal.log_in(user).await.status
}

/// The details of a plainly made-up person who came in on this day.
pub(crate) fn person(number: u32, entry_date: &str) -> Value {
    json!({
        "name": format!("見本 第{number}号"),
        "kana": "ミホン ダイ",
        "birth_date": format!("{}-01-{:02}", 1950 + number / 28 % 50, 1 + number % 28),
        "passport_number": format!("ZZ{number:07}"),
        "entry_date": entry_date,
        "phone": format!("0900{number:07}"),
    })
}
