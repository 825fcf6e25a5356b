//! The login's own field for the password.

use super::*;

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
