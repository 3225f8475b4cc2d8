//! A journal that grows, a relay from it to NATS, and a read model at the other end.

use std::sync::Arc;
use std::time::Duration;

use bus::{Follower, Options, Relay, Stream};
use journal::anchor::Mark;
use journal::memory::MemoryStore;
use journal::{Epoch, Head, Outcome, Reader, Store, Stored, WriterId};
use ledger::book::{Environment, OpenBook};
use ledger::deposits::{Chain, ConfirmDeposit};
use ledger::holders::{CreateHolder, RecordVerification, Verification, VerificationStatus};
use ledger::{
    Amount, Asset, Book, BookId, Command, CommandId, Event, HolderId, Origin, Position, Rate,
    Request, Sealed, Text, Timestamp,
};
use projector::{Digest, Place, Progress, Projector, ReadModel, wait_for};
use rpc::Publisher;
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::Instant;

/// Long enough for a machine that is busy with something else; who passes a test does not wait for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const MODEL: ReadModel = ReadModel::Balances;

/// A book whose entries are written without a writer.
pub(crate) struct Journal {
    pub(crate) id: BookId,
    pub(crate) incarnation: [u8; 16],
    pub(crate) store: MemoryStore,
    pub(crate) publisher: Publisher,
    pub(crate) entries: Vec<Stored>,
    book: Book,
    epoch: Epoch,
    holder: HolderId,
}

impl Journal {
    /// A book with one entry.
    pub(crate) fn new(number: u8) -> Self {
        let id = BookId([number; 16]);
        let mut store = MemoryStore::new(id);
        let epoch = store.claim(WriterId([1; 16])).unwrap();
        let publisher = Publisher::new(Position::START);
        let (book, entries, holder) = (Book::default(), Vec::new(), HolderId([0; 16]));
        let incarnation = [1; 16];
        let mut journal = Self { id, incarnation, store, publisher, entries, book, epoch, holder };
        let environment = Environment::Sandbox;
        journal.write(vec![Command::OpenBook(OpenBook { book: id, environment })]);
        journal
    }

    /// Writes so many entries more, some at a time.
    pub(crate) fn grow(&mut self, count: usize) {
        let mut written = 0;
        while written < count {
            let size = (count - written).min(1 + written % 7);
            let from = self.entries.len();
            let commands = (from..from + size).map(|number| self.command(number)).collect();
            self.write(commands);
            written += size;
        }
    }

    /// Writes entries that [`Self::grow`] would not.
    pub(crate) fn grow_by_holders(&mut self, count: usize) {
        let profile = Sealed { subject: [8; 16], reference: [8; 16], commitment: [8; 32] };
        self.write(vec![Command::CreateHolder(CreateHolder { profile }); count]);
    }

