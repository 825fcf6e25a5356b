//! What entries say in plain words.

use serde::Deserialize as _;
use serde_json::Value;
use shared::accounts::Role;
use shared::audit::{AuditEntry, AuditKind};
use shared::contract::Endpoint as _;
use shared::enrolment::deeds::{ReissueCause, ReissueTerminal, RevokeTerminal};
use shared::enrolment::job::{JobState, StepJob};
use shared::follow_up::hand_over::HandOverReturnee;
use shared::mail::ResendMail;
use shared::offices::{OfficeCode, OfficeName};
use shared::session::OpenSession;
use shared::{Problem, ProblemCode};

use crate::language::{self, moment};
use crate::say;

/// Whether entries of this kind are shown to this role at all; the server decides.
pub(super) fn may_see(role: Role, kind: AuditKind) -> bool {
    role != Role::Helpdesk || AuditKind::OF_THE_HELPDESK.contains(&kind)
}

/// A kind of deed.
pub(super) fn kind(kind: AuditKind) -> String {
    say!(format!("audit.kind.{}", kind.as_str()))
}

/// What was done.
pub(super) fn action(name: &str) -> String {
    of_the_log("action", name)
}

/// The words that `area` has for something that stands in the log.
fn of_the_log(area: &str, name: &str) -> String {
    or_its_name(&format!("audit.{area}.{}", name.replace(' ', "-")), name)
}

/// The words that staff read for what is recorded of a day.
fn of_a_day(area: &str, name: &str) -> String {
    let word = name.replace('-', "_");
    or_its_name(&format!("follow_up.{area}.{word}"), name)
}

/// The words that the helpdesk reads in a bulk order: what is done, what became of a terminal, how a
/// caller was identified, how it goes on.
fn of_an_order(area: &str, name: &str) -> String {
    or_its_name(&format!("issuing.{area}.{name}"), name)
}

/// The words under this key; the log may be of a newer program, and what there are no words for goes
/// by its own name.
fn or_its_name(key: &str, name: &str) -> String {
    let words = say!(key);
    // A key without words comes back, perhaps behind its language.
    match words.ends_with(key) {
        true => name.to_owned(),
        false => words,
    }
}

/// What was done, or that it was not: a deed that was refused must not read as done.
pub(super) fn deed(entry: &AuditEntry) -> String {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    if entry.action == OpenSession::NAME {
        let is = |name: &str| detail[name].as_bool() == Some(true);
        return match detail.get("wrong") {
            // Whose account it is stands beside it; of older entries only the detail knows.
            Some(Value::String(_)) if entry.account.is_some() => say!("audit.login.wrong"),
            Some(Value::String(login)) => say!("audit.login.wrong_as", login = login),
            Some(_) => say!("audit.login.unknown"),
            None if is("unlocked") => say!("audit.login.unlocked"),
            None if is("opened") => say!("audit.login.opened"),
            None if is("too_late") => say!("audit.login.too_late"),
            None => action(&entry.action),
        };
    }
    match (&*entry.action, detail["refused"].is_string()) {
        (name, true) => {
            let deed = wanted(name).unwrap_or_else(|| action(name));
            say!("audit.refused", deed = deed)
        }
        // Both stand in the log of one enrolment: what the link and what the terminal came to.
        ("enrol", false) if detail["again"] == true => say!("audit.enrol.again"),
        ("enrol", false) if detail["serial"].is_string() => say!("audit.enrol.certificate"),
        ("enrol", false) if detail["terminal"].is_string() => say!("audit.enrol.link"),
        // It needs a second person, and is a job that waits for them.
        (ReissueTerminal::NAME | RevokeTerminal::NAME, false)
            if detail["state"] == JobState::Waiting.as_str() =>
        {
            let deed = wanted(&entry.action).unwrap_or_else(|| action(&entry.action));
            say!("audit.waits", deed = deed)
        }
        // With the terminal that is lost or stolen its certificates end, each in an entry of its own.
        (ReissueTerminal::NAME, false) if detail["serial"].is_string() => {
            say!("audit.reissue.revoked")
        }
        (ReissueTerminal::NAME, false) => {
            let cause = ReissueCause::deserialize(&detail["cause"]);
            match cause {
                Ok(ReissueCause::Stolen) => say!("audit.reissue.stolen"),
                Ok(ReissueCause::Lost) => say!("audit.reissue.lost"),
                _ => action(ReissueTerminal::NAME),
            }
        }
        (name, false) => action(name),
    }
}

