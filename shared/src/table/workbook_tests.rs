use std::io::Write;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook as Writer};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::table::MOST_COLUMNS;

fn cells(table: &Table) -> Vec<(u32, Vec<(&str, Kind)>)> {
    table
        .rows()
        .map(|row| {
            (
                row.number(),
                (0..row.len())
                    .map(|at| (row.cell(at), row.kind(at)))
                    .collect(),
            )
        })
        .collect()
}

/// A workbook of one sheet made by hand, so that its parts can lie.
fn by_hand(sheet: &str, strings: &str, workbook_properties: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}">{workbook_properties}<sheets><sheet name="名簿" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/sharedStrings.xml", strings.to_owned()),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>"#),
        ),
    ];
    for (name, content) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn with_sheet(sheet: &str) -> Result<Table, ReadError> {
    Table::read(&by_hand(sheet, "<sst/>", ""), &|_| 0)
}

#[test]
fn reads_texts_numbers_days_and_truths_with_their_rows() {
    let mut book = Writer::new();
    let sheet = book.add_worksheet();
    sheet
        .merge_range(0, 0, 0, 3, "健康観察名簿", &Format::new())
        .unwrap();
    sheet.write(2, 0, "氏名").unwrap();
    sheet.write(2, 2, "入国日").unwrap();
    sheet.write(4, 0, "髙﨑").unwrap();
    sheet.write(4, 1, 9_000_000_001_f64).unwrap();
    let day = ExcelDateTime::from_ymd(2022, 9, 26).unwrap();
    let format = Format::new().set_num_format("ggge年m月d日");
    sheet.write_with_format(4, 2, &day, &format).unwrap();
    let time = ExcelDateTime::from_ymd(2022, 9, 26)
        .unwrap()
        .and_hms(8, 5, 0)
        .unwrap();
    sheet
        .write_with_format(4, 3, &time, &Format::new().set_num_format("yyyy/m/d h:mm"))
        .unwrap();
    sheet.write(4, 4, true).unwrap();
    let table = Table::read(&book.save_to_buffer().unwrap(), &|_| 0).expect("a table");
    use Kind::{Day, Number, Text, Truth};
    assert_eq!(
        cells(&table),
        [
            (1, vec![("健康観察名簿", Text)]),
            (3, vec![("氏名", Text), ("", Text), ("入国日", Text)]),
            (
                5,
                vec![
                    ("髙﨑", Text),
                    ("9000000001", Number),
                    ("2022/9/26", Day),
                    ("2022/9/26 8:05", Day),
                    ("TRUE", Truth),
                ]
            ),
        ]
    );
}

