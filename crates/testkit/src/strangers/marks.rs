//! Anchors: a file of two blocks, of which either may be anything.

use std::fs;

use journal::anchor::{self, Anchor, AnchorError};
use journal::{Hash, Head};
use ledger::{BookId, Position};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::Target;

pub(super) const TARGET: Target = Target { name: "anchor", seeds, try_on };

const BLOCK_BYTES: usize = 4096;
/// Of a block's sector, without the checksum.
const CONTENT_BYTES: usize = 480;

/// The first byte says whether checksums are made right, what follows is the two blocks' contents.
fn seeds() -> Vec<Vec<u8>> {
    let folder = TempDir::new().expect("a folder can be made");
    let path = folder.path().join("anchor");
    let head = |position| Head { position: Position(position), hash: Hash([position as u8; 32]) };
    let mark = anchor::Mark { book: BookId([1; 16]), incarnation: [2; 16], head: head(3) };
    let mut anchor = Anchor::create(&path, mark).expect("an anchor can be made");
    anchor.advance(head(4)).expect("an anchor can be written");
    let file = fs::read(path).expect("an anchor can be read");
    let (one, other) = (&file[..CONTENT_BYTES], &file[BLOCK_BYTES..][..CONTENT_BYTES]);
    let torn = [&[1][..], one, &[7; 20]].concat();
    vec![[&[1][..], one, other].concat(), torn, [&[0][..], &file].concat()]
}

fn try_on(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let file = if first % 2 == 1 { with_checksums(bytes) } else { bytes.to_vec() };
    let folder = TempDir::new().expect("a folder can be made");
    let path = folder.path().join("anchor");
    fs::write(&path, file).expect("a file can be written");
    match anchor::read(&path) {
        Ok(mark) => {
            let again = folder.path().join("again");
            drop(Anchor::create(&again, mark).expect("a mark that was read can be written"));
            assert_eq!(anchor::read(&again).expect("what was written can be read"), mark);
        }
        Err(AnchorError::Unreadable) => {}
        Err(AnchorError::Io(error)) => panic!("the file is there: {error}"),
    }
}

fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 2 * BLOCK_BYTES];
    for (block, content) in file.chunks_mut(BLOCK_BYTES).zip(bytes.chunks(CONTENT_BYTES)) {
        block[..content.len()].copy_from_slice(content);
        let checksum = Sha256::digest(&block[..CONTENT_BYTES]);
        block[CONTENT_BYTES..][..32].copy_from_slice(&checksum);
    }
    file
}
