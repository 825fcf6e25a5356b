//! How links and certificates are kept. Which change is allowed when is decided in
//! [`crate::enrolment`]; here it is read and written.

mod alone;
mod approval;
mod certificate;
mod event;
mod job;
mod link;
mod refusal;
mod standing;
mod wish;

pub use alone::{done_alone, hold_person};
pub use approval::{
    ApprovalToKeep, approval, approval_for, approval_to_change, approvals, can_anybody_approve,
    decide_approval, insert_approval, use_approval,
};
pub use certificate::{
    CertificateRow, KeptCertificate, NewCertificate, certificate, certificate_of, certificates,
    certificates_of, insert_certificate, issued_for_link, issued_for_renewal, live_certificates,
    live_certificates_of, mark_first_use, note_seen, revoke, revoke_office, revoked,
    supersede_unused, terminals,
};
pub use event::{
    AskedRow, By, NewEvent, Placed, keep_event, last_asked, timeline, waiting_to_be_answered,
};
pub use job::{
    JobToKeep, advance, insert_job, job, job_results, job_to_change, jobs, jobs_waiting_for,
    pending, running_job, settle, step,
};
pub use link::{
    LinkRow, bind_link, cancel_link, cancel_links_of, hand_out_anew, insert_link, link, links,
    links_of, note_wrong_password, unlock_link,
};
pub use refusal::{Occurrences, RefusedTo, count_refusal, forget_refusals, refusals};
pub(in crate::store) use standing::known_certificate;
pub use standing::{
    KnownCertificate, KnownLink, OfficeFacts, Wanted, facts, facts_of, facts_of_code,
};
pub use wish::{use_wish, used_wish};

use shared::text::Refused;
use uuid::Uuid;

use super::Error;

fn id(bytes: &[u8]) -> Result<Uuid, Error> {
    Uuid::from_slice(bytes).map_err(|error| Error::Corrupt(format!("id: {error}")))
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], Error> {
    <[u8; 32]>::try_from(bytes).map_err(|_| Error::Corrupt("a hash is not 32 bytes".to_owned()))
}

fn refused(error: Refused) -> Error {
    Error::Corrupt(error.to_string())
}

fn instant(milliseconds: i64) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map_err(|error| Error::Corrupt(format!("instant: {error}")))
}

fn maybe_instant(milliseconds: Option<i64>) -> Result<Option<jiff::Timestamp>, Error> {
    milliseconds.map(instant).transpose()
}
