//! What is asked in front of a returnee: what was done, until when, who looks after them.

use iced::widget::{Column, Row, container, scrollable};
use iced::{Fill, Length, Padding};
use shared::problem::ProblemCode;
use shared::text::Remark;

use super::super::super::words;
use super::super::{Asked, FIRST, Message, Opened, REASON, Wrong};
use crate::language::spoken;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::area::{Area, area};
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::field::field;
use crate::ui::theme::Theme;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// The question with its answer so far.
pub(super) fn question<'a>(
    opened: &'a Opened,
    asked: &'a Asked,
    context: &'a Context,
) -> Element<'a, Message> {
    let failure = opened
        .failure
        .as_ref()
        .map(|failure| failure_banner(opened, failure));
    let content = match asked {
        Asked::Sign { action, .. } => closing(opened, action),
        Asked::Period { last_day, reason } => period(opened, last_day, reason, context),
        Asked::HandOver { centre, reason } => hand_over(opened, centre, reason, context),
        Asked::Withdrawal { day, reason, .. } => withdrawal(opened, day, reason, context),
        Asked::Assignee => assignee(opened),
    };
    let content = content.spacing(space::M);
    Column::new().push(page::slot(failure)).push(content).into()
}

fn closing<'a>(opened: &'a Opened, action: &'a str) -> Column<'a, Message, Theme> {
    let done = written(opened, say!("follow_up.opened.action"), action)
        .id(FIRST)
        .example(say!("follow_up.opened.action_example"));
    Column::new()
        .push(text::section(say!("follow_up.opened.close_sign")))
        .push(text::body(say!("follow_up.opened.close_sign_what")))
        .push(done)
        .push(answers(opened, say!("follow_up.opened.save")))
}

fn period<'a>(
    opened: &'a Opened,
    last_day: &'a str,
    reason: &'a str,
    context: &'a Context,
) -> Column<'a, Message, Theme> {
    let until = match (opened.last_day(last_day, context), opened.wrong(context)) {
        (Ok(day), _) => text::hint(say!("follow_up.opened.until", day = words::long_day(day))),
        (Err(refused), Some(Wrong::Day(_))) if opened.pressed || !last_day.is_empty() => {
            text::error(refused.sentence(spoken()))
        }
        _ => text::hint(say!("follow_up.opened.until_hint")),
    };
    let now = opened.returnee.as_ref().map(|returnee| {
        text::body(say!(
            "follow_up.opened.now_until",
            day = words::long_day(returnee.period.last_day)
        ))
    });
    let day = field(say!("follow_up.opened.last_day"), last_day)
        .id(FIRST)
        .example(say!("follow_up.opened.last_day_example"))
        .on_input(Message::DayTyped)
        .on_submit(Message::NextPressed);
    let why = written(opened, say!("follow_up.opened.reason"), reason)
        .id(REASON)
        .example(say!("follow_up.opened.reason_example"));
    Column::new()
        .push(text::section(say!("follow_up.opened.change_period")))
        .push(now)
        .push(day)
        .push(until)
        .push(why)
        .push(answers(opened, say!("follow_up.opened.save")))
}

fn hand_over<'a>(
    opened: &'a Opened,
    centre: &'a str,
    reason: &'a str,
    context: &'a Context,
) -> Column<'a, Message, Theme> {
    let to = match (opened.receiver(centre), opened.wrong(context)) {
        (Ok(office), _) => text::body(say!(
            "follow_up.opened.hand_over_to",
            name = office.name,
            code = office.code
        )),
        (Err(refused), Some(Wrong::Centre(_))) if opened.pressed => {
            text::error(refused.sentence(spoken()))
        }
        _ => text::hint(say!("follow_up.form.choose_centre")),
    };
    let offered = opened.offered(centre).into_iter().map(|office| {
        let chosen = Message::CentreTyped(office.code.to_string());
        button::secondary(format!("{}  {}", office.code, office.name))
            .width(Fill)
            .on_press(chosen)
            .into()
    });
    let offered = opened
        .receiver(centre)
        .is_err()
        .then(|| Column::with_children(offered).spacing(space::XS));
    let receiver = field(say!("follow_up.opened.receiver"), centre)
        .id(FIRST)
        .example(say!("follow_up.opened.receiver_example"))
        .on_input(Message::CentreTyped)
        .on_submit(Message::CentreEntered);
    let why = written(opened, say!("follow_up.opened.reason"), reason)
        .id(REASON)
        .example(say!("follow_up.opened.hand_over_example"));
    Column::new()
        .push(text::section(say!("follow_up.opened.hand_over")))
        .push(text::body(say!("follow_up.opened.hand_over_what")))
        .push(receiver)
        .push(to)
        .push(offered)
        .push(why)
        .push(answers(opened, say!("follow_up.opened.hand_over_now")))
}

