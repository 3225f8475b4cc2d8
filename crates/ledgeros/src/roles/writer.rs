//! `ledgeros writer`: leads books, or stands by.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bus::{Relay, Stream};
use daemon::{Checks, Shutdown};
use gateway::BookCode;
use journal::anchor::Mark;
use journal::causes::in_one_line;
use journal::postgres::Leaders;
use ledger::BookId;
use rpc::server::{self, Served};
use rpc::{Publisher, Role, RoleWatch};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use tracing::warn;
use writer::{Candidate, Home, LedBooks, Seat, Witness};

use super::config::{BusSection, Config, ServerTls, WriterSection};
use super::roster::{Duty, Roster, Troubles};
use super::{connect, listen};
use crate::site::{FoldersAnchor, SiteBook};

/// How long the bus is asked for the last entry that it has seen, before a book is taken over: a witness is worth less than
/// the time without a leader.
const WITNESS_MAX: Duration = Duration::from_millis(300);

/// How long to wait before a journal that can't be read is tried again. Read models read it themselves meanwhile.
const RELAY_AGAIN: Duration = Duration::from_secs(1);

/// How often the folder's anchor is moved on while a book is led. So much of what was answered it may not know of when all
/// writers are killed.
const ANCHOR_EVERY: Duration = Duration::from_secs(60);

/// Listens where the configuration says, and serves there.
pub(crate) async fn run(config: Config, shutdown: &Shutdown, checks: &Checks) -> Result<()> {
    let section = config.writer.context("the configuration has no `[writer]`")?;
    let listener = listen(section.listen).await?;
    serve(listener, section, &config.data, config.bus.as_ref(), shutdown, checks).await
}

/// Leads books, or stands by, until `shutdown`. That is triggered where nobody can be served any more.
pub(crate) async fn serve(
    listener: TcpListener,
    section: WriterSection,
    data: &Path,
    bus: Option<&BusSection>,
    shutdown: &Shutdown,
    checks: &Checks,
) -> Result<()> {
    let tls = section.tls.map(ServerTls::into);
    server::check(tls.as_ref())?;
    let (served, books) = watch::channel(BTreeMap::new());
    let duty = WriterDuty {
        state: section.state,
        address: section.advertise,
        led: LedBooks::default(),
        bus: connect(bus).await?,
        served,
        troubles: Troubles::default(),
        checks: checks.clone(),
    };
    let troubles = duty.troubles.clone();
    checks.add("books", move || troubles.told().map_or(Ok(()), Err));
    let mut roster = Roster::join(data, duty.troubles.clone(), duty)?;
    roster.look().await?;

    let ending = shutdown.clone();
    let server = tokio::spawn(async move {
        let ended = server::serve(listener, books, tls.as_ref(), ending.triggered()).await;
        // A leader that nobody reaches would keep the book from all.
        ending.trigger();
        ended
    });
    let ended = roster.run_until(shutdown).await;
    server.await??;
    ended
}

struct WriterDuty {
    state: PathBuf,
    address: String,
    led: LedBooks,
    bus: Option<Stream>,
    served: watch::Sender<BTreeMap<BookId, Served>>,
    troubles: Troubles,
    checks: Checks,
}

/// A seat that is attended to.
struct Attended {
    stop: Shutdown,
    task: JoinHandle<Result<()>>,
}

impl Duty for WriterDuty {
    type Running = Attended;

    async fn begin(&self, book: &SiteBook) -> Result<Attended> {
        let candidate = self.candidate(book).await?;
        let (seat, role) = Seat::take(candidate)?;
        let hindered = seat.hindered();
        self.checks.add(format!("seat at {}", book.code), move || {
            hindered.borrow().map_or(Ok(()), |why| Err(why.to_owned()))
        });
        let opener = book.clone();
        let open = Arc::new(move || opener.reader());
        self.served.send_modify(|served| {
            served.insert(book.id(), Served { role: role.clone(), open });
        });
        let stop = Shutdown::new();
        let attendant = Attendant {
            book: book.clone(),
            folders: book.folders_anchor(&self.state),
            bus: self.bus.clone(),
            stop: stop.clone(),
            troubles: self.troubles.clone(),
        };
        Ok(Attended { stop, task: tokio::spawn(attendant.attend(seat, role)) })
    }

