//! How the contacts look, and their keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, responsive};
use iced::{Center, Fill, Length, Padding};
use shared::offices::contacts::Contact;

use super::listing::{self, LIST, Listing, UNDER};
use super::{
    Contacts, Front, Happened, Message, everyone, on_editing, on_intake, on_listing, on_saving,
};
use crate::language::{grouped, moment};
use crate::say;
use crate::screen::{failed, paging};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::dialog::{Behind, card, over};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, check, field, page, table, text};

mod editing;
mod intake;

/// From this width on who registered it and when have columns of their own.
const ALL_COLUMNS: f32 = 900.0;

/// The screen as it looks.
pub(super) fn view(screen: &Contacts) -> Element<'_, Message> {
    match &screen.front {
        Some(Front::Editing(form)) => editing::view(form).map(on_editing),
        Some(Front::Intake(list)) => intake::view(list).map(on_intake),
        Some(Front::Exporting(everyone)) => {
            over(listing(screen), Some(exporting(everyone)), Behind::Dimmed).into()
        }
        Some(Front::Saving(saving)) => {
            let front = card(saving.view().map(on_saving));
            over(listing(screen), Some(front), Behind::Dimmed).into()
        }
        None => over(listing(screen), None, Behind::Dimmed).into(),
    }
}

/// The screen's keys.
pub(super) fn bindings(screen: &Contacts) -> Vec<Binding<Message>> {
    let named = |key, words: String, message| binding(Shortcut::named(key), words, message);
    match &screen.front {
        Some(Front::Editing(form)) => {
            let own = editing::bindings(form).into_iter();
            own.map(|it| it.map(on_editing)).collect()
        }
        Some(Front::Intake(list)) => {
            let own = intake::bindings(list).into_iter();
            own.map(|it| it.map(on_intake)).collect()
        }
        Some(Front::Saving(saving)) => {
            let own = saving.bindings().into_iter();
            own.map(|it| it.map(on_saving)).collect()
        }
        Some(Front::Exporting(_)) => vec![
            named(
                Named::Escape,
                say!("contacts.stop"),
                Message(Happened::StopPressed),
            ),
            named(
                Named::F5,
                say!("contacts.again"),
                Message(Happened::Exporting(everyone::Message::AgainPressed)),
            ),
        ],
        None => vec![
            named(
                Named::F6,
                say!("contacts.intake.button"),
                Message(Happened::IntakePressed),
            ),
            named(
                Named::F8,
                say!("contacts.export.button"),
                Message(Happened::ExportPressed),
            ),
            named(
                Named::F5,
                say!("contacts.reload"),
                on_listing(listing::Message::ReloadPressed),
            ),
            binding(
                Shortcut::character("1"),
                say!("contacts.missing_only"),
                on_listing(listing::Message::MissingTurned),
            ),
            binding(
                Shortcut::character("/"),
                say!("contacts.under"),
                on_listing(listing::Message::UnderPressed),
            ),
        ],
    }
}

fn listing(screen: &Contacts) -> Element<'_, Message> {
    let state = &screen.listing;
    let title = Row::new()
        .push(container(text::title(say!("contacts.title"))).width(Fill))
        .push(
            button::keyed(say!("contacts.intake.button"), "F6")
                .on_press(Message(Happened::IntakePressed)),
        )
        .push(
            button::keyed(say!("contacts.export.button"), "F8")
                .on_press(Message(Happened::ExportPressed)),
        )
        .push(
            button::keyed(say!("contacts.reload"), "F5")
                .on_press(on_listing(listing::Message::ReloadPressed)),
        )
        .spacing(space::S)
        .align_y(Center);
    let failure = state.rows().failure_above().map(|failure| {
        let again = button::secondary(say!("contacts.again"))
            .on_press(on_listing(listing::Message::ReloadPressed));
        Element::from(failed(failure).action(again))
    });
    let top = Column::new()
        .push(title)
        .push(text::hint(say!("contacts.what")))
        .push(filters(state).map(on_listing))
        .push(page::slot(failure))
        .spacing(space::XS);
    Column::new()
        .push(container(top).padding(Padding::from([0.0, space::L]).top(space::M)))
        .push(container(rows(state)).height(Fill))
        .push(foot(state))
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn filters(state: &Listing) -> Element<'_, listing::Message> {
    let under = field::field("", &state.typed)
        .on_input(listing::Message::Typed)
        .on_submit(listing::Message::Entered)
        .example(say!("contacts.under_example"))
        .error(
            state
                .wrong
                .map(|wrong| wrong.sentence(crate::language::spoken())),
        )
        .width(320)
        .id(UNDER);
    Row::new()
        .push(text::body("/"))
        .push(under)
        .push(check::toggle(
            format!("1 {}", say!("contacts.missing_only")),
            state.is_missing_only(),
            listing::Message::MissingTurned,
        ))
        .spacing(space::S)
        .align_y(Center)
        .into()
}

fn columns(wide: bool) -> Vec<(&'static str, Length)> {
    let mut columns = vec![
        ("code", Length::Fixed(104.0)),
        ("name", Length::FillPortion(3)),
        ("mail", Length::FillPortion(4)),
        ("password_mail", Length::FillPortion(3)),
    ];
    if wide {
        columns.push(("changed_at", Length::Fixed(184.0)));
        columns.push(("changed_by", Length::FillPortion(2)));
    }
    columns
}

