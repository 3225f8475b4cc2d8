//! What the gateway rests on.

use std::error::Error as StdError;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use courier::Deliveries;
use ledger::book::Environment;
use ledger::{BookId, KeyId, Position};
use projector::{At, Balances, Directory, Intents, Progress, Transactions};
use rpc::Commands;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{self, JoinHandle};
use tokio::time::{Instant, sleep};
use vault::Vault;

use crate::error::Error;
use crate::keys::{Caller, Presented, Ring};

/// How long a read waits for its position.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// How often the courier's log is asked how far it is while a read waits for it: nobody tells of it.
const PACE: Duration = Duration::from_millis(50);

/// Uploads at a time: each has up to 10 MiB in memory.
const UPLOADS_MAX: usize = 8;

/// The gateway of a book.
pub struct Gateway {
    pub(crate) book: BookId,
    pub(crate) environment: Environment,
    pub(crate) commands: Commands,
    pub(crate) models: ReadModels,
    pub(crate) deliveries: Deliveries,
    pub(crate) vault: Arc<Vault>,
    /// What the sandbox's addresses and links follow from.
    pub(crate) seed: [u8; 32],
    uploads: Arc<Semaphore>,
    ring: Ring,
    /// The last position that anyone wrote through this gateway; at first, where the journal ended when it started.
    wrote: AtomicU64,
}

/// The read models of a book.
#[derive(Debug)]
pub struct ReadModels {
    /// What holders have.
    pub balances: Followed<Balances>,
    /// What was spent and deposited.
    pub transactions: Followed<Transactions>,
    /// What was declared.
    pub intents: Followed<Intents>,
    /// Who is there, with which keys.
    pub directory: Followed<Directory>,
}

/// A read model's queries, and how far it follows the journal.
#[derive(Debug)]
pub struct Followed<Q> {
    /// The queries.
    pub queries: Arc<Q>,
    /// How far it is.
    pub progress: watch::Receiver<Progress>,
}

impl Gateway {
    /// The gateway of `book`.
    pub fn new(
        book: BookId,
        environment: Environment,
        commands: Commands,
        models: ReadModels,
        deliveries: Deliveries,
        vault: Arc<Vault>,
    ) -> Self {
        Self {
            book,
            environment,
            commands,
            models,
            deliveries,
            seed: vault.link_token(&[b"sandbox", &book.0]),
            vault,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            ring: Ring::default(),
            wrote: AtomicU64::new(0),
        }
    }

    /// The gateway of a journal that ends at `head`: every key is known, and every read shows it, from the first request
    /// on. Without this, a read model that still catches up is asked as it is.
    pub fn resume_at(self, head: Position) -> Self {
        Self { wrote: AtomicU64::new(head.0), ..self }
    }

    /// Finds out whose key it is, if it is one of this book.
    pub(crate) async fn authenticate(&self, presented: &Presented) -> Result<Caller, Error> {
        if presented.environment != self.environment {
            return Err(Error::UnusableKey);
        }
        let caller = match self.ring.fresh(presented.prefix, Instant::now()) {
            Some(caller) => Some(caller),
            None => self.look_up(presented.prefix).await?,
        };
        caller
            .filter(|caller| presented.is(caller.family, &caller.digest))
            .ok_or(Error::UnusableKey)
    }

    /// Asks the directory for a key, and waits when it may have to show more.
    async fn look_up(&self, prefix: [u8; 8]) -> Result<Option<Caller>, Error> {
        match self.shown(prefix).await? {
            Seen::Known(caller) => Ok(Some(caller)),
            Seen::Unknown => Ok(None),
            Seen::NotYet => self.awaited(prefix).await,
        }
    }

    /// Asks the directory for a key, as it is now.
    pub(crate) async fn shown(&self, prefix: [u8; 8]) -> Result<Seen, Error> {
        let asked_at = Instant::now();
        let found = self.models.directory.ask(move |directory| directory.key(prefix)).await?;
        let wrote = self.wrote();
        if found.value.is_none() && found.position < wrote {
            return Ok(Seen::NotYet);
        }
        let caller = self.ring.learn(prefix, found.value, asked_at, wrote);
        Ok(caller.map_or(Seen::Unknown, Seen::Known))
    }

