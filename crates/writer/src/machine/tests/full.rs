//! As much as may wait.

use super::*;
use crate::machine::BATCH_MAX;

#[test]
fn what_writes_nothing_fills_a_machine_too() {
    let mut machine = machine();
    let entry = machine.next_batch().unwrap().entries[0].entry.clone();
    let repeated = request(
        0,
        Command::OpenBook(OpenBook { book: BookId([1; 16]), environment: Environment::Sandbox }),
    );
    // Who opened the book waits already.
    for _ in 1..BATCH_MAX {
        assert!(!machine.is_full());
        machine.submit(1, &repeated, Some(entry.clone()), noon());
    }
    assert!(machine.is_full());
    assert_eq!(machine.backlog(), 0);
}
