//! What is derived from a returnee's details and kept beside them: for searching, for finding
//! likely duplicates, and for knowing a row that was loaded before.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use shared::follow_up::returnee::ReturneeDetails;
use shared::text::{identity_key, search_key};

/// The text in which a search looks: the keys of name, reading, romaji, phone and passport,
/// parted by line breaks, which no key contains.
#[must_use]
pub fn search_text(details: &ReturneeDetails) -> String {
    let mut text = search_key(details.name.as_str());
    let others = [
        details.kana.as_ref().map(|kana| search_key(kana.as_str())),
        details
            .romaji
            .as_ref()
            .map(|romaji| search_key(romaji.as_str())),
        details
            .phone
            .as_ref()
            .map(|phone| search_key(phone.as_str())),
        details
            .passport_number
            .as_ref()
            .map(|number| search_key(number.as_str())),
    ];
    for key in others.into_iter().flatten() {
        text.push('\n');
        text.push_str(&key);
    }
    text
}

/// Birth date and reading, where both are known: two people with the same are likely one.
#[must_use]
pub fn likeness(details: &ReturneeDetails) -> Option<String> {
    let (birth_date, kana) = (details.birth_date?, details.kana.as_ref()?);
    Some(format!("{birth_date} {}", search_key(kana.as_str())))
}

/// What makes a row of a list the same row again: everything that tells one person from another.
/// It is taken when the person is first entered and never changes, so a file loaded again is
/// known even after its people were corrected or handed over. 128 bits of SHA-256 as text.
#[must_use]
pub fn origin(details: &ReturneeDetails) -> String {
    let mut hash = Sha256::new();
    let mut field = |text: Option<&str>| match text {
        Some(text) => {
            let key = identity_key(text);
            hash.update((key.len() as u64 + 1).to_be_bytes());
            hash.update(key);
        }
        None => hash.update([0; 8]),
    };
    field(Some(details.name.as_str()));
    field(details.kana.as_ref().map(|value| value.as_str()));
    field(details.romaji.as_ref().map(|value| value.as_str()));
    field(details.birth_date.map(|day| day.to_string()).as_deref());
    field(details.passport_number.as_ref().map(|value| value.as_str()));
    field(Some(&details.entry_date.to_string()));
    field(details.flight.as_ref().map(|value| value.as_str()));
    field(details.address.as_ref().map(|value| value.as_str()));
    field(details.place_of_stay.as_ref().map(|value| value.as_str()));
    field(details.phone.as_ref().map(|value| value.as_str()));
    field(details.mail.as_ref().map(|value| value.as_str()));
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}
