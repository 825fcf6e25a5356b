//! Calls over a script.

use shared::enrolment::{ShowTerminal, TerminalQuery};
use shared::follow_up::work_list::{CountReturnees, Counts, CountsQuery};
use shared::id::IdempotencyKey;
use shared::session::{EndSession, LogOut, Token};
use shared::{Problem, ProblemCode};

use super::scripted::Script;
use super::{Api, Failure, Line, Unreachable};

fn api(script: &Script) -> Api {
    Api::new(std::sync::Arc::new(script.clone()), || {
        IdempotencyKey::new(1, [1; 10])
    })
}

#[tokio::test]
async fn an_answer_arrives_as_its_type_and_carries_the_session() {
    let counts = Counts {
        open: 12,
        ..Counts::default()
    };
    let script = Script::new().answer::<CountReturnees>(counts);
    let api = api(&script);
    api.use_session(Some(Token::new("secret".into())));
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
