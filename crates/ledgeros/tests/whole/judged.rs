//! The judge of histories finds what he is there for.

use crate::judge::python;

/// `judge_test.py` has a bad history for each of his checks.
#[test]
fn the_judge_finds_every_fault_of_a_history() {
    let said = python("judge_test.py", &[]);
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success() && text.contains("Ran 30 tests"), "{text}");
}
