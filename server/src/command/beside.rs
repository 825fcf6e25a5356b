//! What whoever typed a command should know besides its answer: nothing that forbids it, and nothing
//! that a script reads. It is looked up before the deed and said after it.

use shared::{
    enrolment::standing::LinkState,
    offices::{Office, OfficeCode},
};

use super::in_japan;
use crate::{
    app::App,
    enrolment::link_state,
    store::{self, offices::KnownOffice},
};

/// How many offices a sentence names; of the others it says how many there are.
const NAMED: usize = 5;

/// What stands open under an office that is to be closed.
///
/// # Errors
/// The store fails.
pub(super) async fn closing(app: &App, code: &OfficeCode) -> Result<Vec<String>, store::Error> {
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
        "{stay}: {named}; `office close` closes each on its own"
    )])
}

/// What is odd about an office that is to be added: it stands under a closed one, or another one has
/// its name.
///
/// # Errors
/// The store fails.
pub(super) async fn adding(
    app: &App,
    office: &Office,
    parent: Option<&OfficeCode>,
) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let known = store::offices::all(&mut reader).await?;
    let mut notes = Vec::new();
    let above = known.iter().find(|it| Some(&it.office.code) == parent);
    if let Some(above) = above.filter(|above| !above.open) {
        let code = &office.code;
        notes.push(format!(
            "{} above it is closed, {code} is open all the same: `office reopen` opens the former, \
             `office close` closes the latter",
            above.office.code
        ));
    }
    let alike: Vec<&KnownOffice> = known
        .iter()
        .filter(|it| it.office.name == office.name && it.office.code != office.code)
        .collect();
    if !alike.is_empty() {
        notes.push(format!(
            "there was an office called {} already: {}; if it is the same one, close what is too many",
            office.name,
            named(&alike)
        ));
    }
    Ok(notes)
}

/// What an office that is to have a link has already: links that can be used, and terminals.
///
/// # Errors
/// The store fails.
pub(super) async fn issuing(app: &App, office: &OfficeCode) -> Result<Vec<String>, store::Error> {
    let mut reader = app.store.reader().await?;
    let now = app.clock.now();
    let links = store::enrolment::links(&mut reader).await?;
    let mut certificates = store::enrolment::certificates_of(&mut reader, office, now).await?;
    let mut notes = Vec::new();
    for link in links
        .iter()
        .filter(|link| link.office == *office && link_state(link, now) == LinkState::Open)
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