    /// Asks the directory for a key, once it shows what was written through this gateway.
    pub(crate) async fn awaited(&self, prefix: [u8; 8]) -> Result<Option<Caller>, Error> {
        let (asked_at, wrote) = (Instant::now(), self.wrote());
        let found = self.models.directory.ask_at(wrote, move |d| d.key(prefix)).await?;
        Ok(self.ring.learn(prefix, found.value, asked_at, wrote))
    }

    /// Waits until the log of deliveries shows the messages of the entries up to `position`, for a request that has waited since
    /// `began`.
    pub(crate) async fn reach_deliveries(
        self: &Arc<Self>,
        position: Position,
        began: Instant,
    ) -> Result<(), Error> {
        loop {
            let gateway = self.clone();
            let shown = blocking(move || gateway.deliveries.position()).await?;
            if position <= shown {
                return Ok(());
            }
            if WAIT_MAX <= began.elapsed() {
                return Err(Error::Behind { position });
            }
            sleep(PACE).await;
        }
    }

    /// A place for an upload.
    pub(crate) fn begin_upload(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.uploads.clone().try_acquire_owned().map_err(|_| Error::TooManyUploads)
    }

    /// The last position that anyone wrote through this gateway.
    pub(crate) fn wrote(&self) -> Position {
        Position(self.wrote.load(Ordering::Relaxed))
    }

    /// Takes note of a key that can't be used any more.
    pub(crate) fn note_revoked(&self, key: KeyId) {
        self.ring.revoke(key);
    }

    /// Takes note of what was written.
    pub(crate) fn note(&self, caller: &Caller, position: Position) {
        self.wrote.fetch_max(position.0, Ordering::Relaxed);
        caller.note(position);
    }
}

/// What a directory says of a key.
pub(crate) enum Seen {
    /// Whose it is.
    Known(Caller),
    /// It is not of this book.
    Unknown,
    /// It may have been made by a command that the directory does not show yet.
    NotYet,
}

impl<Q: Send + Sync + 'static> Followed<Q> {
    /// Waits until the model shows `position`.
    pub(crate) async fn reach(&self, position: Position) -> Result<(), Error> {
        let mut progress = self.progress.clone();
        if position <= progress.borrow().position {
            return Ok(());
        }
        let deadline = Instant::now() + WAIT_MAX;
        projector::wait_for(&mut progress, position, deadline).await.map_err(|late| match late {
            projector::Late::Behind { .. } => Error::Behind { position },
            projector::Late::Stopped { .. } => Error::failed(late),
        })
    }

    /// Asks the model once it shows `position`. Its progress may say more than there is: PostgreSQL loses the last
    /// commits of a read model when it crashes, and it takes a second until that is noticed.
    pub(crate) async fn ask_at<T: Send + 'static>(
        &self,
        position: Position,
        ask: impl FnOnce(&Q) -> Result<At<T>, projector::Error> + Send + 'static,
    ) -> Result<At<T>, Error> {
        self.reach(position).await?;
        let found = self.ask(ask).await?;
        if found.position < position { Err(Error::Behind { position }) } else { Ok(found) }
    }

    /// Asks the model as it is, on a thread that may wait for the disk.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Q) -> Result<At<T>, projector::Error> + Send + 'static,
    ) -> Result<At<T>, Error> {
        let queries = self.queries.clone();
        blocking(move || ask(&queries)).await
    }
}

/// Does something on a thread that may wait for the disk.
pub(crate) async fn blocking<T: Send + 'static, E: StdError + Send + Sync + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Error> {
    joined(task::spawn_blocking(work)).await?.map_err(Error::failed)
}

/// What a task came to. Its panic becomes that of the request, and is told as such.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> Result<T, Error> {
    task.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => Error::failed(error),
    })
}

/// The text of the key that a request carries.
pub(crate) fn presented(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let authorization = text(AUTHORIZATION.as_str()).and_then(bearer);
    authorization.or_else(|| text("x-api-key")).or_else(|| text("api-key"))
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests;
