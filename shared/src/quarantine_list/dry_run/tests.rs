use super::*;
use crate::follow_up::returnee::ReturneeDetails;
use crate::quarantine_list::Remembered;
use crate::table::Kind;
use proptest::prelude::*;
use std::fmt::Write as _;

fn today() -> Day {
    Day::new(2026, 11, 20).expect("a day")
}

fn list(text: &str) -> List {
    List::read(text.as_bytes(), &Remembered::default()).expect("a list")
}

fn outcomes(text: &str) -> Vec<Outcome> {
    list(text).dry_run(today(), &[]).collect()
}

/// The only person of a list with one column beside name and day of entry.
fn person(heading: &str, cell: &str) -> Result<ReturneeDetails, Vec<RowProblem>> {
    let quoted = cell.replace('"', "\"\"");
    let text = format!("氏名,入国日,{heading}\n見本 太郎,2026/11/19,\"{quoted}\"\n");
    match outcomes(&text).pop().expect("a row") {
        Outcome::Good(row) => Ok(row.details),
        Outcome::Bad { problems, .. } => Err(problems),
        Outcome::NoPerson(row) => panic!("row {row}"),
    }
}

fn reason(heading: &str, cell: &str) -> &'static str {
    let problems = person(heading, cell).expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].value, cell);
    problems[0].reason.reason
}

#[test]
fn says_row_column_value_and_what_is_expected() {
    let text = "名簿\n\nNo,氏名,入国日,旅券番号\n1,見本,2026/11/19,申請中\n";
    let Some(Outcome::Bad { index, problems }) = outcomes(text).pop() else {
        panic!()
    };
    assert_eq!(index, 2);
    let problem = &problems[0];
    assert_eq!((problem.row, problem.letters().as_deref()), (4, Some("D")));
    assert_eq!(
        (problem.field, problem.value.as_str()),
        (Some(Field::PassportNumber), "申請中")
    );
    let sentence = problem.sentence(Language::Ja);
    assert!(
        sentence.starts_with("旅券番号: ") && sentence.contains("XX0000001"),
        "{sentence}"
    );
    assert!(
        problem
            .sentence(Language::En)
            .starts_with("Passport number: ")
    );
}

#[test]
fn reads_days_in_all_five_shapes() {
    let day = Day::new(2022, 9, 26);
    for cell in [
        "令和4年9月26日",
        "R4.9.26",
        "2022/9/26",
        "20220926",
        "44830",
        "2022-09-26",
        "２０２２／９／２６",
        "2022/9/26(月)",
        "2022/09/26（月）",
        "2022/9/26 8:30",
        "2022-09-26T08:30:00",
        "2022年9月26日 18:05",
        " 2022/9/26 ",
        "４４８３０",
        "r4.9.26",
    ] {
        assert_eq!(
            person("生年月日", cell).expect(cell).birth_date,
            day,
            "{cell}"
        );
    }
    for cell in ["", "－", "不明", "---"] {
        assert_eq!(
            person("生年月日", cell).expect(cell).birth_date,
            None,
            "{cell}"
        );
    }
}

#[test]
fn says_why_a_day_is_none() {
    for (cell, expected) in [
        ("22/9/26", "list_two_digit_year"),
        ("62.3.4", "list_two_digit_year"),
        ("2022/2/30", "list_no_such_day"),
        ("20220230", "list_no_such_day"),
        ("平成31年5月1日", "day_of_era"),
        ("9/26/2022", "list_day"),
        ("9月26日", "list_day"),
        ("1990", "list_day"),
        ("三十年", "list_day"),
        ("44830.5", "list_day"),
    ] {
        assert_eq!(reason("生年月日", cell), expected, "{cell}");
    }
}

#[test]
fn folds_codes_and_numbers_but_never_names() {
    let text = "氏名,フリガナ,入国日,旅券番号,電話番号,便名\n髙﨑　ﾃﾂﾔ,ﾀｶｻｷ ﾃﾂﾔ,2026/11/19,ｘｘ００００００１,０９０ー００００−１２３４,ｊｌ ５\n";
    let Some(Outcome::Good(row)) = outcomes(text).pop() else {
        panic!()
    };
    let details = row.details;
    assert_eq!(details.name.as_str(), "髙﨑　ﾃﾂﾔ");
    assert_eq!(details.kana.expect("one").as_str(), "ﾀｶｻｷ ﾃﾂﾔ");
    assert_eq!(details.passport_number.expect("one").as_str(), "XX0000001");
    assert_eq!(details.phone.expect("one").as_str(), "090-0000-1234");
    assert_eq!(details.flight.expect("one").as_str(), "JL5");
}

