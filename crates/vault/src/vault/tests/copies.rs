use std::thread;

use super::*;
use crate::vault::copy;

#[test]
fn a_copy_has_what_was_stored_and_opens_with_the_same_key() {
    let folder = Folder::new();
    let vault = folder.open();
    let first = vault.create_subject(Kind::Profile, b"Ada", 1).unwrap();
    let to = folder.0.path().join("copy.db");
    copy::copy(&folder.path(), &to).unwrap();
    let later = vault.put(first.subject, Kind::Document, b"passport", 2).unwrap();
    copy::check(&to).unwrap();
    drop(vault);

    let names = || fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name());
    assert!(!names().any(|name| name.to_string_lossy().starts_with("copy.db-")));
    fs::rename(&to, folder.path()).unwrap();
    let vault = folder.open();
    let profile = vault.get(Kind::Profile, &first).unwrap().unwrap();
    assert_eq!(profile.expose(), b"Ada");
    assert!(matches!(vault.get(Kind::Document, &later), Err(Error::LostItem { .. })));
    drop(vault);
    assert!(matches!(folder.open_with([8; 32]), Err(Error::WrongMasterKey)));
}

#[test]
fn a_copy_is_of_one_moment_while_others_write() {
    let folder = Folder::new();
    let vault = folder.open();
    let subject = vault.create_subject(Kind::Profile, b"Ada", 0).unwrap().subject;
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for at_ms in 1..=200 {
                vault.put(subject, Kind::Profile, &[b'x'; 3_000], at_ms).unwrap();
            }
        });
        let mut number = 0;
        while !writer.is_finished() {
            let to = folder.0.path().join(format!("copy-{number}.db"));
            copy::copy(&folder.path(), &to).unwrap();
            copy::check(&to).unwrap();
            let times: Vec<i64> = Connection::open(&to)
                .unwrap()
                .prepare("select stored_at_ms from item order by 1")
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(times, (0..times.len() as i64).collect::<Vec<_>>());
            number += 1;
        }
    });
}

#[test]
fn what_was_forgotten_is_not_in_a_copy() {
    let folder = Folder::new();
    let vault = folder.open();
    let forgotten = vault.create_subject(Kind::Profile, b"Ada", 1).unwrap();
    let kept = vault.create_subject(Kind::Profile, b"Grace", 1).unwrap();
    vault.forget(&[forgotten.subject]).unwrap();
    let to = folder.0.path().join("copy.db");
    copy::copy(&folder.path(), &to).unwrap();
    let bytes = fs::read(to).unwrap();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(&kept.reference.0) && !holds(&forgotten.reference.0));
}

#[test]
fn a_copy_takes_the_place_of_nothing_and_comes_from_a_vault() {
    let folder = Folder::new();
    drop(folder.open());
    let to = folder.0.path().join("copy.db");
    fs::write(&to, "something").unwrap();
    assert!(matches!(copy::copy(&folder.path(), &to), Err(Error::Database(_))));
    assert_eq!(fs::read(&to).unwrap(), b"something");
    assert!(matches!(copy::check(&to), Err(Error::Database(_))));

    let missing = folder.0.path().join("missing.db");
    assert!(matches!(
        copy::copy(&missing, &folder.0.path().join("new.db")),
        Err(Error::Database(_))
    ));
    assert!(!missing.exists());
    for version in [0, 9] {
        folder.sql().pragma_update(None, "user_version", version).unwrap();
        let refused = copy::check(&folder.path());
        assert!(matches!(refused, Err(Error::Version { found }) if found == version));
        let refused = copy::copy(&folder.path(), &folder.0.path().join("new.db"));
        assert!(matches!(refused, Err(Error::Version { found }) if found == version));
    }
}

#[test]
fn a_file_that_is_not_in_order_is_noticed() {
    let folder = Folder::new();
    let vault = folder.open();
    for at_ms in 0..50 {
        vault.create_subject(Kind::Document, &[1; 2_000], at_ms).unwrap();
    }
    drop(vault);
    let mut bytes = fs::read(folder.path()).unwrap();
    // The order of the rows on a page, whichever it is.
    let page = bytes.chunks_exact_mut(4_096).rfind(|page| page[0] == 0x0a).unwrap();
    page[8..12].rotate_left(2);
    fs::write(folder.path(), bytes).unwrap();
    let found = copy::check(&folder.path());
    assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
}
