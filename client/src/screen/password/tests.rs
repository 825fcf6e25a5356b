//! Changing one's own password, driven by keys alone.

use iced::keyboard::key::Named;
use shared::Language;
use shared::text::Refused;
use shared::{Problem, ProblemCode};

use super::*;
use crate::api::scripted::Script;
use crate::language::speak;
use crate::picture::{AT_100, AT_150};
use crate::screen::stage::{self, Driven, Window};
use crate::ui::Element;
use crate::ui::keys::Binding;

struct Dialog {
    dialog: PasswordDialog,
    closed: bool,
}

impl Driven for Dialog {
    type Message = Message;

    fn take_in(&mut self, message: Message, context: &Context) -> Task<Message> {
        match self.dialog.update(message, context) {
            Action::None => Task::none(),
            Action::Run(task) => task,
            Action::Closed => {
                self.closed = true;
                Task::none()
            }
        }
    }

    fn look<'a>(&'a self, _: &'a Context) -> Element<'a, Message> {
        self.dialog.view()
    }

    fn keys(&self) -> Vec<Binding<Message>> {
        self.dialog.bindings()
    }
}

fn open(script: &Script, size: (f32, f32)) -> Window<Dialog> {
    let (dialog, task) = PasswordDialog::new("yamada-1".to_owned());
    let closed = false;
    let mut context = stage::context(script);
    context.world.random = std::sync::Arc::new(|| [3, 14, 15, 9, 26, 5, 31, 8, 19, 11]);
    Window::open((Dialog { dialog, closed }, task), context, size)
}

/// Somebody has logged in with the password that was handed over.
fn open_first(script: &Script, size: (f32, f32)) -> Window<Dialog> {
    let handed_over = Secret::new("as it was handed over".to_owned());
    let (dialog, task) =
        PasswordDialog::first("yamada-1".to_owned(), handed_over, Unchanged::LoggedOut);
    let closed = false;
    Window::open(
        (Dialog { dialog, closed }, task),
        stage::context(script),
        size,
    )
}

fn server() -> Script {
    Script::new().answer::<ChangePassword>(Done {})
}

const NEW: &str = "three unrelated words here";

/// The present and the new password of the first change that was sent.
fn sent(script: &Script) -> (serde_json::Value, serde_json::Value) {
    let calls = script.calls::<ChangePassword>();
    let body = calls[0].body.as_ref().expect("a body");
    (body["present"].clone(), body["new"].clone())
}

#[test]
fn a_password_is_changed_by_keyboard_alone() {
    speak(Language::Ja);
    let script = server();
    let mut window = open(&script, AT_100);
    window.types("the present one");
    window.key(Named::Enter);
    window.types(NEW);
    window.key(Named::Enter);
    window.types(NEW);
    window.key(Named::Enter);
    assert_eq!(sent(&script), ("the present one".into(), NEW.into()));
    assert!(window.shows("パスワードを変更しました"));
    assert!(!window.shows("パスワードの変更"), "that is over");
    window.key(Named::Enter);
    assert!(window.screen.closed);
}

#[test]
fn the_first_one_is_changed_without_typing_it_again() {
    speak(Language::Ja);
    let script = server();
    let mut window = open_first(&script, AT_100);
    assert!(!window.shows("今のパスワード"));
    for _ in 0..2 {
        window.types(NEW);
        window.key(Named::Enter);
    }
    assert_eq!(sent(&script), ("as it was handed over".into(), NEW.into()));
    assert!(window.shows("パスワードを変更しました"));
    assert!(!window.shows("自分のパスワードを決めてください"));
    window.key(Named::Enter);
    assert!(window.screen.closed && window.screen.dialog.is_done());
}

#[test]
fn what_would_be_refused_is_not_sent() {
    speak(Language::Ja);
    let script = server();
    let mut window = open(&script, AT_100);
    let mut tries = |new: &str, again: &str| {
        window = open(&script, AT_100);
        window.types("the present one");
        window.key(Named::Enter);
        window.types(new);
        window.key(Named::Enter);
        window.types(again);
        window.key(Named::Enter);
        assert_eq!(script.calls::<ChangePassword>().len(), 0, "{new}");
    };
    tries("too short", "too short");
    tries("passwordpassword", "passwordpassword");
    tries(NEW, "three unrelated words hera");
    assert!(window.shows("▲ 2つの入力が違います。「表示する」を押すと確かめられます。"));
}

#[test]
fn one_that_is_made_can_be_read_and_need_not_be_typed_again() {
    speak(Language::Ja);
    let script = server();
    let mut window = open(&script, AT_100);
    window.types("the present one");
    window.click("パスワードを作る");
    assert!(!window.shows("新しいパスワード（もう一度）"));
    window.key(Named::Enter);
    let calls = script.calls::<ChangePassword>();
    let made = calls[0].body.as_ref().expect("a body")["new"]
        .as_str()
        .expect("a text")
        .to_owned();
    assert_eq!(made.len(), 23, "{made}");
}

#[test]
fn a_wrong_present_password_is_asked_again_and_the_new_one_stays() {
    speak(Language::Ja);
    let wrong = Problem::refused("present", Refused::new("password_wrong"));
    let script = Script::new().refuse::<ChangePassword>(wrong);
    let mut window = open(&script, AT_100);
    for typed in ["not it", NEW, NEW] {
        window.types(typed);
        window.key(Named::Enter);
    }
    assert!(window.shows("▲ 今のパスワードが違います。パスワードは変わっていません。"));
    let dialog = &window.screen.dialog;
    assert!(dialog.present.is_empty() && dialog.new.reveal() == NEW);
}

#[test]
fn a_cut_line_repeats_the_same_change() {
    let script = server();
    script.cut(true);
    let mut window = open(&script, AT_100);
    for typed in ["the present one", NEW, NEW] {
        window.types(typed);
        window.key(Named::Enter);
    }
    let before = window.screen.dialog.key;
    script.cut(false);
    window.key(Named::Enter);
    assert_eq!(script.calls::<ChangePassword>()[0].key, before);
    assert!(before.is_some());
}

#[test]
fn every_state_has_its_picture() {
    for language in [Language::Ja, Language::En] {
        for (size, zoom) in [(AT_100, 100), (AT_150, 150)] {
            speak(language);
            let look = |window: &mut Window<Dialog>, name: &str| {
                window.looks_as_kept(&format!("password-{name}-{}-{zoom}", language.tag()));
            };
            let mut window = open(&server(), size);
            look(&mut window, "empty");
            window.types("the present one");
            window.key(Named::Enter);
            window.types("passwordpassword");
            window.key(Named::Enter);
            window.key(Named::Enter);
            look(&mut window, "refused");
            window.runs(Task::done(Message::MakePressed));
            look(&mut window, "made");
            window.key(Named::Enter);
            look(&mut window, "done");
            look(&mut open_first(&server(), size), "first");
            let busy = Problem::new(ProblemCode::Busy);
            let mut window = open(&Script::new().refuse::<ChangePassword>(busy), size);
            window.types("the present one");
            window.runs(Task::done(Message::MakePressed));
            window.key(Named::Enter);
            look(&mut window, "error");
            let mut window = open(&server(), size);
            window.types("the present one");
            window.runs(Task::done(Message::MakePressed));
            window.held = true;
            window.key(Named::Enter);
            look(&mut window, "asking");
        }
    }
}
