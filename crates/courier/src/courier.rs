//! The thread that follows the journal and delivers messages.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use journal::causes::in_one_line;
use journal::{Reader, Stored};
use ledger::time::HOUR_MS;
use ledger::{Position, Sealed, Timestamp};
use rpc::Feed;
use rpc::feed::Delivery;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use vault::{Kind, Vault};
use zeroize::Zeroizing;

use crate::machine::{Look, Machine, Outcome, Tried, judge};
use crate::measures::{Measures, spans};
use crate::sender::{Fault, Parcel, Sender};
use crate::signature::Secrets;
use crate::store::{Attempted, Due, Followed, Replayed, Store, Webhook};
use crate::{Clock, Error, Options, Place};

/// How many entries of a backlog go into one transaction: their messages take some megabytes, and attempts that have ended
/// meanwhile wait some hundred milliseconds to be recorded.
const ENTRIES_MAX: usize = 1_024;

/// How long to wait after entries before the next ones. A single one is told of at once; under load, what gathers meanwhile
/// shares a transaction's cost.
const PACE: Duration = Duration::from_millis(5);

/// After what time without entries the journal is looked at, whatever else goes on: the feed may have lost the last. A clock
/// that a test or an operator has moved is noticed as soon.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// How long to wait after a failure before all is opened again: at first, and at most after it has failed again and
/// again.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How often old messages are let go.
const PRUNE_MS: u64 = HOUR_MS;

/// How far a courier is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last entry whose messages are in its tables.
    pub position: Position,
    /// Whether it delivers; otherwise another courier does, or its database is away.
    pub is_working: bool,
    /// Why it never will again, with all causes.
    pub stopped: Option<Arc<str>>,
}

/// What delivers the messages of a book, on threads of its own.
///
/// Dropping it ends them and waits for that. What is on its way then may arrive, and is sent again by the next one.
#[derive(Debug)]
pub struct Courier {
    progress: watch::Receiver<Progress>,
    /// Dropped to end the thread.
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Opens the tables, or makes them, and goes on from there: first with what `reader` has, then with what comes by
    /// `feed`, and with `reader` again wherever the feed has lost something. While another courier of the book works, it
    /// waits.
    ///
    /// It ends when the feed does, or at the first error that does not pass, which its [`Progress`] then tells.
    ///
    /// It blocks, and must not be called on a thread that runs async tasks.
    ///
    /// # Errors
    ///
    /// When the tables can't be used or are damaged, or the journal is not the one that they were filled from.
    pub fn start(
        place: &Place,
        mut reader: Box<dyn Reader>,
        feed: Feed,
        vault: Arc<Vault>,
        options: Options,
    ) -> Result<Self, Error> {
        let store = match open(place, &mut *reader) {
            Ok(store) => Some(store),
            Err(error) if error.is_passing() => None,
            Err(error) => return Err(error),
        };
        let position = store.as_ref().map_or(Position::START, |store| store.checkpoint().position);
        let (publisher, progress) =
            watch::channel(Progress { position, is_working: store.is_some(), stopped: None });
        let (stop, stopped) = watch::channel(());
        let (tried, attempts) = mpsc::unbounded_channel();
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("the system gives random bytes");
        let runner = Runner {
            place: place.clone(),
            measures: Measures::of(reader.book()),
            reader,
            feed,
            vault,
            sender: Sender::new(&options)?,
            clock: options.clock,
            runtime: Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("courier")
                .enable_all()
                .build()
                .map_err(Error::Thread)?,
            stopped,
            tried,
            attempts,
            machine: Machine::default(),
            seed: u64::from_be_bytes(seed),
            next_at: tokio::time::Instant::now(),
            look_at: tokio::time::Instant::now(),
            pause: PAUSE,
            has_replay: false,
            prune_at: Timestamp::default(),
            progress: publisher,
        };
        let thread = thread::Builder::new()
            .name("courier".to_owned())
            .spawn(move || runner.run(store))
            .map_err(Error::Thread)?;
        Ok(Self { progress, stop: Some(stop), thread: Some(thread) })
    }

    /// How far it is, now and later.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own hook.
            let _ = thread.join();
        }
    }
}

