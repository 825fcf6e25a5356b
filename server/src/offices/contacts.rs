//! Contacts: who may register whose, what a list would do, and taking it in whole or not at all
//! (M-01).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::id::{Page, Version};
use shared::offices::OfficeCode;
use shared::offices::contacts::{
    Contact, ContactEffect, ContactFinding, ContactFindings, ContactHistory, ContactQuery,
    ContactsQuery, ContactsToRegister, MOST_CONTACTS, NewContact, RegisterContacts,
    RegisteredContacts,
};
use shared::text::{MailAddress, Refused};
use shared::{Language, Problem, ProblemCode};

use super::{NotOpen, Reach};
use crate::app::{App, Caller};
use crate::store::audit::{Act, Actor};
use crate::store::offices::contacts::{self as rows, KnownContact, Wanted};
use crate::store::{self, Tx};

/// Rows of a page, if the request does not say.
const PAGE: u16 = 100;
/// The most rows of a page.
const LONGEST_PAGE: u16 = 500;
/// The most versions of a history.
const LONGEST_HISTORY: u32 = 100;

/// Contacts of the offices that the caller sees, by code.
///
/// # Errors
/// `not-found` for an office elsewhere; `invalid-field` for a page that cannot be.
pub async fn list_contacts(
    server: &App,
    caller: &Caller,
    request: ContactsQuery,
) -> Result<Page<Contact>, Problem> {
    let limit = page_size(request.limit, PAGE, LONGEST_PAGE)?;
    let after = super::after(request.after.as_deref())?;
    let mut reader = server.store.reader().await?;
    let under = Reach::of(&mut reader, caller)
        .await?
        .under(&mut reader, request.under.as_ref())
        .await?;
    let wanted = Wanted {
        under,
        missing: request.missing,
        after,
        limit: u32::from(limit) + 1,
    };
    let rows = rows::list(&mut reader, &wanted).await?;
    Ok(page(rows, limit, |contact| contact.office.code.to_string()))
}

/// A page of `rows`, of which there is one more than `limit` if there is another page.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: u16, cursor: impl Fn(&T) -> String) -> Page<T> {
    let more = rows.len() > usize::from(limit);
    rows.truncate(usize::from(limit));
    let next = rows.last().filter(|_| more).map(cursor);
    Page { rows, next }
}

/// How many rows a page has.
pub(crate) fn page_size(asked: Option<u16>, usual: u16, most: u16) -> Result<u16, Problem> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::refused("limit", Refused::new("page_size")))
    }
}

/// Every contact that an office had.
///
/// # Errors
/// `not-found` for an office that the caller does not see.
pub async fn show_contact_history(
    server: &App,
    caller: &Caller,
    request: ContactQuery,
) -> Result<ContactHistory, Problem> {
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let number = reach.number(&mut reader, &request.office).await?;
    let versions = rows::history(&mut reader, number, LONGEST_HISTORY).await?;
    Ok(ContactHistory { versions })
}

/// Says what registering these contacts would do.
///
/// # Errors
/// `invalid-field` for none or too many.
pub async fn check_contacts(
    server: &App,
    caller: &Caller,
    request: ContactsToRegister,
) -> Result<ContactFindings, Problem> {
    let reach = registering(server, caller, &request).await?;
    let mut reader = server.store.reader().await?;
    let mut seen = HashSet::new();
    let mut findings = Vec::with_capacity(request.contacts.len());
    for contact in request.contacts {
        let present = rows::of_office(&mut reader, &contact.office).await?;
        let (effect, present) = judge(&contact, present, &reach, &mut seen);
        findings.push(ContactFinding {
            office: contact.office,
            effect,
            present: present.map(|known| known.contact),
        });
    }
    Ok(ContactFindings { findings })
}

/// Registers contacts, all or none.
///
/// # Errors
/// `invalid-field` naming the first contact that is refused; `version-clash` with the present
/// contact.
pub async fn register_contacts(
    server: &App,
    caller: &Caller,
    request: ContactsToRegister,
) -> Result<RegisteredContacts, Problem> {
    let reach = registering(server, caller, &request).await?;
    let by = caller.person()?.person.id;
    let act = caller.act::<RegisterContacts>(&request);
    let input = (in_order(request.contacts), reach);
    let answer = server
        .store
        .write(act, input, move |tx, (contacts, reach)| {
            Box::pin(async move {
                let mut counts = RegisteredContacts {
                    new: 0,
                    changed: 0,
                    unchanged: 0,
                };
                let mut seen = HashSet::new();
                for (place, contact) in contacts {
                    let present = rows::of_office_to_change(tx, &contact.office).await?;
                    let (effect, present) = judge(contact, present, reach, &mut seen);
                    if let Some(refused) = effect.refused() {
                        let field = format!("contacts[{place}].{}", field(effect));
                        return Err(Problem::refused(field, refused).into());
                    }
                    let Some(present) = present else { continue };
                    match effect {
                        ContactEffect::New => counts.new += 1,
                        ContactEffect::Changed => counts.changed += 1,
                        _ => {
                            counts.unchanged += 1;
                            continue;
                        }
                    }
                    if present.contact.version != contact.version {
                        let current = serde_json::to_value(&present.contact)
                            .expect("what travels as JSON is writable as JSON");
                        let clash = Problem::new(ProblemCode::VersionClash);
                        return Err(clash.with_current(current).into());
                    }
                    keep(tx, contact, &present, Some(by)).await?;
                }
                if counts.new + counts.changed == 0 {
                    tx.note(&json!({ "unchanged": counts.unchanged }));
                }
                Ok(counts)
            })
        })
        .await?;
    Ok(answer)
}