#[test]
fn knows_the_29_february_1900_that_excel_invented() {
    let row = |serial: &str| format!(r#"<row r="1"><c r="A1" s="1"><v>{serial}</v></c></row>"#);
    for (serial, day) in [
        ("59", "1900/2/28"),
        ("60", "1900/2/29"),
        ("61", "1900/3/1"),
        ("44830", "2022/9/26"),
    ] {
        let table = with_sheet(&row(serial)).expect("a table");
        assert_eq!(cells(&table), [(1, vec![(day, Kind::Day)])]);
    }
}

#[test]
fn counts_from_1904_where_the_workbook_says_so() {
    let sheet = r#"<row r="1"><c r="A1" s="1"><v>43368</v></c></row>"#;
    let book = by_hand(sheet, "<sst/>", r#"<workbookPr date1904="1"/>"#);
    let table = Table::read(&book, &|_| 0).expect("a table");
    assert_eq!(cells(&table), [(1, vec![("2022/9/26", Kind::Day)])]);
    assert!(matches!(
        table.form(),
        Form::Workbook {
            from_1904: true,
            ..
        }
    ));
}

#[test]
fn a_plain_number_counts_from_1904_too_and_is_given_back_as_the_same_day() {
    use crate::quarantine_list::{List, Outcome, Remembered, rejected};
    let cell = |place: &str, text: &str| {
        format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let headings = cell("A1", "氏名") + &cell("B1", "入国日") + &cell("C1", "生年月日");
    let person = cell("A2", "見本") + r#"<c r="B2"><v>43368</v></c><c r="C2"><v>31413</v></c>"#;
    let sheet = format!(r#"<row r="1">{headings}</row><row r="2">{person}</row>"#);
    let book = by_hand(&sheet, "<sst/>", r#"<workbookPr date1904="1"/>"#);
    let days = |bytes: &[u8]| {
        let list = List::read(bytes, &Remembered::default()).expect("a list");
        let today = crate::Day::new(2022, 9, 27).expect("a day");
        let Some(Outcome::Good(row)) = list.dry_run(today, &[]).next() else {
            panic!()
        };
        (
            list,
            row.details.entry_date.to_string(),
            row.details.birth_date.map(|day| day.to_string()),
        )
    };
    let (list, entry, birth) = days(&book);
    assert_eq!(
        (entry.as_str(), birth.as_deref()),
        ("2022-09-26", Some("1990-01-02"))
    );
    let file = rejected::write(&list, [(1, "?")], crate::Language::Ja).expect("a file");
    let (_, entry_again, birth_again) = days(&file);
    assert_eq!((entry_again, birth_again), (entry, birth));
}

#[test]
fn leaves_out_the_furigana_that_excel_keeps_beside_a_name() {
    let strings = r#"<sst><si><t>見本</t><rPh sb="0" eb="2"><t>ミホン</t></rPh></si></sst>"#;
    let book = by_hand(
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>"#,
        strings,
        "",
    );
    assert_eq!(
        cells(&Table::read(&book, &|_| 0).expect("a table")),
        [(1, vec![("見本", Kind::Text)])]
    );
}

#[test]
fn takes_the_visible_sheet_that_looks_most_like_a_list() {
    let mut book = Writer::new();
    book.add_worksheet()
        .set_name("表紙")
        .unwrap()
        .write(0, 0, "送付状")
        .unwrap();
    let hidden = book.add_worksheet();
    hidden.set_name("旧").unwrap().set_hidden(true);
    for (column, heading) in (0..).zip(["氏名", "入国日", "旅券番号"]) {
        hidden.write(0, column, heading).unwrap();
    }
    let list = book.add_worksheet();
    list.set_name("名簿").unwrap().write(0, 0, "氏名").unwrap();
    list.write(0, 1, "入国日").unwrap();
    let table =
        crate::quarantine_list::List::read_table(&book.save_to_buffer().unwrap(), &|| false)
            .expect("a table");
    let expected = Form::Workbook {
        sheet: "名簿".to_owned(),
        others: vec!["表紙".to_owned()],
        from_1904: false,
    };
    assert_eq!(table.form(), &expected);
}

#[test]
fn a_bomb_is_refused_before_it_unpacks() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..=MOST_UNPACKED >> 20 {
        zip.write_all(&block).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(Table::read(&bomb, &|_| 0).err(), Some(ReadError::TooLarge));
}

#[test]
fn a_promise_of_countless_strings_reserves_nothing() {
    for strings in [
        r#"<sst uniqueCount="99999999999999"><si><t>x</t></si></sst>"#,
        r#"<sst uniqueCount = '99999999999999999999999'/>"#,
    ] {
        let book = by_hand(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, strings, "");
        assert_eq!(
            Table::read(&book, &|_| 0).err(),
            Some(ReadError::DamagedWorkbook)
        );
    }
}

#[test]
fn one_string_in_countless_cells_is_refused() {
    let text = "見".repeat(30_000);
    let strings = format!("<sst><si><t>{text}</t></si></sst>");
    let rows: String = (1..4_000)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#))
        .collect();
    let book = by_hand(&rows, &strings, "");
    assert!(book.len() < 1 << 20);
    assert_eq!(Table::read(&book, &|_| 0).err(), Some(ReadError::TooLarge));
}

#[test]
fn addresses_that_no_sheet_has_are_damage_and_no_panic() {
    for sheet in [
        r#"<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="ZZZZZZZZZZ1"><v>1</v></c></row>"#,
        r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="A1" t="s"><v>7</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>1</v>"#,
    ] {
        assert_eq!(
            with_sheet(sheet).err(),
            Some(ReadError::DamagedWorkbook),
            "{sheet}"
        );
    }
}

#[test]
fn a_cell_far_to_the_right_fills_no_memory() {
    let table = with_sheet(r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>"#)
        .expect("a table");
    let row = table.row(0).expect("a row");
    assert_eq!(
        (row.len(), row.flaw()),
        (MOST_COLUMNS, Some(super::super::Flaw::TooWide))
    );
}

#[test]
fn a_workbook_cut_anywhere_gives_an_error_or_rows() {
    let mut book = Writer::new();
    book.add_worksheet()
        .write(0, 0, "氏名")
        .unwrap()
        .write(1, 0, "見本")
        .unwrap();
    let bytes = book.save_to_buffer().unwrap();
    for end in 4..bytes.len() {
        assert!(Table::read(&bytes[..end], &|_| 0).is_err(), "{end}");
    }
    // A byte turned anywhere either shows or does not matter.
    for at in (0..bytes.len()).step_by(7) {
        let mut turned = bytes.clone();
        turned[at] ^= 0x55;
        let _ = Table::read(&turned, &|_| 0);
    }
}

const ROWS: &str = concat!(
    r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>入国日</t></is></c></row>"#,
    r#"<row r="2"><c r="A2" t="str"><v>見本 花子</v></c><c r="B2" s="1"><v>44830.5</v></c></row>"#,
    r#"<row r="3"><c r="A3" t="b"><v>1</v></c><c r="B3" t="e"><v>#N/A</v></c></row>"#,
);
const STRINGS: &str = r#"<sst count="1" uniqueCount="1"><si><t>氏名</t></si></sst>"#;

/// Puts octets of its own over those of a text, as often as there are edits; keeps it UTF-8.
fn overwritten(text: &str, edits: &[(prop::sample::Index, u8)]) -> String {
    let mut octets = text.as_bytes().to_vec();
    for (place, octet) in edits {
        let place = place.index(octets.len());
        octets[place] = *octet;
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// An error in words, or rows that cost no more than what they came from.
fn is_clear(read: Result<Table, ReadError>, unpacked: usize) -> Result<(), TestCaseError> {
    match read {
        Err(error) => {
            for language in [crate::Language::Ja, crate::Language::En] {
                prop_assert!(!error.sentence(language).is_empty());
            }
        }
        Ok(table) => {
            prop_assert!(
                table.footprint() <= 64 * unpacked + 4_096,
                "{} of {unpacked}",
                table.footprint()
            );
            let mut before = 0;
            for row in table.rows() {
                prop_assert!(row.number() > before);
                before = row.number();
            }
        }
    }
    Ok(())
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    // Those that mean something in XML and in addresses come more often than chance has it.
    let octet = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b"<>\"'/=&;0123456789AZXFD-. "[..])
    ];
    prop::collection::vec((any::<prop::sample::Index>(), octet), 1..8)
}

proptest! {
    #[test]
    fn a_workbook_with_octets_changed_gives_a_clear_error_or_rows(edits in edits()) {
        let mut book = by_hand(ROWS, STRINGS, "");
        let length = book.len();
        for (place, octet) in edits {
            book[place.index(length)] = octet;
        }
        is_clear(Table::read(&book, &|_| 0), 8 * length)?;
    }

    #[test]
    fn parts_with_octets_changed_give_a_clear_error_or_rows(
        sheet in edits(), strings in edits(), which in 1_u8..4
    ) {
        // The zip is whole, so that every change reaches the reader of the XML.
        let changed = |text: String, edits: &[_], bit: u8| match which & bit {
            0 => text,
            _ => overwritten(&text, edits),
        };
        let sheet = changed(ROWS.to_owned(), &sheet, 1);
        let strings = changed(STRINGS.to_owned(), &strings, 2);
        let unpacked = sheet.len() + strings.len() + 2_000;
        is_clear(Table::read(&by_hand(&sheet, &strings, ""), &|_| 0), unpacked)?;
    }

    #[test]
    fn a_workbook_cut_off_gives_a_clear_error(end in any::<prop::sample::Index>()) {
        let book = by_hand(ROWS, STRINGS, "");
        // Shorter than its signature it could be anything, such as a text of one letter.
        let end = 4 + end.index(book.len() - 4);
        prop_assert!(Table::read(&book[..end], &|_| 0).is_err());
    }
}
