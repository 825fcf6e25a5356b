//! The audit room: what of the log is shown to whom. An administrator sees what was done at their
//! office and those under it, the ministry everything, the helpdesk nothing but links,
//! certificates, offices and mail, wherever that was done. Every look is an entry of its own.

use shared::audit::{
    AuditCheck, AuditCheckQuery, AuditHead, AuditHeadQuery, AuditKind, AuditPage, AuditQuery,
    CheckAudit, ListAuditEntries, ListEnrolmentEntries, MOST_ENTRIES, ShowAuditHead, Verdict,
};
use shared::contract::Endpoint;
use shared::text::Refused;
use shared::{Day, Problem};

use super::SignedHead;
use crate::app::{App, Caller};
use crate::offices::Reach;
use crate::offices::contacts::page_size;
use crate::store;
use crate::store::audit::{
    Act, Broken, Deeds, Head, Wanted, head, hex, look, octets, verify_piece,
};

/// How many people of one name are looked for.
const MOST_PEOPLE: usize = 500;

/// Entries of the log, of the caller's office and those under it; for the ministry of all.
///
/// # Errors
/// `not-found` for an office elsewhere; `invalid-field` for a page that cannot be.
pub async fn list_audit_entries(
    server: &App,
    caller: &Caller,
    request: AuditQuery,
) -> Result<AuditPage, Problem> {
    entries::<ListAuditEntries>(server, caller, request, None).await
}

/// Entries of the log about links, certificates, offices and mail.
///
/// # Errors
/// As [`list_audit_entries`].
pub async fn list_enrolment_entries(
    server: &App,
    caller: &Caller,
    request: AuditQuery,
) -> Result<AuditPage, Problem> {
    let kinds = AuditKind::OF_THE_HELPDESK.iter();
    let names = kinds.flat_map(|kind| kind.actions()).map(str::to_owned);
    entries::<ListEnrolmentEntries>(server, caller, request, Some(names.collect())).await
}

/// `only` are the names of the deeds that this caller may see, whatever is asked for.
async fn entries<E: Endpoint>(
    server: &App,
    caller: &Caller,
    request: AuditQuery,
    only: Option<Vec<String>>,
) -> Result<AuditPage, Problem> {
    let limit = page_size(request.limit, 100, MOST_ENTRIES)?;
    let below = match &request.after {
        None => None,
        Some(cursor) => Some(
            cursor
                .parse::<i64>()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| Problem::refused("after", Refused::new("cursor")))?,
        ),
    };
    let mut reader = server.store.reader().await?;
    let reach = Reach::of(&mut reader, caller).await?;
    let under = reach.under(&mut reader, None).await?;
    if let Some(office) = &request.office {
        reach.number(&mut reader, office).await?;
    }
    let who = request.who.as_deref().filter(|who| !who.trim().is_empty());
    let people = match who {
        Some(who) => {
            let people = store::accounts::named(&mut reader, who, MOST_PEOPLE + 1).await?;
            // Deeds left out unsaid would be a wrong answer.
            if people.len() > MOST_PEOPLE {
                return Err(Problem::refused("who", Refused::new("audit_who")));
            }
            Some(people)
        }
        None => None,
    };
    let account = match &request.account {
        Some(login) => Some(store::accounts::id_of(&mut reader, login).await?),
        None => None,
    };
    drop(reader);
    let account = account.map(|person| person.map(|id| id.0));
    let mut deeds: Vec<Deeds> = only.map(Deeds::These).into_iter().collect();
    deeds.extend(request.kind.map(of_kind));
    deeds.extend(request.action.clone().map(|name| Deeds::These(vec![name])));
    let wanted = Wanted {
        below,
        from: request.from.map(Day::begins),
        until: request.to.map(|day| day.plus(1).begins()),
        under,
        office: request.office.clone(),
        people,
        deeds,
        subjects: account
            .into_iter()
            .chain(request.subject.map(Some))
            .collect(),
        limit,
    };
    // Without its entry nothing is shown; of many pages each says where it began.
    note::<E>(server, caller, &serde_json::json!({ "asked": &request })).await?;
    let mut reader = server.store.reader().await?;
    let found = look(&mut reader, &wanted).await?;
    Ok(AuditPage {
        rows: found.entries,
        next: found.next.map(|number| number.to_string()),
        searched_to: found.searched_to,
    })
}