/// Why no contact was registered. For the command line; the sentence is for operators.
#[derive(Debug, thiserror::Error)]
pub enum NotRegistered {
    /// There is no office with this code, or it is closed.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// One mailbox for both, or the store fails.
    #[error("{}", .0.document(Language::En).detail)]
    Refused(Problem),
}

/// What came of registering a contact at the operator's command.
#[derive(Serialize, Deserialize)]
enum Registering {
    Done,
    Unchanged,
    Unknown,
    Closed,
}

/// Registers the contact of one office at the operator's command, whatever was there before. Gives
/// whether it was another.
///
/// # Errors
/// See [`NotRegistered`]; that the office is not open stands in the log.
pub async fn set_contact(
    server: &App,
    office: OfficeCode,
    mail: MailAddress,
    password_mail: Option<MailAddress>,
) -> Result<bool, NotRegistered> {
    let contact = NewContact {
        office: office.clone(),
        version: Version(0),
        mail,
        password_mail,
        no_password_mail: false,
    };
    let act = Act::new(Actor::default(), "command office contact");
    let registered = server.store.write(act, contact, |tx, contact| {
        Box::pin(async move {
            let present = rows::of_office_to_change(tx, &contact.office).await?;
            let asked = json!({ "office": contact.office });
            match &present {
                None => {
                    tx.refuse(None, "no-such-office", asked);
                    return Ok(Registering::Unknown);
                }
                Some(known) if !known.open => {
                    tx.to(&contact.office).refuse(None, "office-closed", asked);
                    return Ok(Registering::Closed);
                }
                Some(_) => {}
            }
            let (effect, present) = judge(contact, present, &Reach::Country, &mut HashSet::new());
            if let Some(refused) = effect.refused() {
                return Err(Problem::refused(field(effect), refused).into());
            }
            match present.filter(|_| effect != ContactEffect::Unchanged) {
                Some(present) => keep(tx, contact, &present, None).await?,
                None => {
                    let detail = json!({ "office": contact.office, "unchanged": true });
                    tx.to(&contact.office).note(&detail);
                    return Ok(Registering::Unchanged);
                }
            }
            Ok(Registering::Done)
        })
    });
    let registered = registered.await;
    match registered.map_err(|error| NotRegistered::Refused(error.into()))? {
        Registering::Done => Ok(true),
        Registering::Unchanged => Ok(false),
        Registering::Unknown => Err(NotOpen::Unknown(office).into()),
        Registering::Closed => Err(NotOpen::Closed(office).into()),
    }
}

async fn keep(
    tx: &mut Tx,
    contact: &NewContact,
    present: &KnownContact,
    by: Option<shared::id::UserId>,
) -> Result<(), store::Error> {
    let version = present.contact.version.next();
    let password_mail = contact.password_mail_after(present.contact.password_mail.as_ref());
    rows::register(
        tx,
        present.number,
        version,
        &contact.mail,
        password_mail,
        by,
    )
    .await?;
    let detail = json!({ "office": contact.office, "version": version });
    tx.to(&contact.office).note(&detail);
    Ok(())
}

/// Whose contacts this caller may register: nobody's, unless the office runs health centres.
async fn registering(
    server: &App,
    caller: &Caller,
    request: &ContactsToRegister,
) -> Result<Reach, Problem> {
    if request.contacts.is_empty() || request.contacts.len() > MOST_CONTACTS {
        return Err(Problem::refused("contacts", Refused::new("contact_count")));
    }
    let mut reader = server.store.reader().await?;
    Ok(match Reach::of(&mut reader, caller).await? {
        Reach::Offices { root, .. } if !caller.terminal.office.kind.keeps_contacts() => {
            Reach::Offices {
                root,
                numbers: HashSet::new(),
            }
        }
        reach => reach,
    })
}

/// The contacts with their places in the request, in an order that is the same for everybody: two
/// lists at once must not wait for each other.
fn in_order(contacts: Vec<NewContact>) -> Vec<(usize, NewContact)> {
    let mut contacts: Vec<_> = contacts.into_iter().enumerate().collect();
    contacts.sort_by(|(_, a), (_, b)| a.office.cmp(&b.office));
    contacts
}

/// What the contact would do, and what is registered now if that is the caller's to know.
fn judge(
    contact: &NewContact,
    present: Option<KnownContact>,
    reach: &Reach,
    seen: &mut HashSet<OfficeCode>,
) -> (ContactEffect, Option<KnownContact>) {
    match present.filter(|known| known.open && reach.holds(known.number)) {
        None => (ContactEffect::UnknownOffice, None),
        Some(known) if !seen.insert(contact.office.clone()) => {
            (ContactEffect::Doubled, Some(known))
        }
        Some(known) => (contact.effect(&known.contact), Some(known)),
    }
}

fn field(effect: ContactEffect) -> &'static str {
    match effect {
        ContactEffect::SameMailbox => "password_mail",
        _ => "office",
    }
}

#[cfg(test)]
mod tests;
