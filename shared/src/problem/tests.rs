use super::*;
use crate::contract::from_parts;
use crate::follow_up::returnee::ChangeReturnee;
use crate::follow_up::work_list::ListReturnees;
use crate::words::sentence;

#[test]
fn every_problem_has_its_sentences_in_both_languages() {
    for code in ProblemCode::ALL {
        for part in ["title", "detail"] {
            let key = format!("problem.{}.{part}", code.as_str());
            let both = [Language::Ja, Language::En].map(|language| sentence(&key, language));
            assert!(
                !both.contains(&key) && both[0] != both[1],
                "{key}: {both:?}"
            );
        }
    }
}

#[test]
fn whoever_only_reads_hears_nothing_of_their_input() {
    for (code, words) in [
        (ProblemCode::StoreUnavailable, ["入力", "input"]),
        (ProblemCode::AuthorityUnavailable, ["リンク", "link"]),
        (ProblemCode::Internal, ["入力", "input"]),
    ] {
        for (language, input) in [Language::Ja, Language::En].into_iter().zip(words) {
            let problem = Problem::new(code);
            let (read, written) = (
                problem.document_of_a_read(language),
                problem.document(language),
            );
            assert!(written.detail.contains(input), "{}", written.detail);
            assert!(!read.detail.contains(input), "{}", read.detail);
            assert!(!read.detail.starts_with("problem."), "{}", read.detail);
            assert!(!read.title.starts_with("problem."), "{}", read.title);
        }
    }
}

#[test]
fn a_refused_value_names_its_field_and_what_is_expected() {
    let path = [("id".to_owned(), uuid::Uuid::nil().to_string())];
    let body = br#"{"version":1,"details":{"name":"\u898b\u672c","entry_date":"2026-11-01","phone":"12"}}"#;
    let unreadable = from_parts::<ChangeReturnee>(path, None, body).unwrap_err();
    let problem = Problem::unreadable(unreadable);
    assert_eq!(problem.code, ProblemCode::InvalidField);
    assert_eq!(problem.field.as_deref(), Some("details.phone"));
    assert!(problem.document(Language::Ja).detail.contains("090"));
}

#[test]
fn a_request_that_is_wrong_as_a_whole_names_no_field() {
    for body in [
        "[1]",
        "{\"version\": ",
        "5",
        "\"details: refused.phone\"",
        "{\"a: b\": }",
    ] {
        let unreadable = from_parts::<ChangeReturnee>([], None, body.as_bytes()).unwrap_err();
        let problem = Problem::unreadable(unreadable);
        assert_eq!(problem.code, ProblemCode::InvalidRequest, "{body}");
        assert_eq!(problem.field, None, "{body}");
    }
    let unreadable = from_parts::<ListReturnees>([], Some("limit=many"), b"").unwrap_err();
    assert_eq!(unreadable.field.as_deref(), Some("limit"));
    let missing = from_parts::<ChangeReturnee>([], None, b"").unwrap_err();
    assert_eq!(Problem::unreadable(missing).field, None);
}

#[test]
fn a_document_is_said_again_in_the_other_language() {
    let refused = Problem::refused("login", Refused::new("login_taken"));
    let slow = Problem::new(ProblemCode::SlowedDown).with("seconds", 30);
    for problem in [
        Problem::new(ProblemCode::LinkRefused),
        Problem::new(ProblemCode::StoreUnavailable),
        slow,
        refused,
    ] {
        for document in [Problem::document, Problem::document_of_a_read] {
            let [ja, en] = Language::ALL.map(|language| document(&problem, language));
            assert_ne!((&ja.title, &ja.detail), (&en.title, &en.detail));
            for (from, to, language) in [
                (&ja, &en, Language::En),
                (&en, &ja, Language::Ja),
                (&en, &en, Language::En),
            ] {
                assert_eq!(from.title_in(language), to.title);
                assert_eq!(from.detail_in(language), to.detail);
            }
        }
    }
}

#[test]
fn a_reason_of_another_version_is_said_as_it_came() {
    let known = Problem::refused("login", Refused::new("login_taken")).document(Language::Ja);
    for reason in [Some("not_known_here".to_owned()), None] {
        let document = ProblemDocument {
            reason,
            detail: "未知の説明です。".to_owned(),
            ..known.clone()
        };
        assert_eq!(document.detail_in(Language::En), "未知の説明です。");
        assert_ne!(document.title_in(Language::En), known.title);
    }
}

#[test]
fn a_sentence_of_another_version_is_said_in_the_language_of_the_window() {
    let mut document = Problem::new(ProblemCode::Busy).document(Language::Ja);
    document.detail = "別の版の説明です。".to_owned();
    let here = Problem::new(ProblemCode::Busy).document(Language::En);
    assert_eq!(document.detail_in(Language::En), here.detail);
}

#[test]
fn what_is_logged_is_not_sent() {
    let document = Problem::internal("disk sda1 broke").document(Language::En);
    assert!(!serde_json::to_string(&document).unwrap().contains("sda1"));
}
