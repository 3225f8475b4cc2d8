//! Stored entries: what `journal::decode` takes, from a database, a bus, an export.

use journal::{Hash, decode, encode};

use super::{Target, golden};

pub(super) const TARGET: Target = Target { name: "entry", seeds: golden, try_on };

fn try_on(bytes: &[u8]) {
    let Ok(read) = decode(bytes.to_vec()) else { return };
    assert_eq!(read.bytes, bytes, "stored bytes stay what they are");
    assert_eq!(read.hash, Hash::of(bytes), "their hash is theirs");
    let again = encode(read.entry.clone(), read.previous);
    assert_eq!(again.bytes.len(), bytes.len(), "nothing is left out");
    let reread = decode(again.bytes).expect("what was encoded can be decoded");
    assert_eq!(reread.entry, read.entry, "the same entry is read again");
    assert_eq!(reread.previous, read.previous);
}
