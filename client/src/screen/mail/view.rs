//! How outgoing mail looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, responsive};
use iced::{Center, Fill, Length, Padding};
use shared::mail::{MailItem, MailState};

use super::listing::{self, LIST, Listing, OFFICE};
use super::resending::{self, REASON, Resending, TO};
use super::{
    Front, Happened, MailRoom, Message, Notice, Printing, STAY, on_listing, on_resending,
    on_saving, words,
};
use crate::language::{moment, spoken};
use crate::say;
use crate::screen::{Context, failed, paging};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::dialog::{Behind, card, over, scrolling_card};
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::list::list;
use crate::ui::token::space;
use crate::ui::{Element, button, check, field, page, table, text};

/// From this width on the kind of message and the next try have columns of their own.
const ALL_COLUMNS: f32 = 900.0;
/// Below this height the list needs the place of what explains its marked row.
const LOW: f32 = 400.0;

/// The screen as it looks.
pub(super) fn view<'a>(room: &'a MailRoom, _: &'a Context) -> Element<'a, Message> {
    match &room.front {
        Some(Front::Resending(form)) => resend(form).map(on_resending),
        Some(Front::Printing(printing)) => {
            over(messages(room), Some(print(printing)), Behind::Dimmed).into()
        }
        Some(Front::Letters(saving, ..)) => {
            let front = card(saving.view().map(on_saving));
            over(messages(room), Some(front), Behind::Dimmed).into()
        }
        None => over(messages(room), None, Behind::Dimmed).into(),
    }
}

/// The screen's keys.
pub(super) fn bindings(room: &MailRoom) -> Vec<Binding<Message>> {
    let named = |key, words: String, message| binding(Shortcut::named(key), words, message);
    match &room.front {
        Some(Front::Resending(form)) => {
            let own = match form.leaving {
                true => vec![named_r(
                    Named::Escape,
                    say!("mail.leave.stay"),
                    resending::Message::StayPressed,
                )],
                false => vec![
                    binding(
                        Shortcut::command("s"),
                        say!("mail.resend.send"),
                        resending::Message::SendPressed,
                    ),
                    named_r(
                        Named::Escape,
                        say!("mail.back"),
                        resending::Message::BackPressed,
                    ),
                ],
            };
            own.into_iter().map(|it| it.map(on_resending)).collect()
        }
        Some(Front::Printing(_)) => vec![
            named(
                Named::F10,
                say!("mail.print.yes"),
                Message(Happened::ConfirmPressed),
            ),
            named(
                Named::Escape,
                say!("mail.back"),
                Message(Happened::BackPressed),
            ),
        ],
        Some(Front::Letters(saving, ..)) => {
            let own = saving.bindings().into_iter();
            own.map(|it| it.map(on_saving)).collect()
        }
        None => {
            let mut bindings = vec![
                named(
                    Named::F7,
                    say!("mail.print.button"),
                    Message(Happened::PrintPressed),
                ),
                named(
                    Named::F5,
                    say!("mail.reload"),
                    on_listing(listing::Message::ReloadPressed),
                ),
                binding(
                    Shortcut::character("/"),
                    say!("mail.office"),
                    on_listing(listing::Message::OfficePressed),
                ),
            ];
            bindings.extend(states().into_iter().enumerate().map(|(nth, state)| {
                binding(
                    Shortcut::character(&nth.to_string()),
                    state_name(state),
                    on_listing(listing::Message::StateChosen(state)),
                )
            }));
            bindings
        }
    }
}

fn named_r(key: Named, words: String, message: resending::Message) -> Binding<resending::Message> {
    binding(Shortcut::named(key), words, message)
}

/// All, and every state, in the order of the digits that choose them.
fn states() -> Vec<Option<MailState>> {
    std::iter::once(None)
        .chain(MailState::ALL.iter().copied().map(Some))
        .collect()
}

fn state_name(state: Option<MailState>) -> String {
    state.map_or_else(|| say!("mail.state.all"), words::state)
}

fn messages(room: &MailRoom) -> Element<'_, Message> {
    responsive(move |size| messages_in(room, size.height < LOW)).into()
}

fn messages_in(room: &MailRoom, low: bool) -> Element<'_, Message> {
    let state = &room.listing;
    let title = Row::new()
        .push(container(text::title(say!("mail.title"))).width(Fill))
        .push(
            button::keyed(say!("mail.print.button"), "F7")
                .on_press(Message(Happened::PrintPressed)),
        )
        .push(
            button::keyed(say!("mail.reload"), "F5")
                .on_press(on_listing(listing::Message::ReloadPressed)),
        )
        .spacing(space::S)
        .align_y(Center);
    let failure = state.rows().failure_above().map(|failure| {
        let again = button::secondary(say!("mail.again"))
            .on_press(on_listing(listing::Message::ReloadPressed));
        Element::from(failed(failure).action(again))
    });
    let top = Column::new()
        .push(title)
        .push(filters(state).map(on_listing))
        .push(page::slot(failure.or_else(|| room.notice.map(notice))))
        .spacing(space::XS);
    let marked = state.rows().marked().filter(|_| !low).map(detail);
    Column::new()
        .push(container(top).padding(Padding::from([0.0, space::L]).top(space::M)))
        .push(container(rows(state)).height(Fill))
        .push(page::line())
        .push(container(page::slot(marked)).padding([0.0, space::L]))
        .push(
            container(text::hint(say!("mail.keys")))
                .padding(Padding::from([0.0, space::L]).bottom(space::S)),
        )
        .spacing(space::S)
        .height(Fill)
        .into()
}

