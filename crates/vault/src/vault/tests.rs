use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;

mod copies;
mod erasure;

/// A folder with a vault in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("vault.db")
    }

    fn open(&self) -> Vault {
        self.open_with([7; 32]).unwrap()
    }

    fn open_with(&self, key: [u8; 32]) -> Result<Vault, Error> {
        Vault::open(&self.path(), self.master(key))
    }

    fn master(&self, key: [u8; 32]) -> MasterKey {
        let path = self.0.path().join("master.key");
        fs::write(&path, key).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        MasterKey::open(&path).unwrap()
    }

    /// The file as someone else sees it who may write it.
    fn sql(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn cell(&self, table: &str, column: &str, name: [u8; 16]) -> Vec<u8> {
        let query = format!("select {column} from {table} where reference = ?1");
        self.sql().query_row(&query, [name], |row| row.get(0)).unwrap()
    }

    fn set_cell(&self, table: &str, column: &str, name: [u8; 16], value: &[u8]) {
        let update = format!("update {table} set {column} = ?2 where reference = ?1");
        assert_eq!(self.sql().execute(&update, (name, value)).unwrap(), 1);
    }

    fn swap_cells(&self, table: &str, column: &str, a: [u8; 16], b: [u8; 16]) {
        let (of_a, of_b) = (self.cell(table, column, a), self.cell(table, column, b));
        self.set_cell(table, column, a, &of_b);
        self.set_cell(table, column, b, &of_a);
    }

    /// Whether the bytes stand in any file of the vault.
    fn holds(&self, bytes: &[u8]) -> bool {
        fs::read_dir(&self.0).unwrap().any(|file| {
            let file = fs::read(file.unwrap().path()).unwrap();
            file.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

fn create(vault: &Vault, content: &[u8]) -> Sealed {
    vault.create_subject(Kind::Profile, content, 0).unwrap()
}

fn put(vault: &Vault, subject: Subject, content: &[u8]) -> Sealed {
    vault.put(subject, Kind::Profile, content, 0).unwrap()
}

fn read(vault: &Vault, sealed: Sealed) -> Option<Vec<u8>> {
    let plaintext = vault.get(Kind::Profile, &sealed).unwrap()?;
    Some(plaintext.expose().to_vec())
}

fn is_lost(vault: &Vault, sealed: Sealed) -> bool {
    matches!(
        vault.get(Kind::Profile, &sealed),
        Err(Error::LostItem { reference }) if reference == sealed.reference
    )
}

fn is_tampered(vault: &Vault, sealed: Sealed) -> bool {
    matches!(
        vault.get(Kind::Profile, &sealed),
        Err(Error::TamperedItem { reference }) if reference == sealed.reference
    )
}

#[test]
fn what_was_put_is_read_also_after_reopening() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let empty = put(&vault, ada.subject, b"");
    let long = vec![b'x'; 100_000];
    let scan = vault.put(ada.subject, Kind::Document, &long, 0).unwrap();

    drop(vault);
    let vault = folder.open();

    assert_eq!(read(&vault, ada).unwrap(), b"Ada");
    assert_eq!(read(&vault, empty).unwrap(), b"");
    let scan = vault.get(Kind::Document, &scan).unwrap().unwrap();
    assert!(scan.expose() == long);
    assert_eq!(empty.subject, ada.subject);
}

/// Computed by another implementation.
const VERSION_1: &str = "
    update master_key
        set key_check = x'daa217682523d52169e81a04abc1951db2678c5215e026d05e21830758cee94b';
    insert into subject values (x'01010101010101010101010101010101',
        x'0404040404040404040404044fc1b6994c94eb8596eb466c550303a3271d655503b4cfc1187c0ab97fa67ff9\
        a7fb1ee84643c5a473800d8f48bfea21');
    insert into item values (x'02020202020202020202020202020202',
        x'01010101010101010101010101010101', 'profile', 0,
        x'040404040404040404040404e4babb7aedb6682c85476131175b2f95cca97ae40b8a855b7c55afb6a370d454\
        28f07ebc80906a84c925188d1a1d94bb054137')";

#[test]
fn what_version_1_stored_and_computed_stays_as_it_is() {
    let folder = Folder::new();
    drop(folder.open());
    folder.sql().execute_batch(VERSION_1).unwrap();
    folder.sql().execute_batch("drop table erased; pragma user_version = 1").unwrap();
    let vault = folder.open();
    let number = CardNumber::parse("4111111111111111").unwrap();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };

    let commitment = commit(&[3; SALT_BYTES], b"Ada");

    let (subject, reference) = (Subject([1; 16]), Reference([2; 16]));
    let ada = Sealed { subject, reference, commitment };

    assert_eq!(read(&vault, ada).unwrap(), b"Ada");
    assert_eq!(
        hex(&commitment),
        "66607bd88f271c8b533e494fff745a6a09974e02bbd7032bed13b4c932167724"
    );
    assert_eq!(hex(&vault.fingerprint(&[b"ab", b"c"])), "48083c583f9f2eafca0ac4a04b93341b");
    assert_eq!(
        hex(&vault.link_token(&[b"ab", b"c"])),
        "0ddbd02ae34726ba59d3db1623b0f7a07f3cb35ee657e3f9dd55165d084907eb"
    );
    assert_eq!(vault.cvv(&number, Expiry { year: 2030, month: 12 }).expose(), "102");
}

#[test]
fn content_beyond_the_limit_is_refused() {
    let folder = Folder::new();
    let vault = folder.open();
    let long = vec![b'x'; CONTENT_BYTES_MAX + 1];
    let refused = vault.create_subject(Kind::Document, &long, 0);
    assert!(matches!(refused, Err(Error::TooLong { bytes }) if bytes == long.len()));
}

#[test]
fn equal_contents_are_two_items_that_look_unlike() {
    let folder = Folder::new();
    let vault = folder.open();
    let first = create(&vault, b"Ada");
    let again = put(&vault, first.subject, b"Ada");

    assert_ne!(first.reference, again.reference);
    assert_ne!(first.commitment, again.commitment);
    assert_eq!(read(&vault, first), read(&vault, again));
}

#[test]
fn a_commitment_is_opened_by_its_item_alone() {
    let folder = Folder::new();
    let vault = folder.open();
    let first = create(&vault, b"Ada");
    let again = put(&vault, first.subject, b"Ada");

    assert!(read(&vault, first).is_some());
    assert!(is_tampered(&vault, Sealed { commitment: again.commitment, ..first }));
    assert_ne!(first.commitment[..], Sha256::digest(b"Ada")[..]);
}

#[test]
fn contents_stand_in_no_file() {
    let folder = Folder::new();
    let vault = folder.open();
    let number = CardNumber::parse("4111111111111111").unwrap();
    let card = vault.create_subject(Kind::CardNumber, number.expose().as_bytes(), 0).unwrap();
    let ada = create(&vault, b"Ada Lovelace");

    assert!(folder.holds(&ada.reference.0), "the search finds what is there");
    assert!(!folder.holds(b"Ada Lovelace"));
    assert!(!folder.holds(b"4111111111111111"));
    let read = vault.get(Kind::CardNumber, &card).unwrap().unwrap();
    assert_eq!(CardNumber::parse(read.expose()).unwrap().last4(), "1111");
}

#[test]
fn an_item_moved_to_another_name_is_refused() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let also_ada = put(&vault, ada.subject, b"Adele");
    let bob = create(&vault, b"Bob");

    for other in [also_ada, bob] {
        let swap = || folder.swap_cells("item", "ciphertext", ada.reference.0, other.reference.0);
        swap();
        assert!(is_tampered(&vault, ada) && is_tampered(&vault, other));
        swap();
        assert_eq!(read(&vault, ada).unwrap(), b"Ada");
    }
}

#[test]
fn an_item_given_to_another_subject_is_refused() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let bob = create(&vault, b"Bob");

    folder.set_cell("item", "subject", ada.reference.0, &bob.subject.0);

    assert!(is_tampered(&vault, ada));
}

