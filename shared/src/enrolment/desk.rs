//! The helpdesk's desk, and what prefectures and offices see of the same: where the enrolment of
//! each office stands, what happened to it, and what can be done about it (M-04, M-12).
//!
//! Nothing here is personal data of anyone under follow-up: the helpdesk sees offices, links,
//! certificates, and the names of staff who acted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::advice::Advice;
use super::ask::ReissueAsked;
use super::job::Job;
use super::standing::{CertificateState, EnrolmentState, LinkState, Standing};
use super::{EnrolmentLink, Serial};
use crate::contract::{Personal, endpoints};
use crate::id::{Cursor, EnrolmentId, Page, TerminalId};
use crate::mail::PasswordWay;
use crate::offices::contacts::Contact;
use crate::offices::{Office, OfficeCode, OfficeKind, Particulars};
use crate::problem::ProblemCode;

/// The longest text that is searched for, in characters; longer is cut off.
pub const LONGEST_SEARCH: usize = 400;

/// Asks for the enrolments of offices: for helpdesk and ministry of all, for everybody else of the
/// caller's office and those under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolmentsQuery {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<EnrolmentState>,
    /// Only this office and those under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<OfficeCode>,
    /// Only offices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OfficeKind>,
    /// Only those that have no address for links.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_mail: bool,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to 500; 100 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(it: &bool) -> bool {
    !it
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_true(it: &bool) -> bool {
    *it
}

/// One office in the list of enrolments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolmentRow {
    /// Which.
    pub office: Office,
    /// Whether it is open; a closed office's terminals are not let in, however it stands.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub open: bool,
    /// How it stands.
    pub standing: Standing,
    /// Whether links can be mailed to it.
    pub has_mail: bool,
    /// Whether passwords can be mailed to it.
    pub has_password_mail: bool,
    /// When its latest link was issued (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub link_issued_at: Option<Timestamp>,
    /// When its certificate expires (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub certificate_expires_at: Option<Timestamp>,
}

/// Asks how many offices are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CountsQuery {
    /// Only this office and those under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<OfficeCode>,
    /// Only offices of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OfficeKind>,
}

/// How many open offices are in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StateCount {
    /// Which state.
    pub state: EnrolmentState,
    /// How many.
    pub offices: u32,
}

/// How many open offices are in which state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolmentCounts {
    /// Every state once, in its order.
    pub states: Vec<StateCount>,
    /// How many offices of all these have no address for links.
    pub without_mail: u32,
    /// When this was counted (UTC).
    #[schemars(with = "String")]
    pub counted_at: Timestamp,
}

/// Names an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EnrolmentQuery {
    /// Which.
    pub office: OfficeCode,
}

/// A link, as those who answer for it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LinkSeen {
    /// Which.
    pub id: EnrolmentId,
    /// How it stands.
    pub state: LinkState,
    /// When it was issued (UTC).
    #[schemars(with = "String")]
    pub issued_at: Timestamp,
    /// From when on it is dead if nobody used it (UTC).
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// How many wrong passwords came; the fifth locks it.
    pub wrong_passwords: u32,
    /// How often its password was made anew.
    pub handed_out: u32,
    /// When what happened that ended it (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Timestamp>,
    /// How its password travels; absent where it was shown to whoever made the link at the
    /// command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_by: Option<PasswordWay>,
    /// The link itself, for helpdesk and ministry while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<EnrolmentLink>,
}

/// A certificate, as those who answer for it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CertificateSeen {
    /// Its serial number.
    pub serial: Serial,
    /// Whom it lets in.
    pub terminal: TerminalId,
    /// How it stands.
    pub state: CertificateState,
    /// When it was issued (UTC).
    #[schemars(with = "String")]
    pub issued_at: Timestamp,
    /// Its last second (UTC).
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// When it was first shown (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first_used_at: Option<Timestamp>,
    /// When it was last shown, to the minute (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub seen_at: Option<Timestamp>,
    /// When what happened that ended it (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended_at: Option<Timestamp>,
    /// The one that took its place, where it was found by its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Serial>,
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedWhat {
    /// Somebody who redeemed the link.
    Link,
    /// A request over the certificate.
    Terminal,
}

/// What a link or terminal of an office was last refused, one for each code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecentRefusal {
    /// Whether a link or a terminal was refused.
    pub what: RefusedWhat,
    /// Why; its words are those that the office saw.
    pub code: ProblemCode,
    /// How often at least.
    pub count: u32,
    /// When first (UTC).
    #[schemars(with = "String")]
    pub first_at: Timestamp,
    /// When last (UTC).
    #[schemars(with = "String")]
    pub last_at: Timestamp,
    /// Whether all of it was before the office's present certificate was issued: it says nothing
    /// of how things stand now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
}

/// Everything that the helpdesk needs of an office while its caller is still speaking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Enrolment {
    /// Which office.
    pub office: Office,
    /// Whether it is open; a closed office's terminals are not let in.
    pub open: bool,
    /// Since when it is closed (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closed_at: Option<Timestamp>,
    /// The office it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Office>,
    /// How it is reached.
    pub contact: Contact,
    /// How it is found and called back.
    #[serde(default)]
    pub particulars: Particulars,
    /// How it stands.
    pub standing: Standing,
    /// What to tell a caller, or to do next.
    pub advice: Advice,
    /// Its open link, or else the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkSeen>,
    /// The certificate that lets in, or else the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateSeen>,
    /// Its terminal asked for another certificate, and no link was issued since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<ReissueAsked>,
    /// What is asked for it, alone or among others, and waits for a second person's yes, the latest
    /// first; for helpdesk and ministry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Job>,
    /// What its links and terminals were refused of late, the latest first.
    pub refusals: Vec<RecentRefusal>,
}

/// What the helpdesk types while a caller speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeskQuery {
    /// A part of a name, reading, code, mail address or phone number; the beginning of a serial
    /// number or of a link's id; a pasted link; or an error code. Nothing finds the offices whose
    /// terminals asked for another certificate and wait, the longest first.
    pub text: String,
    /// Where the page begins: the `next` of the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many offices, 1 to 100; 20 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// By what an office was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FoundBy {
    /// Name, reading, code, mail address or phone number.
    Office,
    /// A certificate's serial number.
    Serial,
    /// A link.
    Link,
    /// An error that its link or terminal met.
    Error,
    /// Its terminal waits for another certificate.
    Asked,
}

/// An office that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeskHit {
    /// Which, and how it stands.
    pub row: EnrolmentRow,
    /// By what.
    pub found_by: FoundBy,
    /// The certificate whose serial number was typed: perhaps not the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateSeen>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DeskFindings {
    /// The error whose code was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemCode>,
    /// The offices.
    pub offices: Vec<DeskHit>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

endpoints! {
    /// The enrolments of offices, by code.
    ListEnrolments = Get "/v1/enrolments" EnrolmentsQuery => Page<EnrolmentRow>,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;

    /// How many offices are in which state of enrolment.
    CountEnrolments = Get "/v1/enrolment-counts" CountsQuery => EnrolmentCounts,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;

    /// The enrolment of one office.
    ShowEnrolment = Get "/v1/enrolments/{office}" EnrolmentQuery => Enrolment,
        session [Staff, Administrator, Helpdesk, Officer], Personal::None;

    /// Finds offices by whatever a caller can read out.
    SearchDesk = Get "/v1/desk" DeskQuery => DeskFindings,
        session [Helpdesk, Officer], Personal::None;
}
