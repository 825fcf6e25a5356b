//! How the accounts look, and their keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, responsive};
use iced::{Center, Fill, Length, Padding};
use shared::ProblemCode;
use shared::accounts::administration::{Account, Standing};

use super::deed::{Deed, Kind, STAY};
use super::form::{self, Form, LOGIN, NAME};
use super::{AccountsScreen, Done, Front, Gone, Happened, LIST, Message, deed, on_deed, on_form};
use crate::api::Failure;
use crate::language::moment;
use crate::say;
use crate::screen::why::Why;
use crate::screen::{Context, failed};
use crate::ui::banner::banner;
use crate::ui::chip::{Tone, chip};
use crate::ui::dialog::{Behind, over, scrolling_card};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button, field, font, page, table, text};

/// From this width on it is said when somebody last logged in, and whom they have to ring.
const ALL_COLUMNS: f32 = 860.0;

/// The screen as it looks.
pub(super) fn view<'a>(screen: &'a AccountsScreen, context: &'a Context) -> Element<'a, Message> {
    let front = screen.front.as_ref().map(|front| match front {
        Front::Form(form) => form_card(form).map(on_form),
        Front::Deed(deed) => deed_card(deed).map(on_deed),
        Front::Handed(account, shown) => shown.view(
            context.world.now(),
            say!("accounts.handed.title", name = who(account)),
            handing(account),
            Message(Happened::HidePressed),
        ),
        Front::Gone(account, why) => gone(account, *why),
    });
    over(listing(screen), front, Behind::Dimmed).into()
}

/// The screen's keys.
pub(super) fn bindings(screen: &AccountsScreen) -> Vec<Binding<Message>> {
    let named = |key, words: String, message| binding(Shortcut::named(key), words, message);
    match &screen.front {
        Some(Front::Form(form)) => {
            let keys = vec![
                binding(
                    Shortcut::command("s"),
                    save_words(form),
                    form::Message::SavePressed,
                ),
                named_form(Named::Escape, leave_words(form), form::Message::BackPressed),
            ];
            keys.into_iter().map(|it| it.map(on_form)).collect()
        }
        Some(Front::Deed(deed)) => {
            let keys = vec![
                binding(
                    Shortcut::named(Named::F10),
                    deed_words(deed, "yes"),
                    deed::Message::YesPressed,
                ),
                binding(
                    Shortcut::named(Named::Escape),
                    say!("accounts.stay"),
                    deed::Message::StayPressed,
                ),
            ];
            keys.into_iter().map(|it| it.map(on_deed)).collect()
        }
        Some(Front::Handed(..)) => vec![named(
            Named::Escape,
            say!("read_out.hide"),
            Message(Happened::HidePressed),
        )],
        Some(Front::Gone(..)) => vec![named(
            Named::Escape,
            say!("accounts.back"),
            Message(Happened::HidePressed),
        )],
        None => {
            let letter = |key, words: String, happened| {
                binding(Shortcut::character(key), words, Message(happened))
            };
            let mut keys = vec![letter("n", say!("accounts.add"), Happened::AddPressed)];
            if screen.to_change().is_some() {
                keys.push(letter(
                    "p",
                    say!("accounts.password.button"),
                    Happened::PasswordPressed,
                ));
                keys.push(named(
                    Named::Delete,
                    say!("accounts.delete.button"),
                    Message(Happened::DeletePressed),
                ));
            }
            keys.push(named(
                Named::F5,
                say!("accounts.reload"),
                Message(Happened::ReloadPressed),
            ));
            keys
        }
    }
}

fn named_form(key: Named, words: String, message: form::Message) -> Binding<form::Message> {
    binding(Shortcut::named(key), words, message)
}

/// Name and login id.
fn who(account: &Account) -> String {
    format!("{}（{}）", account.name, account.login)
}

fn listing(screen: &AccountsScreen) -> Element<'_, Message> {
    let chosen = screen.to_change().map(|_| screen.cursor);
    let title = Row::new()
        .push(container(text::title(say!("accounts.title"))).width(Fill))
        .push(
            button::primary_keyed(say!("accounts.add"), "N")
                .on_press(Message(Happened::AddPressed)),
        )
        .push(
            button::keyed(say!("accounts.reload"), "F5").on_press(Message(Happened::ReloadPressed)),
        )
        .spacing(space::S)
        .align_y(Center);
    let deeds = Row::new()
        .push(
            button::keyed(say!("accounts.rename.button"), "Enter")
                .on_press_maybe(chosen.map(|at| Message(Happened::RenamePressed(at)))),
        )
        .push(
            button::keyed(say!("accounts.password.button"), "P")
                .on_press_maybe(chosen.map(|_| Message(Happened::PasswordPressed))),
        )
        .push(
            button::keyed(say!("accounts.delete.button"), "Delete")
                .on_press_maybe(chosen.map(|_| Message(Happened::DeletePressed))),
        )
        .spacing(space::S)
        .align_y(Center);
    let failure = screen
        .failure
        .as_ref()
        .filter(|_| screen.accounts.is_some());
    let news = match (failure, &screen.done) {
        (Some(failure), _) => Some(Element::from(failed(failure).action(again()))),
        (None, Some(done)) => Some(banner(Tone::Success, done_words(done)).into()),
        (None, None) => None,
    };
    let top = Column::new()
        .push(title)
        .push(text::hint(say!("accounts.what")))
        .push(page::slot(news))
        .spacing(space::S);
    let foot = Column::new()
        .push(text::hint(chosen_words(screen)))
        .push(deeds.wrap().vertical_spacing(space::S))
        .spacing(space::S);
    let sides = Padding::from([0.0, space::L]);
    Column::new()
        .push(container(top).padding(sides.top(space::M)))
        .push(container(rows(screen)).height(Fill))
        .push(container(foot).padding(sides.bottom(space::M)))
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn again<'a>() -> Element<'a, Message> {
    button::secondary(say!("accounts.again"))
        .on_press(Message(Happened::ReloadPressed))
        .into()
}

