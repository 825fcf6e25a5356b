//! What was done last, said quietly beside what comes next.

use iced::{Fill, Task};
use shared::Day;
use shared::follow_up::hand_over::HandedOver;
use shared::follow_up::observation::Findings;

use super::super::Context;
use super::{FollowUp, Message, on_list, words};
use crate::say;
use crate::ui::{Element, text};

/// What was done last. It holds facts and no sentence, so that it follows the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Notice {
    /// A day was recorded: of whom, which, and what was found.
    Recorded {
        name: String,
        day: Day,
        findings: Box<Findings>,
    },
    /// Somebody is another health centre's now.
    Gone { name: String, centre: String },
}

impl Notice {
    /// It as a sentence.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Recorded {
                name,
                day,
                findings,
            } => say!(
                "follow_up.record.saved",
                name = name,
                day = words::short_day(*day),
                what = found(findings)
            ),
            Self::Gone { name, centre } => {
                say!("follow_up.opened.gone", name = name, centre = centre)
            }
        }
    }

    /// It beside the title of the screen, on as many lines as it takes.
    pub(super) fn view<'a, Message: 'a>(&self) -> Element<'a, Message> {
        text::hint(format!("○ {}", self.words()))
            .style(text::role(|roles| roles.success_text))
            .width(Fill)
            .into()
    }
}

impl FollowUp {
    /// Says that someone is another health centre's now, and asks who is left.
    pub(super) fn gone(
        &mut self,
        name: &str,
        handed: &HandedOver,
        context: &Context,
    ) -> Task<Message> {
        self.notice = Some(Notice::Gone {
            name: name.to_owned(),
            centre: handed.health_centre.name.to_string(),
        });
        self.list.reload(context).map(on_list)
    }
}

/// What was found, in a word or two.
fn found(findings: &Findings) -> String {
    if !findings.reach.reached() {
        return words::reach(findings.reach);
    }
    let temperature = findings.temperature.map(|it| format!("{it}\u{a0}℃"));
    let standing = match findings.signs().is_empty() {
        true => say!("follow_up.today.well"),
        false => say!("follow_up.today.sign"),
    };
    let all: Vec<String> = temperature.into_iter().chain([standing]).collect();
    all.join(&say!("follow_up.word.and"))
}
