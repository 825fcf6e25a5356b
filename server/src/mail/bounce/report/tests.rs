//! What is read of a notification, as mail servers write them and as nobody should.

use proptest::prelude::*;

use super::*;

const ID: &str = "0198f0a1-0000-7000-8000-000000000001@mimamori.example.jp";

/// As Postfix writes one: the headers alone come back, the recipient twice.
pub(in crate::mail::bounce) fn like_postfix(
    id: &str,
    to: &str,
    (action, status, words): (&str, &str, &str),
) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)\n\
         To: noreply@mimamori.example.jp\n\
         Subject: Undelivered Mail Returned to Sender\n\
         Auto-Submitted: auto-replied\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n\
         \tboundary=\"4XyZ.1764300000/mx.example.jp\"\n\
         \n\
         This is a MIME-encapsulated message.\n\
         \n\
         --4XyZ.1764300000/mx.example.jp\n\
         Content-Description: Notification\n\
         Content-Type: text/plain; charset=us-ascii\n\
         \n\
         The mail could not be handed on.\n\
         \n\
         --4XyZ.1764300000/mx.example.jp\n\
         Content-Description: Delivery report\n\
         Content-Type: message/delivery-status\n\
         \n\
         Reporting-MTA: dns; mx.example.jp\n\
         X-Postfix-Queue-ID: 4XyZ\n\
         Arrival-Date: Sat, 28 Nov 2026 10:00:00 +0900 (JST)\n\
         \n\
         Final-Recipient: rfc822; {to}\n\
         Original-Recipient: rfc822;{to}\n\
         Action: {action}\n\
         Status: {status}\n\
         Remote-MTA: dns; mail.example.jp\n\
         Diagnostic-Code: {words}\n\
         \n\
         --4XyZ.1764300000/mx.example.jp\n\
         Content-Description: Undelivered Message Headers\n\
         Content-Type: text/rfc822-headers\n\
         \n\
         Return-Path: <noreply@mimamori.example.jp>\n\
         From: =?utf-8?b?6KaL5a6I44KK?= <noreply@mimamori.example.jp>\n\
         To: {to}\n\
         Message-ID: <{id}>\n\
         \n\
         --4XyZ.1764300000/mx.example.jp--\n"
    )
}

/// As Exchange writes one: Japanese for people in two forms, the whole message comes back.
pub(in crate::mail::bounce) fn like_exchange(id: &str, to: &str, status: &str) -> String {
    let text = "From: <postmaster@office.example.jp>\n\
         To: <noreply@mimamori.example.jp>\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n\
         \tboundary=\"outer\"\n\
         Subject: =?iso-2022-jp?B?GyRCR1s/LiRHJC0kXiQ7JHMbKEI=?=\n\
         References: <@ID@>\n\
         In-Reply-To: <@ID@>\n\
         \n\
         --outer\n\
         Content-Type: multipart/alternative; differences=Content-Type;\n\
         \tboundary=\"inner\"\n\
         \n\
         --inner\n\
         Content-Type: text/plain; charset=\"iso-2022-jp\"\n\
         Content-Transfer-Encoding: 7bit\n\
         \n\
         \u{1b}$B08@h$,8+$D$+$j$^$;$s\u{1b}(B\n\
         \n\
         --inner\n\
         Content-Type: text/html; charset=\"iso-2022-jp\"\n\
         Content-Transfer-Encoding: base64\n\
         \n\
         PGh0bWw+GyRCR1s/LhsoQjwvaHRtbD4=\n\
         \n\
         --inner--\n\
         \n\
         --outer\n\
         Content-Type: message/delivery-status\n\
         \n\
         Reporting-MTA: dns;office.example.jp\n\
         Received-From-MTA: dns;mx.example.jp\n\
         Arrival-Date: Sat, 28 Nov 2026 01:00:00 +0000\n\
         \n\
         Final-Recipient: rfc822;@TO@\n\
         Action: failed\n\
         Status: @STATUS@\n\
         Diagnostic-Code: smtp;550 @STATUS@ RESOLVER.ADR.RecipientNotFound;\n\
         \x20not found by address\n\
         \n\
         --outer\n\
         Content-Type: message/rfc822\n\
         \n\
         From: <noreply@mimamori.example.jp>\n\
         To: <@TO@>\n\
         Message-ID: <@ID@>\n\
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: base64\n\
         \n\
         6KaL5pys\n\
         \n\
         --outer--\n";
    text.replace("@ID@", id)
        .replace("@TO@", to)
        .replace("@STATUS@", status)
}

