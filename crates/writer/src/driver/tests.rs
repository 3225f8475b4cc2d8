use journal::memory::MemoryStore;
use ledger::BookId;
use tokio::sync::mpsc;

use super::*;
use crate::Seen;
use crate::machine::tests::due::machine_with_many_intents;

#[test]
fn no_more_is_decided_ahead_than_an_append_takes() {
    let (many, _) = machine_with_many_intents();
    let (book, head) = (many.book().clone(), many.durable());
    let store = MemoryStore::new(BookId([1; 16]));
    let (_commands, queue) = mpsc::channel(1);
    let (mut reader, inbox) = (store.clone(), Inbox::new(queue));
    let mut clock = WallClock::begin(store.book(), &book);
    let mut machine = Machine::new(book, head, Seen::default());
    // They have lapsed by now.
    let (mut nothing, outcomes) = (VecDeque::new(), Outcomes::new());
    let mut more =
        || decide(&mut machine, &mut nothing, &mut reader, &mut clock, &inbox, &outcomes);
    assert!(more());
    assert!(more());
    assert_eq!(machine.backlog(), BATCH_MAX);
}
