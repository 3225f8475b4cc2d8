//! The rules by themselves: `decide` and `apply`, with each decision held against [`Books::judge`].

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{Account, Book, Command, Entry, Position, Reference, Rejection, Request, Timestamp};

use crate::books::verdict::Asked;
use crate::books::{Books, Breach, require};
use crate::depth::{Answer, Depth};
use crate::words;

/// A book in memory, and the same once more as [`Books`].
#[derive(Debug, Default)]
pub struct Core {
    book: Book,
    books: Books,
    wall: Timestamp,
    seen: BTreeMap<Reference, Arc<Entry>>,
    journal: Vec<Arc<Entry>>,
}

impl Core {
    /// A book without entries, with a clock on the wall that stands still.
    pub fn new(wall: Timestamp) -> Self {
        Self { wall, ..Self::default() }
    }

    /// Decides a request as the writer does: what was seen before has its first answer, and what has fallen due is
    /// written first.
    pub fn ask(&mut self, request: &Request) -> Result<Result<Answer, Rejection>, Breach> {
        self.take(request, false)
    }

    /// The same when nobody waits for the answer any more.
    pub fn ask_late(&mut self, request: &Request) -> Result<Result<Answer, Rejection>, Breach> {
        self.take(request, true)
    }

    fn take(
        &mut self,
        request: &Request,
        is_late: bool,
    ) -> Result<Result<Answer, Rejection>, Breach> {
        let seen = request.references().find_map(|reference| self.seen.get(&reference)).cloned();
        self.expire()?;
        let result = match seen {
            Some(entry) => Ok(Answer { entry, is_replay: true }),
            None => self.decide(request, is_late)?,
        };
        if let Command::AdvanceClock(_) = request.command {
            self.expire()?;
        }
        Ok(result)
    }

    /// Sets the clock on the wall, also to an earlier time.
    pub fn set_wall(&mut self, wall: Timestamp) {
        self.wall = wall;
    }

    /// What the entries say.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The book's time.
    pub fn now(&self) -> Timestamp {
        self.book.now(self.wall)
    }

    /// Every entry.
    pub fn journal(&self) -> &[Arc<Entry>] {
        &self.journal
    }

    /// Writes the book as bytes and goes on with what is read back, which must be the same.
    pub fn reload(&mut self) -> Result<(), Breach> {
        let bytes = borsh::to_vec(&self.book).expect("memory can be written");
        let copy: Book = borsh::from_slice(&bytes).map_err(|error| error.to_string())?;
        require!(copy == self.book, "the book that is read back is another one");
        self.book = copy;
        Ok(())
    }

    /// Applies every entry to a new book, which must be the same in the end.
    pub fn replay(&self) -> Result<(), Breach> {
        let mut copy = Book::default();
        self.journal.iter().for_each(|entry| copy.apply(entry));
        require!(copy == self.book, "the book that the entries make is another one");
        Ok(())
    }

    fn expire(&mut self) -> Result<(), Breach> {
        while let Some(request) = self.book.due(self.now()) {
            let (found, oldest) = (self.deadline_of(&request.command), self.books.next_due());
            require!(found == oldest, "{found:?} is written before {oldest:?}");
            let written = self.decide(&request, false)?;
            require!(written.is_ok(), "what falls due is refused: {written:?}");
        }
        let (due, now) = (self.books.next_due(), self.now());
        require!(due.is_none_or(|due| now < due), "a deadline of {due:?} is missed at {now:?}");
        Ok(())
    }

    fn deadline_of(&self, command: &Command) -> Option<Timestamp> {
        let Books { intents, purchases, .. } = &self.books;
        match command {
            Command::ExpireIntent(command) => {
                intents.get(&command.intent).map(|intent| intent.expires_at)
            }
            Command::ExpireAuthorization(command) => {
                purchases.get(&command.transaction).map(|purchase| purchase.expires_at)
            }
            _ => None,
        }
    }

    fn decide(
        &mut self,
        request: &Request,
        is_late: bool,
    ) -> Result<Result<Answer, Rejection>, Breach> {
        let now = self.now();
        let decide = if is_late { Book::decide_late } else { Book::decide };
        let result = decide(&self.book, request, now);
        self.books.judge(request, Asked { now, is_late }, result.as_ref())?;
        let entry = match result {
            Ok(entry) => Arc::new(entry),
            Err(rejection) => return Ok(Err(rejection)),
        };
        self.books.record(&entry)?;
        self.book.apply(&entry);
        for reference in entry.references() {
            let before = self.seen.insert(reference, entry.clone());
            require!(before.is_none(), "{reference:?} stands in two entries");
        }
        self.journal.push(entry.clone());
        self.compare_book()?;
        Ok(Ok(Answer { entry, is_replay: false }))
    }

    /// The book's own balances and deadlines are those of the entries.
    fn compare_book(&self) -> Result<(), Breach> {
        let mut listed = 0;
        for (account, asset, balance) in self.book.accounts() {
            let found = balance.debits.0.cast_signed() - balance.credits.0.cast_signed();
            let expected = self.books.balances.get(&(account, asset)).copied().unwrap_or(0);
            require!(found == expected, "`{account}` is `{found}`, its entries say `{expected}`");
            let is_forgotten = !matches!(account, Account::Held(..)) || found != 0;
            require!(is_forgotten, "`{account}` is kept after its end");
            listed += usize::from(found != 0);
        }
        let expected = self.books.balances.values().filter(|balance| **balance != 0).count();
        require!(listed == expected, "the book has {listed} accounts, its entries {expected}");
        for (asset, total) in self.book.trial_balance() {
            require!(total.debits == total.credits, "the trial balance in `{asset}` is {total:?}");
        }
        let (found, expected) = (self.book.next_deadline(), self.books.next_due());
        require!(found == expected, "the next deadline is {found:?}, its entries say {expected:?}");
        Ok(())
    }
}

impl Depth for Core {
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach> {
        let result = self.ask(request)?;
        Ok(result.map_err(|rejection| words::rejection(&rejection).to_owned()))
    }

    fn try_out(&mut self, request: &Request, books: &Books) -> Result<Result<(), String>, Breach> {
        self.expire()?;
        let now = self.now();
        let result = self.book.decide(request, now);
        books.judge(request, Asked::in_time(now), result.as_ref())?;
        Ok(result.map(drop).map_err(|rejection| words::rejection(&rejection).to_owned()))
    }

    fn read(&mut self, from: Position) -> Result<Vec<Arc<Entry>>, Breach> {
        let first = usize::try_from(from.0).expect("a position in memory") - 1;
        Ok(self.journal.get(first..).unwrap_or_default().to_vec())
    }

    fn wall(&self) -> Timestamp {
        self.wall
    }

    /// It was compared with other books, entry by entry: these must be the same.
    fn compare(&mut self, books: &Books) -> Result<(), Breach> {
        require!(self.books.balances == books.balances, "other books say something else");
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Breach> {
        self.reload()?;
        self.replay()
    }
}
