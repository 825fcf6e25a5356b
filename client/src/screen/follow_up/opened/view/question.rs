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
use crate::ui::area::area;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::field::field;
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// The question with its answer so far.
pub(super) fn question<'a>(
    opened: &'a Opened,
    asked: &'a Asked,
    context: &'a Context,
) -> Element<'a, Message> {
    let wrong = opened.wrong(context);
    let save = button::primary(if opened.saving {
        say!("follow_up.form.saving")
    } else {
        say!("follow_up.opened.save")
    })
    .on_press_maybe((!opened.saving).then_some(Message::SavePressed));
    let leave = button::quiet(say!("follow_up.record.cancel")).on_press(Message::QuestionLeft);
    let failure = opened
        .failure
        .as_ref()
        .map(|failure| failure_banner(opened, failure));
    let refused = |text: &str| {
        let refused = Remark::parse(text).err().filter(|_| opened.pressed);
        refused.map(|refused| refused.sentence(spoken()))
    };
    let content = Column::new().spacing(space::M);
    let content = match asked {
        Asked::Sign { action, .. } => content
            .push(text::section(say!("follow_up.opened.close_sign")))
            .push(text::body(say!("follow_up.opened.close_sign_what")))
            .push(
                area(
                    say!("follow_up.opened.action"),
                    &opened.lines,
                    Message::TextEdited,
                )
                .id(FIRST)
                .example(say!("follow_up.opened.action_example"))
                .error(refused(action)),
            )
            .push(Row::new().push(save).push(leave).spacing(space::M)),
        Asked::Period { last_day, reason } => {
            let until = match (opened.last_day(last_day, context), wrong) {
                (Ok(day), _) => {
                    text::hint(say!("follow_up.opened.until", day = words::long_day(day)))
                }
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
            content
                .push(text::section(say!("follow_up.opened.change_period")))
                .push(now)
                .push(
                    field(say!("follow_up.opened.last_day"), last_day)
                        .id(FIRST)
                        .example(say!("follow_up.opened.last_day_example"))
                        .on_input(Message::DayTyped)
                        .on_submit(Message::NextPressed),
                )
                .push(until)
                .push(
                    area(
                        say!("follow_up.opened.reason"),
                        &opened.lines,
                        Message::TextEdited,
                    )
                    .id(REASON)
                    .example(say!("follow_up.opened.reason_example"))
                    .error(refused(reason)),
                )
                .push(Row::new().push(save).push(leave).spacing(space::M))
        }
        Asked::HandOver { centre, reason } => {
            let save = button::primary(if opened.saving {
                say!("follow_up.form.saving")
            } else {
                say!("follow_up.opened.hand_over_now")
            })
            .on_press_maybe((!opened.saving).then_some(Message::SavePressed));
            let to = match (opened.receiver(centre), wrong) {
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
            content
                .push(text::section(say!("follow_up.opened.hand_over")))
                .push(text::body(say!("follow_up.opened.hand_over_what")))
                .push(
                    field(say!("follow_up.opened.receiver"), centre)
                        .id(FIRST)
                        .example(say!("follow_up.opened.receiver_example"))
                        .on_input(Message::CentreTyped)
                        .on_submit(Message::CentreEntered),
                )
                .push(to)
                .push(offered)
                .push(
                    area(
                        say!("follow_up.opened.reason"),
                        &opened.lines,
                        Message::TextEdited,
                    )
                    .id(REASON)
                    .example(say!("follow_up.opened.hand_over_example"))
                    .error(refused(reason)),
                )
                .push(Row::new().push(save).push(leave).spacing(space::M))
        }
        Asked::Withdrawal { day, reason, .. } => {
            let save = button::primary(if opened.saving {
                say!("follow_up.form.saving")
            } else {
                say!("follow_up.opened.withdraw_now")
            })
            .on_press_maybe((!opened.saving).then_some(Message::SavePressed));
            let what = match opened.recorded_on(day, context) {
                Ok(seen) => super::observation(seen),
                Err(refused) => text::error(refused.sentence(spoken())).into(),
            };
            content
                .push(text::section(say!("follow_up.opened.withdraw")))
                .push(text::body(say!("follow_up.opened.withdraw_what")))
                .push(
                    field(say!("follow_up.opened.withdrawn_day"), day)
                        .id(FIRST)
                        .on_input(Message::DayTyped)
                        .on_submit(Message::NextPressed),
                )
                .push(what)
                .push(
                    area(
                        say!("follow_up.opened.reason"),
                        &opened.lines,
                        Message::TextEdited,
                    )
                    .id(REASON)
                    .example(say!("follow_up.opened.withdraw_example"))
                    .error(refused(reason)),
                )
                .push(Row::new().push(save).push(leave).spacing(space::M))
        }
        Asked::Assignee => {
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
            content
                .push(text::section(say!("follow_up.opened.assign")))
                .push(
                    Row::new()
                        .push(
                            button::keyed(say!("follow_up.opened.mine"), "M")
                                .on_press(Message::MinePressed),
                        )
                        .push(
                            button::keyed(say!("follow_up.opened.nobody"), "N")
                                .on_press(Message::NobodyPressed),
                        )
                        .push(leave)
                        .spacing(space::M),
                )
                .push(
                    container(scrollable(
                        Column::with_children(people)
                            .spacing(space::S)
                            .padding(Padding::from(space::S)),
                    ))
                    .max_height(280)
                    .width(Length::Fill),
                )
        }
    };
    Column::new().push(page::slot(failure)).push(content).into()
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
