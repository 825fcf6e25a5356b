use super::*;
use crate::offices::{OfficeKind, OfficeName};
use proptest::prelude::*;

fn office(code: &str, kind: OfficeKind, name: &str) -> Office {
    Office {
        code: OfficeCode::parse(code).unwrap(),
        kind,
        name: OfficeName::parse(name).unwrap(),
    }
}

fn offices() -> Vec<Office> {
    vec![
        office("990019", OfficeKind::Municipality, "見本市"),
        office("990019-1", OfficeKind::HealthCentre, "見本市東保健所"),
        office("990019-2", OfficeKind::HealthCentre, "見本市西保健所"),
        office("990019-3", OfficeKind::HealthCentre, "見本センター"),
        office("990019-4", OfficeKind::HealthCentre, "中央保健所"),
        office("990019-5", OfficeKind::HealthCentre, "中央保健所"),
    ]
}

/// `LINE CODE MAIL` of every contact in a text.
fn contacts(text: &str) -> Vec<String> {
    let list = ContactList::read_text(text, &offices()).unwrap();
    list.contacts()
        .map(|(line, contact)| format!("{line} {} {}", contact.office, contact.mail))
        .collect()
}

fn problem(text: &str) -> LineProblem {
    let list = ContactList::read_text(text, &offices()).unwrap();
    let problems: Vec<_> = list.problems().collect();
    assert_eq!(problems.len(), 1, "{text}: {list:?}");
    problems[0].1.clone()
}

fn code(text: &str) -> OfficeCode {
    OfficeCode::parse(text).unwrap()
}

#[test]
fn reads_the_block_of_a_mail_in_the_form_that_was_asked_for() {
    let text = "以下のとおり連絡します。\n\n<自治体（保健所設置主体）>\n\n見本市 city@example.lg.jp\n\n\
                〈保健所〉\n\n見本市東保健所 east@example.lg.jp\n見本市西保健所 west@example.lg.jp\n\n\
                ＜注意事項＞\n- 各保健所で1つだけ記載してください。\n";
    assert_eq!(
        contacts(text),
        [
            "5 990019 city@example.lg.jp",
            "9 990019-1 east@example.lg.jp",
            "10 990019-2 west@example.lg.jp",
        ]
    );
    let list = ContactList::read_text(text, &offices()).unwrap();
    assert_eq!(list.problems().count(), 0, "{list:?}");
}

