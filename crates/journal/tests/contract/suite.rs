//! The promises, each for any store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use journal::{Epoch, Failure, Hash, Head, Outcome, Reader, Store, Stored, WriterId, encode};
use ledger::{CommandId, Position, Reference};

use crate::entries::{batch, chain, deposit, end, entry, hash, refund, wallet_deposit};
use crate::{BOOK, Place, WRITER};

pub(crate) fn a_new_journal_ends_before_its_first_entry<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    assert_eq!(store.book(), BOOK);
    assert_eq!(store.head().unwrap(), Head::EMPTY);
    assert!(store.read(Position::START, 10).unwrap().is_empty());
    assert_eq!(all_references(&mut store), []);
}

pub(crate) fn what_was_appended_is_read_back<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let written = fill(&mut store, [1, 5, 1, 3]);
    assert_same(&store.read(Position(1), 100).unwrap(), &written);
    assert_eq!(store.head().unwrap(), end(&written));
}

pub(crate) fn it_is_read_in_parts_as_it_is_read_at_once<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let written = fill(&mut store, [10]);
    for limit in [1, 2, 3, 7, 10, 11, usize::MAX] {
        let mut read = Vec::new();
        let mut from = Position::START;
        loop {
            let part = store.read(from, limit).unwrap();
            assert!(part.len() <= limit);
            let Some(last) = part.last() else { break };
            from = last.entry.position.next();
            read.extend(part);
        }
        assert_same(&read, &written);
    }
    assert_same(&store.read(Position(4), 3).unwrap(), &written[3..6]);
    assert!(store.read(Position(4), 0).unwrap().is_empty());
    assert!(store.read(Position(11), 5).unwrap().is_empty());
    assert!(store.read(Position(u64::MAX), 5).unwrap().is_empty());
}

pub(crate) fn opening_it_again_finds_everything<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let written = fill(&mut store, [3, 4]);
    let references = all_references(&mut store);
    let claimed = store.claim(WRITER).unwrap();
    drop(store);

    let mut store = place.open();
    assert_eq!(store.head().unwrap(), end(&written));
    assert_same(&store.read(Position(1), 100).unwrap(), &written);
    assert_eq!(all_references(&mut store), references);
    let more = batch(end(&written), 2);
    committed(store.append(&more, end(&written), claimed));
    assert!(claimed < store.claim(WRITER).unwrap());
}

pub(crate) fn a_batch_that_does_not_follow_the_head_is_refused<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let written = batch(Head::EMPTY, 5);
    committed(store.append(&written, Head::EMPTY, epoch));
    let head = end(&written);

    let behind = end(&written[..3]);
    let ahead = Head { position: Position(7), hash: head.hash };
    let other = Head { position: head.position, hash: Hash([1; 32]) };
    for expected in [Head::EMPTY, behind, ahead, other] {
        // Other commands than those that are there, so that only the head can be in the way.
        let fresh = chain(expected, [(100, deposit(100))]);
        match store.append(&fresh, expected, epoch) {
            Outcome::Failed(Failure::HeadMoved { expected: e, found }) => {
                assert_eq!((e, found), (expected, head));
            }
            outcome => panic!("{outcome:?} after {expected:?}"),
        }
    }
    assert_same(&store.read(Position(1), 100).unwrap(), &written);
}

pub(crate) fn a_batch_with_a_gap_is_a_bug<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut gapped = batch(Head::EMPTY, 3);
    gapped.remove(1);
    assert_panics(&mut store, &gapped);
    // The hash is right, and the position is not.
    let first = batch(Head::EMPTY, 1).remove(0);
    let third = entry(Position(3), 3, vec![deposit(3)]);
    let third = encode(Arc::new(third), first.hash);
    assert_panics(&mut store, &[first, third]);
    assert_panics(&mut store, &batch(Head::EMPTY, 3)[1..]);
}

pub(crate) fn a_batch_that_names_another_hash_is_a_bug<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut unchained = batch(Head::EMPTY, 3);
    unchained[2] = encode(unchained[2].entry.clone(), Hash([1; 32]));
    assert_panics(&mut store, &unchained);
}

