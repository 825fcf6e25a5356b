//! What a mail server said, in plain words.

use shared::mail::{MailItem, MailKind, MailState, PasswordWay};

use crate::say;
use crate::ui::chip::Tone;

/// How it stands with a message, in a word.
pub(super) fn state(state: MailState) -> String {
    let key = format!("mail.state.{}", state.as_str().replace('-', "_"));
    say!(key.as_str())
}

/// How it stands with this message, in a word. A letter waits for somebody who prints it, and what is
/// read out for somebody who rings: neither is sent by itself.
pub(super) fn standing(item: &MailItem) -> String {
    match (item.state, item.way) {
        (MailState::Waiting, PasswordWay::Letter) => say!("mail.standing.to_print"),
        (MailState::Waiting, PasswordWay::Phone) => say!("mail.standing.to_read_out"),
        (state, _) => self::state(state),
    }
}

/// Whether it is sent by itself.
pub(super) fn is_to_be_sent(item: &MailItem) -> bool {
    item.state == MailState::Waiting && item.way == PasswordWay::Mail
}

/// How it looks that it stands so.
pub(super) fn tone(state: MailState) -> Tone {
    match state {
        MailState::Waiting => Tone::Info,
        MailState::Sent | MailState::HandedOver => Tone::Success,
        MailState::Withdrawn => Tone::Plain,
        _ => Tone::Error,
    }
}

/// What a message says, in a word.
pub(super) fn kind(item: &MailItem) -> String {
    let key = format!("mail.kind.{}", item.kind.as_str().replace('-', "_"));
    say!(key.as_str())
}

/// To whom it goes: an address, or how else a password travels.
pub(super) fn to(item: &MailItem) -> String {
    match (item.way, &item.to) {
        (PasswordWay::Letter, _) => say!("mail.way.letter"),
        (PasswordWay::Phone, _) => say!("mail.way.phone"),
        (PasswordWay::Mail, Some(to)) => to.to_string(),
        (PasswordWay::Mail, None) => String::new(),
    }
}

/// What the mail server's answer means and what can be done; `None` where nothing is wrong.
pub(super) fn meaning(item: &MailItem) -> Option<String> {
    let answer = item.answer.as_deref()?;
    if matches!(
        item.state,
        MailState::Sent | MailState::HandedOver | MailState::Withdrawn
    ) {
        return None;
    }
    let key = format!(
        "mail.meaning.{}",
        match (item.state, item.kind) {
            (MailState::Bounced, kind) => cause_of_bounce(kind, answer),
            _ => cause(answer),
        }
    );
    Some(say!(key.as_str()))
}

/// Whether such a message can be made once more after it was sent and its text wiped.
pub(super) fn is_made_anew(kind: MailKind) -> bool {
    use MailKind::{Invitation, Reissue, Test};
    matches!(kind, Invitation | Reissue | Test)
}

/// The same for a message that came back. Nothing is tried again by itself.
fn cause_of_bounce(kind: MailKind, answer: &str) -> &'static str {
    match (kind, cause(answer)) {
        (MailKind::Password, _) => "password_came_back",
        (kind, cause) if is_made_anew(kind) => match cause {
            "our_login" | "for_now" | "for_good" | "no_line" => "came_back",
            cause => cause,
        },
        _ => "notice_came_back",
    }
}

/// The last part of the key of what an answer means: by its enhanced status code (RFC 3463), else
/// by its reply code (RFC 5321).
fn cause(answer: &str) -> &'static str {
    let numbers: Vec<&str> = answer
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| !number.is_empty())
        .collect();
    let enhanced = numbers.iter().find_map(|number| {
        let mut parts = number.split('.').map(str::parse::<u16>);
        let three = [
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next()?.ok()?,
        ];
        (parts.next().is_none() && matches!(three[0], 2 | 4 | 5)).then_some(three)
    });
    let reply = numbers.iter().find_map(|number| {
        let code = number.parse::<u16>().ok()?;
        (number.len() == 3 && (400..600).contains(&code)).then_some(code)
    });
    match (enhanced, reply) {
        (Some([_, 1, 1 | 2 | 3 | 6 | 10]), _) => "no_such_address",
        (Some([_, 2, 1]), _) => "mailbox_closed",
        (Some([_, 2, 2]), _) | (None, Some(452 | 552)) => "mailbox_full",
        (Some([_, 3, 4]), _) => "too_large",
        (_, Some(530 | 534 | 535 | 538)) => "our_login",
        (Some([_, 7, _]), _) => "turned_away",
        (None, Some(550 | 551 | 553)) => "no_such_address",
        (Some([4, ..]), _) | (None, Some(400..500)) => "for_now",
        (Some([5, ..]), _) | (None, Some(_)) => "for_good",
        _ => "no_line",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_by_its_codes() {
        for (answer, expected) in [
            (
                "permanent error (550): 5.1.1 No such user here",
                "no_such_address",
            ),
            ("permanent error (550): no such user", "no_such_address"),
            ("552 5.2.2 mailbox full", "mailbox_full"),
            ("transient error (452): 4.2.2 over quota", "mailbox_full"),
            ("550 5.7.1 message rejected as spam", "turned_away"),
            ("transient error (451): try again later", "for_now"),
            ("421 4.3.2 closing down", "for_now"),
            ("permanent error (554): transaction failed", "for_good"),
            ("permanent error (535): 5.7.8 bad credentials", "our_login"),
            ("the mail server did not answer in time", "no_line"),
            ("connection to 192.0.2.25 refused", "no_line"),
            ("", "no_line"),
        ] {
            assert_eq!(cause(answer), expected, "{answer}");
        }
    }

    #[test]
    fn what_came_back_is_told_by_what_can_be_done() {
        use MailKind::{Invitation, Password, Reminder};
        for (kind, answer, expected) in [
            (Invitation, "550 5.1.1 no such user", "no_such_address"),
            (Invitation, "5.2.2", "mailbox_full"),
            // It is not tried again by itself any more.
            (Invitation, "4.4.7 delivery time expired", "came_back"),
            (Invitation, "", "came_back"),
            (Password, "550 5.1.1 no such user", "password_came_back"),
            (Reminder, "550 5.1.1 no such user", "notice_came_back"),
        ] {
            assert_eq!(cause_of_bounce(kind, answer), expected, "{answer}");
        }
    }
}
