use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::*;

fn mark(position: u64) -> Mark {
    Mark { book: BookId([1; 16]), incarnation: [2; 16], head: head(position) }
}

fn head(position: u64) -> Head {
    Head { position: Position(position), hash: Hash([position as u8; 32]) }
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anchor");
    (folder, path)
}

/// An anchor at `last`, whose other block holds the position before.
fn at(path: &Path, last: u64) -> Vec<u8> {
    let mut anchor = Anchor::create(path, mark(0)).unwrap();
    for position in 1..=last {
        anchor.advance(head(position)).unwrap();
    }
    fs::read(path).unwrap()
}

#[test]
fn an_anchor_says_what_was_written_last() {
    let (_folder, path) = folder();
    Anchor::create(&path, mark(3)).unwrap();
    let (mut anchor, found) = Anchor::open(&path).unwrap();
    assert_eq!(found, mark(3));
    for position in [4, 4, 9, 10] {
        anchor.advance(head(position)).unwrap();
        assert_eq!(read(&path).unwrap(), mark(position));
        assert_eq!(Anchor::open(&path).unwrap().1, mark(position));
    }
    let (mut anchor, _) = Anchor::open(&path).unwrap();
    anchor.advance(head(11)).unwrap();
    assert_eq!(read(&path).unwrap(), mark(11));
    assert_eq!(fs::metadata(&path).unwrap().len(), FILE_BYTES as u64, "it does not grow");
}

#[test]
fn an_anchor_is_never_replaced() {
    let (folder, path) = folder();
    Anchor::create(&path, mark(3)).unwrap();
    let again = Anchor::create(&path, mark(0)).unwrap_err();
    assert!(
        matches!(again, AnchorError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists)
    );
    assert_eq!(read(&path).unwrap(), mark(3));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_anchor_is_replaced_on_purpose_only_and_as_a_whole() {
    let (folder, path) = folder();
    Anchor::create(&path, mark(3)).unwrap();
    // What a replacement that was cut short leaves behind.
    fs::write(path.with_added_extension("new"), b"torn").unwrap();
    let other = Mark { incarnation: [9; 16], ..mark(1) };
    let mut anchor = Anchor::replace(&path, other).unwrap();
    assert_eq!(read(&path).unwrap(), other);
    anchor.advance(head(2)).unwrap();
    assert_eq!(read(&path).unwrap(), Mark { head: head(2), ..other });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::remove_file(&path).unwrap();
    Anchor::replace(&path, other).unwrap();
    assert_eq!(read(&path).unwrap(), other);
}

#[test]
fn a_creation_that_was_cut_short_does_no_harm() {
    let (_folder, path) = folder();
    let unfinished = path.with_added_extension("new");
    fs::write(&unfinished, b"torn").unwrap();
    Anchor::create(&path, mark(3)).unwrap();
    // Stopped between the link and the removal: two names of one file.
    fs::hard_link(&path, &unfinished).unwrap();
    Anchor::create(&path, mark(0)).unwrap_err();
    assert_eq!(read(&path).unwrap(), mark(3));
}

#[test]
fn a_torn_write_leaves_the_mark_before() {
    let (_folder, path) = folder();
    let before = at(&path, 4);
    let after = {
        let (mut anchor, _) = Anchor::open(&path).unwrap();
        anchor.advance(head(5)).unwrap();
        fs::read(&path).unwrap()
    };
    let start = before.iter().zip(&after).position(|(a, b)| a != b).unwrap();
    let end = before.iter().zip(&after).rposition(|(a, b)| a != b).unwrap();
    for written in start..end {
        let torn = [&after[..=written], &before[written + 1..]].concat();
        fs::write(&path, torn).unwrap();
        let (mut anchor, found) = Anchor::open(&path).unwrap();
        assert_eq!(found, mark(4), "{written}");
        anchor.advance(head(6)).unwrap();
        assert_eq!(read(&path).unwrap(), mark(6));
    }
}

#[test]
fn a_flipped_bit_costs_its_block_and_no_more() {
    let (_folder, path) = folder();
    let whole = at(&path, 4);
    for block in [0, BLOCK_BYTES] {
        for index in block..block + SLOT_BYTES {
            let mut flipped = whole.clone();
            flipped[index] ^= 0x10;
            fs::write(&path, flipped).unwrap();
            let left = if block == 0 { mark(3) } else { mark(4) };
            assert_eq!(read(&path).unwrap(), left, "byte {index}");
        }
    }
}

#[test]
fn an_anchor_without_a_whole_block_is_unreadable() {
    let (_folder, path) = folder();
    let mut bytes = at(&path, 4);
    let lengths = [0, 1, SLOT_BYTES, BLOCK_BYTES, FILE_BYTES - 1];
    for length in lengths {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(matches!(Anchor::open(&path), Err(AnchorError::Unreadable)), "{length} bytes");
    }
    bytes[0] ^= 1;
    bytes[BLOCK_BYTES] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(read(&path), Err(AnchorError::Unreadable)));
    fs::write(&path, [0; FILE_BYTES]).unwrap();
    assert!(matches!(read(&path), Err(AnchorError::Unreadable)));
}