#[test]
fn takes_any_width_bracket_and_separator() {
    for line in [
        "見本市東保健所　ｅａｓｔ＠ｅｘａｍｐｌｅ．ｌｇ．ｊｐ",
        "見本市東保健所：east@example.lg.jp",
        "見本市東保健所<east@example.lg.jp>",
        "見本市東保健所（east@example.lg.jp）",
        "見本市東保健所east@example.lg.jp",
        "見本市 東 保健所、east@example.lg.jp。",
        "（１）見本市東保健所／east@example.lg.jp",
        "① 見本市東保健所 east@example.lg.jp.",
        "・見本市東保健所・・・east@example.lg.jp",
        "> 見本市東保健所\teast@example.lg.jp",
        "east@example.lg.jp 見本市東保健所",
        "見本市東保健所 east@example.lg.jp<mailto:east@example.lg.jp>",
        "９９００１９−１ east@example.lg.jp",
        "990019-1,見本市東保健所,east@example.lg.jp",
        "見本市東保健所 担当 見本 east@example.lg.jp",
        "見本市東保健所\neast@example.lg.jp",
        "見本市東保健所\n\n  E-mail: east@example.lg.jp",
    ] {
        let found = contacts(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(
            found[0].ends_with(" 990019-1 east@example.lg.jp"),
            "{line}: {found:?}"
        );
    }
    // The long vowel mark ends the name and does not begin the address.
    assert_eq!(
        contacts("見本センターa@example.jp"),
        ["1 990019-3 a@example.jp"]
    );
    assert_eq!(
        contacts("見本センター a‐b@example.jp"),
        ["1 990019-3 a-b@example.jp"]
    );
}

#[test]
fn what_somebody_decides_for_a_line_is_meant_there() {
    let text = "<保健所>\n中央保健所 a@example.jp\n東保健所 b@example.jp\n中央保健所 c@example.jp";
    let undecided = ContactList::read_text(text, &offices()).unwrap();
    let choices: Vec<_> = undecided.lines.iter().map(ContactLine::choices).collect();
    let both = [code("990019-4"), code("990019-5")];
    assert_eq!(choices, [&[][..], &both, &[code("990019-1")], &both]);

    let decided = Decisions::from([
        (2, code("990019-5")),
        (3, code("990019-1")),
        (4, code("990019-5")),
    ]);
    let list = ContactList::read(Source::Text(text), &offices(), &decided).unwrap();
    let contacts: Vec<_> = list
        .contacts()
        .map(|(line, contact)| (line, contact.office.to_string()))
        .collect();
    assert_eq!(
        contacts,
        [(2, "990019-5".to_owned()), (3, "990019-1".to_owned())]
    );
    assert!(
        matches!(&list.lines[3].says, Says::Dropped { first: 2, .. }),
        "the first counts here, too"
    );

    let elsewhere = Decisions::from([(2, code("131016"))]);
    let list = ContactList::read(Source::Text(text), &offices(), &elsewhere).unwrap();
    assert_eq!(
        list, undecided,
        "an office that may not be registered is not decided for"
    );
}

#[test]
fn the_first_of_several_addresses_counts_and_the_others_are_named() {
    let text = "見本市東保健所 a@example.jp, b@example.jp a@example.jp\nc@example.jp\n\
                見本市東保健所 d@example.jp";
    let list = ContactList::read_text(text, &offices()).unwrap();
    let mail = |text| MailAddress::parse(text).unwrap();
    let Says::Contact(contact) = &list.lines[0].says else {
        panic!("{list:?}")
    };
    assert_eq!(contact.mail, mail("a@example.jp"));
    assert_eq!(contact.dropped, [mail("b@example.jp")]);
    for (line, dropped) in [(1, "c@example.jp"), (2, "d@example.jp")] {
        let expected = Says::Dropped {
            office: code("990019-1"),
            mails: vec![mail(dropped)],
            first: 1,
        };
        assert_eq!(list.lines[line].says, expected);
    }
}

#[test]
fn an_address_marked_as_the_passwords_is_the_second_one() {
    for text in [
        "見本市東保健所 a@example.jp パスワード: b@example.jp",
        "機関名,メールアドレス,パスワード送付先\n見本市東保健所,a@example.jp,b@example.jp",
    ] {
        let list = ContactList::read_file(text.as_bytes(), &offices()).unwrap();
        let (_, contact) = list.contacts().next().unwrap();
        assert_eq!(contact.mail.as_str(), "a@example.jp", "{text}");
        let second = contact.password_mail.as_ref().map(MailAddress::as_str);
        assert_eq!(
            (second, contact.dropped.len()),
            (Some("b@example.jp"), 0),
            "{text}"
        );
    }
    let alone = problem("見本市東保健所 パスワード b@example.jp");
    assert_eq!(alone, LineProblem::OnlyPasswordAddress);
}

#[test]
fn says_what_is_wrong_with_a_line() {
    let unknown = |name: &str, perhaps: Option<&str>| LineProblem::UnknownOffice {
        name: name.to_owned(),
        perhaps: perhaps.map(code),
    };
    assert_eq!(
        problem("架空保健所 a@example.jp"),
        unknown("架空保健所", None)
    );
    let east = unknown("東保健所", Some("990019-1"));
    assert_eq!(problem("東保健所 a@example.jp"), east);
    assert_eq!(problem("<保健所>\n架空保健所"), unknown("架空保健所", None));
    assert_eq!(problem("a@example.jp"), LineProblem::NoOffice);
    assert_eq!(
        problem("見本市東保健所\n見本市西保健所 a@example.jp"),
        LineProblem::NoAddress(code("990019-1"))
    );
    assert_eq!(
        problem("見本市東保健所"),
        LineProblem::NoAddress(code("990019-1"))
    );
    for wrong in ["a@example", "@example.jp", "a@", "a@@example.jp"] {
        let line = format!("見本市東保健所 {wrong}");
        assert_eq!(
            problem(&line),
            LineProblem::MalformedAddress(wrong.to_owned())
        );
    }
    let two = vec![code("990019-4"), code("990019-5")];
    assert_eq!(
        problem("中央保健所 a@example.jp"),
        LineProblem::Ambiguous(two)
    );
    let two = vec![code("990019-1"), code("990019-2")];
    let line = "見本市東保健所 見本市西保健所 a@example.jp";
    assert_eq!(problem(line), LineProblem::TwoOffices(two.clone()));
    let line = "990019-1 見本市西保健所 a@example.jp";
    assert_eq!(problem(line), LineProblem::TwoOffices(two));
    assert_eq!(
        problem("見本市東\u{FFFD}健所 a@example.jp"),
        LineProblem::LostCharacter
    );
    assert_eq!(
        problem(&"見".repeat(LONGEST_LINE + 1)),
        LineProblem::TooLong
    );
}

#[test]
fn a_code_or_a_heading_decides_between_offices_of_one_name() {
    assert_eq!(
        contacts("990019-5 中央保健所 a@example.jp"),
        ["1 990019-5 a@example.jp"]
    );
    let mut offices = offices();
    offices.push(office("990027", OfficeKind::Municipality, "見本市東保健所"));
    let text = "〈保健所〉\n見本市東保健所 a@example.jp";
    let list = ContactList::read_text(text, &offices).unwrap();
    assert_eq!(list.contacts().next().unwrap().1.office, code("990019-1"));
}

#[test]
fn names_the_line_with_which_an_address_is_shared() {
    let text = "見本市 a@example.jp\n見本市東保健所 a@example.jp";
    let list = ContactList::read_text(text, &offices()).unwrap();
    let shared: Vec<_> = list
        .contacts()
        .map(|(_, contact)| contact.shared_with)
        .collect();
    assert_eq!(shared, [None, Some(1)]);
}

#[test]
fn reads_files_in_every_form_that_offices_send() {
    let text = "機関名,電話,メールアドレス\r\n見本市東保健所,03-0000-0000,east@example.lg.jp\r\n";
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let tabs = text.replace(',', "\t");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, "送付状").unwrap();
    let sheet = book.add_worksheet();
    sheet.write(2, 1, "見本市東保健所").unwrap();
    sheet.write(2, 3, "east@example.lg.jp").unwrap();
    let book = book.save_to_buffer().unwrap();
    for file in [text.as_bytes(), &cp932, &marked, tabs.as_bytes(), &book] {
        let list = ContactList::read_file(file, &offices()).unwrap();
        let found: Vec<_> = list
            .contacts()
            .map(|(_, contact)| (contact.office.as_str(), contact.mail.as_str()))
            .collect();
        assert_eq!(found, [("990019-1", "east@example.lg.jp")], "{list:?}");
        assert_eq!(list.problems().count(), 0, "{list:?}");
    }
}