fn open(place: &Place, reader: &mut dyn Reader) -> Result<Store, Error> {
    let store = Store::open(place)?;
    store.check_against(reader)?;
    Ok(store)
}

struct Runner {
    place: Place,
    reader: Box<dyn Reader>,
    feed: Feed,
    vault: Arc<Vault>,
    sender: Sender,
    clock: Clock,
    /// Sends, and waits for several things at once.
    runtime: Runtime,
    /// Closed to end the thread.
    stopped: watch::Receiver<()>,
    /// Where those who send say how it went. It holds as many as are on their way.
    tried: mpsc::UnboundedSender<Attempted>,
    attempts: mpsc::UnboundedReceiver<Attempted>,
    machine: Machine,
    measures: Measures,
    /// Spreads attempts that failed at the same time.
    seed: u64,
    /// When the next entries are followed, at the earliest.
    next_at: tokio::time::Instant,
    /// When the journal is looked at, unless entries come before.
    look_at: tokio::time::Instant,
    /// How long the next pause is.
    pause: Duration,
    /// Whether somebody may be to be told something again.
    has_replay: bool,
    /// When old messages are let go next.
    prune_at: Timestamp,
    progress: watch::Sender<Progress>,
}

/// What the thread has waited for.
enum Woken {
    /// It is to end.
    Stopped,
    Fed(Delivery),
    Tried(Attempted),
    /// Time has passed.
    Idle,
}

impl Runner {
    fn run(mut self, store: Option<Store>) {
        let book = self.reader.book();
        let mut result = match store {
            Some(store) => self.work(store),
            None => self.open_and_work(),
        };
        while let Err(error) = &result
            && error.is_passing()
            && !self.is_stopped()
        {
            self.progress.send_modify(|progress| progress.is_working = false);
            if matches!(error, Error::Taken) {
                tracing::debug!(%book, "another courier works");
                self.pause = PAUSE;
            } else {
                let position = self.progress.borrow().position.0;
                let (error, pause_ms) = (error.chain(), self.pause.as_millis());
                tracing::warn!(%book, position, error, pause_ms, "courier interrupted");
            }
            self.rest();
            result = self.open_and_work();
        }
        let reason = match result {
            Err(error) if !error.is_passing() => {
                let (position, error) = (self.progress.borrow().position.0, error.chain());
                tracing::error!(%book, position, error, "courier stopped");
                error
            }
            _ => "it was told to, or the writer is gone".to_owned(),
        };
        self.progress.send_modify(|progress| {
            progress.is_working = false;
            progress.stopped = Some(reason.into());
        });
        // What is on its way is not waited for.
        self.runtime.shutdown_background();
    }

    /// Waits before all is opened again, the longer the more often it has failed in a row.
    fn rest(&mut self) {
        let Self { runtime, stopped, pause, .. } = self;
        // It is cut short when the thread is to end.
        let _ = runtime.block_on(async { timeout(*pause, stopped.changed()).await });
        *pause = PAUSE_MAX.min(*pause * 2);
    }

    fn open_and_work(&mut self) -> Result<(), Error> {
        let store = open(&self.place, &mut *self.reader)?;
        self.work(store)
    }

    /// Follows and delivers until it is to end. What is on its way from before stays so.
    fn work(&mut self, mut store: Store) -> Result<(), Error> {
        self.publish(&store);
        // Another courier may have left one, a crash of the server brought one back.
        self.has_replay = true;
        let now = self.clock.now();
        for webhook in store.webhooks()? {
            self.machine.wake(webhook.id, now);
        }
        self.back_fill(&mut store)?;
        loop {
            self.dispatch(&store)?;
            let is_behind = self.replay(&store)? || self.prune(&store)?;
            match self.wait(is_behind) {
                Woken::Stopped => return Ok(()),
                Woken::Fed(Delivery::Closed) => return self.back_fill(&mut store),
                Woken::Fed(delivery) => self.fed(&mut store, delivery)?,
                Woken::Tried(attempted) => self.tried(&store, attempted)?,
                // What is due is sent at the next turn.
                Woken::Idle => {}
            }
            // Attempts may go on ending for as long as messages wait.
            if self.look_at <= tokio::time::Instant::now() {
                self.back_fill(&mut store)?;
            }
        }
    }

