//! How returnees, observations, signs and imports are kept. Which change is allowed when is
//! decided in [`crate::follow_up`]; here it is read and written.

pub mod entering;
pub mod import;
mod keys;
mod known;
pub mod observation;
pub mod returnee;
pub mod search;
pub mod work_list;

pub use keys::{likeness, origin, search_text};
