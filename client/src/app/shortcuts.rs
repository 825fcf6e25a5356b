//! The keys of the whole window.

use iced::keyboard::key::Named;

use super::{App, Message, Stage, Wait};
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};

impl App {
    /// The keys of what is in the window at present, and those of the frame around it.
    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        let here = self.here().into_iter();
        here.chain(self.to_rooms()).chain(self.frame()).collect()
    }

    /// The keys of what is in front.
    pub(super) fn here(&self) -> Vec<Binding<Message>> {
        match &self.stage {
            Stage::Opening(Wait::Keystore) => Vec::new(),
            Stage::Opening(Wait::Renewal { .. }) => vec![binding(
                escape(),
                say!("frame.skip_renewal"),
                Message::RenewalSkipped,
            )],
            Stage::Enrolment(screen) => map(screen.bindings(), Message::Enrolment),
            Stage::LogIn(entrance) => map(entrance.screen.bindings(), Message::LogIn),
            Stage::FirstPassword(first) => map(first.dialog.bindings(), Message::FirstPassword),
            Stage::Work(work) => map(work.bindings(), Message::Work),
        }
    }

    /// The keys that lead to the rooms of the navigation, in its order.
    pub(super) fn to_rooms(&self) -> Vec<Binding<Message>> {
        match &self.stage {
            Stage::Work(work) => map(work.to_rooms(), Message::Work),
            _ => Vec::new(),
        }
    }

    /// The keys of the frame around the rooms.
    pub(super) fn frame(&self) -> Vec<Binding<Message>> {
        match &self.stage {
            Stage::Work(work) => map(work.frame_bindings(), Message::Work),
            _ => Vec::new(),
        }
    }

    /// The keys that every screen has.
    pub(super) fn always() -> Vec<Binding<Message>> {
        let f1 = Shortcut::named(Named::F1);
        vec![
            binding(f1, say!("frame.help"), Message::HelpToggled),
            binding(
                Shortcut::command("+"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            // The plus of most keyboards is above `=` or `;`.
            binding(
                Shortcut::command("="),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command(";"),
                say!("frame.larger"),
                Message::ZoomedIn,
            ),
            binding(
                Shortcut::command("-"),
                say!("frame.smaller"),
                Message::ZoomedOut,
            ),
            binding(
                Shortcut::command("0"),
                say!("frame.normal_size"),
                Message::ZoomReset,
            ),
        ]
    }
}

fn map<M: 'static>(
    bindings: Vec<Binding<M>>,
    into: impl Fn(M) -> Message + Copy,
) -> Vec<Binding<Message>> {
    bindings
        .into_iter()
        .map(|binding| binding.map(into))
        .collect()
}

pub(super) fn escape() -> Shortcut {
    Shortcut::named(Named::Escape)
}