#[test]
fn joins_a_name_that_stands_in_two_columns() {
    let text = "姓,名,セイ,メイ,Surname,Given names,到着日\n見本,太郎,ミホン,タロウ,MIHON,TARO,2026/11/19\n架空,,カクウ,,,,2026/11/19\n";
    let names: Vec<_> = outcomes(text)
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Good(row) => {
                let details = row.details;
                (
                    details.name.to_string(),
                    details.kana.map(|k| k.to_string()),
                    details.romaji.map(|r| r.to_string()),
                )
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        names,
        [
            (
                "見本　太郎".to_owned(),
                some("ミホン　タロウ"),
                some("MIHON TARO")
            ),
            ("架空".to_owned(), some("カクウ"), None),
        ]
    );
}

#[test]
fn tells_a_lost_zero_from_other_numbers() {
    assert_eq!(reason("電話番号", "9000000001"), "list_phone_without_zero");
    assert_eq!(
        reason("電話番号", "90-0000-0001"),
        "list_phone_without_zero"
    );
    assert_eq!(reason("電話番号", "090-0000"), "phone");
    assert_eq!(reason("電話番号", "090-0000-0001 / 03-0000-0001"), "phone");
}

#[test]
fn reads_the_words_for_yes_no_and_unknown() {
    for (cell, expected) in [
        ("有", Some(true)),
        ("○", Some(true)),
        ("同意する", Some(true)),
        ("ＹＥＳ", Some(true)),
        ("1", Some(true)),
        ("無", Some(false)),
        ("×", Some(false)),
        ("同意しない", Some(false)),
        ("0", Some(false)),
        ("", None),
        ("未確認", None),
        ("ー", None),
    ] {
        assert_eq!(
            person("同意の有無", cell).expect(cell).consent,
            expected,
            "{cell}"
        );
    }
    assert_eq!(reason("同意の有無", "検討します"), "list_consent");
}

#[test]
fn finds_the_health_centre_by_name_or_code() {
    let office: Office = serde_json::from_value(serde_json::json!({
        "code": "990001", "kind": "health-centre", "name": "見本市保健所",
    }))
    .expect("an office");
    let text = "氏名,入国日,管轄保健所\n一,2026/11/19,見本市 保健所\n二,2026/11/19,９９０００１\n三,2026/11/19,架空保健所\n四,2026/11/19,\n";
    let found: Vec<_> = list(text)
        .dry_run(today(), &[office])
        .map(|outcome| match outcome {
            Outcome::Good(row) => Ok(row.details.health_centre.map(|code| code.to_string())),
            Outcome::Bad { problems, .. } => Err(problems[0].reason.reason),
            Outcome::NoPerson(_) => panic!(),
        })
        .collect();
    let code = || Ok(Some("990001".to_owned()));
    assert_eq!(
        found,
        [code(), code(), Err("list_unknown_health_centre"), Ok(None)]
    );
}

#[test]
fn what_is_missing_is_said_once() {
    let text = "氏名,入国日\n,\u{3000}x\n見本,\n";
    let reasons: Vec<Vec<_>> = outcomes(text)
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Bad { problems, .. } => problems
                .iter()
                .map(|p| (p.field, p.reason.reason))
                .collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    let (name, entry) = (Some(Field::Name), Some(Field::EntryDate));
    assert_eq!(
        reasons,
        [
            vec![(entry, "list_day"), (name, "list_required")],
            vec![(entry, "list_required")]
        ]
    );
}

#[test]
fn the_same_line_twice_is_one_person() {
    let text = "No,氏名,入国日\n1,見本,2026/11/19\n2,見本 ,2026/11/19\n3,見本,2026/11/18\n";
    let found = outcomes(text);
    let Outcome::Bad { problems, .. } = &found[1] else {
        panic!("{:?}", found[1])
    };
    assert_eq!(
        (problems[0].reason.reason, problems[0].other_row),
        ("list_doubled", Some(2))
    );
    assert!(problems[0].sentence(Language::Ja).starts_with("2行目と"));
    assert!(matches!(found[2], Outcome::Good(_)));
}

