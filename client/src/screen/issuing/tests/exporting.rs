//! Saving a whole list as a file.

use super::*;

#[test]
fn the_whole_list_and_the_results_are_saved_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let script = server(vec![job(1, 1, "done", 40)], Vec::new());
    let mut context = helpdesk(&script);
    context.world.files = Arc::new(Usual(folder.path().to_owned()));
    let mut window = Window::open(Issuing::new(&context), context, AT_100);
    window.key(Named::F6);
    window.key(Named::Enter);
    assert!(window.shows("保存しました"));
    window.key(Named::Enter);
    let list = std::fs::read_to_string(folder.path().join("証明書の状況.csv")).unwrap();
    assert_eq!(list.lines().count(), 251, "every page");
    assert!(list.contains("\"見本1保健所\",\"990001\",\"発行済み\",\"23\""));
    window.key(Named::F7);
    window.key(Named::Enter);
    window.key(Named::F6);
    window.key(Named::Enter);
    let list = std::fs::read_to_string(folder.path().join("一括処理の結果.csv")).unwrap();
    assert!(list.contains("\"失効させました\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let about = std::fs::metadata(folder.path().join("一括処理の結果.csv")).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_list_of_which_not_all_rows_came_makes_no_file_and_can_be_fetched_again() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    script.cut(true);
    window.key(Named::F6);
    assert!(window.shows("すべての行がそろわなかったため、ファイルは作っていません。"));
    assert!(!window.shows("保存するファイル"));
    script.cut(false);
    window.key(Named::F6);
    assert!(window.shows("保存するファイル"));
    assert!(!window.shows("すべての行がそろわなかったため、ファイルは作っていません。"));
}

#[test]
fn fetching_the_rows_for_a_file_can_be_stopped() {
    let script = server(Vec::new(), Vec::new());
    let mut window = open(&script, AT_100);
    window.held = true;
    window.key(Named::F6);
    assert!(window.shows("CSVにする行を集めています…"));
    window.key(Named::Escape);
    assert!(!window.shows("CSVにする行を集めています…"));
    window.held = false;
    window.settle();
    assert!(
        !window.shows("保存するファイル"),
        "what came too late opens nothing"
    );
}