const TO: &str = "taro@office.example.jp";

fn failed() -> String {
    like_postfix(
        ID,
        TO,
        ("failed", "5.1.1", "smtp; 550 5.1.1 <taro>: no such user"),
    )
}

#[track_caller]
fn read(text: &str) -> Report {
    let unix = Report::read(text.as_bytes());
    let wire = Report::read(text.replace('\n', "\r\n").as_bytes());
    assert_eq!(unix, wire, "the ends of lines tell nothing");
    unix.unwrap_or_else(|| panic!("no notification: {text}"))
}

#[test]
fn a_notification_of_postfix_is_read() {
    let report = read(&failed());
    assert_eq!(report.message_ids, [ID]);
    let [delivery] = &report.recipients[..] else {
        panic!("{report:?}")
    };
    assert_eq!(delivery.action, Action::Failed);
    assert_eq!(delivery.status.as_deref(), Some("5.1.1"));
    assert_eq!(delivery.words, "550 5.1.1 <taro>: no such user");
    assert!(delivery.addresses.iter().all(|it| it.as_str() == TO));
}

#[test]
fn a_notification_of_exchange_is_read() {
    let report = read(&like_exchange(ID, TO, "5.1.10"));
    assert_eq!(report.message_ids, [ID]);
    let delivery = &report.recipients[0];
    assert_eq!(delivery.addresses[0].as_str(), TO);
    assert_eq!(
        delivery.answer(),
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by address"
    );
}

#[test]
fn the_message_returned_names_itself_and_else_the_headers_name_it() {
    let exchange = like_exchange(ID, TO, "5.1.1");
    let returned = "other@example.jp";
    let named = exchange.replace(
        &format!("Message-ID: <{ID}>"),
        &format!("Message-ID: <{returned}>"),
    );
    assert_eq!(read(&named).message_ids, [returned]);
    let unnamed = exchange.replace(&format!("Message-ID: <{ID}>\n"), "");
    assert_eq!(read(&unnamed).message_ids, [ID]);
    let nowhere = failed().replace(&format!("Message-ID: <{ID}>\n"), "");
    assert!(read(&nowhere).message_ids.is_empty());
}

#[test]
fn parts_are_read_however_they_travel() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let plain = failed();
    let (head, rest) = plain
        .split_once("Content-Type: text/rfc822-headers\n\n")
        .unwrap();
    let (headers, end) = rest.split_once("\n--4XyZ").unwrap();
    let ways = [
        ("base64", STANDARD.encode(headers)),
        (
            "Quoted-Printable",
            headers
                .replace('=', "=3D")
                .replace("Message-ID", "Mess=\nage-ID"),
        ),
        ("8bit", headers.to_owned()),
    ];
    for (way, body) in ways {
        let text = format!(
            "{head}Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: {way}\n\n{body}\n\
             --4XyZ{end}"
        );
        assert_eq!(read(&text), read(&plain), "{way}");
    }
}

#[test]
fn the_word_counts_before_the_status() {
    for (action, status, expected) in [
        ("failed", "5.1.1", Action::Failed),
        ("failed", "4.4.7", Action::Failed),
        ("Failed", "5.1.1 (no such mailbox)", Action::Failed),
        ("delayed", "4.4.1", Action::Delayed),
        ("delivered", "2.1.5", Action::Delivered),
        ("relayed", "2.0.0", Action::Delivered),
        ("expanded (list)", "2.0.0", Action::Delivered),
    ] {
        let text = like_postfix(ID, TO, (action, status, "smtp; x"));
        assert_eq!(read(&text).recipients[0].action, expected, "{action}");
    }
    let silent = failed().replace("Action: failed\n", "");
    assert_eq!(read(&silent).recipients[0].action, Action::Failed);
    let strange = like_postfix(ID, TO, ("eaten", "5.1.1", "smtp; x"));
    assert_eq!(Report::read(strange.as_bytes()), None);
}