#[test]
fn nothing_is_no_list() {
    let empty = |text| ContactList::read_text(text, &[]).unwrap_err();
    assert_eq!(empty(" \n\u{3000}\n"), ReadError::Empty);
    assert_eq!(empty(&"a".repeat(LONGEST_TEXT + 1)), ReadError::TooLarge);
}

proptest! {
    #[test]
    fn every_line_is_accounted_for_and_nothing_panics(
        text in "(\\PC|[\n\t<>〈〉@＠.,、：（ー-]|見本市東保健所|見本市|a@b\\.jp|パスワード|保健所){0,40}"
    ) {
        let filled = text.lines().filter(|line| !line.trim().is_empty()).count();
        match ContactList::read_text(&text, &offices()) {
            Ok(list) => {
                prop_assert_eq!(list.lines.len(), filled);
                let mut seen = std::collections::HashSet::new();
                for (_, contact) in list.contacts() {
                    prop_assert!(seen.insert(contact.office.clone()), "one contact an office");
                }
                for line in &list.lines {
                    prop_assert!(line.text.chars().count() <= 200);
                }
            }
            Err(error) => prop_assert!(error == ReadError::Empty && filled == 0),
        }
    }

    #[test]
    fn any_bytes_are_a_list_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(list) = ContactList::read_file(&bytes, &offices()) {
            prop_assert!(list.lines.len() <= bytes.len());
        }
    }

    #[test]
    fn a_name_and_an_address_are_found_whatever_stands_between(
        between in "[ \u{3000},:;、：（<\t]{1,4}",
        local in "[a-z][a-z0-9._+]{0,10}[a-z0-9]",
    ) {
        prop_assume!(!local.contains(".."));
        let found = contacts(&format!("見本市西保健所{between}{local}@example.lg.jp"));
        prop_assert_eq!(found, [format!("1 990019-2 {local}@example.lg.jp")]);
    }
}