fn done_words(done: &Done) -> String {
    match done {
        Done::Renamed(name) => say!("accounts.rename.done", name = name),
        Done::Deleted(name) => say!("accounts.delete.done", name = name),
    }
}

/// What can be done with the one that is marked, in a sentence.
fn chosen_words(screen: &AccountsScreen) -> String {
    match screen.chosen() {
        None => String::new(),
        Some(account) if !account.is_kept_here() => say!("accounts.not_here"),
        Some(account) => match account.standing {
            Standing::HandedOver { until } => {
                say!("accounts.standing.handed_over_what", until = moment(until))
            }
            Standing::Lapsed { at } => say!("accounts.standing.lapsed_what", at = moment(at)),
            Standing::Chosen => say!("accounts.standing.chosen_what"),
        },
    }
}

fn columns(wide: bool) -> Vec<(&'static str, Length)> {
    let mut columns = vec![
        ("name", Length::FillPortion(3)),
        ("login", Length::FillPortion(3)),
        ("role", Length::Fixed(192.0)),
        ("password", Length::Fixed(176.0)),
    ];
    if wide {
        columns.push(("last_login", Length::Fixed(168.0)));
        columns.push(("assigned", Length::Fixed(96.0)));
    }
    columns
}

fn rows(screen: &AccountsScreen) -> Element<'_, Message> {
    let Some(accounts) = &screen.accounts else {
        return match &screen.failure {
            Some(failure) if !screen.loading => Vacant::Failed(failed(failure).action(again())),
            _ => Vacant::Coming(say!("accounts.loading")),
        }
        .into();
    };
    responsive(move |size| {
        let wide = size.width >= ALL_COLUMNS;
        let headings = columns(wide).into_iter().map(|(name, width)| {
            let key = format!("accounts.column.{name}");
            (say!(key.as_str()), width)
        });
        let rows = list(
            accounts.len(),
            Some(screen.cursor),
            move |at| row(&accounts[at], wide),
            |at| Message(Happened::Moved(at)),
        )
        .on_open(|at| Message(Happened::RenamePressed(at)))
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(rows)
            .into()
    })
    .into()
}

fn row(account: &Account, wide: bool) -> Element<'_, Message> {
    let cells = columns(wide).into_iter().map(|(name, width)| {
        let cell: Element<'_, Message> = match name {
            "name" => text::cell(account.name.to_string()).font(font::BOLD).into(),
            "login" => text::cell(account.login.to_string()).into(),
            "role" => {
                let key = format!("audit.role.{}", account.role);
                text::cell(say!(key.as_str())).into()
            }
            "password" => standing(account.standing),
            "last_login" => {
                let at = account.last_login_at.map(moment);
                text::cell(at.unwrap_or_else(|| say!("accounts.never"))).into()
            }
            _ => {
                let count = account.assigned;
                let words = (count > 0).then(|| say!("accounts.people", count = count));
                text::cell(words.unwrap_or_default()).into()
            }
        };
        (cell, width)
    });
    table::row(cells)
}

fn standing<'a>(standing: Standing) -> Element<'a, Message> {
    match standing {
        Standing::Chosen => text::cell(say!("accounts.standing.chosen")).into(),
        Standing::HandedOver { .. } => chip(Tone::Info, say!("accounts.standing.handed_over")),
        Standing::Lapsed { .. } => chip(Tone::Warning, say!("accounts.standing.lapsed")),
    }
}

fn save_words(form: &Form) -> String {
    match (form.sending, &form.seen) {
        (true, _) => say!("accounts.sending"),
        (false, None) => say!("accounts.form.add"),
        (false, Some(_)) => say!("accounts.form.rename"),
    }
}

fn leave_words(form: &Form) -> String {
    match form.is_leaving {
        true => say!("accounts.form.throw_away"),
        false => say!("accounts.back"),
    }
}

