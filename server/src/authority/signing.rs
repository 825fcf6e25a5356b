//! Signatures that are waited for. A key in memory signs at once; one in a token takes its time,
//! and a token that hangs never answers. Nobody who waits for it may hold what others need: no
//! transaction, no thread that serves, no lock without an end.

use std::{sync::Arc, thread, time::Duration};

use tokio::sync::oneshot;

use super::{Authority, AuthorityError};

/// How long a signature in a token is waited for, with those that were asked for before it. A
/// terminal waits six times as long for its answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

impl Authority {
    /// Lets `work` sign with this authority's key. Where that lies in a token, `work` runs on a
    /// thread of its own, one at a time for each token: however many wait, a token that hangs
    /// keeps one thread, and what it signs too late is thrown away.
    ///
    /// # Errors
    /// Those of `work`; [`AuthorityError::Silent`] after [`PATIENCE`].
    pub async fn signs<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AuthorityError> + Send + 'static,
    ) -> Result<T, AuthorityError> {
        let Some(turn) = self.key.as_ref().and_then(|key| key.turn()) else {
            return work(&self);
        };
        let signed = async move {
            let turn = turn.acquire_owned().await;
            let turn = turn.map_err(|_| AuthorityError::Silent)?;
            let (reply, answer) = oneshot::channel();
            // Not one of the runtime's: it waits for its own when the server stops.
            let thread = thread::Builder::new().name("token".to_owned());
            let spawned = thread.spawn(move || {
                let signed = work(&self);
                drop(turn);
                // Whoever asked may have given up.
                let _ = reply.send(signed);
            });
            spawned.map_err(|_| AuthorityError::Silent)?;
            answer.await.map_err(|_| AuthorityError::Silent)?
        };
        let in_time = tokio::time::timeout(PATIENCE, signed).await;
        in_time.unwrap_or(Err(AuthorityError::Silent))
    }

    /// The same for what takes a while to put together, in which others want to be served.
    ///
    /// # Errors
    /// As of [`Self::signs`].
    pub async fn signs_at_length<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AuthorityError> + Send + 'static,
    ) -> Result<T, AuthorityError> {
        if self.key.as_ref().is_some_and(|key| key.turn().is_some()) {
            return self.signs(work).await;
        }
        let working = tokio::task::spawn_blocking(move || work(&self));
        working.await.map_err(|_| AuthorityError::Silent)?
    }
}
