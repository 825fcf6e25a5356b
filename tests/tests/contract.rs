//! The permission matrix, made from the contract: who may call what, over which certificate, in
//! which state of the session, and on whose records.
//!
//! An endpoint that [`sample`] does not know fails the test: nobody can add one and forget it.

use harness::reference::Identity;
use harness::world::World;
use serde_json::{Value, json};
use shared::accounts::Role;
use shared::contract::{Declared, Personal, all};

use crate::prefecture::{EAST, PREFECTURE, WEST, identity, person, populate};
use crate::wire::{Answer, Terminal, fresh_key};

const MINISTRY: &str = "990000";
const HELPDESK: &str = "990000-9";
/// A health centre of the prefecture in which nobody works.
const SPARE: &str = "990001-8";
/// A facility under the eastern health centre.
const CHILD: &str = "990001-1-1";

/// Own, other, parent and child of one another, and the ministry.
const OFFICES: [&str; 5] = [EAST, WEST, PREFECTURE, CHILD, MINISTRY];

/// What each call is made with: the returnee and the sign it names, and the import.
pub(crate) struct Records {
    returnee: String,
    entry_date: String,
    sign: String,
    import: String,
}

/// A request that is right in itself, so that only the permission decides.
pub(crate) fn sample(endpoint: &Declared, records: &Records) -> (String, Value) {
    let Records {
        returnee,
        entry_date,
        sign,
        import,
    } = records;
    let body = match endpoint.name {
        "ShowTerminal"
        | "ListColleagues"
        | "ListAccounts"
        | "ListReturnees"
        | "CountReturnees"
        | "ShowReturnee"
        | "CheckImport"
        | "ListHealthCentres"
        | "ListReceivingCentres"
        | "ListContacts"
        | "ShowContactHistory"
        | "ListEnrolments"
        | "CountEnrolments"
        | "ShowEnrolment"
        | "ShowTimeline"
        | "SearchDesk"
        | "ListJobs"
        | "ShowJob"
        | "ListJobResults"
        | "ListApprovals"
        | "ListMail" => Value::Null,
        "ShowHelpdesk"
        | "ListAuditEntries"
        | "ListEnrolmentEntries"
        | "CheckAudit"
        | "ShowAuditHead" => Value::Null,
        // Of no certificate that is shown here: nothing is given back.
        "LeaveOffice" => json!({ "serial": "00" }),
        // Refused before any password is tried, so that no login is slowed.
        "ChangePassword" => {
            json!({ "present": "not the password", "new": "too short" })
        }
        // Of nobody's id, and a login id that somebody has: let through, and nothing is made.
        "AddAccount" => json!({ "login": format!("staff-at-{EAST}"), "name": "見本" }),
        "RenameAccount" => json!({ "version": 999, "name": "見本" }),
        "HandOverPassword" => json!({ "standing": { "state": "chosen" } }),
        "DeleteAccount" => json!({}),
        "OpenSession" => json!({ "login": "nobody", "password": "not the password" }),
        "EndSession" | "CancelImport" => json!({}),
        "EnterReturnee" => {
            json!({ "details": person(fresh_number(), entry_date), "although_alike": true })
        }
        // Version 999 is nobody's: the call is let through and then clashes, and changes nothing.
        "ChangeReturnee" => json!({ "version": 999, "details": person(1, entry_date) }),
        "ChangePeriod" => json!({ "version": 999, "last_day": entry_date, "reason": "見本" }),
        "HandOverReturnee" => {
            json!({ "version": 999, "health_centre": WEST, "reason": "見本" })
        }
        "ChangeAssignee" => json!({ "version": 999 }),
        "RecordObservation" => json!({ "version": 999, "findings": { "reach": "phone" } }),
        "WithdrawObservation" => json!({ "version": 999, "reason": "見本" }),
        "CloseSign" => json!({ "action": "見本" }),
        "OpenImport" => json!({ "id": fresh_key(), "file_name": "見本.csv", "rows": 1 }),
        "StageChunk" => json!({ "rows": [{ "row": 1, "details": person(2, entry_date) }] }),
        "CommitImport" => json!({ "add": [] }),
        "ResendMail" => json!({ "reason": "見本" }),
        "PrintPasswords" => json!({}),
        "IssueLink" | "ResendLink" | "CancelLink" | "UnlockLink" | "RevokeTerminal"
        | "ReadOutPassword" => {
            json!({ "identified": "no-caller", "reason": "見本" })
        }
        "ReissueTerminal" => {
            json!({ "cause": "broken", "identified": "no-caller", "reason": "見本" })
        }
        "BeginJob" | "CheckJob" => json!({
            "id": fresh_key(), "kind": "issue", "identified": "no-caller", "reason": "見本",
            "selection": { "by": "offices", "offices": [SPARE] },
        }),
        "DecideApproval" => json!({ "version": 999, "approve": false }),
        "StepJob" => json!({ "version": 1, "step": "pause" }),
        "CheckContacts" | "RegisterContacts" => json!({
            "contacts": [{ "office": EAST, "version": 999, "mail": "east@example.jp" }]
        }),
        unknown => panic!("{unknown} has no row in the permission matrix: add one to `sample`"),
    };
    let id = if endpoint.path.contains("/imports/") {
        import
    } else {
        returnee
    };
    let path = endpoint
        .path
        .replace("{id}", id)
        .replace("{day}", entry_date)
        // What is done to an office's certificates is done to one that nobody works in.
        .replace(
            "{office}",
            if endpoint.path.contains("/enrolments/") {
                SPARE
            } else {
                EAST
            },
        )
        .replace("{link}", id)
        .replace("{account}", id)
        .replace("{sign}", sign);
    (path.replace("{number}", "0"), body)
}

