//! Entries read ahead, on a thread of their own.

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::Scope;

use journal::{ReadError, Reader, Stored};
use ledger::Position;

use crate::Error;

/// Entries read at once: enough that asking for them costs nothing, few enough that they stay in a processor's cache.
const PAGE_ENTRIES: u64 = 512;

/// Pages that are ahead: what is read while a round is written.
const PAGES_AHEAD: usize = 32;

type Page = Arc<Vec<Stored>>;

/// Entries in order, as many as a round takes.
pub(super) struct Pages<'a> {
    pages: Receiver<Result<Page, ReadError>>,
    page: Option<InPage>,
    /// How many more the round takes.
    left: usize,
    /// Told of the last entry of each page; says whether to go on.
    go_on: &'a mut dyn FnMut(Position) -> bool,
    is_over: bool,
    fault: Option<ReadError>,
}

/// An entry in a page.
#[derive(Clone)]
pub(super) struct InPage {
    page: Page,
    place: usize,
}

impl Borrow<Stored> for InPage {
    fn borrow(&self) -> &Stored {
        &self.page[self.place]
    }
}

impl<'a> Pages<'a> {
    /// Begins to read what follows on `after`, up to `until`.
    pub(super) fn read<'scope>(
        scope: &'scope Scope<'scope, '_>,
        journal: &'scope mut dyn Reader,
        after: Position,
        until: Position,
        go_on: &'a mut dyn FnMut(Position) -> bool,
    ) -> Self {
        let (sender, pages) = mpsc::sync_channel(PAGES_AHEAD);
        scope.spawn(move || send(journal, after, until, &sender));
        Self { pages, page: None, left: 0, go_on, is_over: false, fault: None }
    }

    /// Lets so many more entries come. Says whether there may be any.
    pub(super) fn begin_round(&mut self, entries: usize) -> bool {
        self.left = entries;
        !self.is_over
    }

    /// Says why there are no more, where that is not their end.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.fault.map_or(Ok(()), |error| Err(error.into()))
    }

    fn next_page(&mut self) -> Option<InPage> {
        match self.pages.recv() {
            Ok(Ok(page)) => {
                let last = page.last().map(|stored| stored.entry.position)?;
                self.is_over = !(self.go_on)(last);
                Some(InPage { page, place: 0 })
            }
            Ok(Err(error)) => {
                self.fault = Some(error);
                None
            }
            Err(_) => None,
        }
    }
}

impl Iterator for Pages<'_> {
    type Item = InPage;

    fn next(&mut self) -> Option<InPage> {
        self.left = self.left.checked_sub(1)?;
        if self.page.is_none() && !self.is_over {
            self.page = self.next_page();
            self.is_over |= self.page.is_none();
        }
        let entry = self.page.take()?;
        if entry.place + 1 < entry.page.len() {
            self.page = Some(InPage { page: Arc::clone(&entry.page), place: entry.place + 1 });
        }
        Some(entry)
    }
}

fn send(
    journal: &mut dyn Reader,
    after: Position,
    until: Position,
    listener: &SyncSender<Result<Page, ReadError>>,
) {
    // Memory is given back by the thread that took it, which is cheaper: a page stays until nobody else has it.
    let mut in_use: VecDeque<Page> = VecDeque::with_capacity(PAGES_AHEAD + 2);
    let mut next = after.next();
    while next <= until {
        let limit = PAGE_ENTRIES.min(until.0 - next.0 + 1);
        let page = journal.read(next, limit as usize).map(|mut page| {
            page.iter_mut().for_each(|stored| stored.bytes = Vec::new());
            Arc::new(page)
        });
        if let Ok(page) = &page {
            if page.is_empty() {
                return;
            }
            next.0 += page.len() as u64;
            if in_use.len() == in_use.capacity() {
                in_use.pop_front();
            }
            in_use.push_back(Arc::clone(page));
        }
        let is_last = page.is_err();
        if listener.send(page).is_err() || is_last {
            return;
        }
    }
}