    /// Waits until there is something to do, or time to look at the journal; not at all, where there is already.
    fn wait(&mut self, is_behind: bool) -> Woken {
        let now = self.clock.now();
        let due = self.machine.next_at().map_or(IDLE_MAX, |at| {
            Duration::from_millis(at.as_millis().saturating_sub(now.as_millis()))
        });
        let longest = if is_behind { Duration::ZERO } else { due };
        let until = self.look_at.min(tokio::time::Instant::now() + longest);
        let Self { runtime, stopped, attempts, feed, next_at, .. } = self;
        let fed = async {
            tokio::time::sleep_until(*next_at).await;
            feed.next().await
        };
        runtime.block_on(async {
            tokio::select! {
                biased;
                _ = stopped.changed() => Woken::Stopped,
                Some(attempted) = attempts.recv() => Woken::Tried(attempted),
                delivery = fed => Woken::Fed(delivery),
                () = tokio::time::sleep_until(until) => Woken::Idle,
            }
        })
    }

    /// Follows the journal itself to its end.
    fn back_fill(&mut self, store: &mut Store) -> Result<(), Error> {
        while !self.is_stopped() {
            let next = store.checkpoint().position.next();
            let entries = self.reader.read(next, ENTRIES_MAX)?;
            if entries.is_empty() {
                break;
            }
            self.follow(store, &entries)?;
            self.dispatch(store)?;
            if let Ok(attempted) = self.attempts.try_recv() {
                self.tried(store, attempted)?;
            }
        }
        self.measures.waiting(store.waiting()?);
        self.look_at = tokio::time::Instant::now() + IDLE_MAX;
        self.pause = PAUSE;
        Ok(())
    }

    /// Follows what the feed has, and the journal where that is not all.
    fn fed(&mut self, store: &mut Store, first: Delivery) -> Result<(), Error> {
        let (mut batches, mut count, mut is_missing) = (Vec::<Arc<[Stored]>>::new(), 0, false);
        let mut next = Some(first);
        while let Some(delivery) = next {
            match delivery {
                Delivery::Batch(batch) => {
                    count += batch.len();
                    batches.push(batch);
                }
                Delivery::Missed => is_missing = true,
                // It says so again.
                Delivery::Closed => break,
            }
            next = if count < ENTRIES_MAX { self.feed.try_next() } else { None };
        }
        let has_gap = self.follow(store, batches.iter().flat_map(|batch| batch.iter()))?;
        if has_gap || is_missing { self.back_fill(store) } else { Ok(()) }
    }

