//! The stored form: what is written is read back, what was written long ago still is, and nothing else is taken.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers included")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use journal::{Hash, Head, Stored, Undecodable, decode, encode};
use ledger::{Account, Asset, Entry, Position};
use proptest::prelude::*;

mod canonical;
mod generated;
mod samples;
mod wire;

const PREVIOUS: Hash = Hash([0x40; 32]);

proptest! {
    #[test]
    fn an_entry_is_read_back_as_it_was_written(
        entry in (1..=u64::MAX).prop_flat_map(|position| generated::entry(Position(position))),
        previous in any::<[u8; 32]>(),
    ) {
        let is_first = entry.position == Position(1);
        let previous = if is_first { Head::EMPTY.hash } else { Hash(previous) };
        let written = encode(Arc::new(entry), previous);
        let read = decode(written.bytes.clone()).unwrap();
        prop_assert_eq!(&read.entry, &written.entry);
        prop_assert_eq!(read.previous, previous);
        prop_assert_eq!(read.hash, written.hash);
        prop_assert_eq!(read.bytes, written.bytes);
    }

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(decode(bytes).is_err());
    }

    /// Either refused or an entry: whatever a reader is given, it does not panic, and leaves nothing out.
    #[test]
    fn changed_bytes_are_refused_or_read_in_full(
        entry in generated::entry(Position(2)),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        inserted in prop::option::weighted(0.2, any::<(prop::sample::Index, u8)>()),
    ) {
        let mut bytes = encode(Arc::new(entry), PREVIOUS).bytes;
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Some((index, byte)) = inserted {
            bytes.insert(index.index(bytes.len()), byte);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(read) = decode(bytes.clone()) {
            let again = encode(read.entry, read.previous);
            prop_assert_eq!(again.bytes.len(), bytes.len());
            prop_assert_eq!(read.hash, Hash::of(&bytes));
        }
    }
}

#[test]
fn every_bit_of_an_entry_counts() {
    for (name, entry) in samples::all() {
        let written = encode(Arc::new(entry), PREVIOUS);
        for bit in 0..8 * written.bytes.len() {
            let mut bytes = written.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = decode(bytes) {
                assert_ne!(read.hash, written.hash);
                // A bool may be any number but zero: the only bits that the hash alone speaks for.
                let differs = read.entry != written.entry || read.previous != written.previous;
                let is_bool = written.bytes[bit / 8] == 1;
                assert!(differs || is_bool, "bit {bit} of {name}");
            }
        }
    }
}

/// The files are for ever: an entry that was written so must be read, and written, so. Whoever has to change one has
/// broken every journal.
#[test]
fn the_stored_form_of_every_event_is_fixed() {
    for (name, entry) in samples::all() {
        let path = golden_folder().join(format!("{name}.hex"));
        let written = encode(Arc::new(entry), PREVIOUS);
        let hex = lines_of_hex(&written.bytes);
        let golden = fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("`{}` should have\n{hex}", path.display()));
        assert_eq!(golden, hex, "{name}");
        let read = decode(bytes_of_hex(&golden)).unwrap();
        assert_eq!(read.entry, written.entry, "{name}");
        assert_eq!(read.previous, PREVIOUS);
    }
}

#[test]
fn every_event_of_the_stored_form_has_a_golden_file() {
    let proto = include_str!("../../../../proto/ledgeros/journal/v1/entry.proto");
    let (_, events) = proto.split_once("oneof kind {").unwrap();
    let (events, _) = events.split_once('}').unwrap();
    let events: BTreeSet<&str> = events
        .lines()
        .filter_map(|line| line.split_once('=')?.0.split_whitespace().last())
        .collect();
    let samples: BTreeSet<&str> = samples::all().into_iter().map(|(name, _)| name).collect();
    let (special, plain): (BTreeSet<&str>, BTreeSet<&str>) =
        samples.iter().partition(|name| name.contains("_with_"));
    assert_eq!(events, plain);
    for name in special {
        let (event, _) = name.split_once("_with_").unwrap();
        assert!(events.contains(event), "{name}");
    }
    let golden: BTreeSet<String> = fs::read_dir(golden_folder())
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(golden, samples.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_account_and_every_asset_stands_in_a_golden_file() {
    let proto = include_str!("../../../../proto/ledgeros/journal/v1/posting.proto");
    let (_, accounts) = proto.split_once("enum Account {").unwrap();
    let (accounts, _) = accounts.split_once('}').unwrap();
    let is_account = |line: &&str| line.contains(" = ") && !line.contains("UNSPECIFIED");
    let accounts = accounts.lines().filter(is_account).count();

    let samples = samples::all();
    let postings = || samples.iter().flat_map(|(_, entry)| &entry.postings);
    let assets: BTreeSet<Asset> = postings().map(|posting| posting.asset).collect();
    assert_eq!(assets, Asset::ALL.into());
    let kinds: BTreeSet<String> = postings().map(|posting| kind(posting.account)).collect();
    assert_eq!(kinds.len(), accounts, "{kinds:?}");
}

/// The name of an account without ids.
fn kind(account: Account) -> String {
    const ID_LENGTH: usize = 26;
    let name = account.to_string();
    name.split(':').filter(|part| part.len() != ID_LENGTH).collect::<Vec<_>>().join(":")
}

#[test]
fn a_simple_transfer_of_money_takes_less_than_200_bytes() {
    let (_, refund) = samples::all().into_iter().find(|(name, _)| *name == "refunded").unwrap();
    assert!(encode(Arc::new(refund), PREVIOUS).bytes.len() < 200);
}

#[test]
fn the_hash_is_that_of_a_leaf_in_rfc_6962() {
    // SHA-256 of a single zero byte: the leaf hash of nothing.
    let hash = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    assert_eq!(Hash::of(&[]).to_string(), hash);
    let stored = sample();
    assert_eq!(stored.hash, Hash::of(&stored.bytes));
}

#[test]
fn an_entry_that_could_not_be_read_back_is_not_written() {
    let good = samples::all().remove(0).1;
    let refused = |entry: Entry, previous| {
        std::panic::catch_unwind(|| encode(Arc::new(entry), previous)).is_err()
    };
    assert!(!refused(good.clone(), PREVIOUS));
    assert!(refused(Entry { events: Vec::new(), ..good.clone() }, PREVIOUS));
    assert!(refused(Entry { position: Position::START, ..good.clone() }, PREVIOUS));
    assert!(refused(Entry { position: Position(1), ..good.clone() }, PREVIOUS));
    assert!(refused(good, Head::EMPTY.hash));
}

fn sample() -> Stored {
    encode(Arc::new(samples::all().remove(0).1), PREVIOUS)
}

fn invalid(error: Undecodable) -> &'static str {
    match error {
        Undecodable::Invalid { field } => field,
        other => panic!("{other:?}"),
    }
}

fn unknown(error: Undecodable) -> &'static str {
    match error {
        Undecodable::Unknown { field } => field,
        other => panic!("{other:?}"),
    }
}

fn golden_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Lines of 32 bytes.
fn lines_of_hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    bytes.chunks(32).map(|bytes| line(bytes) + "\n").collect()
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// What is left out here is swept from the vault.
#[test]
fn an_event_says_all_that_it_names_of_the_vault() {
    let mut count = 0;
    for (name, entry) in samples::all() {
        for event in &entry.events {
            let named = format!("{event:?}").matches("Sealed {").count();
            assert_eq!(event.sealed().len(), named, "{name}");
            count += named;
        }
    }
    assert!(8 <= count, "{count}");
}
