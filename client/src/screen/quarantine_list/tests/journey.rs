//! From the file to the people, as somebody at a desk does it.

use super::*;
use crate::screen::quarantine_list::Stage;

#[test]
fn the_list_of_an_office_comes_in_by_keys_alone() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    let sample = desk.read_the_sample();
    desk.must_show("CSV · Shift_JIS (CP932)");
    desk.must_show(&format!("○ 登録できる {} 行", sample.good));
    let bad = 200 - sample.good;
    desk.must_show(&format!("× 問題のある {bad} 行"));
    assert_eq!(server.asked(), 0, "the dry run asks nobody");

    desk.save();
    let saved = desk.folder.path().join("検疫所名簿_要修正.csv");
    let text = std::fs::read(&saved).expect("the bad rows");
    assert!(text.len() < sample.bytes.len());
    desk.must_show("問題のある行を、理由を添えて保存しました");

    desk.proceed();
    let sent = server.calls::<StageChunk>();
    let numbers: Vec<u64> = sent.iter().flat_map(rows).collect();
    assert_eq!(numbers.len(), sample.good);
    for problem in &sample.planted {
        assert!(!numbers.contains(&u64::from(problem.row)), "{problem:?}");
    }
    desk.must_show("▲ 似た人がいる 2 名");
    desk.must_show("旅券番号が同じ");
    desk.must_show("名簿 5 行目");
    // The file has a serial number of a spreadsheet in this place.
    desk.must_show("1973/02/16");
    desk.window.key(Named::Enter);
    assert_eq!(server.calls::<CommitImport>().len(), 0, "two wait");
    // The second of the two is another person; the row between them cannot be decided.
    desk.window.types("s");
    desk.window.types("a");
    desk.must_show("181 名を登録する");
    assert_eq!(server.calls::<CommitImport>().len(), 0);

    desk.window.key(Named::Enter);
    let committed = server.calls::<CommitImport>();
    assert_eq!(body(&committed[0])["add"], json!([7]));
    desk.must_show("181 名を登録しました");
    desk.must_show(&format!("問題のある {bad} 行はまだ登録されていません"));
    desk.must_show(&format!("{bad} 行"));
    desk.window.key(Named::Enter);
    assert!(desk.window.screen.closed);
}

#[test]
fn the_corrected_bad_rows_come_in_afterwards() {
    let server = server(all_new(1));
    let mut desk = Desk::at(&server, AT_100);
    let list = "氏名,入国日\r\n見本 花子,2026/11/18\r\n見本 太郎,11月の中ごろ\r\n";
    let path = desk.file("名簿.csv", list.as_bytes());
    desk.read(&path);
    desk.save();
    let saved = desk.folder.path().join("名簿_要修正.csv");
    let bad = std::fs::read_to_string(&saved).expect("the bad rows");
    assert!(bad.contains("見本 太郎") && !bad.contains("見本 花子"));
    std::fs::write(&saved, bad.replace("11月の中ごろ", "2026/11/15")).expect("corrected");
    desk.window.key(Named::Escape);
    // The path of the last file stands in the field; what is dropped takes its place.
    let dropped = QuarantineList::dropped(saved);
    let task = desk.window.screen.take_in(dropped, &desk.window.context);
    desk.window.runs(task);
    desk.must_show("すべての行を登録できます");
    desk.must_show("○ 登録できる 1 行");
}

#[test]
fn bad_rows_are_never_saved_over_another_file() {
    let mut desk = Desk::at(&server(all_new(1)), AT_100);
    desk.file("検疫所名簿_要修正.csv", b"mine");
    desk.read_the_sample();
    desk.save();
    desk.save();
    let folder = desk.folder.path();
    let kept = std::fs::read(folder.join("検疫所名簿_要修正.csv")).expect("still there");
    assert_eq!(kept, b"mine");
    assert!(folder.join("検疫所名簿_要修正(2).csv").exists());
    assert!(folder.join("検疫所名簿_要修正(3).csv").exists());
}

