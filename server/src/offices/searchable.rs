//! Keeps offices findable at the helpdesk, and people in the log, beside everything else: who was
//! there before they could be searched is entered, and the offices' index is tidied when many changes
//! left it in pieces.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::accounts::enter_people;
use crate::app::App;
use crate::store;
use crate::store::audit::Act;
use crate::store::offices::search::{enter_missing, is_missing, is_untidy, tidy};

/// How often to look.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Offices entered by one write, so that nobody else's waits long.
const AT_ONCE: u16 = 200;

/// Keeps offices and people searchable until `stop`.
pub async fn keep_searchable(app: Arc<App>, stop: CancellationToken) {
    loop {
        let made = tokio::select! {
            made = make_searchable(&app) => made,
            () = stop.cancelled() => return,
        };
        if let Err(error) = made {
            tracing::warn!(%error, "offices could not be made searchable; later again");
        }
        let entered = tokio::select! {
            entered = enter_people(&app) => entered,
            () = stop.cancelled() => return,
        };
        if let Err(error) = entered {
            tracing::warn!(%error, "people could not be made searchable; later again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Enters offices that wait for it, and tidies their index if it lies in pieces.
///
/// # Errors
/// The store fails; what was done until then remains.
pub async fn make_searchable(app: &App) -> Result<(), store::Error> {
    let mut reader = app.store.reader().await?;
    while is_missing(&mut reader).await? {
        let act = Act::housekeeping("enter offices");
        let write = app.store.write(act, (), |tx, ()| {
            Box::pin(async move { enter_missing(tx, AT_ONCE).await })
        });
        write.await?;
    }
    let mut goes_on = is_untidy(&mut reader, app.store.dialect()).await?;
    drop(reader);
    while goes_on {
        let act = Act::housekeeping("tidy the index of offices");
        let write = app
            .store
            .write(act, (), |tx, ()| Box::pin(async move { tidy(tx).await }));
        goes_on = write.await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared::offices::OfficeKind;
    use shared::text::search_key;

    use super::*;
    use crate::store::offices::search::by_text;
    use crate::store::story::database::{Database, Server};
    use crate::store::story::on_both_databases;
    use crate::store::{Dialect, sql};

    on_both_databases!(
        offices_entered_one_by_one_are_found_in_an_index_that_is_tidied,
        what_is_entered_late_does_not_write_over_a_change_that_was_under_way,
    );

    async fn what_is_entered_late_does_not_write_over_a_change_that_was_under_way(
        database: Database,
    ) {
        let server = Arc::new(Server::on(database).await);
        let office = server.office("late-1", OfficeKind::Business, None).await;
        server
            .database
            .tamper("UPDATE office SET search = ''")
            .await;
        let dialect = server.app.store.dialect();
        let mut other = server.database.back_door().await;
        let begin = match dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        for statement in [begin, "UPDATE office SET reading = 'アタラシイ'"] {
            sql::script(statement, &mut other).await.unwrap();
        }
        let beside = Arc::clone(&server);
        let entering = tokio::spawn(async move { make_searchable(&beside.app).await });
        // Long enough for it to have come to the office that is held.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!entering.is_finished());
        sql::script("COMMIT", &mut other).await.unwrap();
        entering.await.unwrap().unwrap();
        let mut reader = server.app.store.reader().await.unwrap();
        let found = by_text(&mut reader, dialect, &search_key("アタラシイ"), 0, 10).await;
        assert_eq!(found.unwrap(), [office.number]);
    }

    async fn offices_entered_one_by_one_are_found_in_an_index_that_is_tidied(database: Database) {
        const COUNT: usize = 100;
        let server = Server::on(database).await;
        for number in 0..COUNT {
            let code = format!("tidy-{number:03}");
            server.office(&code, OfficeKind::Business, None).await;
        }
        let store = &server.app.store;
        let mut reader = store.reader().await.unwrap();
        // SQLite brings pieces together by itself, but not all of them.
        let mut more = 0;
        while store.dialect() == Dialect::Sqlite
            && !is_untidy(&mut reader, store.dialect()).await.unwrap()
        {
            assert!(more < 500, "the index is never untidy");
            let code = format!("more-{more}");
            server.office(&code, OfficeKind::Business, None).await;
            more += 1;
        }
        make_searchable(&server.app).await.unwrap();
        assert!(!is_untidy(&mut reader, store.dialect()).await.unwrap());
        let mut found = async |text: &str, after: i64, most: usize| -> Vec<i64> {
            let found = by_text(&mut reader, store.dialect(), text, after, most).await;
            found.unwrap()
        };
        // By one gram, by two that are frequent, and by a rare one beside a frequent one.
        assert_eq!(found("tidy", 0, 1000).await.len(), COUNT);
        let all = found("見本tidy0", 0, 1000).await;
        assert_eq!(all.len(), COUNT);
        assert!(all.is_sorted());
        assert_eq!(found("見本tidy0", all[9], 20).await, all[10..30]);
        assert_eq!(found("tidy042", 0, 1000).await, [all[42]]);
        assert_eq!(found("tidy042", all[42], 1000).await, [] as [i64; 0]);
        // Both grams stand in one office, the text in none.
        assert_eq!(found("tidy0tidy042", 0, 1000).await, [] as [i64; 0]);
    }
}
