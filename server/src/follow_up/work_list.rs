//! The work list: which returnees, in which order, from where.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::follow_up::work_list::{
    Counts, CountsQuery, ListReturnees, MOST_ROWS, PAGE_ROWS, WorkListQuery, WorkListRow,
};
use shared::id::{Cursor, Page, UserId};
use shared::text::{Refused, search_key};
use shared::{Day, Problem};

use super::{Scope, note_look};
use crate::app::{App, Caller};
use crate::store::follow_up::work_list::{self as rows, Place, Walk, Wanted};

/// Lists returnees, page by page. Each filter has its own natural order: the first to end first;
/// among those not reached, the longest not reached first; in a search the newest first.
///
/// # Errors
/// `not-permitted` for an office that follows nobody up; `invalid-field` for a cursor of another
/// list or an impossible page size.
pub async fn list_returnees(
    server: &App,
    caller: &Caller,
    request: WorkListQuery,
) -> Result<Page<WorkListRow>, Problem> {
    let scope = Scope::of(server, caller).await?;
    let wanted = wanted(&request, caller.person()?.person.id, server.today())?;
    let found = {
        let mut reader = server.store.reader().await?;
        let dialect = server.store.dialect();
        rows::page(&mut reader, dialect, &scope.offices, &wanted).await?
    };
    let next = match found.last() {
        Some((place, _)) if found.len() == usize::from(wanted.limit) => {
            Some(cursor(wanted.walk, place))
        }
        _ => None,
    };
    let shown: Vec<i64> = found.iter().map(|(place, _)| place.number).collect();
    // The numbers name the returnees in this store; the search text says what was looked for.
    let detail = json!({ "numbers": shown, "search": request.search });
    note_look::<ListReturnees>(server, caller, None, detail).await?;
    Ok(Page {
        rows: found.into_iter().map(|(_, row)| row).collect(),
        next,
    })
}

fn wanted(request: &WorkListQuery, person: UserId, today: Day) -> Result<Wanted, Problem> {
    let limit = request.limit.unwrap_or(PAGE_ROWS);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(Problem::refused("limit", Refused::new("page_size")));
    }
    let search = request.search.as_deref().map(|typed| {
        let mut key = search_key(typed);
        // No kept text holds one, and PostgreSQL takes no text with a NUL.
        key.retain(|c| !c.is_control());
        key
    });
    let search = search.filter(|key| !key.is_empty());
    // The narrowest index first. Without one of the narrow ones a search walks its own.
    let walk = if request.mine {
        Walk::Assigned
    } else if request.with_signs {
        Walk::WithSign
    } else if search.is_some() && !request.ending_today {
        Walk::Newest
    } else if request.not_reached_today {
        Walk::Unreached
    } else if request.ended {
        Walk::ByEndBackwards
    } else {
        Walk::ByEnd
    };
    // A sign stays in view beyond the end of the follow-up, until someone closes it; a search
    // looks at ended follow-ups too.
    let open_only = !request.ended && !request.with_signs && search.is_none();
    let (mut ends_from, mut ends_until) = (open_only.then_some(today), None);
    if request.ending_today {
        (ends_from, ends_until) = (Some(today), Some(today));
    }
    if request.ended {
        ends_until = Some(today.plus(-1));
    }
    let after = match &request.after {
        None => None,
        Some(cursor) => Some(place(walk, cursor)?),
    };
    Ok(Wanted {
        walk,
        today,
        ends_from,
        ends_until,
        not_reached_today: request.not_reached_today,
        with_signs: request.with_signs,
        assignee: request.mine.then_some(person),
        search,
        after,
        limit,
    })
}

/// A place in a list as it travels: which list, and the key of the last row.
#[derive(Serialize, Deserialize)]
struct Travelling(u8, String, String, i64);

fn cursor(walk: Walk, place: &Place) -> Cursor {
    let place = Travelling(
        mark(walk),
        place.reached_day.clone(),
        place.last_day.clone(),
        place.number,
    );
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).expect("a place is writable as JSON"))
}

fn place(walk: Walk, cursor: &str) -> Result<Place, Problem> {
    let refused = || Problem::refused("after", Refused::new("cursor"));
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let Travelling(marked, reached_day, last_day, number) =
        serde_json::from_slice(&bytes).map_err(|_| refused())?;
    let is_day = |text: &str| Day::parse(text).is_ok_and(|day| day.to_string() == text);
    let is_place = (reached_day.is_empty() || is_day(&reached_day)) && is_day(&last_day);
    if marked != mark(walk) || !is_place {
        return Err(refused());
    }
    Ok(Place {
        reached_day,
        last_day,
        number,
    })
}

fn mark(walk: Walk) -> u8 {
    match walk {
        Walk::ByEnd => 1,
        Walk::ByEndBackwards => 2,
        Walk::Unreached => 3,
        Walk::WithSign => 4,
        Walk::Assigned => 5,
        Walk::Newest => 6,
    }
}

/// The sums of the day.
///
/// # Errors
/// `not-permitted` for an office that follows nobody up.
pub async fn count_returnees(
    server: &App,
    caller: &Caller,
    _: CountsQuery,
) -> Result<Counts, Problem> {
    let scope = Scope::of(server, caller).await?;
    let person = caller.person()?.person.id;
    let mut reader = server.store.reader().await?;
    let dialect = server.store.dialect();
    Ok(rows::counts(&mut reader, dialect, &scope.offices, person, server.today()).await?)
}
