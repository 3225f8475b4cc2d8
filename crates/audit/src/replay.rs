//! The book, replayed by its own rules.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, resume_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{Scope, ScopedJoinHandle};

use ledger::posting::Balance;
use ledger::{Account, Amount, Asset, Book, BookId, Entry, Position};

use crate::pages::{PAGES_WAITING, Page};
use crate::sums::Sums;

/// A replay that follows the walk, on a thread of its own.
pub(crate) struct Replay<'scope> {
    pages: SyncSender<Page>,
    thread: ScopedJoinHandle<'scope, Result<Replayed, Failed>>,
}

/// The book as its entries leave it.
pub(crate) struct Replayed {
    opened: Option<BookId>,
    accounts: Vec<(Account, Asset, Balance)>,
}

/// An entry that does not follow from those before it.
pub(crate) struct Failed {
    pub(crate) position: Position,
    /// What the rules have asserted.
    pub(crate) what: String,
}

impl<'scope> Replay<'scope> {
    /// Begins with a book before its first entry.
    pub(crate) fn start(scope: &'scope Scope<'scope, '_>) -> Self {
        let (pages, waiting) = mpsc::sync_channel(PAGES_WAITING);
        Self { pages, thread: scope.spawn(move || replay(&waiting)) }
    }

    /// Hands over the next entries.
    pub(crate) fn send(&self, page: Page) {
        // After a failure it takes no more, and tells in the end.
        let _ = self.pages.send(page);
    }

    /// What has come of the entries that were handed over.
    pub(crate) fn finish(self) -> Result<Replayed, Failed> {
        drop(self.pages);
        self.thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

fn replay(pages: &Receiver<Page>) -> Result<Replayed, Failed> {
    let mut book = Book::default();
    for page in pages {
        page.iter().try_for_each(|stored| apply(&mut book, &stored.entry))?;
    }
    Ok(Replayed { opened: book.id(), accounts: book.accounts() })
}

/// Applies an entry. After a failure the book is of no use.
///
/// The assertion that fails passes the panic hook of the process, like any other.
fn apply(book: &mut Book, entry: &Entry) -> Result<(), Failed> {
    let applied = panic::catch_unwind(AssertUnwindSafe(|| book.apply(entry)));
    applied.map_err(|panic| {
        let what = format!("it does not follow from the entries before: {}", message(&*panic));
        Failed { position: entry.position, what }
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("an assertion failed")
}

impl Replayed {
    /// Compares the book with the one that it should be, and its accounts with the sums of the same entries. Says where
    /// they differ first.
    pub(crate) fn compare(&self, book: BookId, sums: &Sums) -> Result<(), String> {
        if let Some(opened) = self.opened
            && opened != book
        {
            return Err(format!("the entries are those of `{opened}`"));
        }
        for (account, asset, Balance { debits, credits }) in &self.accounts {
            let sides = sums.account(*account, *asset);
            if (*debits, *credits) != (Amount(sides.debits), Amount(sides.credits)) {
                return Err(format!(
                    "the replay's `{account}` in `{asset}` is not what was posted"
                ));
            }
        }
        if self.accounts.len() != sums.len() {
            return Err("the replay lacks accounts that were posted to".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ledger::{Posting, Side};

    use super::*;

    const BOOK: BookId = BookId([1; 16]);

    fn sums(cents: u128) -> Sums {
        let mut sums = Sums::default();
        let posting =
            |side, account| Posting { side, account, asset: Asset::Usd, amount: Amount(cents) };
        sums.post(&[
            posting(Side::Debit, Account::Custody),
            posting(Side::Credit, Account::Exchange),
        ])
        .unwrap();
        sums
    }

    fn replayed(cents: u128) -> Replayed {
        let (none, some) = (Amount::ZERO, Amount(cents));
        let accounts = vec![
            (Account::Custody, Asset::Usd, Balance { debits: some, credits: none }),
            (Account::Exchange, Asset::Usd, Balance { debits: none, credits: some }),
        ];
        Replayed { opened: Some(BOOK), accounts }
    }

    #[test]
    fn accounts_are_compared_with_what_was_posted() {
        assert_eq!(replayed(5).compare(BOOK, &sums(5)), Ok(()));
        assert!(replayed(5).compare(BOOK, &sums(6)).unwrap_err().contains("`assets:custody`"));
        let mut fewer = replayed(5);
        fewer.accounts.pop();
        assert!(fewer.compare(BOOK, &sums(5)).unwrap_err().contains("lacks accounts"));
    }
}
