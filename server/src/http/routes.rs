//! Which handler answers which endpoint: one line each.

use std::sync::Arc;

use axum::Router;

use super::{body::Limits, endpoint::serve};
use crate::app::App;

/// Names an endpoint and its handler, and keeps the list of those that are served.
macro_rules! routes {
    ($($endpoint:ty => $handler:path,)+) => {
        /// The names of the endpoints that are answered; a test compares them with the contract.
        pub const SERVED: &[&str] =
            &[$(<$endpoint as shared::contract::Endpoint>::NAME),+];

        pub(super) fn contract(app: &Arc<App>, limits: Limits) -> Router {
            let router = Router::new();
            $(let router = serve::<$endpoint>(router, app, limits, |app, caller, request| {
                Box::pin($handler(app, caller, request))
            });)+
            router
        }
    };
}

routes! {
    shared::enrolment::ShowTerminal => crate::enrolment::show_terminal,
    shared::enrolment::LeaveOffice => crate::enrolment::leave_office,
    shared::enrolment::desk::ListEnrolments => crate::enrolment::list_enrolments,
    shared::enrolment::desk::CountEnrolments => crate::enrolment::count_enrolments,
    shared::enrolment::desk::ShowEnrolment => crate::enrolment::show_enrolment,
    shared::enrolment::desk::SearchDesk => crate::enrolment::search_desk,
    shared::enrolment::timeline::ShowTimeline => crate::enrolment::show_timeline,
    shared::enrolment::deeds::IssueLink => crate::enrolment::issue_link_to,
    shared::enrolment::deeds::ReissueTerminal => crate::enrolment::reissue_terminal,
    shared::enrolment::deeds::ResendLink => crate::enrolment::resend_link,
    shared::enrolment::deeds::CancelLink => crate::enrolment::cancel,
    shared::enrolment::deeds::UnlockLink => crate::enrolment::unlock_link,
    shared::enrolment::deeds::RevokeTerminal => crate::enrolment::revoke_terminal,
    shared::enrolment::job::BeginJob => crate::enrolment::begin_job,
    shared::enrolment::job::CheckJob => crate::enrolment::check_job,
    shared::enrolment::job::ListJobs => crate::enrolment::list_jobs,
    shared::enrolment::job::ShowJob => crate::enrolment::show_job,
    shared::enrolment::job::ListJobResults => crate::enrolment::list_job_results,
    shared::enrolment::job::StepJob => crate::enrolment::step_job,
    shared::enrolment::approval::ListApprovals => crate::enrolment::list_approvals,
    shared::enrolment::approval::DecideApproval => crate::enrolment::decide_approval,
    shared::helpdesk::ShowHelpdesk => crate::helpdesk::show_helpdesk,
    shared::audit::ListAuditEntries => crate::audit::list_audit_entries,
    shared::audit::ListEnrolmentEntries => crate::audit::list_enrolment_entries,
    shared::audit::CheckAudit => crate::audit::check_audit,
    shared::audit::ShowAuditHead => crate::audit::show_audit_head,
    shared::offices::contacts::ListContacts => crate::offices::contacts::list_contacts,
    shared::offices::contacts::CheckContacts => crate::offices::contacts::check_contacts,
    shared::offices::contacts::RegisterContacts => crate::offices::contacts::register_contacts,
    shared::offices::contacts::ShowContactHistory => crate::offices::contacts::show_contact_history,
    shared::session::OpenSession => crate::session::open_session,
    shared::session::EndSession => crate::session::end_session,
    shared::accounts::ListColleagues => crate::accounts::list_colleagues,
    shared::accounts::administration::ListAccounts => crate::accounts::list_accounts,
    shared::accounts::administration::AddAccount => crate::accounts::add_account,
    shared::accounts::administration::RenameAccount => crate::accounts::rename_account,
    shared::accounts::administration::HandOverPassword => crate::accounts::hand_over_password,
    shared::accounts::administration::DeleteAccount => crate::accounts::delete_account,
    shared::accounts::password::ChangePassword => crate::accounts::change_password,
    shared::mail::ListMail => crate::mail::list_mail,
    shared::mail::ResendMail => crate::mail::resend_mail,
    shared::mail::PrintPasswords => crate::mail::print_passwords,
    shared::mail::ReadOutPassword => crate::mail::read_out_password,
    shared::follow_up::returnee::ShowReturnee => crate::follow_up::show_returnee,
    shared::follow_up::returnee::EnterReturnee => crate::follow_up::enter_returnee,
    shared::follow_up::returnee::ChangeReturnee => crate::follow_up::change_returnee,
    shared::follow_up::returnee::ChangePeriod => crate::follow_up::change_period,
    shared::follow_up::returnee::ChangeAssignee => crate::follow_up::change_assignee,
    shared::follow_up::returnee::ListHealthCentres => crate::follow_up::list_health_centres,
    shared::follow_up::hand_over::ListReceivingCentres => crate::follow_up::list_receiving_centres,
    shared::follow_up::hand_over::HandOverReturnee => crate::follow_up::hand_over_returnee,
    shared::follow_up::work_list::ListReturnees => crate::follow_up::list_returnees,
    shared::follow_up::work_list::CountReturnees => crate::follow_up::count_returnees,
    shared::follow_up::observation::RecordObservation => crate::follow_up::record_observation,
    shared::follow_up::observation::WithdrawObservation =>
        crate::follow_up::withdraw_observation,
    shared::follow_up::observation::CloseSign => crate::follow_up::close_sign,
    shared::follow_up::import::OpenImport => crate::follow_up::open_import,
    shared::follow_up::import::StageChunk => crate::follow_up::stage_chunk,
    shared::follow_up::import::CheckImport => crate::follow_up::check_import,
    shared::follow_up::import::CommitImport => crate::follow_up::commit_import,
    shared::follow_up::import::CancelImport => crate::follow_up::cancel_import,
}
