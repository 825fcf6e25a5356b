//! What goes wrong on the way, and what becomes of the rows.

use super::*;
use crate::screen::quarantine_list::Stage;
use crate::screen::quarantine_list::tried::{Tried, Unread, Watch};

#[test]
fn a_file_that_is_not_there_says_so_and_keeps_the_path() {
    let mut desk = Desk::at(&Script::new(), AT_100);
    let path = desk.folder.path().join("どこにもない.csv");
    desk.read(&path);
    desk.must_show("「どこにもない.csv」を読み込めませんでした");
    desk.must_show("この場所にファイルがありません。ファイル名とフォルダーを確かめてください。");
    assert_eq!(Path::new(&desk.window.screen.screen.path), path);
}

#[test]
fn an_empty_path_a_folder_and_a_picture_are_no_lists() {
    let mut desk = Desk::at(&Script::new(), AT_100);
    desk.window.key(Named::Enter);
    desk.must_show("▲ ファイルの場所を入力してください。例: /home/見本/ダウンロード/名簿.csv");
    let folder = desk.folder.path().to_owned();
    desk.read(&folder);
    desk.must_show("これはファイルではありません。フォルダーの中の名簿を選んでください。");
    let mut desk = Desk::at(&Script::new(), AT_100);
    let picture = desk.file("名簿.csv", b"\x89PNG\r\n\x1a\n");
    desk.read(&picture);
    desk.must_show("「名簿.csv」を読み込めませんでした");
}

#[test]
fn reading_stops_when_it_is_told() {
    let desk = Desk::at(&Script::new(), AT_100);
    let list = Recipe::faultless(5_000, stage::today()).make();
    let path = desk.file("名簿.csv", &list.bytes);
    let office = desk.window.context.office.clone();
    let watch = Watch::default();
    watch.stop();
    let read = Tried::read(path, &Default::default(), stage::today(), &office, &watch);
    let stopped = Unread::NoList(shared::table::ReadError::Stopped);
    assert_eq!(read.err(), Some(stopped));
}

#[test]
fn what_was_read_for_a_file_given_up_is_dropped() {
    let mut desk = Desk::at(&Script::new(), AT_100);
    desk.window.held = true;
    desk.read_the_sample();
    desk.must_show("「検疫所名簿.csv」を読み込んでいます");
    desk.window.key(Named::Escape);
    desk.window.held = false;
    desk.window.settle();
    assert!(matches!(
        desk.window.screen.screen.stage,
        Stage::Choose(None)
    ));
}

#[test]
fn a_chunk_that_failed_is_sent_again_with_its_key_and_from_there() {
    let list = Recipe::faultless(1_200, stage::today()).make();
    let mut tries = 0;
    let server = server(all_new(1_200)).reply::<StageChunk>(move |call| {
        tries += 1;
        if tries == 2 {
            return Err(busy());
        }
        Ok(Staged {
            staged: rows(call).len() as u32,
            rows: 1_200,
        })
    });
    let mut desk = Desk::at(&server, AT_100);
    let path = desk.file("名簿.csv", &list.bytes);
    desk.read(&path);
    desk.proceed();
    desk.must_show(
        "まだ誰も登録されていません。1,200 行のうち 500 行はサーバーに届いています。もう一度試すと続きから送ります。",
    );
    desk.window.key(Named::F5);
    let sent = server.calls::<StageChunk>();
    assert_eq!(sent.len(), 4, "one chunk was sent twice");
    assert_eq!(sent[1].key, sent[2].key);
    assert_ne!(sent[0].key, sent[1].key);
    assert_eq!(rows(&sent[1]), rows(&sent[2]));
    desk.must_show("1,200 名を登録する");
}

#[test]
fn giving_up_drops_what_was_sent_and_adds_nobody() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    let sample = desk.read_the_sample();
    desk.proceed();
    desk.window.key(Named::Escape);
    desk.must_show("誰も登録されていません。送った行は破棄しました。");
    desk.must_show(&format!("○ 登録できる {} 行", sample.good));
    assert_eq!(server.calls::<CancelImport>().len(), 1);
    assert_eq!(server.calls::<CommitImport>().len(), 0);
    desk.proceed();
    desk.must_show("180 名を登録する");
    assert_eq!(server.calls::<OpenImport>().len(), 2);
}

#[test]
fn what_was_decided_is_not_thrown_away_by_one_key() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.window.types("a");
    assert_eq!(desk.window.screen.screen.unsaved_count(), 1);
    desk.window.key(Named::Escape);
    desk.must_show("1 件の決定は残りません。まだ誰も登録されていません。");
    desk.window.key(Named::Escape);
    desk.must_show("181 名を登録する");
    assert_eq!(server.calls::<CancelImport>().len(), 0);
    // The answer that loses nothing has the keys.
    desk.window.key(Named::Escape);
    desk.window.key(Named::Enter);
    desk.must_show("181 名を登録する");
    desk.window.key(Named::Escape);
    desk.window.key(Named::F8);
    desk.must_show("誰も登録されていません。送った行は破棄しました。");
    assert_eq!(desk.window.screen.screen.unsaved_count(), 0);
}

