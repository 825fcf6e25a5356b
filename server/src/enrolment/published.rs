//! The list of revoked certificates as it is handed out: signed anew when something was revoked
//! or a day has passed, and not for every stranger who asks.

use std::sync::Arc;

use shared::Problem;
use tokio::sync::Mutex;

use crate::{
    app::App,
    authority::RevocationList,
    store::{self, Noun},
};

/// The list that was signed last.
#[derive(Default)]
pub struct PublishedList(Mutex<Option<Latest>>);

struct Latest {
    list: Arc<RevocationList>,
    /// The counter of revocations that it belongs to.
    changes: i64,
}

impl PublishedList {
    /// The list as of this moment: what any server has revoked is in it.
    ///
    /// # Errors
    /// `store-unavailable`: nobody knows what was revoked since.
    pub async fn current(&self, app: &App) -> Result<Arc<RevocationList>, Problem> {
        // Before the list: what is revoked in between is read twice rather than missed.
        let changes = store::changes(&mut app.store.reader().await?, Noun::Revocations).await?;
        // Whoever comes while it is being signed waits, and gets the same.
        let mut latest = self.0.lock().await;
        if let Some(known) = &*latest
            && known.changes >= changes
            && known.list.is_fresh(app.clock.now())
        {
            return Ok(Arc::clone(&known.list));
        }
        let list = Arc::new(revocation_list(app).await?);
        *latest = Some(Latest {
            list: Arc::clone(&list),
            changes,
        });
        Ok(list)
    }
}

/// Signs the list of the certificates that are revoked and have not expired.
///
/// # Errors
/// The database or the authority fails.
pub async fn revocation_list(app: &App) -> Result<RevocationList, Problem> {
    let now = app.clock.now();
    let revoked = {
        let mut reader = app.store.reader().await?;
        store::enrolment::revoked(&mut reader, now).await?
    };
    let authority = Arc::clone(&app.authority);
    // A long list takes a while to put together, in which others want to be served.
    let signed = tokio::task::spawn_blocking(move || authority.revocation_list(&revoked, now));
    let signed = signed.await.map_err(Problem::internal)?;
    signed.map_err(Problem::internal)
}