    async fn end(&self, attended: Attended) -> Result<()> {
        attended.stop.trigger();
        attended.task.await?
    }
}

impl WriterDuty {
    async fn candidate(&self, book: &SiteBook) -> Result<Candidate> {
        let (site, state) = (book.clone(), self.state.clone());
        let mut home = spawn_blocking(move || site.home(&state)).await??;
        let (runtime, bus, id) = (Handle::current(), self.bus.clone(), book.id());
        let url = book.url().to_owned();
        Ok(Candidate {
            book: id,
            home: Box::new(move || {
                let mut home: Home = home()?;
                let seen = runtime.block_on(seen_by_bus(bus.as_ref(), id));
                // Of an earlier journal, which was given up, nothing has to be in this one.
                let seen = seen.filter(|mark| mark.incarnation == home.incarnation);
                let name = "the bus".to_owned();
                home.witnesses.extend(seen.map(|mark| Witness { name, head: mark.head }));
                Ok(home)
            }),
            leaders: Box::new(move || Leaders::open(&url)),
            address: self.address.clone(),
            led: self.led.clone(),
        })
    }
}

/// What the bus has seen of a book, if it says so in time.
async fn seen_by_bus(bus: Option<&Stream>, book: BookId) -> Option<Mark> {
    let last = timeout(WITNESS_MAX, bus?.last(book)).await;
    let Ok(Ok(last)) = last else {
        warn!(%book, "NATS does not say what it has seen of a book");
        return None;
    };
    last
}

/// Sees to what goes with a seat.
struct Attendant {
    book: SiteBook,
    folders: FoldersAnchor,
    bus: Option<Stream>,
    stop: Shutdown,
    troubles: Troubles,
}

impl Attendant {
    async fn attend(self, seat: Seat, mut role: RoleWatch) -> Result<()> {
        let mut has_led = false;
        let was_stopped = loop {
            let _tenure = match role.borrow_and_update().clone() {
                Role::Leads { publisher, .. } => {
                    has_led = true;
                    self.tenure(publisher)
                }
                Role::Follows { .. } => JoinSet::new(),
            };
            tokio::select! {
                changed = role.changed() => if changed.is_err() { break false },
                () = self.stop.triggered() => break true,
            }
        };
        seat.stop();
        let ended = spawn_blocking(|| seat.join()).await?;
        if let (Err(error), false) = (&ended, was_stopped) {
            self.troubles.note(&self.book.code, Some(in_one_line(error)));
        }
        // Also of a book that is given up: what was answered until then is to be known.
        if has_led {
            move_on(&self.book.code, &self.folders).await;
        }
        ended.with_context(|| format!("the book `{}`", self.book.code))
    }

    /// What goes on while the book is led here. Dropping it ends it.
    fn tenure(&self, publisher: Publisher) -> JoinSet<()> {
        let mut tenure = JoinSet::new();
        let (code, folders) = (self.book.code.clone(), self.folders.clone());
        tenure.spawn(async move {
            loop {
                move_on(&code, &folders).await;
                sleep(ANCHOR_EVERY).await;
            }
        });
        if let Some(bus) = &self.bus {
            tenure.spawn(relay(bus.clone(), self.book.clone(), publisher));
        }
        tenure
    }
}

/// Lets the folder's anchor know what the writer's own does. Nothing waits for that but the end of the process.
async fn move_on(code: &BookCode, folders: &FoldersAnchor) {
    let folders = folders.clone();
    if let Ok(Err(error)) = spawn_blocking(move || folders.move_on()).await {
        warn!(book = %code, "the folder's anchor is not moved on: {error:#}");
    }
}

/// Relays until it is aborted, once the journal can be read.
async fn relay(bus: Stream, book: SiteBook, publisher: Publisher) {
    loop {
        let site = book.clone();
        match spawn_blocking(move || site.reader()).await {
            Ok(Ok(reader)) => {
                let incarnation = book.incarnation();
                let _relay = Relay::start(&bus, reader, incarnation, publisher.subscribe());
                return pending().await;
            }
            Ok(Err(error)) => {
                warn!(book = %book.code, "the journal can't be relayed: {}", in_one_line(&error))
            }
            Err(_) => return,
        }
        sleep(RELAY_AGAIN).await;
    }
}