/// What somebody wanted to do, as a noun; `None` where there are no words for it.
pub(super) fn wanted(name: &str) -> Option<String> {
    Some(of_the_log("wanted", name)).filter(|words| words != name)
}

/// Why a deed was refused: what the terminal was told, or a reason of the log's own.
fn refusal(word: &str) -> String {
    if let Some(code) = ProblemCode::ALL.iter().find(|code| code.as_str() == word) {
        return Problem::new(*code).document(language::spoken()).title;
    }
    of_the_log("refusal", word)
}

/// What somebody may do.
pub(super) fn role(word: &str) -> String {
    of_the_log("role", word)
}

/// Who did it.
pub(super) fn who(entry: &AuditEntry) -> String {
    match (&entry.person_name, &entry.person, &entry.terminal) {
        (Some(name), _, _) => name.to_string(),
        (None, Some(id), _) => id.to_string(),
        (None, None, Some(_)) => say!("audit.by_terminal"),
        (None, None, None) => match &*entry.action {
            // A terminal that has no certificate yet names none.
            "enrol" => say!("audit.by_new_terminal"),
            "issue link" | "cancel link" | "revoke terminal" => say!("audit.by_operator"),
            command if command.starts_with("command ") => say!("audit.by_operator"),
            _ => say!("audit.by_server"),
        },
    }
}

/// To whose account, with the login id, where that is not their own deed.
pub(super) fn whom(entry: &AuditEntry) -> Option<String> {
    if entry.person.is_some() && entry.person.map(|it| it.0) == entry.subject {
        return None;
    }
    match (&entry.account_name, &entry.account) {
        (Some(name), Some(login)) => Some(say!("audit.account", name = name, login = login)),
        (_, login) => login.as_ref().map(ToString::to_string),
    }
}

/// Who did it, and to whose account, where one column holds both.
pub(super) fn who_and_whom(entry: &AuditEntry) -> String {
    match whom(entry) {
        Some(whom) => format!("{} → {whom}", who(entry)),
        None => who(entry),
    }
}

/// At which office.
pub(super) fn office(entry: &AuditEntry) -> String {
    named(entry.office_name.as_ref(), entry.office.as_ref())
        .unwrap_or_else(|| say!("audit.no_office"))
}

/// To which office, where that is another.
pub(super) fn concerned(entry: &AuditEntry) -> Option<String> {
    named(entry.concerns_name.as_ref(), entry.concerns.as_ref())
}

/// At which office, and to which.
pub(super) fn offices(entry: &AuditEntry) -> String {
    match concerned(entry) {
        // Whose it is at no office stands beside it already.
        Some(other) if entry.office.is_none() => format!("→ {other}"),
        Some(other) => format!("{} → {other}", office(entry)),
        None => office(entry),
    }
}

fn named(name: Option<&OfficeName>, code: Option<&OfficeCode>) -> Option<String> {
    match (name, code) {
        (Some(name), Some(code)) => Some(format!("{name} ({code})")),
        (None, Some(code)) => Some(code.to_string()),
        (_, None) => None,
    }
}

/// What exactly was done: each value of the detail with the path that leads to it.
pub(super) fn detail(entry: &AuditEntry) -> Vec<(String, String)> {
    let mut found = Vec::new();
    match serde_json::from_str(&entry.detail) {
        Ok(value) => flatten(&entry.action, &value, String::new(), &mut found),
        Err(_) => found.push((String::new(), entry.detail.clone())),
    }
    found
}

/// Whether a deed is about mail.
fn is_of_mail(action: &str) -> bool {
    const OTHERS: [&str; 4] = [
        ResendMail::NAME,
        "remind of link",
        "tell of locked link",
        "warn of certificate",
    ];
    action.contains("mail") || OTHERS.contains(&action)
}