#[test]
fn a_list_of_which_everybody_readable_is_there_does_not_call_the_others_registered() {
    let mut desk = Desk::at(&server(all_new(0)), AT_100);
    desk.read_the_sample();
    desk.proceed();
    let bad = match &desk.window.screen.screen.stage {
        Stage::Import(import) => import.tried.bad(),
        _ => panic!("the findings are shown"),
    };
    assert!(bad > 0);
    desk.must_show("新しく登録する人はいません");
    desk.must_show(&format!(
        "正しく読み取れた人は全員登録済みです。誤りのある {bad} 行の人は、まだ登録されていません。"
    ));
}

#[test]
fn rows_that_another_office_took_in_are_named() {
    let mut findings = doubtful();
    findings.repeats.push(8);
    findings.elsewhere.push(8);
    let mut desk = Desk::at(&server(findings), AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.must_show("▲ うち他の機関が登録 1 名");
    for _ in 0..3 {
        desk.window.key(Named::ArrowDown);
    }
    let tried = match &desk.window.screen.screen.stage {
        Stage::Import(import) => import.tried.clone(),
        _ => panic!("the findings are shown"),
    };
    let name = tried.name_in(8);
    assert!(!name.is_empty());
    desk.must_show("他の機関が登録済み");
    desk.must_show(&name);
    desk.must_show(&format!("{name}さんは、すでに他の機関が登録してフォローアップしています。二重には登録されず、引き継がれるまでこの機関の一覧には出ません。"));
    // Nothing can be decided about them.
    desk.window.types("a");
    desk.must_show("▲ 似た人がいる 2 名");
    desk.must_show("未決定の 2 行は登録されません。");
}

#[test]
fn what_the_reason_proves_equal_is_said_of_the_other() {
    let mut desk = Desk::at(&server(doubtful()), AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.must_show("旅券番号が同じ");
    desk.must_show("同じ");
}

#[test]
fn giving_up_over_a_cut_line_says_what_remains() {
    let server = server(all_new(3));
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    server.cut(true);
    desk.window.key(Named::Escape);
    desk.must_show(
        "誰も登録されていません。送った行はサーバーに残りますが、誰にも見えず、2日後に自動で消えます。",
    );
}

#[test]
fn giving_up_what_the_server_never_heard_of_leaves_nothing() {
    let server = Script::new().refuse::<CancelImport>(Problem::new(ProblemCode::NotFound));
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.must_show("サーバーに接続できません");
    desk.window.key(Named::Escape);
    desk.must_show("誰も登録されていません。送った行は破棄しました。");
}

#[test]
fn a_cut_line_at_the_last_step_neither_loses_nor_doubles() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.window.types("a");
    server.cut(true);
    desk.proceed();
    desk.must_show("登録されたかどうかを確かめられませんでした。もう一度試すと結果が分かります。すでに登録されていても、二重には登録されません。");
    server.cut(false);
    desk.window.key(Named::F5);
    desk.must_show("181 名を登録しました");
    assert_eq!(body(&server.calls::<CommitImport>()[0])["add"], json!([5]));
}

#[test]
fn leaving_while_it_is_not_known_cancels_nothing() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    server.cut(true);
    desk.proceed();
    server.cut(false);
    desk.window.key(Named::Escape);
    assert!(desk.window.screen.closed);
    assert_eq!(server.calls::<CancelImport>().len(), 0);
}

#[test]
fn a_refusal_of_the_last_step_adds_nobody_and_can_be_tried_again() {
    let server = server(all_new(3)).refuse::<CommitImport>(busy());
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    desk.proceed();
    desk.must_show("まだ誰も登録されていません。もう一度試しても二重には登録されません。");
    desk.window.key(Named::F5);
    let keys: Vec<_> = server.calls::<CommitImport>();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0].key, keys[1].key);
}

#[test]
fn a_list_dropped_while_another_is_under_way_waits() {
    let server = server(doubtful());
    let mut desk = Desk::at(&server, AT_100);
    desk.read_the_sample();
    desk.proceed();
    let other = desk.file("別の名簿.csv", &sample().bytes);
    let dropped = QuarantineList::dropped(other);
    let task = desk.window.screen.take_in(dropped, &desk.window.context);
    desk.window.runs(task);
    desk.must_show(
        "別の名簿を取り込んでいる途中です。終えるか取りやめてから、次のファイルを選んでください。",
    );
    desk.must_show("180 名を登録する");
}

#[test]
fn a_list_without_anybody_good_cannot_be_sent() {
    let server = server(all_new(0));
    let mut desk = Desk::at(&server, AT_100);
    let list = "氏名,入国日\r\n見本 太郎,11月の中ごろ\r\n";
    let path = desk.file("名簿.csv", list.as_bytes());
    desk.read(&path);
    desk.proceed();
    desk.must_show("○ 登録できる 0 行");
    assert_eq!(server.asked(), 0);
}