fn withdrawal<'a>(
    opened: &'a Opened,
    day: &'a str,
    reason: &'a str,
    context: &'a Context,
) -> Column<'a, Message, Theme> {
    let what = match opened.recorded_on(day, context) {
        Ok(seen) => super::observation(seen),
        Err(refused) => text::error(refused.sentence(spoken())).into(),
    };
    let day = field(say!("follow_up.opened.withdrawn_day"), day)
        .id(FIRST)
        .on_input(Message::DayTyped)
        .on_submit(Message::NextPressed);
    let why = written(opened, say!("follow_up.opened.reason"), reason)
        .id(REASON)
        .example(say!("follow_up.opened.withdraw_example"));
    Column::new()
        .push(text::section(say!("follow_up.opened.withdraw")))
        .push(text::body(say!("follow_up.opened.withdraw_what")))
        .push(day)
        .push(what)
        .push(why)
        .push(answers(opened, say!("follow_up.opened.withdraw_now")))
}

fn assignee(opened: &Opened) -> Column<'_, Message, Theme> {
    let people = opened.colleagues.iter().enumerate().map(|(nth, person)| {
        let words = if nth < 9 {
            format!("{} {}", nth + 1, person.name)
        } else {
            person.name.to_string()
        };
        button::secondary(words)
            .width(Fill)
            .on_press(Message::Assigned(nth))
            .into()
    });
    let mine = button::keyed(say!("follow_up.opened.mine"), "M").on_press(Message::MinePressed);
    let nobody =
        button::keyed(say!("follow_up.opened.nobody"), "N").on_press(Message::NobodyPressed);
    let people = Column::with_children(people)
        .spacing(space::S)
        .padding(Padding::from(space::S));
    Column::new()
        .push(text::section(say!("follow_up.opened.assign")))
        .push(
            Row::new()
                .push(mine)
                .push(nobody)
                .push(leave())
                .spacing(space::M),
        )
        .push(
            container(scrollable(people))
                .max_height(280)
                .width(Length::Fill),
        )
}

/// The area in which a question is answered in words of one's own, with what is wrong with `text`
/// once somebody tried to save it.
fn written<'a>(opened: &'a Opened, label: String, text: &str) -> Area<'a, Message> {
    let refused = Remark::parse(text).err().filter(|_| opened.pressed);
    area(label, &opened.lines, Message::TextEdited)
        .error(refused.map(|refused| refused.sentence(spoken())))
}

/// What saves the answer, called `save`, and what leaves the question.
fn answers<'a>(opened: &Opened, save: String) -> Row<'a, Message, Theme> {
    let save = button::primary(if opened.saving {
        say!("follow_up.form.saving")
    } else {
        save
    })
    .on_press_maybe((!opened.saving).then_some(Message::SavePressed));
    Row::new().push(save).push(leave()).spacing(space::M)
}

fn leave<'a>() -> Element<'a, Message> {
    button::quiet(say!("follow_up.record.cancel"))
        .on_press(Message::QuestionLeft)
        .into()
}

/// Why it could not be saved; after a clash, what stands there now.
fn failure_banner<'a>(
    opened: &'a Opened,
    failure: &'a crate::api::Failure,
) -> Element<'a, Message> {
    let clash = failure.problem() == Some(ProblemCode::VersionClash);
    match &opened.returnee {
        Some(returnee) if clash => banner(
            Tone::Warning,
            say!(
                "follow_up.clash.title",
                name = opened
                    .clashed_with()
                    .unwrap_or(returnee.changed_by.name.as_str())
            ),
        )
        .line(say!("follow_up.opened.clash"))
        .into(),
        _ if opened.asked == Some(Asked::Assignee) && opened.failed => {
            let again =
                button::secondary(say!("follow_up.record.again")).on_press(Message::AgainPressed);
            failed(failure).action(again).into()
        }
        // What a cut line means for the input is said by its own advice.
        _ if failure.problem().is_none() => failed(failure).into(),
        _ => failed(failure).line(say!("follow_up.record.kept")).into(),
    }
}
