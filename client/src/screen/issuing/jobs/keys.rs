//! The keys among the jobs.

use iced::keyboard::key::Named;
use shared::enrolment::job::JobStep;

use super::mark::Entry;
use super::{Jobs, Message, What};
use crate::say;
use crate::screen::issuing::words;
use crate::ui::keys::{Binding, Shortcut, binding};

impl Jobs {
    pub(in super::super) fn bindings(&self) -> Vec<Binding<Message>> {
        if self.asking.is_some() {
            let yes = Shortcut::command_named(Named::Enter);
            let stay = Shortcut::named(Named::Escape);
            return vec![
                binding(yes, say!("issuing.confirm"), Message::ConfirmPressed),
                binding(stay, say!("issuing.stay"), Message::StayPressed),
            ];
        }
        let reload = binding(
            Shortcut::named(Named::F5),
            say!("issuing.reload"),
            Message::ReloadPressed,
        );
        let Some(page) = &self.opened else {
            let mut keys = vec![reload];
            let marked = self.cursor().and_then(|at| self.entries().nth(at));
            if let Some(Entry::Approval(known)) = marked {
                let what = What::Decide(known.id, false);
                let key = Shortcut::named(key_of(JobStep::Refuse));
                keys.push(binding(
                    key,
                    say!("issuing.step.refuse"),
                    Message::Pressed(what),
                ));
            }
            return keys;
        };
        let back = Shortcut::named(Named::Escape);
        let mut keys = vec![
            reload,
            binding(back, say!("issuing.to_list"), Message::BackPressed),
        ];
        let steps = JobStep::ALL.iter().filter(|step| page.may(**step));
        keys.extend(steps.map(|step| {
            let what = Message::Pressed(What::Step(*step));
            binding(Shortcut::named(key_of(*step)), words::step(*step), what)
        }));
        keys
    }
}

/// The key of a step. None of them means a deed in the other half of the room, and what says no to
/// a job has one key: of refusing, withdrawing and cancelling never two are possible at once.
pub(super) fn key_of(step: JobStep) -> Named {
    match step {
        JobStep::Pause | JobStep::Resume => Named::F2,
        JobStep::Approve => Named::F8,
        JobStep::Refuse | JobStep::Withdraw | JobStep::Cancel => Named::F10,
    }
}
