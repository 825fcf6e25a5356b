//! The list of revoked certificates as it is handed out: signed anew when something was revoked
//! or a day has passed, and not for every stranger who asks.

use std::sync::Arc;

use shared::{Problem, ProblemCode, enrolment::Fingerprint};
use tokio::sync::Mutex;

use crate::{
    app::App,
    authority::{Authority, AuthorityError, PATIENCE, RevocationList},
    store::{self, Noun},
};

/// The lists that were signed last: of one root, in a rollover of two.
#[derive(Default)]
pub struct PublishedList(Mutex<Vec<Latest>>);

struct Latest {
    /// Whose key signed it.
    root: Fingerprint,
    list: Arc<RevocationList>,
    /// The counter of revocations that it belongs to.
    changes: i64,
}

impl PublishedList {
    /// The list of this root as of this moment: what any server has revoked is in it.
    ///
    /// # Errors
    /// `not-found`: nothing of such a root is let in. `store-unavailable`: nobody knows what was
    /// revoked since.
    pub async fn current(
        &self,
        app: &App,
        root: Fingerprint,
    ) -> Result<Arc<RevocationList>, Problem> {
        let authority = app.authority.with_root(&root);
        let authority = authority.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
        // Before the list: what is revoked in between is read twice rather than missed.
        let changes = store::changes(&mut app.store.reader().await?, Noun::Revocations).await?;
        // Whoever comes while it is being signed waits, and gets the same; where it hangs, they
        // wait no longer than who signs.
        let mut latest = tokio::time::timeout(PATIENCE, self.0.lock())
            .await
            .map_err(|_| Problem::from(AuthorityError::Silent))?;
        if let Some(known) = latest.iter().find(|known| known.root == root)
            && known.changes >= changes
            && known.list.is_fresh(app.clock.now())
        {
            return Ok(Arc::clone(&known.list));
        }
        let list = Arc::new(revocation_list(app, authority).await?);
        // Those of roots that are gone go with them.
        latest.retain(|known| known.root != root && app.authority.with_root(&known.root).is_some());
        latest.push(Latest {
            root,
            list: Arc::clone(&list),
            changes,
        });
        Ok(list)
    }
}

/// Lets `authority` sign the list of the certificates that are revoked and have not expired.
///
/// # Errors
/// The database or the authority fails.
pub async fn revocation_list(
    app: &App,
    authority: Arc<Authority>,
) -> Result<RevocationList, Problem> {
    let now = app.clock.now();
    let revoked = {
        let mut reader = app.store.reader().await?;
        store::enrolment::revoked(&mut reader, now).await?
    };
    let list = authority
        .signs_at_length(move |authority| authority.revocation_list(&revoked, now))
        .await?;
    Ok(list)
}
