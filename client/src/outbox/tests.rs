//! What is kept comes back, to the same person alone, and nothing of it can be read.

use super::*;
use crate::keystore::{Memory, Slot};

const TYPED: &[u8] = "見本 花子 37.8".as_bytes();

fn person(number: u8) -> UserId {
    UserId::new(u64::from(number), [number; 10])
}

fn typed() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(TYPED.to_vec())
}

fn outbox(shelf: impl Shelf + 'static, memory: &Memory) -> Outbox {
    Outbox::new(Vault::new(memory.clone()), shelf)
}

#[tokio::test]
async fn what_was_kept_is_there_for_the_next_program_with_the_same_keystore() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let first = outbox(shelf.clone(), &memory);
    first.keep(person(1), typed()).await.expect("kept");
    drop(first);
    let again = outbox(shelf.clone(), &memory);
    let kept = again.kept(person(1)).await.expect("opened");
    assert_eq!(kept.as_deref().map(Vec::as_slice), Some(TYPED));
    assert_eq!(again.kept(person(2)).await, Ok(None));
    again.wipe(person(1)).await.expect("wiped");
    assert_eq!(again.kept(person(1)).await, Ok(None));
    assert!(shelf.everything().is_empty());
}

/// What two windows of one person keep on such a shelf.
async fn two_windows(shelf: impl Shelf + Clone + 'static) {
    let memory = Memory::new();
    let other = || Zeroizing::new(b"other".to_vec());
    let [first, second] = [(); 2].map(|()| outbox(shelf.clone(), &memory));
    first.keep(person(1), typed()).await.expect("kept");
    second.keep(person(1), other()).await.expect("kept");
    assert_eq!(first.kept(person(1)).await, Ok(Some(typed())));
    assert_eq!(second.kept(person(1)).await, Ok(Some(other())));
    let nothing = Ok(Vec::new());
    assert_eq!(second.taken_up(person(1)).await, nothing, "held");
    drop(first);
    assert_eq!(second.taken_up(person(2)).await, nothing, "not theirs");
    assert_eq!(second.taken_up(person(1)).await, Ok(vec![typed()]));
    assert_eq!(second.taken_up(person(1)).await, Ok(vec![typed()]), "still");
    drop(second);
    let third = outbox(shelf.clone(), &memory);
    assert_eq!(third.kept(person(1)).await, Ok(Some(typed())));
    assert_eq!(third.taken_up(person(1)).await, Ok(vec![other()]));
    let both = Zeroizing::new(b"both".to_vec());
    third.keep(person(1), both.clone()).await.expect("kept");
    drop(third);
    let fourth = outbox(shelf.clone(), &memory);
    assert_eq!(fourth.kept(person(1)).await, Ok(Some(both)));
    assert_eq!(fourth.taken_up(person(1)).await, nothing, "in the one file");
}

#[tokio::test]
async fn a_window_writes_over_no_others_and_takes_up_what_one_left_behind() {
    two_windows(Scripted::new()).await;
    let folder = tempfile::tempdir().expect("a folder");
    two_windows(Folder::new(folder.path().join("drafts"))).await;
}

#[tokio::test]
async fn wiping_wipes_what_was_taken_up_too() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let [first, second] = [(); 2].map(|()| outbox(shelf.clone(), &memory));
    first.keep(person(1), typed()).await.expect("kept");
    second.keep(person(1), typed()).await.expect("kept");
    drop(first);
    assert_eq!(second.taken_up(person(1)).await, Ok(vec![typed()]));
    second.wipe(person(1)).await.expect("wiped");
    assert!(shelf.everything().is_empty());
}

#[tokio::test]
async fn what_another_window_left_unreadable_is_put_aside() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let outbox = outbox(shelf.clone(), &memory);
    let other = format!("{}.2", name(person(1)));
    shelf.put(&other, b"no draft at all").expect("put");
    assert_eq!(outbox.taken_up(person(1)).await, Ok(Vec::new()));
    outbox.wipe(person(1)).await.expect("wiped");
    assert_eq!(shelf.everything(), [b"no draft at all".to_vec()]);
}

#[tokio::test]
async fn nothing_readable_lies_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("drafts");
    let memory = Memory::new();
    let outbox = outbox(Folder::new(place.clone()), &memory);
    outbox.keep(person(1), typed()).await.expect("kept");
    outbox.keep(person(1), typed()).await.expect("kept again");
    let paths = std::fs::read_dir(&place)
        .expect("a folder")
        .map(|file| file.expect("a file").path());
    let (claims, files): (Vec<_>, Vec<_>) =
        paths.partition(|path| is_claim(&path.to_string_lossy()));
    assert_eq!(files.len(), 1, "one file for one person");
    assert_eq!(std::fs::read(&claims[0]).expect("read"), b"");
    let path = files[0].clone();
    let id = person(1).to_string();
    assert!(!path.to_string_lossy().contains(&id));
    let bytes = std::fs::read(&path).expect("read");
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(!holds("見本".as_bytes()) && !holds(b"37.8") && !holds(person(1).0.as_bytes()));
    let key = memory.peek(Slot::Drafts).expect("a key");
    assert!(!holds(&key));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| {
            let about = std::fs::metadata(path).expect("there");
            about.permissions().mode() & 0o777
        };
        assert_eq!((mode(&place), mode(&path)), (0o700, 0o600));
    }
}