fn of_kind(kind: AuditKind) -> Deeds {
    let owned = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect();
    if kind == AuditKind::Other {
        let all = AuditKind::ALL.iter();
        return Deeds::NotThese(owned(all.flat_map(|kind| kind.actions()).collect()));
    }
    Deeds::These(owned(kind.actions()))
}

async fn note<E: Endpoint>(
    server: &App,
    caller: &Caller,
    detail: &serde_json::Value,
) -> Result<(), Problem> {
    let act = Act::new(caller.actor(), E::NAME);
    server
        .store
        .write(act, detail.clone(), |tx, detail| {
            Box::pin(async move {
                tx.note(detail);
                Ok(())
            })
        })
        .await?;
    Ok(())
}

/// Checks a further piece of the chain. What was found at the end is an entry of the log.
///
/// # Errors
/// `invalid-field` for a place to go on from that cannot be; `store-unavailable`.
pub async fn check_audit(
    server: &App,
    caller: &Caller,
    request: AuditCheckQuery,
) -> Result<AuditCheck, Problem> {
    let refused = |field| Problem::refused(field, Refused::new("cursor"));
    let from = match (request.number, &request.hash) {
        (None, None) => Head::start(),
        (Some(number), Some(hash)) => Head {
            number: i64::try_from(number).map_err(|_| refused("number"))?,
            hash: octets(hash)
                .filter(|hash| hash.len() == 32)
                .ok_or_else(|| refused("hash"))?,
        },
        _ => return Err(refused("hash")),
    };
    // Who asks says where to begin: "whole" holds from there on.
    let begun_at = from.number;
    let mut reader = server.store.reader().await?;
    let of = head(&mut reader).await?.number;
    let piece = verify_piece(&mut reader, from.clone()).await?;
    drop(reader);
    let number = |number: i64| u64::try_from(number).unwrap_or_default();
    let (head, of, verdict) = match piece {
        Ok((head, kept)) if head == kept => (head, kept.number, Verdict::Whole),
        Ok((head, kept)) => (head, kept.number, Verdict::SoFarWhole),
        Err(broken) => {
            let verdict = match broken {
                Broken::Entry(at) | Broken::NotAsExported(at) => {
                    Verdict::Changed { at: number(at) }
                }
                Broken::Gap(at) => Verdict::Missing { at: number(at) },
                Broken::CutOff { last, .. } => Verdict::CutOff { at: number(last) },
            };
            (from, of, verdict)
        }
    };
    if verdict != Verdict::SoFarWhole {
        let found = serde_json::json!({
            "found": verdict, "from": begun_at, "checked": head.number,
        });
        note::<CheckAudit>(server, caller, &found).await?;
    }
    Ok(AuditCheck {
        number: number(head.number),
        hash: hex(&head.hash),
        of: number(of),
        verdict,
    })
}

/// The log's present end, signed by the authority.
///
/// # Errors
/// `store-unavailable`; `authority-unavailable` while its token does not sign; `internal` when the
/// authority's key is not open.
pub async fn show_audit_head(
    server: &App,
    caller: &Caller,
    _: AuditHeadQuery,
) -> Result<AuditHead, Problem> {
    let mut reader = server.store.reader().await?;
    let head = head(&mut reader).await?;
    drop(reader);
    let now = server.clock.now();
    let number = head.number;
    let hash = hex(&head.hash);
    let authority = server.authority.issuing();
    let signed = authority
        .signs(move |authority| SignedHead::sign(&head, authority, now))
        .await?;
    let line = serde_json::to_string(&signed).map_err(Problem::internal)?;
    let handed_out = serde_json::json!({ "handed_out": number });
    note::<ShowAuditHead>(server, caller, &handed_out).await?;
    Ok(AuditHead {
        number: u64::try_from(number).unwrap_or_default(),
        hash,
        signed_at: now,
        line,
    })
}

#[cfg(test)]
mod tests;