pub(crate) async fn ask(terminal: &Terminal, endpoint: &Declared, records: &Records) -> Answer {
    let (path, body) = sample(endpoint, records);
    let key = endpoint.keyed.then(fresh_key);
    let body = (!body.is_null()).then_some(&body);
    terminal
        .send(endpoint.method.as_str(), &path, body, key.as_deref())
        .await
        .unwrap()
}

fn let_through(answer: &Answer) -> bool {
    ![
        "not-logged-in",
        "not-permitted",
        "terminal-unknown",
        "terminal-revoked",
    ]
    .contains(&answer.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_may_call_what_the_contract_names_and_nothing_else() {
    let (world, records) = prepared().await;
    for role in Role::ALL {
        let office = office_of(role);
        let mut terminal = Terminal::new(&world, &identity(&world, office, role.as_str()));
        let user = world
            .user(office, &format!("as-{role}"), role.as_str())
            .unwrap();
        for endpoint in all() {
            // Anew for each: one of them ends the session.
            terminal.log_in(&user).await;
            let answer = ask(&terminal, &endpoint, &records).await;
            let expected = endpoint.access.admits(role);
            assert_eq!(
                let_through(&answer),
                expected,
                "{role} {}: {answer:?}",
                endpoint.name
            );
            if !expected {
                assert_eq!(
                    (answer.status, answer.code()),
                    (403, "not-permitted"),
                    "{role} {}",
                    endpoint.name
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_shows_itself_to_its_own_office_and_the_one_above() {
    let world = populate(World::start().unwrap());
    add_national_offices(&world);
    world
        .office(CHILD, "facility", "見本宿泊療養施設", Some(EAST))
        .unwrap();
    let terminals = OFFICES.map(|office| Terminal::new(&world, &identity_named(&world, office)));
    let mut asked = 0;
    for role in [Role::Staff, Role::Administrator, Role::Reader] {
        let mut seats = Vec::new();
        for (office, terminal) in OFFICES.iter().zip(&terminals) {
            let login = format!("{role}-at-{office}");
            let mut seat = terminal.clone();
            let user = world.user(office, &login, role.as_str()).unwrap();
            assert_eq!(seat.log_in(&user).await.status, 200, "{login}");
            seats.push(seat);
        }
        for owner in [EAST, PREFECTURE] {
            let mut seat =
                terminals[OFFICES.iter().position(|office| *office == owner).unwrap()].clone();
            let login = format!("enters-{role}-{owner}");
            seat.log_in(&world.user(owner, &login, "staff").unwrap())
                .await;
            let records = records_of(&seat).await;
            for (office, seat) in OFFICES.iter().zip(&seats) {
                for endpoint in all().iter().filter(|endpoint| of_a_record(endpoint)) {
                    let answer = ask(seat, endpoint, &records).await;
                    let seen = match *office {
                        office if office == owner => true,
                        // An import is the business of the office that began it.
                        PREFECTURE => !endpoint.path.contains("/imports/"),
                        _ => false,
                    };
                    let found = answer.status != 404 && let_through(&answer);
                    assert_eq!(
                        found,
                        seen && endpoint.access.admits(role),
                        "{role} of {office}, record of {owner}, {}: {answer:?}",
                        endpoint.name
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked >= 3 * 2 * 5 * 8, "{asked}");
}

/// Where a role has its place.
fn office_of(role: Role) -> &'static str {
    match role {
        Role::Helpdesk => HELPDESK,
        Role::Officer => MINISTRY,
        Role::Staff | Role::Administrator | Role::Reader => EAST,
    }
}

/// Endpoints that name a returnee or an import.
fn of_a_record(endpoint: &Declared) -> bool {
    endpoint.personal != Personal::None && endpoint.path.contains("{id}")
}

fn identity_named(world: &World, office: &str) -> Identity {
    identity(world, office, &format!("terminal-of-{office}"))
}

/// A world in which the eastern health centre follows someone with an open sign, and has an
/// import under way.
pub(crate) async fn prepared() -> (World, Records) {
    let world = populate(World::start().unwrap());
    let records = records(&world).await;
    (world, records)
}

/// The records of [`prepared`], entered into a world with the prefecture in it.
pub(crate) async fn records(world: &World) -> Records {
    add_national_offices(world);
    let mut terminal = Terminal::new(world, &identity(world, EAST, "first"));
    let user = world.user(EAST, "first", "staff").unwrap();
    assert_eq!(terminal.log_in(&user).await.status, 200);
    records_of(&terminal).await
}

fn add_national_offices(world: &World) {
    world.office(MINISTRY, "ministry", "見本省", None).unwrap();
    world
        .office(HELPDESK, "helpdesk", "見本ヘルプデスク", Some(MINISTRY))
        .unwrap();
    world
        .office(SPARE, "health-centre", "見本県予備保健所", Some(PREFECTURE))
        .unwrap();
}

/// Someone with an open sign, and an import under way, entered by whoever is logged in here.
async fn records_of(terminal: &Terminal) -> Records {
    let entry_date = days_ago(3);
    let entered = write(
        terminal,
        "POST",
        "/v1/returnees",
        json!({ "details": person(fresh_number(), &entry_date), "although_alike": true }),
    )
    .await;
    let returnee = entered["id"].as_str().unwrap().to_owned();
    let day = days_ago(1);
    let findings = json!({ "reach": "phone", "temperature": 38.1 });
    let path = format!("/v1/returnees/{returnee}/observations/{day}");
    let recorded = write(
        terminal,
        "PUT",
        &path,
        json!({ "version": 0, "findings": findings }),
    )
    .await;
    let sign = recorded["signs"][0]["id"].as_str().unwrap().to_owned();
    let import = fresh_key();
    write(
        terminal,
        "POST",
        "/v1/imports",
        json!({ "id": import, "file_name": "見本.csv", "rows": 1 }),
    )
    .await;
    Records {
        returnee,
        entry_date: day,
        sign,
        import,
    }
}

async fn write(terminal: &Terminal, method: &str, path: &str, body: Value) -> Value {
    let answer = terminal
        .send(method, path, Some(&body), Some(&fresh_key()))
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.body
}

/// The civil date in Japan this many days ago.
pub(crate) fn days_ago(days: i32) -> String {
    shared::Day::in_japan(crate::wire::now())
        .plus(-days)
        .to_string()
}

fn fresh_number() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(1_000);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_show_themselves_to_their_own_office_and_those_above() {
    let (world, records) = prepared().await;
    for (office, role) in [
        (EAST, "staff"),
        (WEST, "staff"),
        (PREFECTURE, "administrator"),
        (HELPDESK, "helpdesk"),
        (MINISTRY, "officer"),
    ] {
        let mut terminal = Terminal::new(&world, &identity_named(&world, office));
        let user = world.user(office, &format!("at-{office}"), role).unwrap();
        terminal.log_in(&user).await;
        for endpoint in all().iter().filter(|it| it.path.contains("/contacts")) {
            let answer = ask(&terminal, endpoint, &records).await;
            // The sample names the eastern health centre, and a version that nobody has.
            let expected = match (endpoint.name, office) {
                ("ListContacts" | "CheckContacts", _) => 200,
                ("ShowContactHistory", WEST) => 404,
                ("ShowContactHistory", _) => 200,
                ("RegisterContacts", EAST | WEST) => 422,
                ("RegisterContacts", _) => 409,
                (unknown, _) => panic!("{unknown} has no row here"),
            };
            assert_eq!(
                answer.status, expected,
                "{office} {}: {answer:?}",
                endpoint.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolments_show_themselves_to_their_own_office_and_those_above() {
    let (world, records) = prepared().await;
    for (office, role, sees) in [
        (EAST, "staff", false),
        (PREFECTURE, "staff", true),
        (PREFECTURE, "administrator", true),
        (HELPDESK, "helpdesk", true),
        (MINISTRY, "officer", true),
    ] {
        let mut terminal = Terminal::new(&world, &identity_named(&world, office));
        let user = world
            .user(office, &format!("{role}-{office}"), role)
            .unwrap();
        terminal.log_in(&user).await;
        // The sample names the spare health centre, beside the eastern one.
        for endpoint in all() {
            let of_an_office = endpoint.path.contains("/enrolments/{office}");
            if !of_an_office || endpoint.keyed {
                continue;
            }
            let answer = ask(&terminal, &endpoint, &records).await;
            let expected = if sees { 200 } else { 404 };
            assert_eq!(
                answer.status, expected,
                "{role} {}: {answer:?}",
                endpoint.name
            );
        }
    }
}