#[test]
fn passes_over_rows_without_a_person() {
    let text = "No,氏名,入国日\n1,見本,2026/11/19\nNo,氏名,入国日\n2,,\n,以上,\n,合計 1名,\n";
    let numbers: Vec<_> = outcomes(text)
        .into_iter()
        .filter_map(|outcome| match outcome {
            Outcome::NoPerson(row) => Some(row),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [3, 4, 5, 6]);
}

#[test]
fn a_stray_comma_is_seen_and_a_lost_byte_too() {
    let found = outcomes("氏名,入国日,住所\n見本,2026/11/19,県,市\n架空,2026/11/19,\u{FFFD}市\n");
    let reasons: Vec<_> = found
        .iter()
        .map(|outcome| match outcome {
            Outcome::Bad { problems, .. } => (problems[0].column, problems[0].reason.reason),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        reasons,
        [
            (Some(3), "list_more_cells"),
            (Some(2), "list_lost_character")
        ]
    );
}

#[test]
fn an_address_on_two_lines_becomes_one() {
    let details = person("住所", "見本県見本市\n架空町1-2").expect("good");
    assert_eq!(
        details.address.expect("one").as_str(),
        "見本県見本市 架空町1-2"
    );
}

#[test]
fn a_long_list_is_tried_in_parts_and_comes_to_the_same() {
    let rows = 2 * ROWS_AT_ONCE + 300;
    let mut text = "氏名,旅券番号,入国日\n".to_owned();
    for row in 0..rows {
        // The first of one part and the last of all say what the first of all says.
        let passport = match row {
            ROWS_AT_ONCE => 0,
            _ if row == rows - 1 => 0,
            _ => row,
        };
        let entry = if row % 1_000 == 7 {
            "いつか"
        } else {
            "2026-11-19"
        };
        writeln!(text, "見本 太郎,TK{passport:07},{entry}").expect("a text takes all");
    }
    let list = list(&text);
    let mut run = list.dry_run(today(), &[]);
    let mut one_by_one = list.dry_run(today(), &[]);
    for index in 1..=rows {
        assert_eq!(run.len(), rows + 1 - index);
        assert_eq!(run.next(), one_by_one.try_at(index), "{index}");
    }
    assert_eq!(run.next(), None);
    let doubled = list
        .dry_run(today(), &[])
        .filter_map(|outcome| match outcome {
            Outcome::Bad { index, problems } => problems[0].other_row.map(|other| (index, other)),
            _ => None,
        });
    let doubled: Vec<_> = doubled.collect();
    assert_eq!(doubled, [(ROWS_AT_ONCE + 1, 2), (rows, 2)]);
}

#[test]
fn knows_how_much_is_left() {
    let list = list("氏名,入国日\n一,2026/11/19\n二,2026/11/19\n");
    let mut run = list.dry_run(today(), &[]);
    assert_eq!(run.len(), 2);
    run.next();
    assert_eq!(run.len(), 1);
}

#[test]
fn every_reason_of_a_list_has_a_sentence_in_both_languages() {
    for reason in [
        "list_required",
        "list_day",
        "list_two_digit_year",
        "list_no_such_day",
        "list_consent",
        "list_phone_without_zero",
        "list_unknown_health_centre",
        "list_lost_character",
        "list_private_character",
        "list_open_quote",
        "list_more_cells",
        "list_cell_error",
        "list_doubled",
    ] {
        for language in [Language::Ja, Language::En] {
            let sentence = Refused::new(reason).sentence(language);
            assert!(!sentence.contains(reason), "{reason}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(cells in prop::collection::vec("\\PC{0,12}|[0-9/.年月日令和RHS -]{0,12}", 19)) {
        let headings = Field::ALL.map(|field| field.label(Language::Ja)).join(",");
        let row: Vec<String> = cells.iter().map(|c| format!("\"{}\"", c.replace('"', ""))).collect();
        let _ = outcomes(&format!("{headings}\n{}\n", row.join(",")));
    }

    #[test]
    fn a_serial_is_the_day_that_excel_shows(serial in 10_000_i32..=73_000) {
        let day = values::day(&serial.to_string(), Kind::Text, false).expect("a day").expect("one");
        prop_assert_eq!(day.days_since(Day::new(1900, 3, 1).expect("a day")), serial - 61);
    }
}

#[test]
fn a_row_tried_out_of_its_turn_comes_to_the_same() {
    let list = list("氏名,入国日\n見本 一,2026/11/19\n見本 二,いつか\n見本 三,2026/11/18\n");
    let in_turn: Vec<Outcome> = list.dry_run(today(), &[]).collect();
    let mut run = list.dry_run(today(), &[]);
    for index in [3, 1, 2] {
        assert_eq!(run.try_at(index).as_ref(), in_turn.get(index - 1));
    }
    assert_eq!(run.try_at(4), None);
}