#[test]
fn a_key_given_to_another_subject_is_refused() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");
    let bob = create(&vault, b"Bob");

    folder.swap_cells("subject", "wrapped_key", ada.subject.0, bob.subject.0);

    for sealed in [ada, bob] {
        let subject = sealed.subject;
        let is_refused =
            |error| matches!(error, Some(Error::TamperedKey { subject: s }) if s == subject);
        assert!(is_refused(vault.get(Kind::Profile, &sealed).err()));
        assert!(is_refused(vault.put(subject, Kind::Profile, b"", 0).err()));
    }
}

#[test]
fn an_item_is_read_as_what_it_was_stored_as() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");

    let refused = vault.get(Kind::CardNumber, &ada);
    assert!(
        matches!(refused, Err(Error::OtherKind { reference, .. }) if reference == ada.reference)
    );

    let update = "update item set kind = 'card_number'";
    folder.sql().execute(update, []).unwrap();
    let refused = vault.get(Kind::CardNumber, &ada);
    assert!(matches!(refused, Err(Error::TamperedItem { .. })));
}

#[test]
fn what_was_lost_is_not_taken_for_erased() {
    let folder = Folder::new();
    let vault = folder.open();
    let (ada, bob) = (create(&vault, b"Ada"), create(&vault, b"Bob"));
    let also_bob = put(&vault, bob.subject, b"Robert");
    vault.forget(&[ada.subject]).unwrap();

    folder.sql().execute("delete from item where reference = ?1", [bob.reference.0]).unwrap();
    assert_eq!(read(&vault, ada), None);
    assert!(is_lost(&vault, bob));
    assert_eq!(read(&vault, also_bob).unwrap(), b"Robert");

    folder.sql().execute("delete from subject", []).unwrap();
    assert!(is_lost(&vault, also_bob));
    let refused = vault.put(bob.subject, Kind::Profile, b"Bob", 0);
    assert!(matches!(refused, Err(Error::LostKey { subject }) if subject == bob.subject));

    // A new file in the place of one that was lost knows who is erased once it is told.
    drop(vault);
    fs::remove_file(folder.path()).unwrap();
    let vault = folder.open();
    vault.forget(&[ada.subject]).unwrap();
    assert_eq!(read(&vault, ada), None);
    assert!(is_lost(&vault, also_bob));
}