fn notice<'a>(notice: Notice) -> Element<'a, Message> {
    let banner = match notice {
        Notice::Resent => {
            banner(Tone::Success, say!("mail.resend.done")).line(say!("mail.resend.done_what"))
        }
        Notice::Printed(count, more) => {
            let done = banner(Tone::Success, say!("mail.print.done", count = count));
            match more {
                true => done.line(say!("mail.print.more")),
                false => done,
            }
        }
        Notice::NotSaved(count) => {
            banner(Tone::Warning, say!("mail.print.not_saved", count = count))
                .line(say!("mail.print.not_saved_what"))
        }
    };
    banner.into()
}

fn filters(state: &Listing) -> Element<'_, listing::Message> {
    let office = field::field("", &state.typed)
        .on_input(listing::Message::Typed)
        .on_submit(listing::Message::Entered)
        .example(say!("mail.office"))
        .error(state.wrong.map(|wrong| wrong.sentence(spoken())))
        .width(200)
        .id(OFFICE);
    let mut row = Row::new()
        .push(text::body("/"))
        .push(office)
        .spacing(space::S)
        .align_y(Center);
    for (nth, choice) in states().into_iter().enumerate() {
        row = row.push(check::toggle(
            format!("{nth} {}", state_name(choice)),
            state.state == choice,
            listing::Message::StateChosen(choice),
        ));
    }
    row.wrap().vertical_spacing(space::XS).into()
}

fn columns(wide: bool) -> Vec<(&'static str, Length)> {
    let mut columns = vec![
        ("queued_at", Length::Fixed(184.0)),
        ("office", Length::FillPortion(3)),
    ];
    if wide {
        columns.push(("kind", Length::Fixed(150.0)));
    }
    columns.push(("to", Length::FillPortion(4)));
    columns.push(("state", Length::Fixed(130.0)));
    if wide {
        columns.push(("next", Length::Fixed(184.0)));
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
            let key = format!("mail.column.{name}");
            (say!(key.as_str()), width)
        });
        let rows = list(
            state.rows().len(),
            state.rows().cursor(),
            move |at| match state.rows().get(at) {
                Some(item) => row(item, wide),
                None => table::row([(text::hint(say!("mail.coming")).into(), Fill)]),
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

fn next(item: &MailItem) -> String {
    match item.state {
        MailState::Waiting if words::is_to_be_sent(item) => moment(item.due_at),
        _ => "–".to_owned(),
    }
}

fn row(item: &MailItem, wide: bool) -> Element<'_, Message> {
    let cells = columns(wide).into_iter().map(|(name, width)| {
        let cell: Element<'_, Message> = match name {
            "queued_at" => text::cell(moment(item.queued_at)).into(),
            "office" => text::cell(item.office_name.to_string())
                .font(crate::ui::font::BOLD)
                .into(),
            "kind" => text::cell(words::kind(item)).into(),
            "to" => text::cell(words::to(item)).into(),
            "state" => {
                let tone = words::tone(item.state);
                text::cell(format!("{} {}", tone.sign(), words::standing(item)))
                    .style(
                        move |theme: &crate::ui::theme::Theme| iced::widget::text::Style {
                            color: Some(tone.ink(&theme.roles)),
                        },
                    )
                    .into()
            }
            _ => text::cell(next(item)).into(),
        };
        (cell, width)
    });
    table::row(cells)
}

/// The marked message with nothing cut off: what the mail server said, in its words and in plain
/// ones.
fn detail(item: &MailItem) -> Element<'_, Message> {
    let head = Row::new()
        .push(text::strong(item.office_name.to_string()))
        .push(text::hint(item.office.to_string()))
        .push(text::body(words::kind(item)))
        .push(text::body(words::to(item)))
        .spacing(space::M)
        .align_y(Center);
    let tries = say!("mail.tries", count = item.attempts);
    let when = match (item.state, item.settled_at) {
        (MailState::Waiting, _) if words::is_to_be_sent(item) => {
            say!("mail.next", when = moment(item.due_at))
        }
        (MailState::Waiting, _) => words::standing(item),
        (_, Some(at)) => format!("{} {}", words::state(item.state), moment(at)),
        (_, None) => words::state(item.state),
    };
    let link = item.link.map(|link| say!("mail.link", id = link.short()));
    let meaning = words::meaning(item).map(text::body);
    let answer = item.answer.as_ref();
    let answer = answer.map(|answer| text::hint(say!("mail.answer", answer = answer)));
    Column::new()
        .push(head.wrap())
        .push(
            Row::new()
                .push(text::body(when))
                .push(text::body(tries))
                .push(link.map(text::hint))
                .spacing(space::M)
                .wrap(),
        )
        .push(meaning)
        .push(answer)
        .spacing(space::XS)
        .into()
}

