//! Work that waits in the background: search entries, ended follow-ups, imports that were taken in or
//! abandoned. Every
//! answer is right without it; it keeps them fast and the store small.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use shared::Day;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::store::audit::Act;
use crate::store::follow_up::{import, search, work_list};
use crate::store::forget_receipts;
use crate::store::{self, Store};

/// How often to look for work.
const EVERY: Duration = Duration::from_secs(1);
/// Search entries of one write: few enough that nobody waits long behind it.
const AT_ONCE: u16 = 500;
/// An import that nobody finished in two days was forgotten.
const ABANDONED: SignedDuration = SignedDuration::from_hours(48);
/// A client that kept a write through a broken line this long has long since shown it.
const RECEIPTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Keeps the store in order until `stop`.
pub async fn keep_in_order(server: Arc<App>, stop: CancellationToken) {
    let mut put_aside_on = None;
    loop {
        if let Err(error) = put_in_order(&server, &mut put_aside_on).await {
            tracing::warn!(%error, "the store could not be put in order; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Does all that waits now. `put_aside_on` remembers the day on which ended follow-ups were last
/// put aside.
///
/// # Errors
/// [`store::Error::Database`]; what was done before it remains.
pub async fn put_in_order(
    server: &App,
    put_aside_on: &mut Option<Day>,
) -> Result<(), store::Error> {
    import::sweep_if_nobody_arrives(&server.store).await?;
    drop_staged(&server.store).await?;
    let waiting = {
        let mut reader = server.store.reader().await?;
        search::due(&mut reader).await?
    };
    if waiting > 0 {
        loop {
            let began = Instant::now();
            if write_search_entries(server).await? < usize::from(AT_ONCE) {
                break;
            }
            // It may be minutes until all are written, and another list was taken in meanwhile.
            drop_staged(&server.store).await?;
            // Half of the time is everybody else's, the command line's not least.
            tokio::time::sleep(began.elapsed()).await;
        }
        loop {
            let began = Instant::now();
            if !merge_search_entries(server).await? {
                break;
            }
            tokio::time::sleep(began.elapsed()).await;
        }
    }
    let today = server.today();
    if *put_aside_on != Some(today) {
        put_aside(server, today).await?;
        *put_aside_on = Some(today);
    }
    Ok(())
}

/// Drops what is still staged of lists that were taken in, some at a time, so that nobody waits long.
///
/// # Errors
/// [`store::Error::Database`]; what was dropped before it is gone.
pub async fn drop_staged(store: &Store) -> Result<(), store::Error> {
    let act = || Act::housekeeping("drop a list that was taken in");
    let mut more = import::is_taken_in_and_staged(&mut store.reader().await?).await?;
    while more {
        let began = Instant::now();
        more = store
            .write(act(), (), |tx, ()| Box::pin(import::drop_some_taken_in(tx)))
            .await?;
        tokio::time::sleep(began.elapsed()).await;
    }
    Ok(())
}

async fn write_search_entries(server: &App) -> Result<usize, store::Error> {
    let act = Act::housekeeping("write search entries");
    server
        .store
        .write(act, (), |tx, ()| {
            Box::pin(async move { search::catch_up(tx, AT_ONCE).await })
        })
        .await
}

async fn merge_search_entries(server: &App) -> Result<bool, store::Error> {
    let act = Act::housekeeping("merge search entries");
    server
        .store
        .write(act, (), |tx, ()| Box::pin(search::merge(tx)))
        .await
}

async fn put_aside(server: &App, today: Day) -> Result<(), store::Error> {
    let act = Act::housekeeping("put ended follow-ups aside");
    server
        .store
        .write(act, today, |tx, today| {
            Box::pin(async move {
                work_list::put_ended_aside(tx, *today).await?;
                let before = (tx.now() - ABANDONED).as_millisecond();
                for id in import::abandoned(tx, before).await? {
                    import::cancel(tx, id).await?;
                }
                let before = tx.now() - RECEIPTS;
                forget_receipts(tx, before).await
            })
        })
        .await
}
