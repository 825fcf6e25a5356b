//! The login's own field for the password.

use super::*;
use crate::app::work;

/// The login with this typed as the password, read by whoever looks if it is `shown`.
fn typed(password: &str, shown: bool) -> Vec<u8> {
    let mut desk = Desk::enrolled(Language::Ja, server());
    let secret = Secret::new(password.to_owned());
    desk.send(Message::LogIn(session::Message::PasswordTyped(secret)));
    if shown {
        desk.at_the_window(|window| {
            window.click("パスワードを表示する").expect("offered");
        });
    }
    let mut window = picture::drive(desk.app.view(), AT_100);
    let taken = picture::take(&mut window, desk.app.theme(), "login-typed");
    taken.pixels().to_vec()
}

#[test]
fn what_is_typed_as_the_password_is_shown_when_asked_for_and_not_before() {
    let (one, other) = ("k7pw2-hx9dm-q4tze-vb8ny", "aaaaa-bbbbb-ccccc-ddddd");
    assert!(typed(one, false) == typed(other, false), "only its length");
    assert!(typed(one, true) != typed(other, true));
}

fn at_the_login(messages: impl IntoIterator<Item = session::Message>) -> Desk {
    let mut desk = Desk::enrolled(Language::Ja, server());
    for message in messages {
        desk.send(Message::LogIn(message));
    }
    desk
}

fn at_the_lock(messages: impl IntoIterator<Item = session::Message>) -> Desk {
    let mut desk = Desk::working(Language::Ja, server());
    desk.send(Message::Work(work::Message::LockPressed));
    for message in messages {
        desk.send(Message::Work(work::Message::Lock(message)));
    }
    desk
}

fn password() -> session::Message {
    session::Message::PasswordTyped(Secret::new("k7pw2-hx9dm-q4tze-vb8ny".into()))
}

fn drawn(desk: &Desk) -> Vec<u8> {
    let mut window = picture::drive(desk.app.view(), AT_100);
    let taken = picture::take(&mut window, desk.app.theme(), "login-hidden");
    taken.pixels().to_vec()
}

#[test]
fn a_password_that_is_shown_is_hidden_after_a_minute_without_a_key() {
    let shown = || [password(), session::Message::ShownTurned(true)];
    let ways = [
        (at_the_login([password()]), at_the_login(shown())),
        (at_the_lock([password()]), at_the_lock(shown())),
    ];
    for (hidden, mut desk) in ways {
        desk.pass(SignedDuration::from_secs(59));
        assert!(drawn(&desk) != drawn(&hidden), "it can still be read");
        desk.pass(SignedDuration::from_secs(1));
        assert!(drawn(&desk) == drawn(&hidden));
    }
}

#[test]
fn whoever_goes_on_typing_goes_on_reading_what_is_typed() {
    let mut desk = at_the_login([password(), session::Message::ShownTurned(true)]);
    desk.pass(SignedDuration::from_secs(59));
    desk.send(Message::LogIn(password()));
    desk.pass(SignedDuration::from_secs(59));
    assert!(drawn(&desk) != drawn(&at_the_login([password()])));
}

#[test]
fn a_password_that_is_shown_is_hidden_by_every_answer() {
    let answered = |shown| {
        let login = session::Message::LoginTyped("taro-1".into());
        let turned = session::Message::ShownTurned(shown);
        let mut desk = at_the_login([login, password(), turned]);
        desk.door.line.cut(true);
        desk.send(Message::LogIn(session::Message::SubmitPressed));
        drawn(&desk)
    };
    assert!(answered(true) == answered(false), "the line was cut");
}

#[test]
fn the_login_that_shows_the_password_has_its_picture() {
    in_both(|language| {
        let mut desk = Desk::enrolled(language, server());
        desk.send(Message::LogIn(session::Message::LoginTyped(
            "taro-1".into(),
        )));
        let made = Secret::new("k7pw2hx9dmq4tzevb8ny".to_owned());
        desk.send(Message::LogIn(session::Message::PasswordTyped(made)));
        desk.send(Message::LogIn(session::Message::ShownTurned(true)));
        desk.look("login-shown");
    });
}

#[test]
fn what_is_wrong_is_said_in_the_language_that_is_turned_to() {
    let refused = Problem::new(ProblemCode::WrongLogin);
    let door = server().refuse::<OpenSession>(refused.clone());
    let mut desk = Desk::working(Language::Ja, door);
    let [ja, en] = Language::ALL.map(|language| refused.document(language).title);
    assert!(desk.shows(&ja));
    desk.send(Message::LanguageTurned);
    assert!(desk.shows(&en) && !desk.shows(&ja));
    desk.send(Message::LogIn(session::Message::SubmitPressed));
    assert!(desk.shows("▲ Enter your password."));
    desk.send(Message::LanguageTurned);
    assert!(desk.shows("▲ パスワードを入力してください。"));
}
