//! Calls over a script.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::poll;
use shared::accounts::Password;
use shared::accounts::password::{ChangePassword, PasswordChange};
use shared::contract::Done;
use shared::enrolment::{ShowTerminal, TerminalQuery};
use shared::follow_up::work_list::{CountReturnees, Counts, CountsQuery};
use shared::id::IdempotencyKey;
use shared::session::{EndSession, LogOut, Token};
use shared::{Problem, ProblemCode};

use super::scripted::Script;
use super::{Api, Failure, Line, Unreachable};

fn api(script: &Script) -> Api {
    let made = AtomicU64::new(0);
    Api::new(Arc::new(script.clone()), move || {
        IdempotencyKey::new(made.fetch_add(1, Ordering::Relaxed), [1; 10])
    })
}

fn token(text: &str) -> Token {
    Token::new(text.to_owned())
}

fn change() -> PasswordChange {
    PasswordChange {
        present: Password::new("as it was before".to_owned()),
        new: Password::new("three unrelated words".to_owned()),
    }
}

/// Somebody works, in a session that has just ended on the server.
fn ended(script: &Script) -> Api {
    let api = api(script);
    api.use_session(Some(token("first")));
    api.hold_refused();
    script.end_session("first");
    api
}

#[tokio::test]
async fn what_came_too_late_for_its_session_is_done_once_the_person_is_back() {
    let script = Script::new().answer::<ChangePassword>(Done {});
    let api = ended(&script);
    let mut late = Box::pin(api.call::<ChangePassword>(change()));
    assert!(poll!(&mut late).is_pending());
    assert!(api.session_has_ended());
    api.renew_session(token("second"));
    assert!(!api.session_has_ended() && api.line() == Line::Connected);
    assert!(poll!(&mut late).is_pending(), "something comes before it");
    api.resume();
    assert_eq!(late.await, Ok(Done {}));
    let calls = script.calls::<ChangePassword>();
    let tokens = calls.iter().map(|call| call.token.clone().expect("one"));
    let tokens: Vec<_> = tokens.map(|it| it.reveal().to_owned()).collect();
    assert_eq!(tokens, ["first", "second"]);
    assert!(calls[0].key.is_some() && calls[0].key == calls[1].key);
}

#[tokio::test]
async fn what_is_held_for_somebody_is_given_up_when_they_do_not_come_back() {
    let script = Script::new().answer::<ChangePassword>(Done {});
    let api = ended(&script);
    let mut late = Box::pin(api.call::<ChangePassword>(change()));
    assert!(poll!(&mut late).is_pending());
    api.use_session(Some(token("somebody else's")));
    api.hold_refused();
    let refused = late.await.expect_err("it is not theirs");
    assert_eq!(refused.problem(), Some(ProblemCode::NotLoggedIn));
    assert_eq!(script.calls::<ChangePassword>().len(), 1);
    assert!(!api.session_has_ended() && api.line() == Line::Connected);
}

#[tokio::test]
async fn where_nobody_can_be_asked_to_log_in_again_the_refusal_comes_at_once() {
    let script = Script::new().refuse::<CountReturnees>(Problem::new(ProblemCode::NotLoggedIn));
    let api = api(&script);
    for session in [None, Some(token("first"))] {
        api.use_session(session);
        let refused = api.call::<CountReturnees>(CountsQuery {}).await;
        assert_eq!(
            refused.unwrap_err().problem(),
            Some(ProblemCode::NotLoggedIn)
        );
    }
}

#[tokio::test]
async fn an_answer_arrives_as_its_type_and_carries_the_session() {
    let counts = Counts {
        open: 12,
        ..Counts::default()
    };
    let script = Script::new().answer::<CountReturnees>(counts);
    let api = api(&script);
    api.use_session(Some(token("secret")));
    assert_eq!(api.call::<CountReturnees>(CountsQuery {}).await, Ok(counts));
    let call = script.calls::<CountReturnees>().remove(0);
    assert_eq!(call.path, "/v1/returnee-counts");
    assert!(call.token.is_some_and(|token| token.reveal() == "secret"));
    assert!(call.key.is_none(), "a read has no key");
    assert_eq!(api.line(), Line::Connected);
}

#[tokio::test]
async fn a_cut_line_is_told_apart_from_a_refusal() {
    let script = Script::new()
        .refuse::<CountReturnees>(Problem::new(ProblemCode::NotPermitted))
        .answer::<EndSession>(shared::contract::Done {});
    let api = api(&script);
    let refused = api.call::<CountReturnees>(CountsQuery {}).await;
    assert_eq!(
        refused.unwrap_err().problem(),
        Some(ProblemCode::NotPermitted)
    );
    assert_eq!(api.line(), Line::Connected);
    script.cut(true);
    let cut = api.call::<EndSession>(LogOut {}).await;
    assert_eq!(cut, Err(Failure::Unreachable(Unreachable::Cut)));
    assert_eq!(api.line(), Line::Cut);
}

#[tokio::test]
async fn a_revoked_terminal_is_known_to_the_whole_window() {
    let script = Script::new().refuse::<ShowTerminal>(Problem::new(ProblemCode::TerminalRevoked));
    let api = api(&script);
    let _ = api.call::<ShowTerminal>(TerminalQuery {}).await;
    assert_eq!(
        api.clone().line(),
        Line::Refused(ProblemCode::TerminalRevoked)
    );
}
