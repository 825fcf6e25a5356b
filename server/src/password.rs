//! Passwords of links and people: Argon2id, a few at a time.
//!
//! One check takes 19 MiB and tens of milliseconds on purpose. The pool bounds how many run at
//! once, so that guessing can neither fill the memory nor starve everything else.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::clock::Rng;

/// Signs that cannot be taken for one another when read aloud or from paper. 32 of them: five bits
/// of a random byte choose one without favour.
const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";

/// A new password of `GROUPS` groups with `LENGTH` signs each, 5 bits a sign, with hyphens between
/// the groups so that it can be read out.
#[must_use]
pub fn new_password<const GROUPS: usize, const LENGTH: usize>(rng: &dyn Rng) -> Zeroizing<String> {
    let mut random = Zeroizing::new([[0; LENGTH]; GROUPS]);
    rng.fill(random.as_flattened_mut());
    let mut password = Zeroizing::new(String::with_capacity(GROUPS * (LENGTH + 1)));
    for (place, group) in random.iter().enumerate() {
        if place > 0 {
            password.push('-');
        }
        for byte in group {
            password.push(char::from(SIGNS[usize::from(byte % 32)]));
        }
    }
    password
}

/// How long a check may wait for its turn: in the morning everybody logs in within minutes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Too many checks are waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct PoolBusy;

/// Hashes and checks passwords, at most a fixed number at once. Cheap to clone; clones share the
/// places.
#[derive(Clone)]
pub struct PasswordPool {
    people: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
}

impl PasswordPool {
    /// A pool that works on `at_once` passwords of people on enrolled terminals at the same time
    /// (at least one), and on half as many of strangers. Those have places of their own: whoever
    /// floods the enrolment listener with guesses must not keep staff from logging in.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.max(1)));
        Self {
            people: places(at_once),
            strangers: places(at_once / 2),
        }
    }

    /// The PHC string (`$argon2id$…`) of `password`; `salt` must be fresh random bytes.
    ///
    /// # Errors
    /// [`PoolBusy`] after thirty seconds without a turn.
    pub async fn hash(
        &self,
        password: Zeroizing<String>,
        salt: [u8; 16],
    ) -> Result<String, PoolBusy> {
        Self::run(&self.people, move || {
            let hash: PasswordHash = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .expect("16 bytes are a salt, and any bytes a password");
            hash.to_string()
        })
        .await
    }

    /// Whether `password`, typed on an enrolled terminal, is the one that was hashed into
    /// `stored`. Without a stored hash (nobody
    /// by that name) the answer is no, after the same time.
    ///
    /// # Errors
    /// [`PoolBusy`] after thirty seconds without a turn.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        stored: Option<String>,
    ) -> Result<bool, PoolBusy> {
        Self::run(&self.people, move || is_right(&password, stored.as_deref())).await
    }

    /// The same for a password that came from anyone at all.
    ///
    /// # Errors
    /// [`PoolBusy`] after thirty seconds without a turn.
    pub async fn verify_stranger(
        &self,
        password: Zeroizing<String>,
        stored: Option<String>,
    ) -> Result<bool, PoolBusy> {
        Self::run(&self.strangers, move || {
            is_right(&password, stored.as_deref())
        })
        .await
    }

    async fn run<T: Send + 'static>(
        places: &Arc<Semaphore>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolBusy> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_owned())
            .await
            .map_err(|_| PoolBusy)?
            .map_err(|_| PoolBusy)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
        .map_err(|_| PoolBusy)
    }
}

fn is_right(password: &str, stored: Option<&str>) -> bool {
    let argon2 = Argon2::default();
    match stored.map(PasswordHash::new) {
        Some(Ok(hash)) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
        Some(Err(_)) | None => {
            let mut out = [0; 32];
            // Only the time it takes matters.
            let _ = argon2.hash_password_into(password.as_bytes(), &[0; 16], &mut out);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    fn secret(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn a_new_password_is_made_of_all_32_signs_in_groups() {
        let password = new_password::<200, 4>(&SeededRng::new(1));
        let groups: Vec<&str> = password.split('-').collect();
        assert_eq!(groups.len(), 200);
        assert!(groups.iter().all(|group| group.len() == 4));
        let mut signs: Vec<char> = groups.concat().chars().collect();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), 32);
        assert!(!signs.iter().any(|sign| "ilo01".contains(*sign)));
    }

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_right() {
        let pool = PasswordPool::new(2);
        let stored = pool.hash(secret("ひらけごま"), [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify = |text, stored| pool.verify(secret(text), stored);
        assert_eq!(verify("ひらけごま", Some(stored.clone())).await, Ok(true));
        assert_eq!(verify("ひらけこま", Some(stored)).await, Ok(false));
        assert_eq!(verify("ひらけごま", None).await, Ok(false));
        assert_eq!(verify("", Some("garbage".to_owned())).await, Ok(false));
    }

    #[tokio::test]
    async fn strangers_who_fill_their_places_leave_those_of_the_staff_free() {
        let pool = PasswordPool::new(1);
        let _guessing = pool.strangers.acquire().await.unwrap();
        let staff = pool.verify(secret("x"), None);
        let answered = tokio::time::timeout(Duration::from_secs(5), staff).await;
        assert_eq!(answered.unwrap(), Ok(false));
    }
}