    fn follow<'a>(
        &mut self,
        store: &mut Store,
        entries: impl IntoIterator<Item = &'a Stored> + Clone,
    ) -> Result<bool, Error> {
        let _spans = spans(self.reader.book(), entries.clone().into_iter());
        let (now, before) = (self.clock.now(), store.checkpoint());
        let followed = store.follow(self.reader.book(), entries, now)?;
        let Followed { has_gap, told, has_replay, waiting } = followed;
        for webhook in told {
            self.machine.wake(webhook, now);
        }
        self.has_replay |= has_replay;
        self.measures.waiting(waiting);
        let followed_at = tokio::time::Instant::now();
        self.next_at = followed_at + PACE;
        if store.checkpoint() != before {
            self.look_at = followed_at + IDLE_MAX;
        }
        self.publish(store);
        Ok(has_gap)
    }

    /// Tells a webhook more of what it wants to hear again; says whether there may be more.
    fn replay(&mut self, store: &Store) -> Result<bool, Error> {
        if !self.has_replay {
            return Ok(false);
        }
        let now = self.clock.now();
        match store.replay(&mut *self.reader, now)? {
            Replayed::Nothing => {
                self.has_replay = false;
                Ok(false)
            }
            Replayed::Later => Ok(false),
            Replayed::Some(webhook) => {
                self.machine.wake(webhook, now);
                Ok(true)
            }
        }
    }

    fn prune(&mut self, store: &Store) -> Result<bool, Error> {
        let now = self.clock.now();
        if now < self.prune_at {
            return Ok(false);
        }
        let has_more = store.prune(now)?;
        if !has_more {
            self.prune_at = now.plus_ms(PRUNE_MS);
        }
        Ok(has_more)
    }

    /// Sends what may be sent.
    fn dispatch(&mut self, store: &Store) -> Result<(), Error> {
        let now = self.clock.now();
        while let Some(Look { webhook, room }) = self.machine.look(now) {
            let Some(to) = store.webhook(webhook)? else {
                self.machine.forget(webhook);
                continue;
            };
            let busy = self.machine.busy(webhook);
            let is_busy = |resource: &str| self.machine.is_busy(webhook, resource);
            let (due, next) = store.due(webhook, now, (room, busy), is_busy)?;
            if let Some(next) = next {
                self.machine.wake(webhook, next);
            }
            for message in due {
                self.machine.sent(webhook, &message.resource);
                self.send(&to, message, now);
            }
        }
        Ok(())
    }

    fn send(&self, to: &Webhook, message: Due, now: Timestamp) {
        let parcel = self.pack(to, &message, now);
        let (sender, tried) = (self.sender.clone(), self.tried.clone());
        self.runtime.spawn(async move {
            let begun = Instant::now();
            let answer = match parcel {
                Ok(parcel) => sender.send(parcel).await,
                Err(fault) => Err(fault),
            };
            let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let answer = answer.map_err(Fault::word);
            // The courier may be gone: then the next one sends it again.
            let _ = tried.send(Attempted { message, at: now, duration_ms, answer });
        });
    }

    /// Signs a message with the secrets that are valid.
    fn pack(&self, to: &Webhook, message: &Due, now: Timestamp) -> Result<Parcel, Fault> {
        let before = to.before.filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        let secrets = [Some(to.secret), before].into_iter().flatten();
        let secrets = secrets.map(|secret| self.unseal(Kind::WebhookSecret, &secret));
        let secrets = Secrets::new(secrets.collect::<Result<_, _>>()?).ok_or(Fault::Sealed)?;
        let Due { id, topic, body, .. } = message;
        let headers = secrets.headers(to.family, id, topic, now.as_millis() / 1_000, body);
        let url = self.unseal(Kind::WebhookUrl, &to.url)?;
        Ok(Parcel { url, headers, body: body.clone() })
    }

    fn unseal(&self, kind: Kind, sealed: &Sealed) -> Result<Zeroizing<String>, Fault> {
        let Sealed { subject, reference, commitment } = *sealed;
        let (subject, reference) = (vault::Subject(subject), vault::Reference(reference));
        let found = self.vault.get(kind, &vault::Sealed { subject, reference, commitment });
        let found = found.unwrap_or_else(|error| {
            let (book, error) = (self.reader.book(), in_one_line(&error));
            tracing::error!(%book, error, "the vault can't be read");
            None
        });
        let text = found.ok_or(Fault::Sealed)?;
        let text = str::from_utf8(text.expose()).map_err(|_| Fault::Sealed)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Keeps how attempts ended: this one, and all that have meanwhile.
    fn tried(&mut self, store: &Store, first: Attempted) -> Result<(), Error> {
        let now = self.clock.now();
        let mut judged = Vec::new();
        let mut next = Some(first);
        while let Some(attempted) = next {
            let Attempted { message, answer, .. } = &attempted;
            let outcome = match answer {
                Ok(200..=299) => Outcome::Taken,
                Ok(_) | Err(_) => Outcome::Failed,
            };
            let duration = Duration::from_millis(attempted.duration_ms);
            self.measures.attempt(outcome == Outcome::Taken, duration);
            let Due { webhook, resource, id, since, attempts, .. } = message;
            self.machine.ended(*webhook, resource, outcome, now);
            let tried = Tried { id, since: *since, attempts: attempts + 1 };
            let verdict = judge(tried, outcome, now, self.seed);
            tracing::debug!(%webhook, message = id, ?answer, ?verdict, "message tried");
            judged.push((attempted, verdict));
            next = self.attempts.try_recv().ok();
        }
        store.record(&judged, now)
    }

    fn publish(&self, store: &Store) {
        let position = store.checkpoint().position;
        self.measures.at(position);
        self.progress.send_if_modified(|progress| {
            let is_news = progress.position != position || !progress.is_working;
            (progress.position, progress.is_working) = (position, true);
            is_news
        });
    }

    fn is_stopped(&self) -> bool {
        self.stopped.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests;
