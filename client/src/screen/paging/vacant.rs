//! What is said while there are no rows, and of rows that could not be fetched anew.

use super::Paged;
use crate::api::Failure;
use crate::screen::failed;
use crate::ui::Element;
use crate::ui::vacant::Vacant;

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
