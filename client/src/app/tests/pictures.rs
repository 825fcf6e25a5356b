//! Every state of these screens, looked at.

use super::*;
use crate::app::work;
use crate::enrolment::Step;
use crate::screen::Room;

#[test]
fn the_enrolment_form() {
    in_both(|language| {
        let mut desk = Desk::fresh(language, server());
        desk.look("enrolment-form");
        desk.enrol(enrolment::Message::LinkTyped("https://example.jp/".into()));
        desk.enrol(enrolment::Message::LinkLeft);
        desk.look("enrolment-form-wrong-link");
        desk.enrol(enrolment::Message::LinkTyped(desk.door.link().to_string()));
        desk.enrol(enrolment::Message::PasswordTyped(Secret::new(
            "abcd".into(),
        )));
        desk.enrol(enrolment::Message::SubmitPressed);
        desk.look("enrolment-form-no-consent");
    });
}

#[test]
fn the_enrolment_under_way() {
    in_both(|language| {
        let mut desk = Desk::fresh(language, server());
        desk.fill_in_the_link(PASSWORD);
        let steps = desk
            .app
            .update(Message::Enrolment(enrolment::Message::SubmitPressed));
        desk.enrol(enrolment::Message::Begun(Step::Key));
        desk.look("enrolment-working");
        drop(steps);
    });
}

#[test]
fn the_enrolment_in_trouble() {
    in_both(|language| {
        let cut = Trouble::Unreachable(Unreachable::Cut);
        let mut desk = Desk::fresh(language, server());
        desk.door.fail(Some(cut));
        desk.fill_in_the_link(PASSWORD);
        desk.enrol(enrolment::Message::SubmitPressed);
        desk.look("enrolment-cut");

        desk.door.fail(None);
        desk.enrol(enrolment::Message::PasswordTyped(Secret::new(
            "wrong".into(),
        )));
        desk.enrol(enrolment::Message::RetryPressed);
        desk.look("enrolment-wrong-password");

        desk.door.refuse(ProblemCode::LinkLocked);
        desk.enrol(enrolment::Message::PasswordTyped(Secret::new(
            "wrong again".into(),
        )));
        desk.enrol(enrolment::Message::RetryPressed);
        desk.look("enrolment-locked-link");
    });
}

#[test]
fn a_keyring_that_is_locked_or_missing() {
    in_both(|language| {
        for (fault, name) in [
            (Fault::Locked, "keyring-locked"),
            (
                Fault::Missing("no session bus".to_owned()),
                "keyring-missing",
            ),
        ] {
            let memory = Memory::new();
            memory.fail(Some(fault));
            Desk::with(language, server(), memory).look(name);
        }
    });
}

#[test]
fn the_end_of_the_enrolment() {
    in_both(|language| {
        let mut desk = Desk::fresh(language, server());
        desk.fill_in_the_link(PASSWORD);
        desk.enrol(enrolment::Message::SubmitPressed);
        desk.look("enrolment-done");
    });
}

#[test]
fn the_login() {
    in_both(|language| {
        let mut desk = Desk::enrolled(language, server());
        desk.look("login");
        desk.send(Message::LogIn(session::Message::LoginTyped(
            "yamada-1".into(),
        )));
        desk.send(Message::LogIn(session::Message::SubmitPressed));
        desk.look("login-missing");
        let password = Secret::new("a long enough password".to_owned());
        desk.send(Message::LogIn(session::Message::PasswordTyped(password)));
        let answer = desk
            .app
            .update(Message::LogIn(session::Message::SubmitPressed));
        desk.look("login-asking");
        drop(answer);
        let wrong = server().refuse::<OpenSession>(Problem::new(ProblemCode::WrongLogin));
        Desk::working(language, wrong).look("login-wrong");
        let slow = Problem::new(ProblemCode::SlowedDown).with("seconds", 30);
        Desk::working(language, server().refuse::<OpenSession>(slow)).look("login-slowed");
        let mut desk = Desk::enrolled(language, server());
        desk.door.line.cut(true);
        desk.log_in("yamada-1", "a long enough password");
        desk.look("login-cut");
        let revoked = server().refuse::<OpenSession>(Problem::new(ProblemCode::TerminalRevoked));
        Desk::working(language, revoked).look("login-revoked");
    });
}

#[test]
fn the_work_of_today() {
    in_both(|language| {
        let mut desk = Desk::working(language, server());
        desk.look("today");
        desk.send(Message::HelpToggled);
        desk.look("today-keys");
        desk.send(Message::HelpToggled);
        desk.pass(SignedDuration::from_mins(10));
        desk.look("lock");
        let lock = |message| Message::Work(work::Message::Lock(message));
        let wrong = Problem::new(ProblemCode::WrongLogin);
        let _ = desk.door.line.clone().refuse::<OpenSession>(wrong);
        let password = Secret::new("a wrong password".to_owned());
        desk.send(lock(session::Message::PasswordTyped(password)));
        desk.send(lock(session::Message::SubmitPressed));
        desk.look("lock-wrong");
        let mut desk = Desk::working(language, server());
        let counting = desk
            .app
            .update(Message::Work(work::Message::Went(Room::Today)));
        desk.look("today-loading");
        drop(counting);
        let empty = server().answer::<CountReturnees>(Counts::default());
        Desk::working(language, empty).look("today-empty");
        let broken = Problem::new(ProblemCode::StoreUnavailable);
        let broken = server().refuse::<CountReturnees>(broken);
        Desk::working(language, broken).look("today-error");
        let revoked = Problem::new(ProblemCode::TerminalRevoked);
        let revoked = server().refuse::<CountReturnees>(revoked);
        Desk::working(language, revoked).look("today-revoked");
    });
}

#[test]
fn the_other_appearances() {
    for appearance in [Appearance::Dark, Appearance::HighContrast] {
        let mut desk = Desk::working(Language::Ja, server());
        while desk.app.preferences.appearance != appearance {
            desk.send(Message::AppearanceTurned);
        }
        let name = if appearance == Appearance::Dark {
            "dark"
        } else {
            "high-contrast"
        };
        desk.look(&format!("today-{name}"));
        desk.pass(SignedDuration::from_mins(10));
        desk.look(&format!("lock-{name}"));
    }
}
