//! What is saved is whole and nobody else's to read, and what is not leaves everything as it was.

use super::*;
use crate::api::scripted::Script;
use crate::screen::stage;

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn what_takes_a_files_place_is_nobody_elses_to_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("手紙.pdf");
    std::fs::write(&path, b"old").expect("written");
    assert_eq!(write(&path, b"new", false), Err(NotSaved::Exists));
    assert_eq!(std::fs::read(&path).expect("read"), b"old");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
        write(&path, b"new", true).expect("saved");
        let about = std::fs::metadata(&path).expect("there");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
    }
    write(&path, b"newer", true).expect("saved");
    assert_eq!(std::fs::read(&path).expect("read"), b"newer");
    assert_eq!(names(folder.path()), ["手紙.pdf"]);
}

#[test]
fn what_is_not_finished_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("手紙.pdf");
    std::fs::write(&path, b"old").expect("written");
    let mut half = Half::begin(&path, true).expect("begun");
    half.add(b"ne").expect("written");
    drop(half);
    assert_eq!(std::fs::read(&path).expect("read"), b"old");
    assert_eq!(names(folder.path()), ["手紙.pdf"]);

    let other = folder.path().join("別.pdf");
    let mut half = Half::begin(&other, false).expect("begun");
    half.add(b"new").expect("written");
    std::fs::write(&other, b"first").expect("written");
    assert_eq!(half.finish(), Err(NotSaved::Exists), "it came meanwhile");
    assert_eq!(std::fs::read(&other).expect("read"), b"first");
    assert_eq!(names(folder.path()).len(), 2);

    // A folder takes no file in its place.
    let taken = folder.path().join("folder");
    std::fs::create_dir_all(taken.join("inside")).expect("made");
    assert!(write(&taken, b"new", true).is_err());
    assert_eq!(names(folder.path()).len(), 3);
}

#[test]
fn nobody_leaves_while_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let context = stage::context(&Script::new());
    let bytes = Zeroizing::new(b"it".to_vec());
    let (mut saving, _) = Saving::new("手紙".into(), "手紙.pdf".into(), bytes, &context);
    let path = folder.path().join("手紙.pdf");
    let typed = Message::PathTyped(path.to_string_lossy().into_owned());
    saving.update(typed, &context);
    let begun = saving.update(Message::SavePressed, &context);
    assert!(matches!(begun, Action::Run(_)));
    let left = saving.update(Message::ClosePressed, &context);
    assert!(matches!(left, Action::None), "it is not known yet");
    saving.update(Message::Chosen(None), &context);
    assert_eq!(saving.trouble, None);
    saving.update(Message::Written(Ok(path)), &context);
    let left = saving.update(Message::ClosePressed, &context);
    assert!(matches!(left, Action::Closed));
}
