//! What is said while there are no rows, and of rows that could not be fetched anew.

use super::Paged;
use crate::api::Failure;
use crate::say;
use crate::screen::failed;
use crate::ui::vacant::Vacant;
use crate::ui::{Element, button};

/// That there are no rows, and why; where the list is narrowed, with a button that shows all.
pub fn none<'a, Message: Clone + 'a>(
    title: String,
    what: String,
    show_all: Option<Message>,
) -> Vacant<'a, Message> {
    let button = |all| button::secondary(say!("paging.show_all")).on_press(all);
    Vacant::Empty {
        title,
        what,
        action: show_all.map(|all| button(all).into()),
    }
}

impl<R> Paged<R> {
    /// What stands in the place of the rows while there are none: that they did not come, with
    /// `again` to ask once more; that they are `coming`; or that there are none, as `none` says it.
    pub fn vacant<'a, Message: 'a>(
        &self,
        coming: String,
        again: impl Into<Element<'a, Message>>,
        none: impl FnOnce() -> Vacant<'a, Message>,
    ) -> Vacant<'a, Message> {
        match self.failure() {
            Some(failure) => Vacant::Failed(failed(failure).action(again)),
            None if !self.is_present() => Vacant::Coming(coming),
            None => none(),
        }
    }

    /// Why what is asked for did not come, to be said above rows that did before; where there are
    /// none it stands in their place.
    pub fn failure_above(&self) -> Option<&Failure> {
        self.failure().filter(|_| !self.is_empty())
    }
}
