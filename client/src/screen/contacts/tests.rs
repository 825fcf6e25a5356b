//! The contacts, driven by keys.

use std::sync::{Arc, Mutex};

use iced::advanced::input_method;
use iced::keyboard::key::Named;
use iced::keyboard::{Key, Modifiers};
use iced::{Event, Task};
use serde_json::{Value, json};
use shared::id::Page;
use shared::offices::contacts::{
    CheckContacts, Contact, ContactEffect, ContactFinding, ContactFindings, ContactHistory,
    ContactsQuery, ContactsToRegister, ListContacts, RegisterContacts, RegisteredContacts,
    ShowContactHistory,
};
use shared::{Problem, ProblemCode};

use super::{Contacts, Message};
use crate::api::Call;
use crate::api::scripted::Script;
use crate::picture::AT_100;
use crate::screen::stage::{self, Window, made};
use crate::screen::{Context, Screen, Step};

mod intake;
mod looks;
mod typed;

/// A contact with this code and name; an address makes it registered.
fn contact(code: &str, kind: &str, name: &str, mails: &[&str]) -> Contact {
    let mut value = json!({
        "office": { "code": code, "kind": kind, "name": name },
        "version": u32::from(!mails.is_empty()),
    });
    if let Some(mail) = mails.first() {
        value["mail"] = json!(mail);
        value["changed_at"] = json!(stage::NOON);
        value["changed_by"] = json!(stage::colleague(3, "見本 連絡子"));
    }
    if let Some(mail) = mails.get(1) {
        value["password_mail"] = json!(mail);
    }
    made(value)
}

/// 見本市 and its health centres.
fn offices() -> Vec<Contact> {
    let centre = |code, name, mails| contact(code, "health-centre", name, mails);
    vec![
        contact("990019", "municipality", "見本市", &["city@example.lg.jp"]),
        centre(
            "990019-1",
            "見本市東保健所",
            &["east@example.lg.jp", "kagi@example.lg.jp"],
        ),
        centre("990019-2", "見本市西保健所", &[]),
        centre("990019-3", "見本市南保健所", &["south@example.lg.jp"]),
        centre("990019-4", "中央保健所", &[]),
        centre("990019-5", "中央保健所", &[]),
    ]
}

type Kept = Arc<Mutex<Vec<Contact>>>;

fn body<T: serde::de::DeserializeOwned>(call: &Call) -> T {
    made(call.body.clone().expect("a body"))
}

