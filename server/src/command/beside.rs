//! What whoever typed a command should know besides its answer: nothing that forbids it, and nothing
//! that a script reads. It is looked up after the deed, which a look-up that fails cannot undo.

use shared::{
    enrolment::standing::LinkState,
    id::EnrolmentId,
    offices::{Office, OfficeCode},
};

use super::{in_japan, note};
use crate::{
    app::App,
    enrolment::link_state,
    offices::{changing::Changes, is_looked_after},
    store::{self, offices::KnownOffice},
};

/// How many offices a sentence names; of the others it says how many there are.
const NAMED: usize = 5;

/// Says what was found.
pub(super) fn say(found: Result<Vec<String>, store::Error>) {
    match found {
        Ok(notes) => notes.iter().for_each(note),
        Err(error) => note(&format!(
            "this was done; what else there is to know could not be looked up: {error}"
        )),
    }
}

/// What stands open under an office that was closed.
///
/// # Errors
/// The store fails.
pub(super) async fn closed(app: &App, code: &OfficeCode) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let Some(known) = store::offices::by_code(&mut reader, code).await? else {
        return Ok(Vec::new());
    };
    let found = store::offices::with_descendants(&mut reader, known.number).await?;
    let below: Vec<&KnownOffice> = found
        .iter()
        .filter(|below| below.open && below.number != known.number)
        .collect();
    let stay = match below.len() {
        0 => return Ok(Vec::new()),
        1 => "1 office that stands under it stays open, with its terminals".to_owned(),
        count => format!("{count} offices that stand under it stay open, with their terminals"),
    };
    let named = named(&below);
    Ok(vec![format!(
        "{stay}: {named}; `office close --code … --reason …` closes each on its own"
    )])
}

/// What is odd about an office that was added: it stands under none or a closed one, or another one
/// has its name.
///
/// # Errors
/// The store fails.
pub(super) async fn added(
    app: &App,
    office: &Office,
    parent: Option<&OfficeCode>,
) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let above = match parent {
        Some(parent) => store::offices::by_code(&mut reader, parent).await?,
        None => None,
    };
    let namesakes = namesakes(&mut reader, office).await?;
    Ok(place(office, above.as_ref())
        .into_iter()
        .chain(namesakes)
        .collect())
}

/// The same about an office that was changed, as far as that is what was changed, and how many of its
/// people were `released` from those who looked after them.
///
/// # Errors
/// The store fails.
pub(super) async fn changed(
    app: &App,
    code: &OfficeCode,
    changes: &Changes,
    released: u64,
) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let Some(known) = store::offices::by_code(&mut reader, code).await? else {
        return Ok(Vec::new());
    };
    let mut notes = Vec::new();
    if released > 0 {
        notes.push(format!(
            "{released} of its people were looked after by somebody of an office that was above \
             it, and are by nobody now: {code} assigns them"
        ));
    }
    if changes.place.is_some() {
        let above = match known.parent {
            Some(number) => store::offices::by_number(&mut reader, number).await?,
            None => None,
        };
        notes.extend(place(&known.office, above.as_ref()));
    }
    if changes.name.is_some() {
        notes.extend(namesakes(&mut reader, &known.office).await?);
    }
    Ok(notes)
}

/// What is odd about the place of an office under `above`.
fn place(office: &Office, above: Option<&KnownOffice>) -> Option<String> {
    let Office { code, kind, .. } = office;
    match above {
        None if is_looked_after(*kind) => Some(format!(
            "{code} stands under no office, so no prefecture sees it or its people: \
             `office change --code {code} --parent … --reason …` puts it under one"
        )),
        Some(above) if !above.open => Some(format!(
            "{above} above it is closed, {code} is open all the same: `office reopen --code {above} \
             --reason …` opens the former, `office close --code {code} --reason …` closes the latter",
            above = above.office.code
        )),
        _ => None,
    }
}

/// Who else has an office's name.
async fn namesakes(
    sql: &mut store::Connection,
    office: &Office,
) -> Result<Option<String>, store::Error> {
    let known = store::offices::by_name(sql, &office.name).await?;
    let alike: Vec<&KnownOffice> = known
        .iter()
        .filter(|it| it.office.code != office.code)
        .collect();
    if alike.is_empty() {
        return Ok(None);
    }
    let what_to_do = match &alike[..] {
        [former] if !former.open => format!(
            "`office close --code {} --reason …` closes this one, and `office reopen --code {} \
             --reason …` opens the former",
            office.code, former.office.code
        ),
        alike if alike.iter().any(|it| it.open) => {
            "`office close --code … --reason …` closes what is too many".to_owned()
        }
        _ => format!(
            "`office close --code {} --reason …` closes this one, and `office reopen --code … \
             --reason …` opens the former",
            office.code
        ),
    };
    Ok(Some(format!(
        "there was an office called {} already: {}; if it is the same one, {what_to_do}",
        office.name,
        named(&alike)
    )))
}

/// What an office has besides the link `new` that was issued to it: links that can be used, and
/// terminals.
///
/// # Errors
/// The store fails.
pub(super) async fn issued(
    app: &App,
    office: &OfficeCode,
    new: EnrolmentId,
) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let now = app.clock.now();
    let links = store::enrolment::links_of(&mut reader, office).await?;
    let mut certificates = store::enrolment::certificates_of(&mut reader, office, now).await?;
    let mut notes = Vec::new();
    for link in links
        .iter()
        .filter(|link| link.id != new && link_state(link, now) == LinkState::Open)
    {
        let (id, until) = (link.id, in_japan(link.expires_at));
        notes.push(format!(
            "{office} has another link that can be used until {until}, and it stays so: \
             `link cancel {id}` ends it"
        ));
    }
    // A terminal that is about to renew has two.
    certificates.sort_by_key(|row| std::cmp::Reverse(row.issued_at));
    let mut seen = Vec::new();
    for row in certificates
        .iter()
        .filter(|row| row.superseded_at.is_none() && row.revoked_at.is_none())
    {
        if seen.contains(&row.identity.terminal) {
            continue;
        }
        seen.push(row.identity.terminal);
        let serial = &row.serial;
        notes.push(format!(
            "a terminal of {office} is enrolled with the certificate {serial}: it works on until one \
             that enrols with this link is first used, and is refused from then on; \
             `terminal revoke {serial}` ends it at once"
        ));
    }
    Ok(notes)
}

/// The codes of these offices, the closed ones marked, of many only the first.
fn named(offices: &[&KnownOffice]) -> String {
    let mut codes: Vec<String> = offices
        .iter()
        .take(NAMED)
        .map(|it| match it.open {
            true => it.office.code.to_string(),
            false => format!("{} (closed)", it.office.code),
        })
        .collect();
    if let Some(more) = offices.len().checked_sub(NAMED).filter(|more| *more > 0) {
        codes.push(format!("{more} more"));
    }
    codes.join(", ")
}

#[cfg(test)]
mod tests;
