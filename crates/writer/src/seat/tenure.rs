//! The time for which a process leads a book.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use journal::{Epoch, WriterId};
use rpc::{Commands, Publisher, Role};
use tokio::sync::oneshot;

use super::Event;
use super::led::Led;
use crate::driver::{self, Inbox, QUEUE_MAX, Turns, WriterStopped};
use crate::start::{Home, StartError, Started};

/// Opens a book: for its seat, and for its writer while it leads.
pub(super) type Opener = Arc<Mutex<Box<dyn FnMut() -> Result<Home, StartError> + Send>>>;

/// Opens the book.
pub(super) fn open(opener: &Opener) -> Result<Home, StartError> {
    // One that has panicked may do better the next time.
    opener.lock().unwrap_or_else(PoisonError::into_inner)()
}

/// A writer that runs.
pub(super) struct Tenure {
    pub(super) writer: WriterId,
    /// Another one whenever the writer has claimed its book again.
    pub(super) epoch: Epoch,
    commands: Commands,
    publisher: Publisher,
    turns: Turns,
    stop: Option<oneshot::Sender<()>>,
    thread: JoinHandle<()>,
    _led: Led,
}

impl Tenure {
    /// Lets the writer run; `events` hears how it ends.
    pub(super) fn begin(
        started: Started,
        opener: Opener,
        events: Sender<Event>,
        led: Led,
    ) -> Result<Self, StartError> {
        let (writer, epoch) = (started.writer, started.epoch);
        let (commands, queue) = Commands::channel(QUEUE_MAX);
        let publisher = Publisher::new(started.head.position);
        let (stop, stopped) = oneshot::channel();
        let (turns, feed) = (Turns::default(), publisher.clone());
        let inbox = Inbox::watched(queue, stopped, turns.clone());
        let write = move || driver::run(started, &mut || open(&opener), inbox, &feed);
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let ended = panic::catch_unwind(AssertUnwindSafe(write));
                let ended = ended.unwrap_or(Err(WriterStopped::Panicked));
                // A seat that has ended meanwhile has nothing to do about it.
                let _ = events.send(Event::WriterEnded(ended));
            })
            .map_err(StartError::Thread)?;
        let stop = Some(stop);
        Ok(Self { writer, epoch, commands, publisher, turns, stop, thread, _led: led })
    }

    /// What the process is to the book.
    pub(super) fn role(&self) -> Role {
        let (commands, publisher) = (self.commands.clone(), self.publisher.clone());
        Role::Leads { epoch: self.epoch, commands, publisher }
    }

    /// How often the writer has gone round.
    pub(super) fn turns(&self) -> u64 {
        self.turns.count()
    }

    /// Lets no more commands in.
    pub(super) fn close(&mut self) {
        // A writer that has ended takes none.
        let _ = self.stop.take().map(|stop| stop.send(()));
    }

    /// Waits for the thread of a writer that has said how it ended.
    pub(super) fn end(self) {
        self.thread.join().expect("its panics are caught");
    }
}
