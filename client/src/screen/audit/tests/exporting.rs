//! Taking entries out into a file.

use super::*;

#[test]
fn the_export_is_confirmed_and_takes_every_page() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kiroku.csv");
    let script = Script::new().reply::<ListAuditEntries>(|call| {
        Ok(match call.path.contains("after=") {
            true => page(1..3, None),
            false => page(3..6, Some("3")),
        })
    });
    let mut room = open(&script, AT_100);
    let before = script.asked();
    room.key(Named::F7);
    assert!(
        room.shows("▲ 個人情報を含むことがあります") || room.shows("個人情報を含むことがあります")
    );
    assert_eq!(script.asked(), before, "nothing is taken out unasked");
    let typed = path.display().to_string();
    room.runs(Task::done(Message::Export(export::Message::PathTyped(
        typed,
    ))));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.click("書き出す");
    assert!(
        last_path(&script).contains("export=true"),
        "{}",
        last_path(&script)
    );
    assert!(room.shows("5件を書き出しました"));
    let text = std::fs::read_to_string(&path).expect("written");
    assert!(
        text.starts_with('\u{feff}') && text.lines().count() == 6,
        "{text}"
    );
    room.key(Named::Escape);
    assert!(!room.shows("5件を書き出しました"));
}

#[test]
fn what_is_taken_out_is_nobody_elses_and_takes_no_files_place_unasked() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kiroku.csv");
    std::fs::write(&path, b"old").expect("written");
    let mut room = open(&server(3), AT_100);
    let export = |message| Task::done(Message::Export(message));
    let typed = path.display().to_string();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.key(Named::F7);
    room.runs(export(export::Message::PathTyped(typed)));
    room.click("書き出す");
    assert_eq!(std::fs::read(&path).expect("there"), b"old");
    assert!(room.shows(
        "▲ 同じ名前のファイルがあります。そのファイルは変えていません。別の名前にしてください。"
    ));
    // The desktop's dialog has asked before it gives a file that is there.
    room.runs(export(export::Message::Chosen(Some(path.clone()))));
    room.click("書き出す");
    assert!(room.shows("3件を書き出しました"));
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(text.lines().count(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = std::fs::metadata(&path).expect("there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_export_that_breaks_off_leaves_no_file() {
    speak(Language::Ja);
    let folder = tempfile::tempdir().expect("a folder");
    let script =
        Script::new().reply::<ListAuditEntries>(|call| match call.path.contains("after=") {
            true => Err(shared::Problem::new(shared::ProblemCode::StoreUnavailable)),
            false => Ok(page(3..6, Some("3"))),
        });
    let mut room = open(&script, AT_100);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    room.key(Named::F7);
    let typed = folder.path().join("kiroku.csv").display().to_string();
    room.runs(Task::done(Message::Export(export::Message::PathTyped(
        typed,
    ))));
    room.click("書き出す");
    room.key(Named::Escape);
    let left = std::fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(left.count(), 0);
}
