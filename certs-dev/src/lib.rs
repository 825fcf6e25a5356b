//! A development PKI: one authority, and on demand every good and every faulty identity that a
//! terminal could come with.
//!
//! Certificates are written octet by octet and not with the library that the server issues with:
//! that library refuses to make most of the faults, and a second encoder would notice if both
//! sides shared a misunderstanding. Nothing made here is ever committed or trusted outside tests.

mod authority;
mod der;
mod identity;
mod pem;
mod template;

pub use authority::{Authority, AuthorityError, Credentials, Terminal};
pub use identity::{Identity, Stage};
pub use pem::pem;
