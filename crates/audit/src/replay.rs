//! The book, replayed by its own rules.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use ledger::posting::Balance;
use ledger::{Amount, Book, BookId, Entry};

use crate::sums::Sums;

/// The book as its entries leave it.
#[derive(Debug, Default)]
pub(crate) struct Replay(Book);

impl Replay {
    /// Applies an entry. Says which assertion of the rules fails, when one does; the book is of no use then.
    ///
    /// The failed assertion passes the process's panic hook like any other.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<(), String> {
        let applied = panic::catch_unwind(AssertUnwindSafe(|| self.0.apply(entry)));
        applied.map_err(|panic| {
            format!("the entry does not follow from those before it: {}", message(&*panic))
        })
    }

    /// Compares the book with the one that it should be, and its accounts with the sums of the same entries. Says where
    /// they differ first.
    pub(crate) fn compare(&self, expected: BookId, sums: &Sums) -> Result<(), String> {
        if let Some(opened) = self.0.id()
            && opened != expected
        {
            return Err(format!("the journal of `{expected}` opens `{opened}`"));
        }
        let accounts = self.0.accounts();
        for (account, asset, Balance { debits, credits }) in &accounts {
            let sides = sums.account(*account, *asset);
            if (*debits, *credits) != (Amount(sides.debits), Amount(sides.credits)) {
                return Err(format!(
                    "the replay's `{account}` in `{asset}` is not what was posted"
                ));
            }
        }
        if accounts.len() != sums.len() {
            return Err("the replay lacks accounts that were posted to".to_owned());
        }
        Ok(())
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("an assertion failed")
}
