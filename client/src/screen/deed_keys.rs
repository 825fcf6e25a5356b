//! The keys of deeds that more than one room does: whoever types them all day at the desk must not
//! revoke in another room with what issues in the first.

use iced::keyboard::key::Named;

/// Issues a link to an office that has none in force.
pub(super) const ISSUE: Named = Named::F3;
/// Issues a link for another terminal.
pub(super) const REISSUE: Named = Named::F4;
/// Revokes an office's certificates.
pub(super) const REVOKE: Named = Named::F9;