    /// Now and then a person, and what comes in for them.
    fn command(&self, number: usize) -> Command {
        let holder = self.holder;
        match number % 10 {
            1 => {
                let byte = (number / 10) as u8;
                let profile =
                    Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] };
                Command::CreateHolder(CreateHolder { profile })
            }
            2 => {
                let status = VerificationStatus::Approved;
                let verification = Verification { status, required: Vec::new(), reason: None };
                Command::RecordVerification(RecordVerification { holder, verification })
            }
            _ => {
                let mut reference = [9; 16];
                reference[..8].copy_from_slice(&number.to_be_bytes());
                Command::ConfirmDeposit(ConfirmDeposit {
                    holder,
                    chain: Chain::Base,
                    asset: Asset::Usdc,
                    amount: Amount(1_000_000 + number as u128),
                    rate: Rate::ONE,
                    rate_source: Text::new("sandbox").unwrap(),
                    reference,
                })
            }
        }
    }

    /// Writes a batch and tells of it.
    fn write(&mut self, commands: Vec<Command>) {
        let mut batch: Vec<Stored> = Vec::new();
        let expected = self.head();
        for mut command in commands {
            // A person who was made in this batch.
            if let Command::ConfirmDeposit(ConfirmDeposit { holder, .. })
            | Command::RecordVerification(RecordVerification { holder, .. }) = &mut command
            {
                *holder = self.holder;
            }
            let number = self.book.position().0;
            let mut id = [self.id.0[0]; 16];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let request = Request { id: CommandId(id), origin: Origin::LEDGER, command };
            let now = Timestamp::from_millis(1_800_000_000_000 + number);
            let entry = Arc::new(self.book.decide(&request, now).unwrap());
            self.book.apply(&entry);
            if let [Event::HolderCreated(created)] = &entry.events[..] {
                self.holder = created.holder;
            }
            let previous = batch.last().map_or(expected.hash, |stored| stored.hash);
            batch.push(journal::encode(entry, previous));
        }
        let outcome = self.store.append(&batch, expected, self.epoch);
        assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
        self.entries.extend(batch.iter().cloned());
        self.publisher.publish(batch.into());
    }

    pub(crate) fn head(&self) -> Head {
        let head = |stored: &Stored| Head { position: stored.entry.position, hash: stored.hash };
        self.entries.last().map_or(Head::EMPTY, head)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { book: self.id, incarnation: self.incarnation, head: self.head() }
    }

    pub(crate) fn reader(&self) -> Box<dyn Reader> {
        self.store.reader().unwrap()
    }

    pub(crate) fn relay(&self, stream: &Stream) -> Relay {
        let feed = self.publisher.subscribe();
        Relay::start(stream, self.reader(), self.incarnation, feed)
    }

    /// What a read model shows that nothing lies between.
    pub(crate) async fn digest(&self) -> Digest {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Folder(folder.path().to_owned());
        let feed = self.publisher.subscribe();
        let start = || Projector::start(MODEL, &place, self.reader(), feed).unwrap();
        let projector = block_in_place(start);
        let digest = shown(&projector, self).await.digest;
        block_in_place(|| drop(projector));
        digest
    }
}

/// A read model that is fed by NATS.
pub(crate) struct Fed {
    pub(crate) projector: Projector,
    /// The follower's end of the projector's feed.
    pub(crate) brought: Publisher,
    _follower: Follower,
    /// Removed with this.
    _folder: Option<TempDir>,
}

impl Fed {
    pub(crate) fn start(stream: &Stream, journal: &Journal) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Folder(folder.path().to_owned());
        Self { _folder: Some(folder), ..Self::start_in(&place, stream, journal) }
    }

    /// One of several that keep the same read model.
    pub(crate) fn start_in(place: &Place, stream: &Stream, journal: &Journal) -> Self {
        let brought = Publisher::new(Position::START);
        let feed = brought.subscribe();
        let projector = Projector::start_waiting(MODEL, place, journal.reader(), feed).unwrap();
        let (name, reader) = (MODEL.name(), journal.reader());
        let (publisher, progress) = (brought.clone(), projector.progress());
        let follower = Follower::start(stream, name, reader, publisher, progress, position);
        Self { projector, brought, _follower: follower, _folder: None }
    }

    /// Waits until it shows all of a journal, as one does that nothing lies between.
    pub(crate) async fn shows_all_of(&self, journal: &Journal) {
        assert_eq!(shown(&self.projector, journal).await.digest, journal.digest().await);
    }
}

/// What a read model shows once it shows all of a journal.
pub(crate) async fn shown(projector: &Projector, journal: &Journal) -> Progress {
    let mut progress = projector.progress();
    let deadline = Instant::now() + PATIENCE;
    wait_for(&mut progress, journal.head().position, deadline).await.unwrap();
    let progress = progress.borrow().clone();
    assert_eq!(progress.position, journal.head().position);
    progress
}

fn position(progress: &Progress) -> Option<Position> {
    (!progress.is_waiting).then_some(progress.position)
}

pub(crate) async fn connect(port: u16) -> Stream {
    Stream::connect(&Options::new(format!("nats://127.0.0.1:{port}"))).await.unwrap()
}

/// Waits until the stream ends with what the journal ends with.
pub(crate) async fn carried(stream: &Stream, journal: &Journal) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let last = stream.last(journal.id).await;
        if matches!(last, Ok(Some(last)) if last == journal.mark()) {
            return;
        }
        assert!(Instant::now() < deadline, "the stream ends with {last:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