#[test]
fn what_can_not_be_read_is_no_torn_anchor() {
    let folder = tempfile::tempdir().unwrap();
    let refused = read(folder.path()).unwrap_err();
    assert!(
        matches!(&refused, AnchorError::Io(error) if error.kind() == io::ErrorKind::IsADirectory),
        "{refused:?}"
    );
}

#[test]
fn a_missing_anchor_is_an_error() {
    let (_folder, path) = folder();
    let error = Anchor::open(&path).unwrap_err();
    assert!(matches!(error, AnchorError::Io(error) if error.kind() == io::ErrorKind::NotFound));
    assert!(!path.exists());
}

#[test]
fn after_a_failed_write_the_anchor_is_not_used_before_it_is_opened_again() {
    let (_folder, path) = folder();
    let (mut anchor, _) = {
        at(&path, 4);
        Anchor::open(&path).unwrap()
    };
    // A file that can't be written.
    anchor.file = Box::new(File::open(&path).unwrap());
    anchor.advance(head(5)).unwrap_err();
    anchor.file = Box::new(OpenOptions::new().read(true).write(true).open(&path).unwrap());
    anchor.advance(head(5)).unwrap_err();
    assert_eq!(read(&path).unwrap(), mark(4));
    assert_eq!(anchor.reopen().unwrap(), mark(4));
    anchor.advance(head(5)).unwrap();
    assert_eq!(read(&path).unwrap(), mark(5));
}

#[test]
#[should_panic(expected = "does not go back")]
fn an_anchor_does_not_go_back() {
    let (_folder, path) = folder();
    let _ = Anchor::create(&path, mark(4)).unwrap().advance(head(3));
}

/// Operators keep these files for years: their form may not change unnoticed.
#[test]
fn the_form_of_a_slot_is_fixed() {
    let slot = Slot { sequence: 5, mark: mark(7) };
    let bytes = slot.encode();
    let hex: String = bytes[..96].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "6c65646765726f7320616e63686f7231\
         0000000000000005\
         01010101010101010101010101010101\
         02020202020202020202020202020202\
         0000000000000007\
         0707070707070707070707070707070707070707070707070707070707070707"
    );
    assert!(bytes[96..480].iter().all(|byte| *byte == 0));
    assert_eq!(bytes[480..], Sha256::digest(&bytes[..480])[..]);
}

/// A file in the system's memory, and the disk under it.
#[derive(Debug, Clone, Default)]
struct Pages {
    cached: Arc<Mutex<Vec<u8>>>,
    synced: Arc<Mutex<Vec<u8>>>,
}

impl Medium for Pages {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let cached = self.cached.lock().unwrap();
        bytes.copy_from_slice(&cached[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut cached = self.cached.lock().unwrap();
        let end = offset as usize + bytes.len();
        let length = cached.len().max(end);
        cached.resize(length, 0);
        cached[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        *self.synced.lock().unwrap() = self.cached.lock().unwrap().clone();
        Ok(())
    }
}

impl Pages {
    /// The machine stops: of a block that was not synced, half is there.
    fn torn(&self) -> Self {
        let (cached, mut torn) =
            (self.cached.lock().unwrap().clone(), self.synced.lock().unwrap().clone());
        for block in [0, BLOCK_BYTES] {
            if cached[block..block + SLOT_BYTES] != torn[block..block + SLOT_BYTES] {
                let half = block..block + SLOT_BYTES / 2;
                torn[half.clone()].copy_from_slice(&cached[half]);
            }
        }
        Self { cached: Arc::new(Mutex::new(torn.clone())), synced: Arc::new(Mutex::new(torn)) }
    }
}

#[test]
fn a_block_that_only_the_systems_memory_had_is_on_disk_before_the_other_is_written() {
    let mut pages = Pages::default();
    let mut anchor = Anchor::begin(Box::new(pages.clone()), mark(0)).unwrap();
    anchor.advance(head(1)).unwrap();
    // The process is killed between the write and the sync of the next.
    let next = Slot { sequence: 2, mark: mark(2) };
    pages.write_at(&next.encode(), next.offset()).unwrap();
    let (anchor, found) = Anchor::resume(Box::new(pages.clone())).unwrap();
    assert_eq!(found, mark(2));
    // The machine stops between the write and the sync of the one after that.
    let after = Slot { sequence: anchor.slot.sequence + 1, mark: mark(3) };
    pages.write_at(&after.encode(), after.offset()).unwrap();
    assert_eq!(look(&pages.torn()).unwrap(), mark(2));
}