#[test]
fn a_file_chosen_in_the_dialog_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("名簿.csv");
    std::fs::write(&path, sample().bytes).expect("written");
    let mut desk = Desk::choosing(&server(all_new(1)), AT_100, Some(path));
    desk.window.key(Named::F2);
    desk.must_show("名簿.csv");
    desk.must_show("CSV · Shift_JIS (CP932)");
}

#[test]
fn a_desktop_without_a_dialog_leads_to_the_path_field() {
    let mut desk = Desk::at(&server(all_new(1)), AT_100);
    desk.window.key(Named::F2);
    desk.must_show("ファイルは選ばれませんでした");
    desk.read_the_sample();
    desk.must_show("CSV · Shift_JIS (CP932)");
}

#[test]
fn columns_set_by_hand_are_remembered_for_the_next_list() {
    let server = server(all_new(1));
    let mut desk = Desk::at(&server, AT_100);
    let list = "番号,だれ,いつ\r\n1,見本 花子,2026/11/18\r\n";
    let path = desk.file("名簿.csv", list.as_bytes());
    desk.read(&path);
    desk.must_show("どの列か分からないもの: 氏名、入国日");
    desk.proceed();
    desk.must_show("どの列か分からないもの: 氏名、入国日");
    // Column B holds the name: the first meaning below "not read".
    desk.window.key(Named::ArrowDown);
    desk.window.key(Named::Enter);
    desk.window.key(Named::ArrowDown);
    desk.window.key(Named::Enter);
    desk.must_show("どの列か分からないもの: 入国日");
    desk.window.key(Named::ArrowDown);
    desk.window.key(Named::Enter);
    let entry_date = shared::quarantine_list::Field::ALL
        .iter()
        .position(|field| *field == shared::quarantine_list::Field::EntryDate)
        .expect("a field");
    for _ in 0..=entry_date {
        desk.window.key(Named::ArrowDown);
    }
    desk.window.key(Named::Enter);
    desk.proceed();
    desk.must_show("○ 登録できる 1 行");

    let context = desk.window.context.clone();
    let next = desk.file(
        "次の名簿.csv",
        "番号,だれ,いつ\r\n1,見本 次郎,2026/11/19\r\n".as_bytes(),
    );
    let mut again = Desk {
        shown: None,
        folder: tempfile::tempdir().expect("a folder"),
        window: Window::open(opened(&context), context, AT_100),
    };
    again.read(&next);
    again.must_show("○ 登録できる 1 行");
    let kept = std::fs::read_to_string(desk.folder.path().join("remembered/quarantine_lists.json"))
        .expect("remembered");
    assert!(!kept.contains("見本"), "nobody's data is remembered");
}

#[test]
fn columns_left_by_escape_are_as_they_were() {
    let mut desk = Desk::at(&server(all_new(1)), AT_100);
    let sample = desk.read_the_sample();
    desk.window.key(Named::F3);
    desk.window.key(Named::ArrowDown);
    desk.window.key(Named::Delete);
    desk.must_show("どの列か分からないもの: 氏名");
    desk.window.key(Named::F8);
    desk.window.key(Named::Escape);
    desk.must_show(&format!("○ 登録できる {} 行", sample.good));
    assert!(!desk.folder.path().join("remembered").exists());
}

#[test]
fn a_long_list_is_sent_in_chunks_and_every_row_once() {
    let server = server(all_new(1_200));
    let mut desk = Desk::at(&server, AT_100);
    let list = Recipe::faultless(1_200, stage::today()).make();
    let path = desk.file("名簿.csv", &list.bytes);
    desk.read(&path);
    desk.proceed();
    let sizes: Vec<usize> = server
        .calls::<StageChunk>()
        .iter()
        .map(|call| rows(call).len())
        .collect();
    assert_eq!(sizes, [500, 500, 200]);
    let mut numbers: Vec<u64> = server.calls::<StageChunk>().iter().flat_map(rows).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 1_200);
    assert!(matches!(desk.window.screen.screen.stage, Stage::Import(_)));
}