#[tokio::test]
async fn what_was_changed_or_is_someone_elses_opens_for_nobody() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let outbox = outbox(shelf.clone(), &memory);
    outbox.keep(person(1), typed()).await.expect("kept");
    let sealed = shelf.everything().remove(0);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        shelf.put(&name(person(1)), &changed).expect("put");
        assert_eq!(
            outbox.kept(person(1)).await,
            Err(Unkept::Unreadable),
            "{at}"
        );
        shelf.put(&name(person(1)), &sealed[..at]).expect("put");
        assert_eq!(
            outbox.kept(person(1)).await,
            Err(Unkept::Unreadable),
            "{at}"
        );
    }
    shelf.put(&name(person(2)), &sealed).expect("put");
    assert_eq!(outbox.kept(person(2)).await, Err(Unkept::Unreadable));
}

#[tokio::test]
async fn a_full_disk_keeps_what_was_kept_before() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let outbox = outbox(shelf.clone(), &memory);
    outbox.keep(person(1), typed()).await.expect("kept");
    shelf.fill_up(true);
    let more = Zeroizing::new(b"more".to_vec());
    assert!(matches!(
        outbox.keep(person(1), more).await,
        Err(Unkept::Disk(_))
    ));
    let kept = outbox.kept(person(1)).await.expect("opened");
    assert_eq!(kept.as_deref().map(Vec::as_slice), Some(TYPED));
}

#[tokio::test]
async fn without_the_keystore_nothing_is_written() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    memory.fail(Some(Fault::Locked));
    let outbox = outbox(shelf.clone(), &memory);
    let refused = outbox.keep(person(1), typed()).await;
    assert_eq!(refused, Err(Unkept::Keystore(Fault::Locked)));
    assert!(shelf.everything().is_empty());
    memory.fail(None);
    outbox
        .keep(person(1), typed())
        .await
        .expect("kept once it is open");
}

fn later(than: Timestamp, days: i64) -> Timestamp {
    than + SignedDuration::from_hours(days * 24)
}

#[tokio::test]
async fn what_somebody_left_for_a_month_is_forgotten_but_not_by_its_own() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let outbox = outbox(shelf.clone(), &memory);
    for number in [1, 2] {
        outbox.keep(person(number), typed()).await.expect("kept");
    }
    outbox.put_aside(person(2)).await.expect("put aside");
    outbox.keep(person(2), typed()).await.expect("kept");
    let put = Timestamp::UNIX_EPOCH;
    shelf.date(put);
    let login = |days| outbox.forget_old(person(1), later(put, days));
    login(30).await.expect("looked through");
    assert_eq!(shelf.everything().len(), 3);
    login(31).await.expect("looked through");
    assert_eq!(shelf.everything().len(), 1);
    assert!(outbox.kept(person(1)).await.expect("opened").is_some());
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_cleared_and_what_is_being_written_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = outbox(Folder::new(folder.path().to_owned()), &Memory::new());
    let half = folder.path().join(format!("{}.7.new", name(person(1))));
    std::fs::write(&half, b"half").expect("written");
    let about = std::fs::metadata(&half).expect("there");
    let put = Timestamp::try_from(about.modified().expect("a moment")).expect("a moment");
    outbox.keep(person(1), typed()).await.expect("kept");
    assert!(half.exists(), "another window's is left alone");
    let minute = put + SignedDuration::from_mins(1);
    outbox.forget_old(person(1), minute).await.expect("looked");
    assert!(half.exists());
    outbox
        .forget_old(person(1), later(put, 1))
        .await
        .expect("looked");
    assert!(!half.exists());
    assert!(outbox.kept(person(1)).await.expect("opened").is_some());
}

#[tokio::test]
async fn a_file_that_cannot_be_put_leaves_nothing_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = outbox(Folder::new(folder.path().to_owned()), &Memory::new());
    // A folder in its place takes no file.
    let place = folder.path().join(name(person(1)));
    std::fs::create_dir_all(place.join("inside")).expect("made");
    assert!(outbox.keep(person(1), typed()).await.is_err());
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name());
    let left = names.filter(|name| !is_claim(&name.to_string_lossy()));
    assert_eq!(left.count(), 1);
}

#[tokio::test]
async fn what_was_on_its_way_when_it_was_wiped_is_not_kept_after_it() {
    let (shelf, memory) = (Scripted::new(), Memory::new());
    let outbox = outbox(shelf.clone(), &memory);
    let keep = outbox.keep(person(1), typed());
    outbox.wipe(person(1)).await.expect("wiped");
    assert_eq!(keep.await, Err(Unkept::Wiped));
    assert!(shelf.everything().is_empty());
    outbox.keep(person(1), typed()).await.expect("kept anew");
}

#[tokio::test]
async fn only_people_count_and_a_window_that_is_open_keeps_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::new();
    let [first, second] = [(); 2].map(|()| outbox(Folder::new(folder.path().to_owned()), &memory));
    assert_eq!(first.kept(person(1)).await, Ok(None));
    assert_eq!(first.count().await, Ok(0), "an open window holds nothing");
    first.keep(person(1), typed()).await.expect("kept");
    second.keep(person(1), typed()).await.expect("kept");
    second.put_aside(person(1)).await.expect("put aside");
    first.keep(person(2), typed()).await.expect("kept");
    assert_eq!(second.count().await, Ok(2), "two people in three files");
    second.wipe_all().await.expect("wiped");
    assert_eq!(first.count().await, Ok(0));
    let third = outbox(Folder::new(folder.path().to_owned()), &memory);
    third.keep(person(1), typed()).await.expect("kept");
    assert_eq!(first.kept(person(1)).await, Ok(None), "a place of its own");
}
