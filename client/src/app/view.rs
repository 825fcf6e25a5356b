//! How the window looks.

use super::shortcuts::escape;
use super::{App, Message, Stage, Wait, frame, help, work};
use crate::language;
use crate::say;
use crate::ui::Element;
use crate::ui::dialog::{Behind, over};
use crate::ui::keys::{binding, keys};

impl App {
    /// The window as it looks.
    pub fn view(&self) -> Element<'_, Message> {
        language::speak(self.preferences.language);
        let world = &self.world;
        let content = match &self.stage {
            Stage::Opening(wait) => {
                frame::outside(None, frame::waiting(matches!(wait, Wait::Renewal { .. })))
            }
            Stage::Enrolment(screen) => {
                frame::outside(None, screen.view(world).map(Message::Enrolment))
            }
            Stage::LogIn(entrance) => frame::outside(
                Some(frame::Standing {
                    terminal: &entrance.terminal,
                    line: entrance.api.line(),
                    unsaved: 0,
                    now: world.now(),
                }),
                entrance
                    .screen
                    .view(&entrance.terminal, world)
                    .map(Message::LogIn),
            ),
            Stage::FirstPassword(first) => frame::outside(
                Some(frame::Standing {
                    terminal: &first.context.terminal,
                    line: first.context.api.line(),
                    unsaved: 0,
                    now: world.now(),
                }),
                first.dialog.view().map(Message::FirstPassword),
            ),
            Stage::Work(work) => work.view(),
        };
        let mut bindings = self.bindings();
        let help = self.help.then(|| help::help(self));
        if self.help {
            // The keys that it lists are those of what is behind it; there they rest.
            bindings = vec![binding(
                escape(),
                say!("frame.help_close"),
                Message::HelpToggled,
            )];
        }
        bindings.extend(Self::always());
        let around = keys(over(content, help, Behind::Dimmed), bindings);
        match &self.stage {
            Stage::Work(_) => around.on_any(Message::Work(work::Message::Touched)).into(),
            _ => around.into(),
        }
    }
}
