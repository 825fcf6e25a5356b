use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Table {
    Table::read(text.as_bytes(), &|_| 0).expect("a table")
}

fn rows(table: &Table) -> Vec<(u32, Vec<&str>)> {
    table
        .rows()
        .map(|row| (row.number(), row.cells().collect()))
        .collect()
}

#[test]
fn keeps_the_row_numbers_of_a_spreadsheet() {
    let table = read("名簿\n\n,,\n氏名,備考\n見本,\"一行目\n二行目\"\n\n架空,\n");
    assert_eq!(
        rows(&table),
        [
            (1, vec!["名簿"]),
            (4, vec!["氏名", "備考"]),
            (5, vec!["見本", "一行目\n二行目"]),
            // The note of two lines is one row of a spreadsheet.
            (7, vec!["架空", ""]),
        ]
    );
}

#[test]
fn reads_quotes_uneven_rows_and_every_line_break() {
    let expected = vec![
        (1, vec!["氏名", "住所"]),
        (2, vec!["見本, \"太郎\"", "一", "二"]),
        (3, vec!["架空"]),
    ];
    for line_break in ["\n", "\r\n", "\r"] {
        let text = "氏名,住所\n\"見本, \"\"太郎\"\"\",一,二\n架空".replace('\n', line_break);
        assert_eq!(rows(&read(&text)), expected, "{line_break:?}");
    }
}

#[test]
fn tells_tabs_from_commas_by_content() {
    for (text, expected) in [
        (
            "氏名\t住所\n見本\t一丁目, 2\n架空\t三, 四, 五, 六\n",
            Delimiter::Tab,
        ),
        ("氏名,住所\n見本,一\t丁目\n", Delimiter::Comma),
        ("氏名\n見本\n", Delimiter::Comma),
    ] {
        let Form::Delimited { delimiter, .. } = read(text).form().clone() else {
            panic!("{text}")
        };
        assert_eq!(delimiter, expected, "{text}");
    }
}

#[test]
fn knows_a_file_whose_every_cell_is_quoted() {
    for (text, expected) in [
        ("\"氏名\",\"住所\"\n\"見本\",\"\"\n", true),
        ("\"氏名\",住所\n", false),
    ] {
        let Form::Delimited { always_quoted, .. } = read(text).form().clone() else {
            panic!()
        };
        assert_eq!(always_quoted, expected, "{text}");
    }
}

#[test]
fn an_open_quotation_mark_spoils_its_own_row_only() {
    let table = read("氏名,住所\n見本,\"一丁目\n架空,二丁目\n仮名,三丁目\n");
    let flaws: Vec<_> = table.rows().map(|row| (row.number(), row.flaw())).collect();
    assert_eq!(
        flaws,
        [(1, None), (2, Some(Flaw::OpenQuote)), (3, None), (4, None)]
    );
    assert_eq!(table.row(1).expect("a row").cell(1), "\"一丁目");
}

#[test]
fn a_mark_that_swallows_a_page_is_taken_as_open() {
    let middle = "架空,二丁目\n".repeat(40);
    let table = read(&format!(
        "氏名,住所\n見本,\"一丁目\n{middle}仮名,三\"丁目\n例示,四丁目\n"
    ));
    assert_eq!(table.len(), 44);
    assert_eq!(table.rows().filter(|row| row.flaw().is_some()).count(), 1);
    assert_eq!(table.rows().last().expect("a row").number(), 44);
}

#[test]
fn says_that_a_row_is_wider_than_any_list() {
    let table = read(&format!(
        "氏名\n見本{}架空\n見本{}\n",
        ",".repeat(300),
        ",".repeat(300)
    ));
    assert_eq!(table.row(1).expect("a row").flaw(), Some(Flaw::TooWide));
    assert_eq!(table.row(1).expect("a row").len(), MOST_COLUMNS);
    assert_eq!(
        table.row(2).expect("a row").flaw(),
        None,
        "blank cells do not count"
    );
}

#[test]
fn refuses_more_rows_than_a_country_needs_in_a_day() {
    let text = "a\n".repeat(MOST_ROWS + 1);
    assert_eq!(
        Table::read(text.as_bytes(), &|_| 0).err(),
        Some(ReadError::TooLarge)
    );
    assert!(Table::read(&text.as_bytes()[2..], &|_| 0).is_ok());
}