pub(crate) fn an_empty_batch_is_a_bug<P: Place>() {
    let place = P::new();
    assert_panics(&mut place.open(), &[]);
}

pub(crate) fn a_later_claim_fences_the_earlier_one<P: Place>() {
    let place = P::new();
    let mut old = place.open();
    let mut new = place.open();
    let old_epoch = old.claim(WRITER).unwrap();
    let written = batch(Head::EMPTY, 2);
    committed(old.append(&written, Head::EMPTY, old_epoch));

    let new_epoch = new.claim(WRITER).unwrap();
    assert!(old_epoch < new_epoch);
    let head = end(&written);
    let next = batch(head, 1);
    assert!(matches!(old.append(&next, head, old_epoch), Outcome::Failed(Failure::Fenced)));
    assert_eq!(new.head().unwrap(), head);

    committed(new.append(&next, head, new_epoch));
    assert_eq!(old.head().unwrap(), end(&next));
}

pub(crate) fn a_claim_of_the_future_is_refused<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let Epoch(epoch) = store.claim(WRITER).unwrap();
    let outcome = store.append(&batch(Head::EMPTY, 1), Head::EMPTY, Epoch(epoch + 1));
    assert!(matches!(outcome, Outcome::Failed(Failure::Fenced)));
    assert_eq!(store.head().unwrap(), Head::EMPTY);
}

pub(crate) fn a_writer_claims_again_what_nobody_else_has_claimed<P: Place>() {
    let other = WriterId([2; 16]);
    let place = P::new();
    let mut store = place.open();
    assert!(matches!(store.reclaim(WRITER), Err(Failure::Fenced)), "nobody has it");
    let first = store.claim(WRITER).unwrap();
    let second = store.reclaim(WRITER).unwrap();
    assert!(first < second);
    let again = place.open().reclaim(WRITER).unwrap();
    assert!(second < again);
    assert!(matches!(place.open().reclaim(other), Err(Failure::Fenced)));

    let mut successor = place.open();
    let taken = successor.claim(other).unwrap();
    assert!(matches!(place.open().reclaim(WRITER), Err(Failure::Fenced)));
    committed(successor.append(&batch(Head::EMPTY, 1), Head::EMPTY, taken));
}

pub(crate) fn an_id_counts_once_in_the_journal<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let written = batch(Head::EMPTY, 5);
    committed(store.append(&written, Head::EMPTY, epoch));
    let head = end(&written);
    let references = all_references(&mut store);

    let same_command = [(10, deposit(10)), (3, deposit(11))];
    let same_deposit = [(10, deposit(10)), (11, deposit(3)), (12, deposit(12))];
    let same_transfer = [(10, deposit(10)), (11, wallet_deposit(3))];
    for entries in [&same_command[..], &same_deposit[..], &same_transfer[..]] {
        let outcome = store.append(&chain(head, entries.iter().cloned()), head, epoch);
        assert!(matches!(outcome, Outcome::Failed(Failure::ReferenceTaken)), "{outcome:?}");
        assert_eq!(store.head().unwrap(), head);
        assert_eq!(all_references(&mut store), references);
    }

    let fresh = chain(head, [(10, deposit(10)), (11, deposit(11))]);
    committed(store.append(&fresh, head, epoch));
}

pub(crate) fn an_id_counts_once_in_a_batch<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let repeated = chain(Head::EMPTY, [(1, deposit(1)), (2, deposit(2)), (3, deposit(1))]);
    let outcome = store.append(&repeated, Head::EMPTY, epoch);
    assert!(matches!(outcome, Outcome::Failed(Failure::ReferenceTaken)), "{outcome:?}");
    assert_eq!(store.head().unwrap(), Head::EMPTY);
    assert_eq!(all_references(&mut store), []);
}

pub(crate) fn an_entry_may_carry_an_id_twice<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let twice = entry(Position(1), 1, vec![refund(5), refund(5)]);
    let twice = encode(Arc::new(twice), Head::EMPTY.hash);
    committed(store.append(&[twice], Head::EMPTY, epoch));
    assert_eq!(found(&mut store, Reference::Network(hash(5))), Some(Position(1)));
}

