//! How the helpdesk is reached (M-12, M-19): what the operator set, for whoever asks.

use shared::Problem;
use shared::helpdesk::{Helpdesk, HelpdeskQuery};

use crate::app::{App, Caller};

/// How the helpdesk is reached.
///
/// # Errors
/// None.
pub async fn show_helpdesk(app: &App, _: &Caller, _: HelpdeskQuery) -> Result<Helpdesk, Problem> {
    Ok(app.mail.helpdesk().clone())
}