#[test]
fn a_changed_byte_is_refused() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");

    let ciphertext = folder.cell("item", "ciphertext", ada.reference.0);
    for place in 0..ciphertext.len() {
        let mut changed = ciphertext.clone();
        changed[place] ^= 1 << (place % 8);
        folder.set_cell("item", "ciphertext", ada.reference.0, &changed);
        assert!(is_tampered(&vault, ada), "byte {place}");
    }
    for length in [0, 11, 12, 27, 28, ciphertext.len() - 1] {
        folder.set_cell("item", "ciphertext", ada.reference.0, &ciphertext[..length]);
        assert!(is_tampered(&vault, ada), "{length} bytes");
    }
    folder.set_cell("item", "ciphertext", ada.reference.0, &ciphertext);
    assert_eq!(read(&vault, ada).unwrap(), b"Ada");
}

#[test]
fn another_master_key_is_refused() {
    let folder = Folder::new();
    let ada = create(&folder.open(), b"Ada");

    let refused = folder.open_with([8; 32]).err();

    assert!(matches!(refused, Some(Error::WrongMasterKey)));
    assert_eq!(read(&folder.open(), ada).unwrap(), b"Ada");
}

#[test]
fn a_version_of_the_future_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    folder.sql().pragma_update(None, "user_version", 9).unwrap();

    let refused = folder.open_with([7; 32]).err();

    assert!(matches!(refused, Some(Error::Version { found: 9 })));
}

#[test]
fn where_a_vault_was_none_is_made_in_its_place() {
    let folder = Folder::new();
    let ada = create(&folder.open(), b"Ada");
    let open = || Vault::open_existing(&folder.path(), folder.master([7; 32]));
    assert_eq!(read(&open().unwrap(), ada).unwrap(), b"Ada");

    fs::write(folder.path(), b"").unwrap();
    assert!(matches!(open(), Err(Error::Version { found: 0 })));
    assert_eq!(fs::read(folder.path()).unwrap(), b"");
    fs::remove_file(folder.path()).unwrap();
    assert!(open().is_err());
    assert!(!folder.path().exists());
}