#[test]
fn a_status_that_is_none_is_left_out_and_one_that_is_missing_in_the_words_is_put_before_them() {
    for (status, words, expected) in [
        ("5.1.1", "smtp; no such user", "5.1.1 no such user"),
        ("5.1.1", "smtp; 550 5.1.1 no", "550 5.1.1 no"),
        ("5.1", "smtp; 550 no", "550 no"),
        ("9.1.1", "smtp; 550 no", "550 no"),
        ("5.1.1111", "smtp; 550 no", "550 no"),
        ("5.2.2", "", "5.2.2"),
    ] {
        let text = like_postfix(ID, TO, ("failed", status, words));
        assert_eq!(read(&text).recipients[0].answer(), expected);
    }
}

#[test]
fn words_are_one_short_line_that_steers_nothing() {
    let bad = format!("smtp; a\u{1b}[31mb\u{202e}c\u{0}d {}", "長".repeat(2000));
    let words = &read(&like_postfix(ID, TO, ("failed", "5.1.1", &bad))).recipients[0].words;
    assert!(words.starts_with("a [31mb c d 長"), "{words}");
    assert_eq!(words.chars().count(), MOST_WORDS + 1);
}

#[test]
fn what_is_no_notification_is_none() {
    let right = failed();
    for wrong in [
        String::new(),
        "Subject: absent\n\nI am away until Monday.\n".to_owned(),
        right.replace("multipart/report", "multipart/mixed"),
        right.replace("message/delivery-status", "text/plain"),
        right
            .replace("Final-Recipient: rfc822; taro@office.example.jp\n", "")
            .replace("Original-Recipient: rfc822;taro@office.example.jp\n", ""),
        // One that lies in the message that comes back says nothing.
        format!(
            "Content-Type: multipart/report; boundary=\"b\"\n\n--b\nContent-Type: message/rfc822\n\n\
             {right}\n--b--\n"
        ),
    ] {
        assert_eq!(Report::read(wrong.as_bytes()), None, "{wrong}");
    }
}

#[test]
fn what_is_made_to_exhaust_a_reader_is_not_read() {
    let deep = format!(
        "Content-Type: multipart/report; boundary=\"b\"\n\n--b\n{}",
        "Content-Type: message/rfc822\n\n".repeat(30_000)
    );
    assert_eq!(Report::read(deep.as_bytes()), None);
    let line = "--4XyZ.1764300000/mx.example.jp\n";
    let broad = |count| {
        let known = format!("{line}Content-Description: Delivery");
        let more = format!("{line}X: y\n\n").repeat(count);
        failed().replace(&known, &format!("{more}{known}"))
    };
    assert!(Report::read(broad(10).as_bytes()).is_some());
    let broad = broad(10_000);
    assert_eq!(Report::read(broad.as_bytes()), None);
    let padding = "x".repeat(MOST_BYTES);
    assert_eq!(
        Report::read(format!("{}{padding}", failed()).as_bytes()),
        None
    );
    let many = "Final-Recipient: rfc822; taro@office.example.jp\nAction: failed\n\n".repeat(10_000);
    let many = failed().replace("Reporting-MTA", &format!("\n{many}Reporting-MTA"));
    assert_eq!(read(&many).recipients.len(), MOST_RECIPIENTS);
}

/// Whatever it reads is as short as it promises.
fn is_bounded(report: Option<Report>) -> bool {
    report.is_none_or(|report| {
        report.message_ids.len() <= MOST_IDS
            && report
                .message_ids
                .iter()
                .all(|id| id.len() <= LONGEST_ID && !id.contains(char::is_control))
            && report.recipients.len() <= MOST_RECIPIENTS
            && report.recipients.iter().all(|it| {
                let answer = it.answer();
                !answer.chars().any(is_unseen) && answer.chars().count() <= MOST_WORDS + 13
            })
    })
}

/// Nested messages that end nowhere, over which the library trips that could read all of it.
const TREE: &str = "--4XyZ.1764300000/mx.example.jp\n\
    Content-Type: message/rfc822\n\n\
    Content-Type: message/rfc822\n\n\n\
    --4XyZ.1764300000/mx.example.jp--\n";

#[test]
fn a_broken_tree_of_parts_is_not_climbed() {
    let end = "--4XyZ.1764300000/mx.example.jp--\n";
    let broken = failed().replace(end, TREE);
    assert_ne!(broken, failed());
    assert_eq!(
        Report::of(broken.as_bytes()),
        Report::of(failed().as_bytes())
    );
    let alone = "Content-Type: multipart/report;\n\tboundary=\"4XyZ.1764300000/mx.example.jp\"\n\n";
    assert_eq!(Report::of(format!("{alone}{TREE}").as_bytes()), None);
}

