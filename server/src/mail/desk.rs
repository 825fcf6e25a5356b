//! What the helpdesk does with mail: sees what did not arrive, sends it again, prints passwords,
//! reads them out.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use shared::contract::{Done, Endpoint};
use shared::enrolment::deeds::Identification;
use shared::enrolment::standing::LinkState;
use shared::id::{MailId, Page};
use shared::mail::{
    MOST_ROWS, MailItem, MailKind, MailQuery, MailState, PAGE_ROWS, PasswordWay, PrintPasswords,
    PrintRequest, PrintedPasswords, ReadOutPassword, ReadOutRequest, Resend, ResendMail,
    SpokenPassword,
};
use shared::text::{MailAddress, Refused};
use shared::{Problem, ProblemCode};
use zeroize::Zeroizing;

use super::letter::{self, Letter};
use super::{Content, in_words, to_office};
use crate::app::{App, Caller};
use crate::enrolment::{check_caller_of, check_said, link_state};
use crate::store::audit::Act;
use crate::store::mail::{self as rows, Filter, MailRow, NewMail, SealedPassword};
use crate::{mail::Notice, store};

/// Messages, the newest first.
///
/// # Errors
/// `invalid-field` for a cursor or size that cannot be; `store-unavailable`.
pub async fn list_mail(app: &App, _: &Caller, query: MailQuery) -> Result<Page<MailItem>, Problem> {
    let limit = query.limit.unwrap_or(PAGE_ROWS);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(Problem::refused("limit", Refused::new("page_size")));
    }
    let before = query
        .after
        .map(|after| after.parse::<MailId>())
        .transpose()
        .map_err(|_| Problem::refused("after", Refused::new("cursor")))?;
    let filter = Filter {
        state: query.state,
        office: query.office,
        before,
        limit: limit + 1,
    };
    let mut reader = app.store.reader().await?;
    let mut found = rows::list(&mut reader, &filter).await?;
    let more = found.len() > usize::from(limit);
    found.truncate(usize::from(limit));
    let next = found.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(Page {
        rows: found.into_iter().map(item).collect(),
        next,
    })
}

fn item(row: MailRow) -> MailItem {
    MailItem {
        id: row.id,
        kind: row.kind,
        way: row.way,
        state: row.state,
        office: row.office,
        office_name: row.name,
        link: row.link,
        to: row.recipient,
        queued_at: row.queued_at,
        due_at: row.due_at,
        attempts: row.attempts,
        answer: row.answer,
        settled_at: row.settled_at,
    }
}

/// Sends a message again, perhaps to another address: what did not go out as it is, and a link
/// that did go out in a new message, while it can still be used.
///
/// # Errors
/// `not-found`; `same-mailbox` when the link and its password would meet there;
/// `mail-not-resendable` when the text is gone or is on its way at this moment.
pub async fn resend_mail(app: &App, caller: &Caller, request: Resend) -> Result<Done, Problem> {
    let act = caller.act::<ResendMail>(&request);
    resend(app, act, request).await
}

/// The same for whoever acts.
///
/// # Errors
/// See [`resend_mail`].
pub async fn resend(app: &App, act: Act, request: Resend) -> Result<Done, Problem> {
    let anew = {
        let mut reader = app.store.reader().await?;
        let row = rows::find(&mut reader, request.id)
            .await?
            .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        anew(app, &mut reader, &row, request.to.as_ref()).await?
    };
    app.store
        .write(act, (request, anew), |tx, (request, anew)| {
            Box::pin(async move {
                let Resend { id, to, reason } = request;
                let row = rows::find(tx.sql(), *id).await?;
                let row = row.ok_or(store::Error::from(ProblemCode::NotFound))?;
                let to_new = (row.link, to.as_ref());
                if let (Some(link), Some(to)) = to_new
                    && rows::meets(tx.sql(), link, row.kind, to).await?
                {
                    return Err(ProblemCode::SameMailbox.into());
                }
                if !rows::requeue(tx, *id, to.as_ref()).await? {
                    match anew {
                        Some(anew) => rows::queue(tx, anew).await?,
                        None => return Err(ProblemCode::MailNotResendable.into()),
                    };
                }
                let detail = json!({
                    "kind": row.kind, "link": row.link, "to": to, "reason": reason,
                    "as": anew.as_ref().map(|anew| anew.id),
                });
                tx.to(&row.office).record(id.0, &detail);
                Ok(Done {})
            })
        })
        .await
        .map_err(Problem::from)
}

/// The message once more, where its text is gone because it was sent: one with a link, while that
/// can be used, and the test that came back.
async fn anew(
    app: &App,
    sql: &mut store::Connection,
    row: &MailRow,
    to: Option<&MailAddress>,
) -> Result<Option<NewMail>, Problem> {
    let now = app.clock.now();
    let Some(to) = to.or(row.recipient.as_ref()) else {
        return Ok(None);
    };
    let again = match (row.kind, row.state) {
        (MailKind::Invitation, _) => false,
        (MailKind::Reissue, _) => true,
        (MailKind::Test, MailState::Bounced) => {
            let office = (&row.office, &row.name);
            return to_office(app, office, to, &Notice::Test, now).map(Some);
        }
        _ => return Ok(None),
    };
    let Some(id) = row.link else {
        return Ok(None);
    };
    let kept = store::enrolment::link(sql, id, None).await?;
    let Some(kept) = kept.filter(|kept| link_state(kept, now) == LinkState::Open) else {
        return Ok(None);
    };
    let Some(link) = app.mail.link(id, app.authority.fingerprint()) else {
        return Ok(None);
    };
    let way = rows::password_way(sql, id).await?;
    let notice = Notice::Link {
        link: &link,
        expires_at: kept.expires_at,
        password_by: way.unwrap_or(app.mail.password_by),
        again,
    };
    let mail = to_office(app, (&row.office, &row.name), to, &notice, now)?;
    Ok(Some(NewMail {
        link: Some(id),
        ..mail
    }))
}

