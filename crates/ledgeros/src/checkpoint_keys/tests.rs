use std::thread;

use ledger::BookId;

use super::*;

fn origin() -> Origin {
    Origin::new(BookId([1; 16]), [2; 16])
}

#[test]
fn a_key_is_listed_in_a_new_file_whatever_a_crash_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let (path, before) = (folder.path().join(PUBLIC), folder.path().join("before"));
    let first = signing(folder.path(), origin()).unwrap().verifying_key();
    fs::hard_link(&path, &before).unwrap();
    let unfinished = path.with_added_extension("new");
    fs::write(&unfinished, format!("{first}\n{first}\n{first}\nhalf a li")).unwrap();

    let second = rotate(folder.path(), origin()).unwrap().verifying_key();
    let third = rotate(folder.path(), origin()).unwrap().verifying_key();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{first}\n{second}\n{third}\n"));
    assert_eq!(read_public(&before).unwrap(), [first], "what is there is not written to");
    assert!(!unfinished.exists());
    assert_eq!(signing(folder.path(), origin()).unwrap().verifying_key(), third);
}

#[test]
fn those_who_ask_at_once_are_given_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = || signing(folder.path(), origin()).unwrap().verifying_key();
    let keys: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(key)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(trusted(folder.path()).unwrap(), [key()]);
    assert!(keys.iter().all(|asked| *asked == key()));
}
