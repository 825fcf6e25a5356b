//! Passwords: those that people choose, and those that the program makes.
//!
//! What a person chooses can be guessed, so it is kept as Argon2id, a few at a time. One check takes 19 MiB and tens of milliseconds on purpose. The pool bounds how many run at
//! once, so that guessing can neither fill the memory nor starve everything else.

use std::{sync::Arc, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use sha2::{Digest as _, Sha256};
use shared::accounts::made_password::SIGNS;
use shared::enrolment::link_password;
use shared::id::EnrolmentId;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::clock::Rng;

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

/// A password of a link, made by the program: 80 random bits in four groups of four.
///
/// It is kept as one SHA-256, not as Argon2id. A slow hash makes up for what a chosen password
/// lacks; of 2⁸⁰ equally likely ones, a thief of the database who tries 10¹² a second finds one in
/// some 19,000 years, and a link lives 30 days. The link's id goes into the hash, so that one try
/// tests one link alone. At the door five wrong tries lock the link either way.
#[derive(Clone)]
pub struct GeneratedPassword(Zeroizing<String>);

impl GeneratedPassword {
    const KEPT: &str = "sha256:";

    /// A new one.
    #[must_use]
    pub fn new(rng: &dyn Rng) -> Self {
        Self(new_password::<4, 4>(rng))
    }

    /// The password itself, to hand it out.
    #[must_use]
    pub fn reveal(&self) -> &Zeroizing<String> {
        &self.0
    }

    /// The form in which it is kept with the link `id`.
    #[must_use]
    pub fn kept(&self, id: EnrolmentId) -> String {
        Self::digest(id, &link_password::plain(&self.0))
    }

    /// Whether `typed` (see [`link_password::plain`]) is what `kept` holds for the link `id`; `None` if
    /// that was kept in another form. Takes the same time whatever is typed.
    #[must_use]
    pub fn is_right(id: EnrolmentId, typed: &str, kept: Option<&str>) -> Option<bool> {
        let digest = Self::digest(id, typed);
        match kept {
            Some(kept) if !kept.starts_with(Self::KEPT) => None,
            Some(kept) => Some(verify_slices_are_equal(digest.as_bytes(), kept.as_bytes()).is_ok()),
            None => Some(false),
        }
    }

    fn digest(id: EnrolmentId, typed: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(id.0.as_bytes());
        hash.update(typed.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let mut text = Self::KEPT.to_owned();
        for byte in hash {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
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
        assert_eq!(signs.len(), 32, "five bits each");
        assert!(signs.iter().all(|sign| sign.is_ascii_alphanumeric()));
        for alike in ["il1", "o0"] {
            let among = signs.iter().filter(|sign| alike.contains(**sign));
            assert!(among.count() <= 1, "{alike}");
        }
    }

    #[test]
    fn a_generated_password_is_right_for_its_own_link_however_it_is_typed() {
        let [one, other] = [1, 2].map(|seed| EnrolmentId::new(seed, [3; 10]));
        let password = GeneratedPassword::new(&SeededRng::new(1));
        let kept = password.kept(one);
        assert!(!kept.contains(password.reveal().as_str()));
        let wide: String = password
            .reveal()
            .to_uppercase()
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
                other => other,
            })
            .collect();
        for typed in [
            password.reveal().as_str(),
            &wide,
            &format!(" {} ", password.reveal().replace('-', " ")),
        ] {
            assert!(link_password::is_whole(typed), "{typed} would not be sent");
            let typed = link_password::plain(typed);
            let right = |id| GeneratedPassword::is_right(id, &typed, Some(&kept));
            assert_eq!((right(one), right(other)), (Some(true), Some(false)));
        }
        let wrong = |kept| GeneratedPassword::is_right(one, "abcdabcdabcdabcd", kept);
        assert_eq!(wrong(Some(&kept)), Some(false));
        assert_eq!(wrong(None), Some(false));
        assert_eq!(wrong(Some("$argon2id$v=19$")), None);
        // The reference client strongSwan holds id and password in 174 bytes.
        assert!(one.to_string().len() + 1 + password.reveal().len() <= 174);
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