pub(crate) fn the_same_hash_of_another_kind_is_another_id<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let epoch = store.claim(WRITER).unwrap();
    let batch = chain(Head::EMPTY, [(1, deposit(2)), (2, refund(2))]);
    committed(store.append(&batch, Head::EMPTY, epoch));
    assert_eq!(found(&mut store, Reference::Deposit(hash(2))), Some(Position(1)));
    assert_eq!(found(&mut store, Reference::Network(hash(2))), Some(Position(2)));
    assert_eq!(found(&mut store, Reference::Command(CommandId(hash(2)))), Some(Position(2)));
    assert_eq!(found(&mut store, Reference::Agent(hash(2))), None);
}

pub(crate) fn ids_are_found_where_they_stand<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let written = fill(&mut store, [4, 3]);
    let mut expected = Vec::new();
    for stored in &written {
        for reference in stored.entry.references() {
            assert_eq!(found(&mut store, reference), Some(stored.entry.position));
            expected.push((reference, stored.entry.position));
        }
    }
    expected.sort_unstable();
    assert_eq!(all_references(&mut store), expected);
    assert_eq!(found(&mut store, Reference::Command(CommandId(hash(1_000)))), None);
}

pub(crate) fn a_reader_sees_what_was_committed_and_nothing_else<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.book(), BOOK);
    assert_eq!(reader.head().unwrap(), Head::EMPTY);

    let epoch = store.claim(WRITER).unwrap();
    let first = batch(Head::EMPTY, 3);
    committed(store.append(&first, Head::EMPTY, epoch));
    assert_eq!(reader.head().unwrap(), end(&first));

    let refused = chain(end(&first), [(10, deposit(10)), (11, deposit(1))]);
    let outcome = store.append(&refused, end(&first), epoch);
    assert!(matches!(outcome, Outcome::Failed(Failure::ReferenceTaken)));
    assert_same(&reader.read(Position(1), 10).unwrap(), &first);
    assert_eq!(found(reader.as_mut(), Reference::Command(CommandId(hash(10)))), None);

    let second = batch(end(&first), 2);
    committed(store.append(&second, end(&first), epoch));
    assert_same(&reader.read(Position(4), 10).unwrap(), &second);
    assert_eq!(found(reader.as_mut(), Reference::Deposit(hash(5))), Some(Position(5)));

    // It needs neither the store nor the thread that made it.
    drop(store);
    let read = std::thread::spawn(move || reader.read(Position(1), 10).unwrap()).join().unwrap();
    assert_same(&read, &[first, second].concat());
}

/// Appends batches of these sizes to an empty journal.
pub(crate) fn fill(store: &mut impl Store, sizes: impl IntoIterator<Item = u64>) -> Vec<Stored> {
    let epoch = store.claim(WRITER).unwrap();
    let mut written: Vec<Stored> = Vec::new();
    for size in sizes {
        let head = store.head().unwrap();
        let batch = batch(head, size);
        committed(store.append(&batch, head, epoch));
        written.extend(batch);
    }
    written
}

pub(crate) fn committed(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
}

pub(crate) fn assert_same(read: &[Stored], written: &[Stored]) {
    assert_eq!(read.len(), written.len());
    for (read, written) in read.iter().zip(written) {
        assert_eq!(read.entry, written.entry);
        assert_eq!(read.previous, written.previous);
        assert_eq!(read.bytes, written.bytes);
        assert_eq!(read.hash, written.hash);
    }
}

/// Where an id stands.
pub(crate) fn found<R: Reader + ?Sized>(reader: &mut R, reference: Reference) -> Option<Position> {
    reader.find(reference).unwrap().map(|stored| stored.entry.position)
}

pub(crate) fn all_references(reader: &mut impl Reader) -> Vec<(Reference, Position)> {
    let mut all = Vec::new();
    reader.references(&mut |reference, position| all.push((reference, position))).unwrap();
    all.sort_unstable();
    all
}

fn assert_panics(store: &mut impl Store, batch: &[Stored]) {
    let epoch = store.claim(WRITER).unwrap();
    let append = || store.append(batch, Head::EMPTY, epoch);
    assert!(catch_unwind(AssertUnwindSafe(append)).is_err());
    assert_eq!(store.head().unwrap(), Head::EMPTY);
}