#[test]
fn what_brings_its_reader_down_is_no_notification() {
    let assertion = |holds: bool| {
        assert!(holds, "an assertion of the library's");
        Some(())
    };
    assert_eq!(calmly(|| assertion(true)), Some(()));
    assert_eq!(calmly(|| assertion(false)), None);
}

#[test]
fn one_that_is_cut_anywhere_is_no_trouble_and_nothing_else_is_read_into_it() {
    for text in [failed(), like_exchange(ID, TO, "5.1.1")] {
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            for end in 0..text.len() {
                let report = Report::of(&text.as_bytes()[..end]);
                if let Some(report) = &report {
                    assert!(
                        report
                            .recipients
                            .iter()
                            .all(|it| TO.starts_with(it.addresses[0].as_str()))
                    );
                }
                assert!(is_bounded(report), "cut at {end}");
            }
        }
    }
}

/// What anybody may write into a head: the signs that mean something there, in any order, or ids,
/// too many of them, too long, or with signs that are not seen.
fn in_a_head() -> impl Strategy<Value = String> {
    let id = prop_oneof![
        "[!-;=?-~]{1,60}",
        "[a-z]{990,1010}",
        "[a-z\u{1}\u{7f}あ]{1,9}"
    ];
    let ids = proptest::collection::vec(id, 0..3 * MOST_IDS).prop_map(|ids| {
        let ids: Vec<_> = ids.iter().map(|id| format!("<{id}>")).collect();
        ids.join(" ")
    });
    prop_oneof!["[ -~\t\r\n=?*'\"()<>;:あ]{0,200}", ids]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_are_any_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(is_bounded(Report::of(&bytes)));
    }

    #[test]
    fn whatever_stands_in_a_head_is_no_trouble(
        name in prop::sample::select(vec![
            "Content-Type", "Content-Transfer-Encoding", "Message-ID", "In-Reply-To", "References",
            "Date", "From", "Received", "Subject",
        ]),
        value in in_a_head(), raw in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let line = format!("{name}: {value}\n");
        // Of several alike the last counts, and what is answered only where nothing is returned.
        let own = format!("Message-ID: <{ID}>\n");
        prop_assert!(failed().contains(&own));
        let nameless = failed().replace(&own, "");
        for head in [line.as_bytes(), &raw] {
            let mut text = head.to_vec();
            text.extend(nameless.as_bytes());
            prop_assert!(is_bounded(Report::of(&text)));
        }
        // As the head of the message that comes back.
        let text = failed().replace(&own, &format!("{value}\n{line}"));
        prop_assert!(is_bounded(Report::of(text.as_bytes())));
    }

    #[test]
    fn lines_in_any_order_are_no_trouble(
        lines in proptest::collection::vec(0_usize..60, 0..80), exchange: bool, wire: bool,
    ) {
        let whole = match exchange {
            true => like_exchange(ID, TO, "5.1.1"),
            false => failed(),
        };
        let known: Vec<&str> = whole.lines().collect();
        let end = if wire { "\r\n" } else { "\n" };
        let mixed: Vec<&str> = lines.iter().filter_map(|at| known.get(*at).copied()).collect();
        let head = "Content-Type: multipart/report; boundary=\"outer\"";
        let text = format!("{head}{end}{end}{}", mixed.join(end));
        prop_assert!(is_bounded(Report::of(text.as_bytes())));
    }

    #[test]
    fn changed_bytes_are_no_trouble(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        exchange: bool,
    ) {
        let mut bytes = match exchange {
            true => like_exchange(ID, TO, "5.1.1"),
            false => failed(),
        }
        .into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert!(is_bounded(Report::of(&bytes)));
    }

    #[test]
    fn what_is_written_is_read(
        name in "[a-z]{1,12}", class in prop::sample::select(vec!['4', '5']),
        (subject, detail) in (0_u16..999, 0_u16..999), words in "[ -~あ-ん]{0,80}",
    ) {
        let to = format!("{name}@office.example.jp");
        let status = format!("{class}.{subject}.{detail}");
        let report = read(&like_postfix(ID, &to, ("failed", &status, &format!("smtp; {words}"))));
        prop_assert_eq!(report.recipients[0].addresses[0].as_str(), to);
        prop_assert_eq!(report.recipients[0].status.as_deref(), Some(status.as_str()));
        let tidy = words.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(&report.recipients[0].words, &tidy);
    }
}
