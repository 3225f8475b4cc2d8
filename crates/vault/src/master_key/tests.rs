use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_made_once_and_then_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");

    let made = MasterKey::open_or_create(&path).unwrap();
    let read = MasterKey::open_or_create(&path).unwrap();

    assert_eq!(made.check(), read.check());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
}

#[test]
fn all_who_make_the_key_at_once_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");

    let checks: Vec<_> = std::thread::scope(|scope| {
        let open = || MasterKey::open_or_create(&path).unwrap().check();
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });

    assert!(checks.iter().all(|check| *check == checks[0]));
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    MasterKey::open_or_create(&path).unwrap();

    for exposed in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
        let refused = MasterKey::open_or_create(&path).err().unwrap();
        assert!(
            matches!(refused, MasterKeyError::Exposed { mode, .. } if mode == exposed),
            "{refused}"
        );
    }
}

#[test]
fn a_file_of_another_length_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    for length in [0, 31, 33, 64] {
        fs::write(&path, vec![7; length]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let refused = MasterKey::open_or_create(&path).err().unwrap();
        assert!(
            matches!(refused, MasterKeyError::Length { bytes, .. } if bytes == length as u64),
            "{refused}"
        );
    }
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    let keys = MasterKey(Key::random()).subkeys();
    let all = [keys.wrapping, keys.fingerprint, keys.link, keys.cvv];
    for (i, key) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|other| other.bytes() != key.bytes()));
    }
}
