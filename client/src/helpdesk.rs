//! How the helpdesk is reached, as the server last said it: kept, so that it can be shown when the
//! server cannot be reached (M-12, M-19).

use std::sync::{Arc, PoisonError, RwLock};

use shared::helpdesk::Helpdesk;

/// What was last heard; clones are the same.
#[derive(Clone, Default)]
pub struct Heard(Arc<RwLock<Option<Helpdesk>>>);

impl Heard {
    /// What was last heard, if anything ever was.
    pub fn last(&self) -> Option<Helpdesk> {
        let heard = self.0.read().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }

    /// From now on this is what was last heard.
    pub fn hear(&self, helpdesk: Helpdesk) {
        let mut heard = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *heard = Some(helpdesk);
    }
}
