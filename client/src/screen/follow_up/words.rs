//! How values of follow-up are written on the screen.

use shared::follow_up::observation::{Reach, SignCause, Symptom, Symptoms};
use shared::follow_up::returnee::Sex;

pub(super) use crate::language::{long_day, short_day};
use crate::say;

/// The words under a key that is put together.
pub(super) fn said(key: &str) -> String {
    say!(key)
}

/// The letter that chooses a way of reaching someone.
pub(super) fn reach_key(reach: Reach) -> char {
    match reach {
        Reach::Phone => 'p',
        Reach::Mail => 'm',
        Reach::Message => 's',
        Reach::Visit => 'v',
        Reach::Other => 'o',
        Reach::NotReached => 'n',
    }
}

/// A way of reaching someone.
pub(super) fn reach(reach: Reach) -> String {
    say!(match reach {
        Reach::Phone => "follow_up.reach.phone",
        Reach::Mail => "follow_up.reach.mail",
        Reach::Message => "follow_up.reach.message",
        Reach::Visit => "follow_up.reach.visit",
        Reach::Other => "follow_up.reach.other",
        Reach::NotReached => "follow_up.reach.not_reached",
    })
}

/// A symptom.
pub(super) fn symptom(symptom: Symptom) -> String {
    say!(match symptom {
        Symptom::Cough => "follow_up.symptom.cough",
        Symptom::SoreThroat => "follow_up.symptom.sore_throat",
        Symptom::RunnyNose => "follow_up.symptom.runny_nose",
        Symptom::NasalCongestion => "follow_up.symptom.nasal_congestion",
        Symptom::Fatigue => "follow_up.symptom.fatigue",
        Symptom::ShortnessOfBreath => "follow_up.symptom.shortness_of_breath",
        Symptom::Other => "follow_up.symptom.other",
    })
}

/// What was found: the symptoms, none, or that nobody asked.
pub(super) fn symptoms(symptoms: Option<&Symptoms>) -> String {
    let Some(symptoms) = symptoms else {
        return say!("follow_up.symptom.unasked");
    };
    if !symptoms.any() {
        return say!("follow_up.symptom.none");
    }
    let named = symptoms
        .present
        .iter()
        .filter(|one| **one != Symptom::Other || symptoms.other.is_none());
    let mut words: Vec<String> = named.map(|one| symptom(*one)).collect();
    words.extend(symptoms.other.as_ref().map(ToString::to_string));
    words.join(&say!("follow_up.word.and"))
}

/// What made a sign.
pub(super) fn cause(cause: SignCause) -> String {
    say!(match cause {
        SignCause::Temperature => "follow_up.cause.temperature",
        SignCause::Symptoms => "follow_up.cause.symptoms",
        SignCause::Household => "follow_up.cause.household",
    })
}

/// What made a sign, one after the other.
pub(super) fn causes(all: &[SignCause]) -> String {
    let words: Vec<String> = all.iter().map(|one| cause(*one)).collect();
    words.join(&say!("follow_up.word.and"))
}

/// A sex.
pub(super) fn sex(sex: Sex) -> String {
    say!(match sex {
        Sex::Male => "follow_up.sex.male",
        Sex::Female => "follow_up.sex.female",
        Sex::Other => "follow_up.sex.other",
    })
}

/// The digits of a phone number in groups, as they are read out; those in which they were typed
/// stay.
pub(super) fn phone(phone: &str) -> String {
    match phone.len() {
        11 if phone.starts_with('0') && !phone.contains('-') => {
            format!("{}-{}-{}", &phone[..3], &phone[3..7], &phone[7..])
        }
        _ => phone.to_owned(),
    }
}

/// What stands for nothing.
pub(super) fn blank() -> String {
    say!("follow_up.word.blank")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_in_the_groups_in_which_it_was_typed() {
        assert_eq!(phone("09000001234"), "090-0000-1234");
        for typed in [
            "090-0000-1234",
            "03-00001234",
            "0300001234",
            "+81-90-0000-1234",
        ] {
            assert_eq!(phone(typed), typed);
        }
    }
}
