//! A process's seat at one book: it stands by, leads, and stands by again.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use journal::OpenError;
use journal::postgres::Leaders;
use ledger::BookId;
use rpc::{Role, RoleWatch};
use tokio::sync::watch;

use crate::driver::WriterStopped;
use crate::start::{Home, StartError};

pub use led::LedBooks;
pub use machine::{BEAT_EVERY, LOOK_EVERY, SILENCE_MAX, SPREAD};

/// What a seat works with.
pub struct Candidate {
    /// The book.
    pub book: BookId,
    /// Opens the book. Asked again after a failure, and before the book is taken over.
    pub home: Box<dyn FnMut() -> Result<Home, StartError> + Send>,
    /// Opens the table in which writers say that they live.
    pub leaders: Box<dyn FnMut() -> Result<Leaders, OpenError> + Send>,
    /// Where this process is reached by those who have commands: another one than any other process.
    pub address: String,
    /// How many books the process leads: the same for all of its seats.
    pub led: LedBooks,
}

/// What keeps a process from leading a book, or from taking it over: for whoever is about to stop the others.
pub type Hindered = watch::Receiver<Option<&'static str>>;

/// A seat that is taken. Dropped, it is given up.
#[derive(Debug)]
pub struct Seat {
    events: Sender<Event>,
    hindered: Hindered,
    thread: Option<JoinHandle<Result<(), WriterStopped>>>,
}

/// What a seat may hear.
#[derive(Debug)]
enum Event {
    StopAsked,
    WriterEnded(Result<(), WriterStopped>),
}

impl Seat {
    /// Takes the seat. What the process is to the book is told from then on; the watch is closed when it will never be
    /// anything to it again.
    pub fn take(candidate: Candidate) -> Result<(Self, RoleWatch), StartError> {
        let (role, watch) = watch::channel(Role::Follows { leader: None });
        let (hindrance, hindered) = watch::channel(Some(driver::NOT_LOADED));
        let (events, heard) = mpsc::channel();
        let theirs = events.clone();
        let thread = thread::Builder::new()
            .name("seat".to_owned())
            .spawn(move || driver::Driver::new(candidate, (role, hindrance), theirs).run(&heard))
            .map_err(StartError::Thread)?;
        Ok((Self { events, hindered, thread: Some(thread) }, watch))
    }

    /// What keeps it from its work just now.
    pub fn hindered(&self) -> Hindered {
        self.hindered.clone()
    }

    /// Asks it to end: what was accepted is written, and the book put down.
    pub fn stop(&self) {
        // One that has ended hears nothing.
        let _ = self.events.send(Event::StopAsked);
    }

    /// Waits until it has ended. In order, if it was asked to. Otherwise the book is not for this process until somebody has
    /// looked: it does not start here, or a rule has failed.
    pub fn join(mut self) -> Result<(), WriterStopped> {
        let thread = self.thread.take().expect("it is joined once");
        thread.join().unwrap_or(Err(WriterStopped::Panicked))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.stop();
    }
}

mod driver;
mod led;
pub mod machine;
mod tenure;