#[test]
fn names_what_is_no_list() {
    for (bytes, expected) in [
        (&b""[..], ReadError::Empty),
        (b"\n\n , ,\r\n", ReadError::Empty),
        (b"%PDF-1.7", ReadError::OtherDocument),
        (b"\xFF\xD8\xFF\xE0", ReadError::OtherDocument),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ReadError::OldWorkbook),
        (b"PK\x03\x04nothing", ReadError::DamagedWorkbook),
        (&[b'x'; (1 << 20) + 1], ReadError::NotText),
    ] {
        assert_eq!(Table::read(bytes, &|_| 0).err(), Some(expected));
    }
    let locked: Vec<u8> = b"\xD0\xCF\x11\xE0"
        .iter()
        .copied()
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(Table::read(&locked, &|_| 0).err(), Some(ReadError::Locked));
    let large = vec![b'a'; MOST_BYTES + 1];
    assert_eq!(Table::read(&large, &|_| 0).err(), Some(ReadError::TooLarge));
}

#[test]
fn every_error_says_what_to_do_in_both_languages() {
    use crate::Language::{En, Ja};
    for error in [
        ReadError::Empty,
        ReadError::TooLarge,
        ReadError::NotText,
        ReadError::OtherDocument,
        ReadError::OldWorkbook,
        ReadError::Locked,
        ReadError::DamagedWorkbook,
        ReadError::NoSheet,
        ReadError::Stopped,
    ] {
        let (ja, en) = (error.sentence(Ja), error.sentence(En));
        assert!(
            ja.ends_with('。') && en.ends_with('.') && !en.contains("unreadable."),
            "{ja} {en}"
        );
    }
}

#[test]
fn stops_when_told_to() {
    let text = "見本,架空\n".repeat(5_000);
    assert_eq!(
        Table::read_unless(text.as_bytes(), &|_| 0, &|| true).err(),
        Some(ReadError::Stopped)
    );
}

#[test]
fn letters_stand_over_columns_as_in_a_spreadsheet() {
    for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
        assert_eq!(column_letters(column), letters);
    }
}

#[test]
fn takes_little_more_memory_than_the_file() {
    let text = "見本 太郎,ミホン タロウ,1990/1/1,090-0000-0001\n".repeat(50_000);
    assert!(read(&text).footprint() < 2 * text.len());
}

#[test]
fn no_pattern_of_quotes_makes_the_time_grow_faster_than_the_file() {
    for pattern in [
        "a,\"b\n".to_owned(),
        "a,\"\"\"b\n".to_owned(),
        format!("\"b\n{}", "a\n".repeat(31)),
        format!("\"b\n{}", "\"\"a\n".repeat(40)),
        "\"\n,".to_owned(),
    ] {
        let text = pattern.repeat(1_500_000 / pattern.len());
        // A minute and more if each open mark were followed to the end of the file.
        let begun = std::time::Instant::now();
        let _ = Table::read(text.as_bytes(), &|_| 0);
        assert!(
            begun.elapsed().as_secs() < 20,
            "{pattern:?} {:?}",
            begun.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_or_swell(bytes in prop::collection::vec(
        prop_oneof![any::<u8>(), Just(b'"'), Just(b','), Just(b'\n'), Just(b'\t')], 0..400)
    ) {
        if let Ok(table) = Table::read(&bytes, &|_| 0) {
            prop_assert!(table.footprint() <= 64 * bytes.len() + 1_024);
            let mut before = 0;
            for row in table.rows() {
                prop_assert!(row.number() > before);
                before = row.number();
                prop_assert_eq!(row.cells().count(), row.len());
                prop_assert!(row.flaw().is_some() || row.filled() > 0);
            }
        }
    }

    #[test]
    fn what_csv_writes_is_read_back(cells in prop::collection::vec(
        prop::collection::vec("[a-zあ-ん\",\n\t ]{0,8}", 2..5), 2..20)
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["氏名", "カナ", "備考", "住所", "電話"]).unwrap();
        for row in &cells {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let table = Table::read(&bytes, &|_| 0).unwrap();
        prop_assume!(matches!(table.form(), Form::Delimited { delimiter: Delimiter::Comma, .. }));
        let kept: Vec<_> = cells.iter().filter(|row| !row.iter().all(|cell| is_blank(cell))).collect();
        let read: Vec<Vec<&str>> = table.rows().skip(1).map(|row| row.cells().collect()).collect();
        prop_assert_eq!(read, kept.iter().map(|row| row.iter().map(String::as_str).collect::<Vec<_>>()).collect::<Vec<_>>());
    }
}
