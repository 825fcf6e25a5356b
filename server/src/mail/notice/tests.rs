//! What stands in each message.

use shared::enrolment::Fingerprint;

use super::*;

const LINK: &str = "https://mimamori.example.jp:8444/enrol#01890a5d-ac96-774b-bcce-b302099a8057.\
                    0000000000000000000000000000000000000000000000000000000000000000";
const PASSWORD: &str = "abcd-efgh-jkmn-pqrs";
const OFFICE: &str = "見本保健所";

fn every_notice(look: impl Fn(&Notice<'_>)) {
    let link = EnrolmentLink::parse(LINK).unwrap();
    let password = Zeroizing::new(PASSWORD.to_owned());
    let serial = Serial::parse("4a0b").unwrap();
    let expires_at: Timestamp = "2022-10-26T00:30:00Z".parse().unwrap();
    for password_by in PasswordWay::ALL.iter().copied() {
        for again in [false, true] {
            look(&Notice::Link {
                link: &link,
                expires_at,
                password_by,
                again,
            });
        }
    }
    for notice in [
        Notice::Password {
            id: link.id,
            password: &password,
            expires_at,
        },
        Notice::Reminder {
            link: &link,
            expires_at,
            days: 9,
        },
        Notice::Expired { id: link.id },
        Notice::Cancelled { id: link.id },
        Notice::CertificateEnding {
            serial: &serial,
            expires_at,
            days: 30,
        },
        Notice::LinkLocked {
            id: link.id,
            locked_at: expires_at,
        },
        Notice::Test,
    ] {
        look(&notice);
    }
}

fn texts(notice: &Notice<'_>) -> [String; 2] {
    let help = Help {
        mail: Some("helpdesk@example.jp".to_owned()),
        phone: Some("03-0000-0000".to_owned()),
        hours: None,
    };
    [Language::Ja, Language::En].map(|language| {
        let text = notice.text(OFFICE, &help, language);
        format!("{}\n{}", text.subject, text.body.as_str())
    })
}

#[test]
fn no_message_holds_both_a_link_and_a_password() {
    every_notice(|notice| {
        for text in texts(notice) {
            let link = text.contains("https://") || text.contains("/enrol");
            let password = text.contains(PASSWORD);
            let hands_out = matches!(notice, Notice::Link { .. } | Notice::Reminder { .. });
            assert_eq!(link, hands_out, "{text}");
            assert_eq!(password, notice.kind() == MailKind::Password, "{text}");
        }
    });
}

#[test]
fn every_message_is_whole_in_both_languages() {
    every_notice(|notice| {
        let [japanese, english] = texts(notice);
        for text in [&japanese, &english] {
            assert!(!text.contains("%{") && !text.contains("mail."), "{text}");
            assert!(text.contains(OFFICE) && text.contains("helpdesk@example.jp"));
            assert!(!text.contains("<") && !text.contains("http://"), "{text}");
            let subject = text.lines().next().unwrap();
            assert!(subject.chars().count() <= 60, "{subject}");
        }
        let kana = |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c));
        assert!(kana(&japanese), "{japanese}");
        assert!(!kana(&english), "{english}");
    });
}

#[test]
fn a_link_is_read_back_from_its_message() {
    every_notice(|notice| {
        for text in texts(notice) {
            for line in text.lines().filter(|line| line.contains("https://")) {
                let link = EnrolmentLink::parse(line).unwrap();
                assert_eq!(
                    link.fingerprint,
                    Fingerprint::parse(&"0".repeat(64)).unwrap()
                );
            }
        }
    });
}

#[test]
fn whoever_gets_a_link_reads_where_it_belongs_and_what_a_browser_will_say_of_it() {
    every_notice(|notice| {
        let hands_out = matches!(notice, Notice::Link { .. } | Notice::Reminder { .. });
        for (text, words) in texts(notice).iter().zip([
            ["見守りの画面に貼り付け", "警告", "先に進まずに閉じて"],
            ["Paste the link into Mimamori", "warns", "Do not go on"],
        ]) {
            for word in words {
                assert_eq!(text.contains(word), hands_out, "{word}: {text}");
            }
        }
    });
}

#[test]
fn whoever_keeps_the_terminal_reads_which_key_takes_the_new_link() {
    every_notice(|notice| {
        let again = notice.kind() == MailKind::Reissue;
        for (text, words) in texts(notice).iter().zip([
            [
                "「新しいリンクで登録し直す」（F2）",
                "新しい端末では、最初の画面",
            ],
            ["\"Enrol again with a new link\" (F2)", "On a new terminal"],
        ]) {
            for word in words {
                assert_eq!(text.contains(word), again, "{word}: {text}");
            }
            let subject = text.lines().next().unwrap();
            assert!(
                !["新しい端末", "new terminal"]
                    .iter()
                    .any(|it| subject.contains(it))
            );
        }
    });
}

#[test]
fn a_fact_is_never_taken_for_a_place_to_fill() {
    let facts = [("office", "%{password}"), ("password", "secret")];
    assert_eq!(
        fill("%{office}様 %{x}%{", &facts).as_str(),
        "%{password}様 "
    );
}

#[test]
fn times_are_japans() {
    let at: Timestamp = "2022-10-25T15:05:59Z".parse().unwrap();
    assert_eq!(in_words(at, Language::Ja), "2022年10月26日(水) 0時05分");
    assert_eq!(
        in_words(at, Language::En),
        "Wednesday, 26 October 2022, 00:05 (Japan time)"
    );
}