/// Prints passwords that wait for it, each on a page of its own.
///
/// # Errors
/// `nothing-to-hand-over`; `letter-font-missing`.
pub async fn print_passwords(
    app: &App,
    caller: &Caller,
    request: PrintRequest,
) -> Result<PrintedPasswords, Problem> {
    // Without a receipt: the answer would be kept, and with it the passwords.
    let act = Act::new(caller.actor(), PrintPasswords::NAME);
    let printed = print(app, act, request).await?;
    Ok(PrintedPasswords {
        pdf: STANDARD.encode(&printed.pdf),
        count: printed.count,
        more: printed.more,
    })
}

/// Letters as they come from [`print`].
pub struct Printed {
    /// The pages, as PDF.
    pub pdf: Zeroizing<Vec<u8>>,
    /// How many.
    pub count: u32,
    /// Whether others wait.
    pub more: bool,
}

/// The same for whoever acts.
///
/// # Errors
/// See [`print_passwords`].
pub async fn print(app: &App, act: Act, request: PrintRequest) -> Result<Printed, Problem> {
    const AT_ONCE: u16 = 200;
    let now = app.clock.now();
    let mut found = {
        let mut reader = app.store.reader().await?;
        let which = (request.link, request.again);
        rows::passwords(&mut reader, PasswordWay::Letter, which, now, AT_ONCE + 1).await?
    };
    let more = found.len() > usize::from(AT_ONCE);
    found.truncate(usize::from(AT_ONCE));
    if found.is_empty() {
        return Err(Problem::new(ProblemCode::NothingToHandOver));
    }
    let pdf = on_paper(app, &found).await?;
    hand_over(app, act, &found, None, json!({})).await?;
    Ok(Printed {
        pdf,
        count: u32::try_from(found.len()).unwrap_or(u32::MAX),
        more,
    })
}

async fn on_paper(app: &App, found: &[SealedPassword]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let language = app.mail.language;
    let help = app.mail.help.text(language, false);
    let now = app.clock.now();
    let pages: Vec<Letter> = found
        .iter()
        .map(|row| {
            Ok(Letter {
                office: row.name.to_string(),
                password: open(app, row)?,
                id: row.link.short(),
                date: in_words(now, language),
                until: in_words(row.expires_at, language),
                help: help.clone(),
            })
        })
        .collect::<Result<_, Problem>>()?;
    let printing = tokio::task::spawn_blocking(move || {
        let font = letter::find_font()?;
        letter::print(&font, &pages, language)
    });
    match printing.await.map_err(Problem::internal)? {
        Ok(pdf) => Ok(Zeroizing::new(pdf)),
        Err(error @ letter::NotPrinted::Font(_)) => {
            Err(Problem::new(ProblemCode::LetterFontMissing).because(error))
        }
        Err(error) => Err(Problem::internal(error)),
    }
}

fn open(app: &App, row: &SealedPassword) -> Result<Zeroizing<String>, Problem> {
    let text = app
        .mail
        .key
        .open(row.id, &row.sealed)
        .map_err(Problem::internal)?;
    match serde_json::from_slice(&text).map_err(Problem::internal)? {
        Content::Password(password) => Ok(password),
        Content::Text(_) => Err(Problem::new(ProblemCode::Internal)),
    }
}

/// Shows a password that is to be read out, in its groups. It can be shown again for ten minutes.
///
/// # Errors
/// `nothing-to-hand-over`; `invalid-field` when the office is said to have been called back and has
/// no number on record.
pub async fn read_out_password(
    app: &App,
    caller: &Caller,
    request: ReadOutRequest,
) -> Result<SpokenPassword, Problem> {
    check_said(request.identified)?;
    let now = app.clock.now();
    let found = {
        let mut reader = app.store.reader().await?;
        let which = (Some(request.link), true);
        rows::passwords(&mut reader, PasswordWay::Phone, which, now, 1).await?
    };
    let nothing = || Problem::new(ProblemCode::NothingToHandOver);
    let row = found.first().ok_or_else(nothing)?;
    let password = open(app, row)?;
    let act = Act::new(caller.actor(), ReadOutPassword::NAME);
    let identified = Some(request.identified);
    let detail = json!({ "identified": identified, "reason": request.reason });
    hand_over(app, act, &found, identified, detail).await?;
    Ok(SpokenPassword {
        groups: password.split('-').map(str::to_owned).collect(),
    })
}

/// Notes that these passwords were handed over, all or none, to somebody who was `identified` so if
/// anyone called.
async fn hand_over(
    app: &App,
    act: Act,
    found: &[SealedPassword],
    identified: Option<Identification>,
    detail: serde_json::Value,
) -> Result<(), Problem> {
    let found: Vec<_> = found
        .iter()
        .map(|row| (row.id, row.link, row.office.clone()))
        .collect();
    app.store
        .write(act, (found, detail), move |tx, (found, detail)| {
            Box::pin(async move {
                let now = tx.now();
                for (id, link, office) in found {
                    if let Some(identified) = identified {
                        check_caller_of(tx.sql(), now, office, identified).await?;
                    }
                    if !rows::hand_over(tx, *id).await? {
                        return Err(ProblemCode::NothingToHandOver.into());
                    }
                    tx.to(office).record(link.0, detail);
                }
                Ok(())
            })
        })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
