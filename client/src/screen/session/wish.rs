//! The wish for another certificate, where the one there is has ended: asked from the terminal,
//! so that nobody has to read a serial number out over the telephone.

use iced::Task;
use iced::widget::Column;
use jiff::Timestamp;
use shared::enrolment::ask::Asked;

use crate::enrolment::{Obstacle, ask};
use crate::ui::Element;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::text;
use crate::world::World;
use crate::{language, say};

/// How it stands with the wish.
#[derive(Default)]
pub(super) enum Wish {
    /// Nobody has asked.
    #[default]
    None,
    /// The server is being asked.
    Asking,
    /// The helpdesk knows since this moment.
    Known(Timestamp),
    /// It did not get through.
    Failed(Obstacle),
}

impl Wish {
    /// Whether asking (again) makes sense.
    pub(super) fn can_be_asked(&self) -> bool {
        matches!(self, Self::None | Self::Failed(_))
    }

    /// Asks.
    pub(super) fn ask(&mut self, world: &World) -> Task<Result<Asked, Obstacle>> {
        if !self.can_be_asked() {
            return Task::none();
        }
        *self = Self::Asking;
        let (world, spoken) = (world.clone(), language::spoken());
        Task::future(async move { ask(&world, spoken).await })
    }

    /// Takes in the answer.
    pub(super) fn answered(&mut self, answer: Result<Asked, Obstacle>) {
        *self = match answer {
            Ok(asked) => Self::Known(asked.since),
            Err(obstacle) => Self::Failed(obstacle),
        };
    }

    /// What is said of it.
    pub(super) fn view<'a, Message: 'a>(&self) -> Element<'a, Message> {
        match self {
            Self::None => Column::new().into(),
            Self::Asking => text::body(say!("session.wish_asking")).into(),
            Self::Known(since) => {
                let at = crate::language::moment(*since);
                banner(Tone::Success, say!("session.wish_known", at = at))
                    .line(say!("session.wish_next"))
                    .into()
            }
            Self::Failed(obstacle) => banner(Tone::Error, say!("session.wish_failed"))
                .line(obstacle.title())
                .line(say!("session.wish_call"))
                .into(),
        }
    }
}
