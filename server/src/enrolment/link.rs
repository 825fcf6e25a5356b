//! Links: made for one office, good for one terminal, dead after 30 days.

use jiff::{SignedDuration, Timestamp};
use shared::{
    enrolment::{EnrolmentLink, Fingerprint, LINK_LIFE_SECONDS},
    id::EnrolmentId,
    offices::OfficeCode,
};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, Rng},
    password::{PasswordPool, new_password},
    store::{
        self, Store,
        audit::{Act, Actor},
        enrolment::{LinkRow, insert_link},
    },
};

/// A link and its password, as they are handed out: separately (M-02).
pub struct IssuedLink {
    /// What is mailed.
    pub link: EnrolmentLink,
    /// What is told in another way: four groups of four. The only time it can be read.
    pub password: Zeroizing<String>,
    /// From when on it is dead if nobody used it.
    pub expires_at: Timestamp,
}

/// How it stands with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// Nobody has used it yet.
    Open,
    /// A terminal was enrolled with it.
    Used,
    /// Five wrong passwords came.
    Locked,
    /// The helpdesk took it back.
    Cancelled,
    /// Nobody used it within 30 days.
    Expired,
}

/// How it stands with `link` at `now`.
#[must_use]
pub fn link_state(link: &LinkRow, now: Timestamp) -> LinkState {
    if link.cancelled_at.is_some() {
        LinkState::Cancelled
    } else if link.locked_at.is_some() {
        LinkState::Locked
    } else if link.used_at.is_some() {
        LinkState::Used
    } else if now >= link.expires_at {
        LinkState::Expired
    } else {
        LinkState::Open
    }
}

/// Makes a link for `office` that leads to `address` (host and port of the enrolment listener)
/// and trusts the root with this fingerprint. Whether the office exists is the caller's to know.
///
/// # Errors
/// The store fails.
pub async fn issue_link(
    store: &Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    office: OfficeCode,
    address: String,
    fingerprint: Fingerprint,
) -> Result<IssuedLink, store::Error> {
    // 80 bits.
    let password = new_password::<4, 4>(rng);
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    let hash = PasswordPool::new(1)
        .hash(typed_password(&password), salt)
        .await
        .map_err(|_| store::Error::Closing)?;
    // To the millisecond, as it is kept.
    let now = Timestamp::from_millisecond(clock.now().as_millisecond())
        .expect("a whole number of milliseconds of an instant is an instant");
    let expires_at = now + SignedDuration::from_secs(LINK_LIFE_SECONDS);
    let row = LinkRow {
        id: EnrolmentId(crate::clock::new_id(clock, rng)),
        office,
        password: hash,
        issued_at: now,
        expires_at,
        wrong_passwords: 0,
        locked_at: None,
        cancelled_at: None,
        used_at: None,
        public_key: None,
    };
    let link = EnrolmentLink {
        authority: address,
        id: row.id,
        fingerprint,
    };
    let act = Act::new(Actor::default(), "issue link");
    store
        .write(act, row, |tx, row| {
            Box::pin(async move {
                insert_link(tx, row).await?;
                tx.record(row.id.0, &serde_json::json!({ "office": row.office }));
                Ok(())
            })
        })
        .await?;
    Ok(IssuedLink {
        link,
        password,
        expires_at,
    })
}

/// Cancels the link `id`; false if there is none such or it is used or cancelled already.
///
/// # Errors
/// The store fails.
pub async fn cancel_link(store: &Store, id: EnrolmentId) -> Result<bool, store::Error> {
    let act = Act::new(Actor::default(), "cancel link");
    store
        .write(act, id, |tx, id| {
            Box::pin(async move {
                let cancelled = store::enrolment::cancel_link(tx, *id).await?;
                if cancelled {
                    tx.record(id.0, &serde_json::json!({}));
                }
                Ok(cancelled)
            })
        })
        .await
}

/// A password as it is hashed: people type it with or without the hyphens, in capitals, or in
/// full width.
#[must_use]
pub fn typed_password(text: &str) -> Zeroizing<String> {
    let folded = Zeroizing::new(shared::text::fold_width(text));
    let plain = folded
        .chars()
        .filter(|c| *c != '-' && !c.is_whitespace())
        .flat_map(char::to_lowercase);
    Zeroizing::new(plain.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn a_password_is_understood_however_it_is_typed() {
        let password = new_password::<4, 4>(&SeededRng::new(1));
        assert_eq!(password.len(), 19);
        let plain = typed_password(&password);
        assert_eq!(plain.len(), 16);
        let wide: String = password
            .to_uppercase()
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
                other => other,
            })
            .collect();
        for typed in [
            plain.as_str(),
            &wide,
            &format!(" {} ", password.replace('-', " ")),
        ] {
            assert_eq!(typed_password(typed), plain, "{typed}");
        }
        // The reference client strongSwan holds id and password in 174 bytes.
        assert!(uuid::Uuid::nil().to_string().len() + 1 + password.len() <= 174);
    }
}