#[test]
fn a_setting_that_does_not_hold_is_refused() {
    let folder = Folder::new();
    folder.open();
    let key = MasterKey::open_or_create(&folder.0.path().join("master.key")).unwrap();

    // A database in memory has no write-ahead log.
    let refused = Vault::open(Path::new(":memory:"), key).err();

    assert!(matches!(refused, Some(Error::Setting { name: "journal_mode", .. })));
}

#[test]
fn puts_at_once_are_all_stored() {
    let folder = Folder::new();
    let vault = folder.open();
    let ada = create(&vault, b"Ada");

    let stored: Vec<(u8, Sealed)> = std::thread::scope(|scope| {
        let vault = &vault;
        let threads: Vec<_> =
            (0..50).map(|n| scope.spawn(move || (n, put(vault, ada.subject, &[n])))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });

    drop(vault);
    let vault = folder.open();
    for (n, sealed) in stored {
        assert_eq!(read(&vault, sealed).unwrap(), [n]);
    }
}

#[test]
fn fingerprints_and_links_depend_on_every_part_and_on_the_key() {
    let folder = Folder::new();
    let vault = folder.open();
    let other = Folder::new().open_with([8; 32]).unwrap();
    let fingerprint = vault.fingerprint(&[b"ab", b"c"]);
    let link = vault.link_token(&[b"ab", b"c"]);

    for parts in [[&b"a"[..], b"bc"], [b"abc", b""], [b"ab", b"d"]] {
        assert_ne!(vault.fingerprint(&parts), fingerprint);
        assert_ne!(vault.link_token(&parts), link);
    }
    assert_ne!(other.fingerprint(&[b"ab", b"c"]), fingerprint);
    assert_ne!(other.link_token(&[b"ab", b"c"]), link);
    assert_ne!(link[..16], fingerprint);

    drop(vault);
    let vault = folder.open();
    assert_eq!(vault.fingerprint(&[b"ab", b"c"]), fingerprint);
    assert_eq!(vault.link_token(&[b"ab", b"c"]), link);
}

#[test]
fn a_cvv_depends_on_number_expiry_and_key() {
    let folder = Folder::new();
    let vault = folder.open();
    let other = Folder::new().open_with([8; 32]).unwrap();
    let number = CardNumber::parse("4111111111111111").unwrap();
    let cvvs = |vault: &Vault, number: &CardNumber| -> Vec<String> {
        (1..=12)
            .map(|month| vault.cvv(number, Expiry { year: 2030, month }))
            .map(|cvv| cvv.expose().to_owned())
            .collect()
    };
    let expected = cvvs(&vault, &number);

    assert_eq!(cvvs(&vault, &number), expected);
    assert!(expected.iter().any(|cvv| *cvv != expected[0]));
    assert_ne!(cvvs(&other, &number), expected);
    assert_ne!(cvvs(&vault, &CardNumber::parse("5555555555554444").unwrap()), expected);
}

/// Asks whether a type implements a trait: an inherent constant, where its bound holds, hides the
/// trait's.
macro_rules! implements {
    ($type:ty, $bound:path) => {{
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code)]
        impl<T: $bound> Probe<T> {
            const ANSWER: bool = true;
        }
        Probe::<$type>::ANSWER
    }};
}

#[test]
fn secrets_can_not_be_printed_or_copied() {
    use std::fmt::{Debug, Display};
    macro_rules! is_silent {
        ($($type:ty),+) => {$(
            assert!(!implements!($type, Debug));
            assert!(!implements!($type, Display));
            assert!(!implements!($type, Clone));
        )+};
    }
    assert!(implements!(Reference, Debug));
    is_silent!(CardNumber, Cvv, Plaintext, MasterKey, Key, Subkeys, Vault);
}