fn rows(state: &Listing) -> Element<'_, Message> {
    if state.rows().is_empty() {
        return vacant(state);
    }
    responsive(move |size| {
        let wide = size.width >= ALL_COLUMNS;
        let headings = columns(wide).into_iter().map(|(name, width)| {
            let key = format!("contacts.column.{name}");
            (say!(key.as_str()), width)
        });
        let rows = list(
            state.rows().len(),
            state.rows().cursor(),
            move |at| match state.rows().get(at) {
                Some(contact) => row(contact, wide),
                None => table::row([(text::hint(say!("contacts.coming")).into(), Fill)]),
            },
            |at| on_listing(listing::Message::Moved(at)),
        )
        .on_open(|at| Message(Happened::Opened(at)))
        .on_view(|range| on_listing(listing::Message::Viewed(range)))
        .id(LIST);
        Column::new()
            .push(table::header(headings))
            .push(rows)
            .into()
    })
    .into()
}

fn row(contact: &Contact, wide: bool) -> Element<'_, Message> {
    let cells = columns(wide).into_iter().map(|(name, width)| {
        let cell: Element<'_, Message> = match name {
            "code" => text::cell(contact.office.code.to_string()).into(),
            "name" => text::cell(contact.office.name.to_string())
                .font(crate::ui::font::BOLD)
                .into(),
            "mail" => match &contact.mail {
                Some(mail) => text::cell(mail.to_string()).into(),
                None => text::cell(format!("▲ {}", say!("contacts.none")))
                    .style(text::role(|roles| roles.error_text))
                    .into(),
            },
            "password_mail" => {
                let mail = contact.password_mail.as_ref();
                text::cell(mail.map_or("–".to_owned(), ToString::to_string)).into()
            }
            "changed_at" => text::cell(contact.changed_at.map_or(String::new(), moment)).into(),
            _ => text::cell(by(contact)).into(),
        };
        (cell, width)
    });
    table::row(cells)
}

/// Who registered it.
fn by(contact: &Contact) -> String {
    match (&contact.changed_by, contact.changed_at) {
        (Some(person), _) => person.name.to_string(),
        (None, Some(_)) => say!("contacts.by_operator"),
        (None, None) => String::new(),
    }
}

/// In place of rows: that there are none, why, and what to do.
fn vacant(state: &Listing) -> Element<'_, Message> {
    let again = button::primary(say!("contacts.again"))
        .on_press(on_listing(listing::Message::ReloadPressed));
    let vacant = state.rows().vacant(say!("contacts.loading"), again, || {
        let (title, what) = match (state.is_missing_only(), state.is_narrowed()) {
            (true, _) => (
                say!("contacts.empty.missing"),
                say!("contacts.empty.missing_what"),
            ),
            (false, true) => (
                say!("contacts.empty.under"),
                say!("contacts.empty.under_what"),
            ),
            (false, false) => (
                say!("contacts.empty.none"),
                say!("contacts.empty.none_what"),
            ),
        };
        let all = on_listing(listing::Message::AllPressed);
        paging::none(title, what, state.is_narrowed().then_some(all))
    });
    vacant.into()
}

fn foot(state: &Listing) -> Element<'_, Message> {
    let total = state.rows().total();
    let count = total.map(|count| say!("contacts.count", count = grouped(count as u64)));
    container(
        Row::new()
            .push(text::hint(count.unwrap_or_default()))
            .push(text::hint(say!("contacts.keys")))
            .spacing(space::L)
            .wrap(),
    )
    .padding(Padding::from([0.0, space::L]).bottom(space::S))
    .into()
}

/// What is shown while all contacts are fetched.
fn exporting(everyone: &everyone::Everyone) -> Element<'_, Message> {
    let count = grouped(everyone.contacts().len() as u64);
    let failure = everyone.failure().map(|failure| {
        let again = button::keyed(say!("contacts.again"), "F5").on_press(Message(
            Happened::Exporting(everyone::Message::AgainPressed),
        ));
        Element::from(failed(failure).action(again))
    });
    let content = Column::new()
        .push(text::section(say!("contacts.export.title")))
        .push(text::body(say!("contacts.fetching", count = count)))
        .push(page::slot(failure))
        .push(button::keyed(say!("contacts.stop"), "Esc").on_press(Message(Happened::StopPressed)))
        .spacing(space::L);
    card(content)
}

/// A question in front of everything, with its two answers.
fn question<'a, M: Clone + 'a>(
    title: String,
    lines: Vec<String>,
    answers: [Element<'a, M>; 2],
) -> Element<'a, M> {
    let lines = lines.into_iter().map(|line| text::body(line).into());
    let content = Column::new()
        .push(banner(Tone::Warning, title))
        .push(Column::with_children(lines).spacing(space::S))
        .push(
            Row::with_children(answers)
                .spacing(space::M)
                .wrap()
                .vertical_spacing(space::S),
        )
        .spacing(space::L);
    crate::ui::dialog::scrolling_card(content)
}
