//! Proofs that an entry is in a journal, and that one journal begins with another.

use audit::EntryProof;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::checkpoint::{Origin, SigningKey};
use journal::tree::{Proof, Tree};
use journal::{Hash, decode};
use ledger::BookId;

use super::{Target, golden};

pub(super) const TARGET: Target = Target { name: "proof", seeds, try_on };

/// How many entries the journal has that is proved from.
const SIZE: u64 = 11;

fn key() -> SigningKey {
    SigningKey::new(Origin::new(BookId([1; 16]), [2; 16]), &[4; 32])
}

/// The entry that is proved: its position counts as its place.
fn entry() -> (u64, Vec<u8>) {
    let bytes = golden().swap_remove(0);
    let position = decode(bytes.clone()).expect("a golden file is an entry").entry.position;
    (position.0, bytes)
}

fn leaves((position, bytes): &(u64, Vec<u8>), size: u64) -> impl Iterator<Item = Hash> {
    let leaf = Hash::of(bytes);
    (1..=size).map(move |number| if number == *position { leaf } else { Hash([number as u8; 32]) })
}

fn seeds() -> Vec<Vec<u8>> {
    let proved = entry();
    let sizes = [proved.0, proved.0 + 1, proved.0 + SIZE];
    let mut seeds: Vec<Vec<u8>> = sizes
        .map(|size| {
            let root = leaves(&proved, size).collect::<Tree>().root();
            let path = Proof::of_inclusion(proved.0 - 1, size, leaves(&proved, size));
            let hashes = path.0.iter().map(|hash| STANDARD.encode(hash.0) + "\n");
            let (extra, index) = (STANDARD.encode(&proved.1), proved.0 - 1);
            let head = format!("c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n");
            let text = format!("{head}{}\n{}", hashes.collect::<String>(), key().sign(size, root));
            text.into_bytes()
        })
        .into();
    // Sizes and hashes, as `numbers` reads them.
    for (old, new) in [(1, 1), (3, 7), (4, 9), (7, SIZE)] {
        let path = Proof::of_consistency(old, new, leaves(&proved, new));
        let hashes = path.0.iter().flat_map(|hash| hash.0);
        seeds.push([&old.to_le_bytes()[..], &new.to_le_bytes()].concat());
        seeds.last_mut().expect("it was just put there").extend(hashes);
    }
    seeds
}

fn try_on(bytes: &[u8]) {
    numbers(bytes);
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(proof) = EntryProof::parse(text) else { return };
    assert_eq!(proof.to_string(), text, "a proof has one form");
    if let Ok(shown) = proof.check(&[key().verifying_key()]) {
        assert_eq!(shown.entry.bytes, entry().1, "only what is in the journal is shown");
    }
}

/// Any sizes and hashes: an answer comes, and the right one where the roots are known.
fn numbers(bytes: &[u8]) {
    let Some((old, rest)) = bytes.split_first_chunk() else { return };
    let Some((new, rest)) = rest.split_first_chunk() else { return };
    let (old, new) = (u64::from_le_bytes(*old), u64::from_le_bytes(*new));
    let hashes: Vec<_> = rest.as_chunks::<32>().0.iter().map(|hash| Hash(*hash)).collect();
    let proof = Proof(hashes);
    let first = proof.0.first().copied().unwrap_or(Hash([0; 32]));
    let _ = proof.check_inclusion(first, old, new, first);
    let _ = proof.check_consistency(old, first, new, first);
    if old <= SIZE && new <= SIZE {
        let proved = entry();
        let root = |size| leaves(&proved, size).collect::<Tree>().root();
        if proof.check_consistency(old, root(old), new, root(new)).is_ok() {
            let own = Proof::of_consistency(old, new, leaves(&proved, new));
            assert_eq!(proof, own, "there is one proof");
        }
    }
}