/// A server that keeps contacts as the real one does.
fn server(contacts: Vec<Contact>) -> (Script, Kept) {
    let kept: Kept = Arc::new(Mutex::new(contacts));
    let (listed, checked, written, told) = (kept.clone(), kept.clone(), kept.clone(), kept.clone());
    let script = Script::new()
        .reply::<ListContacts>(move |call| {
            let query: ContactsQuery = query(call);
            let kept = listed.lock().expect("no holder panics");
            let after = query.after.map(|after| after.to_string());
            let mut rows: Vec<Contact> = kept
                .iter()
                .filter(|it| !query.missing || it.mail.is_none())
                .filter(|it| {
                    let code = it.office.code.as_str();
                    let is_under =
                        |root: &str| code == root || code.starts_with(&format!("{root}-"));
                    query
                        .under
                        .as_ref()
                        .is_none_or(|root| is_under(root.as_str()))
                })
                .filter(|it| {
                    after
                        .as_ref()
                        .is_none_or(|after| it.office.code.as_str() > after.as_str())
                })
                .cloned()
                .collect();
            let limit = usize::from(query.limit.unwrap_or(100));
            let more = rows.len() > limit;
            rows.truncate(limit);
            let last = rows.last().filter(|_| more);
            let next = last.map(|contact| contact.office.code.to_string());
            Ok(made::<Page<Contact>>(json!({ "rows": rows, "next": next })))
        })
        .reply::<CheckContacts>(move |call| {
            let list: ContactsToRegister = body(call);
            let kept = checked.lock().expect("no holder panics");
            let findings = list.contacts.iter().map(|new| {
                let present = kept.iter().find(|it| it.office.code == new.office).cloned();
                ContactFinding {
                    office: new.office.clone(),
                    effect: present
                        .as_ref()
                        .map_or(ContactEffect::UnknownOffice, |present| new.effect(present)),
                    present,
                }
            });
            Ok(ContactFindings {
                findings: findings.collect(),
            })
        })
        .reply::<RegisterContacts>(move |call| {
            let list: ContactsToRegister = body(call);
            let mut kept = written.lock().expect("no holder panics");
            let mut counts = RegisteredContacts {
                new: 0,
                changed: 0,
                unchanged: 0,
            };
            for new in &list.contacts {
                let present = kept.iter_mut().find(|it| it.office.code == new.office);
                let present = present.expect("a known office");
                match new.effect(present) {
                    ContactEffect::New => counts.new += 1,
                    ContactEffect::Unchanged => {
                        counts.unchanged += 1;
                        continue;
                    }
                    _ => counts.changed += 1,
                }
                if new.version != present.version {
                    let current = serde_json::to_value(&*present).expect("JSON");
                    return Err(Problem::new(ProblemCode::VersionClash).with_current(current));
                }
                present.version = present.version.next();
                present.password_mail = new
                    .password_mail_after(present.password_mail.as_ref())
                    .cloned();
                present.mail = Some(new.mail.clone());
                present.changed_at = Some(stage::NOON.parse().expect("an instant"));
            }
            Ok(counts)
        })
        .reply::<ShowContactHistory>(move |call| {
            let kept = told.lock().expect("no holder panics");
            let present = kept
                .iter()
                .find(|it| call.path.contains(&format!("/{}/", it.office.code)));
            let mut earlier = present.expect("a known office").clone();
            let versions = match earlier.mail {
                None => Vec::new(),
                Some(_) => {
                    let present = earlier.clone();
                    earlier.mail = Some("before@example.lg.jp".parse().expect("an address"));
                    earlier.password_mail = None;
                    vec![present, earlier]
                }
            };
            Ok(ContactHistory { versions })
        });
    (script, kept)
}

/// What a read asks for.
fn query(call: &Call) -> ContactsQuery {
    let mut value = json!({ "missing": false });
    let parts = call.path.split_once('?').map_or("", |(_, query)| query);
    for (name, text) in parts.split('&').filter_map(|part| part.split_once('=')) {
        value[name] = match name {
            "missing" => json!(text == "true"),
            "limit" => json!(text.parse::<u16>().expect("a number")),
            _ => json!(text),
        };
    }
    made(value)
}

/// Somebody of 見本市, at this server.
fn context(server: &Script) -> Context {
    let mut context = stage::context(server);
    context.office = made(json!({ "code": "990019", "kind": "municipality", "name": "見本市" }));
    context
}

fn window(server: &Script, size: (f32, f32)) -> Window<Contacts> {
    let context = context(server);
    Window::open(Contacts::new(&context), context, size)
}

/// Puts a text in as an input method or the clipboard does.
fn paste(window: &mut Window<Contacts>, text: &str) {
    window.happens([
        Event::InputMethod(input_method::Event::Opened),
        Event::InputMethod(input_method::Event::Commit(text.into())),
        Event::InputMethod(input_method::Event::Closed),
    ]);
}

/// Takes away what stands in the field that has the keys.
fn clear(window: &mut Window<Contacts>) {
    for _ in 0..60 {
        window.key(Named::Backspace);
    }
}

fn save(window: &mut Window<Contacts>) {
    window.chord(Key::Character("s".into()), Modifiers::COMMAND);
}

fn proceed(window: &mut Window<Contacts>) {
    window.chord(Key::Named(Named::Enter), Modifiers::COMMAND);
}

#[track_caller]
fn must_show(window: &mut Window<Contacts>, words: &str) {
    if !window.shows(words) {
        window.picture("contacts-not-as-expected");
        panic!("nothing says {words}");
    }
}

#[test]
fn coming_back_to_the_room_gives_its_list_the_keys() {
    let mut window = window(&server(offices()).0, AT_100);
    window.types("/");
    assert!(!window.keys_are_at("contacts-list"));
    let context = window.context.clone();
    let entered = window.screen.entered(&context);
    window.runs(entered);
    assert!(window.keys_are_at("contacts-list"));
}