/// In place of rows: that there are none, why, and what to do.
fn vacant(state: &Listing) -> Element<'_, Message> {
    let again =
        button::primary(say!("mail.again")).on_press(on_listing(listing::Message::ReloadPressed));
    let vacant = state.rows().vacant(say!("mail.loading"), again, || {
        let (title, what) = match state.is_narrowed() {
            true => (
                say!("mail.empty.narrowed"),
                say!("mail.empty.narrowed_what"),
            ),
            false => (say!("mail.empty.none"), say!("mail.empty.none_what")),
        };
        let all = on_listing(listing::Message::AllPressed);
        paging::none(title, what, state.is_narrowed().then_some(all))
    });
    vacant.into()
}

/// The message, and what is needed to send it again.
fn resend(form: &Resending) -> Element<'_, resending::Message> {
    use resending::Message;
    let sentence = |at: usize| form.wrong[at].map(|wrong| wrong.sentence(spoken()));
    let about = page::card(detail(&form.item).map(|_| Message::StayPressed));
    let back = button::keyed(say!("mail.back"), "Esc").on_press(Message::BackPressed);
    let title = text::title(say!("mail.resend.title"));
    if !form.is_mail() {
        let why =
            banner(Tone::Info, say!("mail.resend.no_mail")).line(say!("mail.resend.no_mail_what"));
        return page::form([title.into(), about, why.into(), back.into()]);
    }
    if form.is_gone() {
        let why = banner(Tone::Info, say!("mail.resend.gone")).line(say!("mail.resend.gone_what"));
        return page::form([title.into(), about, why.into(), back.into()]);
    }
    let failure = form.failure.as_ref().map(|failure| {
        let again = button::secondary(say!("mail.again")).on_press(Message::SendPressed);
        Element::from(failed(failure).action(again))
    });
    let to = field::field(say!("mail.resend.to"), &form.to)
        .on_input(Message::ToTyped)
        .on_submit(Message::NextPressed)
        .on_leave(Message::Left)
        .example("hokenjo@example.lg.jp")
        .hint(say!("mail.resend.to_hint", to = words::to(&form.item)))
        .error(sentence(0))
        .id(TO);
    let reason = field::field(say!("mail.resend.reason"), &form.reason)
        .on_input(Message::ReasonTyped)
        .on_submit(Message::SendPressed)
        .example(say!("mail.resend.reason_example"))
        .hint(say!("mail.resend.reason_hint"))
        .error(sentence(1))
        .id(REASON);
    let send = match form.sending {
        true => say!("mail.resend.sending"),
        false => say!("mail.resend.send"),
    };
    let end = Row::new()
        .push(
            button::primary_keyed(send, "Ctrl+S")
                .on_press_maybe((!form.sending).then_some(Message::SendPressed)),
        )
        .push(back)
        .spacing(space::M);
    let page = page::form([
        title.into(),
        about,
        page::slot(failure),
        to.into(),
        reason.into(),
        end.into(),
    ]);
    let question = form.leaving.then(|| {
        let content = Column::new()
            .push(banner(Tone::Warning, say!("mail.leave.title")).line(say!("mail.leave.what")))
            .push(
                Row::new()
                    .push(
                        button::keyed(say!("mail.leave.stay"), "Esc")
                            .id(STAY)
                            .on_press(Message::StayPressed),
                    )
                    .push(
                        button::danger(say!("mail.leave.throw_away"))
                            .on_press(Message::ThrowAwayPressed),
                    )
                    .spacing(space::M),
            )
            .spacing(space::L);
        card(content)
    });
    over(page, question, Behind::Dimmed).into()
}

/// What making letters does, before it is done.
fn print(printing: &Printing) -> Element<'_, Message> {
    let failure = printing
        .failure
        .as_ref()
        .map(|failure| Element::from(failed(failure)));
    let end: Element<'_, Message> = match printing.under_way {
        true => text::body(say!("mail.print.making")).into(),
        false => Row::new()
            .push(
                button::keyed(say!("mail.back"), "Esc")
                    .id(STAY)
                    .on_press(Message(Happened::BackPressed)),
            )
            .push(
                button::primary_keyed(say!("mail.print.yes"), "F10")
                    .on_press(Message(Happened::ConfirmPressed)),
            )
            .spacing(space::M)
            .into(),
    };
    let lines = ["what", "handed_over", "secret"].map(|line| {
        let key = format!("mail.print.{line}");
        text::body(say!(key.as_str())).into()
    });
    let content = Column::new()
        .push(text::section(say!("mail.print.title")))
        .push(Column::with_children(lines).spacing(space::S))
        .push(check::check(
            say!("mail.print.again"),
            printing.again,
            |_| Message(Happened::AgainTurned),
        ))
        .push(page::slot(failure))
        .push(end)
        .spacing(space::L);
    scrolling_card(content)
}
