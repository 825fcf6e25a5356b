use super::*;
use crate::Day;
use crate::quarantine_list::sample::Recipe;
use crate::quarantine_list::{Outcome, Remembered, RowProblem};

fn today() -> Day {
    Day::new(2026, 11, 20).expect("a day")
}

fn read(bytes: &[u8]) -> List {
    List::read(bytes, &Remembered::default()).expect("a list")
}

fn bad(list: &List) -> Vec<(usize, Vec<RowProblem>)> {
    list.dry_run(today(), &[])
        .filter_map(|outcome| match outcome {
            Outcome::Bad { index, problems } => Some((index, problems)),
            _ => None,
        })
        .collect()
}

fn rejected(list: &List) -> Vec<u8> {
    let rows: Vec<(usize, String)> = bad(list)
        .into_iter()
        .map(|(index, problems)| {
            let sentences: Vec<_> = problems
                .iter()
                .map(|problem| problem.sentence(Language::Ja))
                .collect();
            (index, sentences.join(" / "))
        })
        .collect();
    write(
        list,
        rows.iter().map(|(index, text)| (*index, text.as_str())),
        Language::Ja,
    )
    .expect("a file")
}

#[test]
fn bad_rows_come_in_the_form_of_the_list_and_are_read_again() {
    let list = read(&Recipe::of_an_office(today(), Vec::new()).make().bytes);
    let again = read(&rejected(&list));
    assert_eq!(again.table().form(), list.table().form());
    assert_eq!(again.layout().digest(), list.layout().digest());
    assert_eq!(again.layout().reason_column(), Some(19));
    assert_eq!(again.people(), bad(&list).len());
    assert_eq!(again.mapping().unread().collect::<Vec<_>>(), [0, 11, 19]);
    let columns = list.layout().headings().len();
    for ((index, problems), row) in bad(&list).iter().zip(again.rows()) {
        let before = list.table().row(*index).expect("a row");
        for column in 0..columns {
            let lost = before.cell(column).replace('\u{FFFD}', "〓");
            assert_eq!(row.cell(column), lost);
        }
        // CP932 knows one wave dash only.
        let sentence = problems[0].sentence(Language::Ja).replace('〜', "～");
        assert!(row.cell(row.len() - 1).contains(&sentence));
    }
}

#[test]
fn the_same_rows_are_bad_for_the_same_reasons_until_they_are_corrected() {
    let list = read(&Recipe::of_an_office(today(), Vec::new()).make().bytes);
    let again = read(&rejected(&list));
    let reasons = |list: &List| -> Vec<Vec<&str>> {
        bad(list)
            .iter()
            .map(|(_, all)| all.iter().map(|p| p.reason.reason).collect())
            .collect()
    };
    // Rows that were bad only because they stood twice are good alone, but for their twins.
    let mut expected = reasons(&list);
    expected.retain(|reasons| *reasons != ["list_doubled"]);
    let mut found = reasons(&again);
    found.retain(|reasons| *reasons != ["list_doubled"]);
    assert_eq!(found, expected);
    // A file of bad rows of a file of bad rows has one column of reasons, not two, and loses
    // nothing, not even a cell that stands too far to the right.
    let third = read(&rejected(&again));
    assert_eq!(third.layout().headings(), again.layout().headings());
    let wide = |list: &List| -> Vec<String> {
        let row = list
            .rows()
            .find(|row| row.len() > 20)
            .expect("a shifted row");
        row.cells().take(20).map(str::to_owned).collect()
    };
    assert_eq!(wide(&third), wide(&again));
}

#[test]
fn a_corrected_row_is_taken_in_with_its_reason_still_beside_it() {
    let list = read("氏名,入国日,性別\n見本,2026/11/19,？\n".as_bytes());
    let file = String::from_utf8(rejected(&list)).expect("text");
    assert!(file.contains("取り込めなかった理由"));
    let corrected = read(file.replace('？', "女").as_bytes());
    assert_eq!(bad(&corrected), []);
    assert_eq!(corrected.dry_run(today(), &[]).count(), 1);
}

#[test]
fn keeps_encoding_delimiter_line_breaks_quotes_and_titles() {
    for text in [
        "名簿\n氏名,入国日\n見本,x\n",
        "名簿\t\r\n氏名\t入国日\r\n見本\tx\r\n",
        "\u{FEFF}\"名簿\"\r\n\"氏名\",\"入国日\"\r\n\"見本\",\"x\"\r\n",
        "名簿\r氏名,入国日,備考\r見本,x,\"一\r二\"\r",
    ] {
        let list = read(text.as_bytes());
        let file = rejected(&list);
        let again = List::read_table(&file, &|| false).expect("a table");
        assert_eq!(again.form(), list.table().form());
        let written = String::from_utf8(file).expect("text");
        let first = text.split(['\r', '\n']).next().expect("a line");
        assert!(written.starts_with(first), "{written}");
    }
}

#[test]
fn a_workbook_comes_back_as_a_workbook_with_its_days_and_numbers() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名簿").expect("a name");
    for (column, heading) in (0..).zip(["氏名", "生年月日", "入国日", "電話番号", "便名"])
    {
        sheet.write(0, column, heading).expect("written");
    }
    let day = ExcelDateTime::from_ymd(1990, 3, 4).expect("a day");
    let time = ExcelDateTime::from_ymd(2026, 11, 19)
        .and_then(|day| day.and_hms(8, 30, 0))
        .expect("a time");
    sheet.write(1, 0, "見本").expect("written");
    sheet
        .write_with_format(1, 1, &day, &Format::new().set_num_format("yyyy/m/d"))
        .expect("written");
    sheet
        .write_with_format(1, 2, &time, &Format::new().set_num_format("yyyy/m/d h:mm"))
        .expect("written");
    sheet.write(1, 3, 9_000_000_001_f64).expect("written");
    let list = read(&book.save_to_buffer().expect("a file"));
    assert_eq!(bad(&list)[0].1[0].reason.reason, "list_phone_without_zero");
    let file = rejected(&list);
    assert_eq!(
        file,
        rejected(&list),
        "what is written depends on the list alone"
    );
    let again = read(&file);
    assert_eq!(again.table().form(), list.table().form());
    let (before, row) = (
        list.rows().next().expect("a row"),
        again.rows().next().expect("a row"),
    );
    for column in 0..5 {
        assert_eq!(
            (row.cell(column), row.kind(column)),
            (before.cell(column), before.kind(column))
        );
    }
    assert_eq!(again.layout().reason_column(), Some(5));
}

#[test]
fn every_prefix_of_a_list_gives_rows_or_an_error() {
    let bytes = Recipe {
        people: 60,
        ..Recipe::of_an_office(today(), Vec::new())
    }
    .make()
    .bytes;
    for end in (0..2_000).chain((2_000..bytes.len()).step_by(61)) {
        if let Ok(list) = List::read(&bytes[..end], &Remembered::default()) {
            let outcomes = list.dry_run(today(), &[]).count();
            assert_eq!(outcomes, list.people());
            let _ = rejected(&list);
        }
    }
}
