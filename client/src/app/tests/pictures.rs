//! Every state of these screens, looked at.

use super::*;
use crate::app::{Identities, Stage, Wait, work};
use crate::enrolment::Step;
use crate::keystore::Identity;
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
        desk.look("enrolment-form-half-a-password");
        desk.enrol(enrolment::Message::PasswordTyped(Secret::new(
            PASSWORD.into(),
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
            WRONG_PASSWORD.into(),
        )));
        desk.enrol(enrolment::Message::RetryPressed);
        desk.look("enrolment-wrong-password");

        desk.door.refuse(ProblemCode::LinkLocked);
        desk.enrol(enrolment::Message::PasswordTyped(Secret::new(
            WRONG_PASSWORD.into(),
        )));
        desk.enrol(enrolment::Message::RetryPressed);
        desk.look("enrolment-locked-link");
    });
}

#[test]
fn a_terminal_that_slept_past_its_end() {
    in_both(|language| {
        let mut desk = super::entrance::overslept(language);
        desk.look("login-expired");
        desk.press(key::Named::F3);
        desk.look("login-expired-asked");
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
        let first = Session {
            must_change_password: true,
            ..session()
        };
        Desk::working(language, server().answer::<OpenSession>(first)).look("login-first");
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
        desk.door.line.end_session("token");
        desk.send(Message::Work(work::Message::Went(Room::Today)));
        desk.pass(SignedDuration::from_secs(1));
        desk.look("lock-ended");
        let first = Session {
            must_change_password: true,
            ..session()
        };
        let _ = desk.door.line.clone().answer::<OpenSession>(first);
        let password = Secret::new("as it was handed over".to_owned());
        desk.send(lock(session::Message::PasswordTyped(password)));
        desk.send(lock(session::Message::SubmitPressed));
        desk.look("lock-first");
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
fn every_zoom() {
    in_both(|language| {
        Desk::fresh(language, server()).look_at_the_ends("enrolment-form");
        let mut desk = Desk::enrolled(language, server());
        desk.look_at_the_ends("login");
        desk.log_in("yamada-1", "a long enough password");
        desk.look_at_the_ends("today");
        desk.send(Message::HelpToggled);
        desk.look_at_the_ends("today-keys");
        desk.send(Message::HelpToggled);
        desk.pass(SignedDuration::from_mins(10));
        desk.look_at_the_ends("lock");
    });
}

#[test]
fn the_question_about_what_is_not_saved() {
    in_both(|language| {
        let mut desk = Desk::working(language, server());
        working::type_on_a_form(&mut desk);
        desk.send(Message::Work(work::Message::LogOutPressed));
        desk.look("unsaved-log-out");
        desk.look_at_the_ends("unsaved-log-out");
        desk.press(key::Named::Escape);
        desk.send(Message::CloseRequested);
        desk.look("unsaved-close");
    });
}

#[test]
fn waiting_before_the_login() {
    in_both(|language| {
        let mut desk = Desk::enrolled(language, server());
        let active = desk.memory.peek(Slot::Active).expect("an identity");
        let active = Identity::unpack(&active).expect("an identity");
        let renewal = desk.app.update(Message::IdentityRead(Ok(Identities {
            pending: Some(active.clone()),
            active: Some(active),
        })));
        desk.look("renewal");
        desk.look_at_the_ends("renewal");
        drop(renewal);
        desk.app.stage = Stage::Opening(Wait::Keystore);
        desk.look("opening");
    });
}

#[test]
fn a_link_on_a_terminal_that_is_let_in_already() {
    in_both(|language| {
        let mut desk = Desk::enrolled(language, server());
        desk.app.link = Some(Door::new(server()).link().to_string());
        let asking = desk.app.ask_the_keystore();
        desk.run(asking);
        // The link has other digits each time: a window without it.
        desk.enrol(enrolment::Message::LinkTyped(String::new()));
        desk.look("enrolment-again");
        desk.look_at_the_ends("enrolment-again");
    });
}

#[test]
fn an_enrolment_that_was_broken_off() {
    in_both(|language| {
        let mut desk = Desk::fresh(language, server());
        desk.door.line.cut(true);
        desk.fill_in_the_link(PASSWORD);
        desk.enrol(enrolment::Message::SubmitPressed);
        Desk::with(language, server(), desk.memory.clone()).look("enrolment-unfinished");
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