/// The words for a value of this name in the detail of a deed: those that staff read where they do
/// it. `None` where it stands for itself.
fn in_words(action: &str, name: &str, word: &str) -> Option<String> {
    let of_mail =
        |area: &str| or_its_name(&format!("mail.{area}.{}", word.replace('-', "_")), word);
    Some(match (name, action) {
        ("refused", _) => refusal(word),
        ("role", _) => role(word),
        ("cause" | "identified", _) => of_an_order(name, word),
        ("reach", _) => of_a_day("reach", word),
        ("step", StepJob::NAME) => of_an_order("step", word),
        ("to", StepJob::NAME) => of_an_order("job_state", word),
        ("state" | "kind", _) if is_of_mail(action) => of_mail(name),
        ("state", _) => of_an_order("job_state", word),
        // What is done to many, to what kind of office, or which entries were looked for.
        ("kind", _) => ["issuing.deed", "issuing.office_kind", "audit.kind"]
            .map(|area| or_its_name(&format!("{area}.{word}"), word))
            .into_iter()
            .find(|words| words != word)?,
        _ => return None,
    })
}

fn flatten(action: &str, value: &Value, path: String, found: &mut Vec<(String, String)>) {
    let under = |name: &str| match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path} › {name}"),
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(word) => {
                        let words = in_words(action, name, word);
                        found.push((
                            under(&field(action, name)),
                            words.unwrap_or_else(|| plain(value)),
                        ));
                    }
                    Value::Array(symptoms) if name == "present" => {
                        let words = symptoms.iter().filter_map(Value::as_str);
                        let words: Vec<_> = words.map(|it| of_a_day("symptom", it)).collect();
                        let none = || say!("follow_up.symptom.none");
                        let said = if words.is_empty() {
                            none()
                        } else {
                            words.join(", ")
                        };
                        found.push((under(&field(action, name)), said));
                    }
                    value => flatten(action, value, under(&field(action, name)), found),
                }
            }
        }
        Value::Array(values) if values.iter().all(|it| !it.is_object() && !it.is_array()) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            found.push((path, values.join(", ")));
        }
        Value::Array(values) => {
            for (nth, value) in (1..).zip(values) {
                flatten(action, value, under(&format!("{nth}")), found);
            }
        }
        Value::Null => {}
        value => found.push((path, plain(value))),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => say!("audit.affirmed"),
        Value::Bool(false) => say!("audit.denied"),
        value => value.to_string(),
    }
}

/// A field of the detail: "to" is whatever a deed leads to.
fn field(action: &str, name: &str) -> String {
    match (name, action) {
        ("to", StepJob::NAME) => of_the_log("field", "to_state"),
        ("to", HandOverReturnee::NAME) => of_the_log("field", "handed_to"),
        ("to", _) if is_of_mail(action) => of_the_log("field", "recipient"),
        _ => of_the_log("field", name),
    }
}

/// The facts of an entry, one a line.
pub(super) fn facts(entry: &AuditEntry) -> Vec<(String, String)> {
    let mut facts = vec![
        (say!("audit.column.number"), entry.number.to_string()),
        (say!("audit.column.at"), moment(entry.at)),
        (say!("audit.column.who"), who(entry)),
        (say!("audit.column.what"), deed(entry)),
        (say!("audit.column.office"), office(entry)),
    ];
    if let Some(whom) = whom(entry) {
        facts.insert(4, (say!("audit.column.whom"), whom));
    }
    if let Some(concerned) = concerned(entry) {
        facts.push((say!("audit.column.concerns"), concerned));
    }
    if let Some(terminal) = &entry.terminal {
        facts.push((say!("helpdesk.terminal"), terminal.to_string()));
    }
    if let Some(subject) = &entry.subject {
        facts.push((say!("audit.column.record"), subject.to_string()));
    }
    facts
}

/// An entry for the clipboard: in words, and as it stands in the log.
pub(super) fn as_text(entry: &AuditEntry) -> String {
    let raw = [
        ("action", entry.action.clone()),
        ("detail", entry.detail.clone()),
        ("hash", entry.hash.clone()),
    ];
    let raw = raw.map(|(name, value)| (name.to_owned(), value));
    facts(entry)
        .into_iter()
        .chain(raw)
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect()
}