fn form_card(form: &Form) -> Element<'_, form::Message> {
    use form::Message;
    let title = match &form.seen {
        None => say!("accounts.add"),
        Some(account) => say!("accounts.rename.title", login = account.login.to_string()),
    };
    let login = form.seen.is_none().then(|| {
        field::field(say!("accounts.column.login"), &form.login)
            .example("yamada-1")
            .hint(say!("accounts.form.login_hint"))
            .error(form.wrong_login.as_ref().map(Why::words))
            .on_input(Message::LoginTyped)
            .on_submit(Message::NextPressed)
            .keeps_keys()
            .id(LOGIN)
    });
    let name = field::field(say!("accounts.column.name"), &form.name)
        .example(say!("accounts.form.name_example"))
        .hint(say!("accounts.form.name_hint"))
        .error(form.wrong_name.as_ref().map(Why::words))
        .on_input(Message::NameTyped)
        .on_submit(Message::SavePressed)
        .keeps_keys()
        .id(NAME);
    let news: Option<Element<'_, Message>> = match (&form.failure, form.is_leaving) {
        (Some(failure), _) => {
            let is_clash = failure.code() == ProblemCode::VersionClash.as_str();
            let present = form.seen.as_ref().filter(|_| is_clash);
            let mut words = failed(failure);
            if let Some(present) = present {
                let name = present.name.to_string();
                words = words.line(say!("accounts.form.present", name = name));
            }
            Some(words.into())
        }
        (None, true) => Some(banner(Tone::Warning, say!("accounts.form.leaving")).into()),
        (None, false) => None,
    };
    let can = !form.sending;
    let end = Row::new()
        .push(
            button::primary_keyed(save_words(form), "Ctrl+S")
                .on_press_maybe(can.then_some(Message::SavePressed)),
        )
        .push(
            button::keyed(leave_words(form), "Esc")
                .on_press_maybe(can.then_some(Message::BackPressed)),
        )
        .spacing(space::M)
        .align_y(Center);
    let what = form
        .seen
        .is_none()
        .then(|| text::body(say!("accounts.form.what")));
    scrolling_card(
        Column::new()
            .push(text::section(title))
            .push(what)
            .push(page::slot(news))
            .push(login)
            .push(name)
            .push(end.wrap().vertical_spacing(space::S))
            .spacing(space::L),
    )
}

fn deed_words(deed: &Deed, which: &str) -> String {
    let kind = match deed.kind {
        Kind::Password => "password",
        Kind::Delete => "delete",
    };
    let key = format!("accounts.{kind}.{which}");
    say!(key.as_str(), name = who(&deed.account))
}

fn deed_card(deed: &Deed) -> Element<'_, deed::Message> {
    use deed::Message;
    let assigned = deed.account.assigned;
    let left = (deed.kind == Kind::Delete && assigned > 0)
        .then(|| text::body(say!("accounts.delete.assigned", count = assigned)));
    let failure = deed.failure.as_ref().map(|failure| {
        // It may have arrived: who leaves now leaves somebody without a password that works.
        match failure {
            Failure::Unreachable(_) => failed(failure).line(say!("accounts.unsure")).into(),
            Failure::Refused(problem) if problem.code == ProblemCode::VersionClash => {
                failed(failure).line(say!("accounts.clash")).into()
            }
            _ => failed(failure).into(),
        }
    });
    let yes = match deed.sending {
        true => say!("accounts.sending"),
        false => deed_words(deed, "yes"),
    };
    let can = !deed.sending;
    let answers = Row::new()
        .push(
            button::keyed(say!("accounts.stay"), "Esc")
                .id(STAY)
                .on_press_maybe(can.then_some(Message::StayPressed)),
        )
        .push(
            button::danger(format!("{yes}  F10"))
                .on_press_maybe(can.then_some(Message::YesPressed)),
        )
        .spacing(space::M)
        .align_y(Center);
    scrolling_card(
        Column::new()
            .push(banner(Tone::Warning, deed_words(deed, "title")))
            .push(text::body(deed_words(deed, "what")))
            .push(left)
            .push(page::slot(failure))
            .push(answers.wrap().vertical_spacing(space::S))
            .spacing(space::L),
    )
}

/// What to do with a password that is shown.
fn handing(account: &Account) -> Element<'_, Message> {
    let until = account.standing.until().map_or(String::new(), moment);
    Column::new()
        .push(text::body(say!("accounts.handed.what")))
        .push(text::body(say!("accounts.handed.until", until = until)))
        .spacing(space::XS)
        .into()
}

/// The password cannot be shown, and it is kept nowhere.
fn gone(account: &Account, why: Gone) -> Element<'_, Message> {
    let key = match why {
        Gone::Lost => "lost",
        Gone::Hidden => "hidden",
    };
    let (title, what) = (
        format!("accounts.{key}.title"),
        format!("accounts.{key}.what"),
    );
    let back = button::primary_keyed(say!("accounts.back"), "Esc")
        .on_press(Message(Happened::HidePressed));
    scrolling_card(
        Column::new()
            .push(
                banner(Tone::Warning, say!(title.as_str(), name = who(account)))
                    .line(say!(what.as_str())),
            )
            .push(Row::new().push(back))
            .spacing(space::L),
    )
}
