//! `ledgeros gateway`: the public API, its writers and read models in other processes.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use courier::Deliveries;
use daemon::{Checks, Drained, Limits, Shutdown};
use gateway::keys::ServiceKey;
use gateway::{BookCode, Followed, Gateway, Library, NewBook, ReadModels, ServedBook, Service};
use ledger::book::Environment;
use ledger::{BookId, Event};
use projector::{Balances, Directory, Intents, ReadModel, Transactions, Watcher};
use rpc::Commands;
use rpc::client::{self, Writers};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use vault::Vault;
use writer::driver::QUEUE_MAX;

use super::config::{ClientTls, Config, GatewaySection};
use super::listen;
use super::roster::{Duty, Roster, Troubles};
use crate::running::forget_at_start;
use crate::site::SiteBook;
use crate::{library, service_key};

/// Entries read at once that the directory has not read yet.
const PAGE: usize = 1_000;

/// Listens where the configuration says, and serves there.
pub(crate) async fn run(config: Config, shutdown: &Shutdown, checks: &Checks) -> Result<()> {
    let section = config.gateway.context("the configuration has no `[gateway]`")?;
    let listener = listen(section.listen).await?;
    serve(listener, section, config.data, shutdown, checks).await
}

/// Serves the API until `shutdown`, then drains.
pub(crate) async fn serve(
    listener: TcpListener,
    section: GatewaySection,
    data: PathBuf,
    shutdown: &Shutdown,
    checks: &Checks,
) -> Result<()> {
    let limits = section.limits();
    let tls = section.tls.map(ClientTls::into);
    let writers = Writers::new(section.writers, tls.as_ref())?;
    let place = data.clone();
    let key = spawn_blocking(move || service_key::open_or_create(&place)).await??;
    let key = ServiceKey::parse(&key).context("there is no key in `service.key`")?;

    let shelf = Shelf::new(data.clone(), writers);
    let service = Arc::new(Service::new(Vec::new(), key, shelf.clone(), limits));
    let troubles = Troubles::default();
    let told = troubles.clone();
    checks.add("books", move || told.told().map_or(Ok(()), Err));
    let duty = GatewayDuty { shelf, service: service.clone() };
    let mut roster = Roster::join(&data, troubles, duty)?;
    roster.look().await?;

    let (router, ending) = (gateway::router(service), shutdown.clone());
    // What is being answered still needs the books.
    let drained = Shutdown::new();
    let done = drained.clone();
    let server = tokio::spawn(async move {
        let drained = daemon::serve(listener, router, ending, Limits::default()).await;
        done.trigger();
        drained
    });
    roster.run_until(&drained).await?;
    match server.await? {
        Drained::Clean => Ok(()),
        Drained::Cut { connections } => bail!("{connections} connections were cut"),
    }
}

struct GatewayDuty {
    shelf: Shelf,
    service: Arc<Service>,
}

impl Duty for GatewayDuty {
    type Running = ();

    async fn begin(&self, book: &SiteBook) -> Result<()> {
        self.service.serve(self.shelf.open(book).await?);
        Ok(())
    }

    async fn end(&self, (): ()) -> Result<()> {
        Ok(())
    }
}

/// The books of the folder as this process has them open. Clones are one.
#[derive(Clone)]
struct Shelf {
    data: PathBuf,
    writers: Writers,
    runtime: Handle,
    open: Arc<Mutex<BTreeMap<BookId, Open>>>,
}

/// A book, and what goes with it.
struct Open {
    served: ServedBook,
    _watchers: Vec<Watcher>,
}

impl Shelf {
    fn new(data: PathBuf, writers: Writers) -> Self {
        Self { data, writers, runtime: Handle::current(), open: Arc::default() }
    }

    /// Opens a book, if it is not open.
    async fn open(&self, book: &SiteBook) -> Result<ServedBook> {
        let mut open = self.open.lock().await;
        if let Some(open) = open.get(&book.id()) {
            return Ok(open.served.clone());
        }
        let (commands, submissions) = Commands::channel(QUEUE_MAX);
        let site = book.clone();
        let opened = spawn_blocking(move || open_models(&site, commands)).await??;
        let (id, writers) = (book.id(), self.writers.clone());
        // Ends when nobody can ask for more.
        tokio::spawn(async move { client::run(id, submissions, &writers).await });
        let served = opened.served.clone();
        open.insert(id, opened);
        Ok(served)
    }
}

impl Library for Shelf {
    fn create(
        &self,
        code: &BookCode,
        environment: Environment,
    ) -> Result<NewBook, Box<dyn Error + Send + Sync>> {
        let made = self.runtime.block_on(async {
            let keys = library::make(&self.data, code, environment).await?;
            let path = library::place(&self.data, code);
            let opened = SiteBook::open(code.clone(), path)?;
            anyhow::Ok(NewBook { book: self.open(&opened).await?, keys })
        });
        Ok(made?)
    }
}

/// Opens the read models of a book, which other processes keep.
fn open_models(book: &SiteBook, commands: Commands) -> Result<Open> {
    let place = book.read_models();
    let watch = |model| Watcher::start(model, &place);
    let [balances, transactions, intents, directory] = [
        watch(ReadModel::Balances)?,
        watch(ReadModel::Transactions)?,
        watch(ReadModel::Intents)?,
        watch(ReadModel::Directory)?,
    ];
    let directories = Directory::open(&place)?;
    let vault = Arc::new(book.vault()?);
    forget_erased(book, &directories, &vault)?;
    let models = ReadModels {
        balances: followed(Balances::open(&place, book.reader()?)?, &balances),
        transactions: followed(Transactions::open(&place)?, &transactions),
        intents: followed(Intents::open(&place)?, &intents),
        directory: followed(directories, &directory),
    };
    let (id, environment) = (book.id(), book.opening.environment);
    let deliveries = Deliveries::open(&book.messages());
    let gateway = Gateway::new(id, environment, commands, models, deliveries, vault)
        .resume_at(book.head()?.position);
    let served = ServedBook {
        code: book.code.clone(),
        created_at: book.opening.at,
        gateway: Arc::new(gateway),
    };
    Ok(Open { served, _watchers: vec![balances, transactions, intents, directory] })
}

/// Makes the vault, which may be an older copy, forget whom the book says is erased: before anybody can ask. The directory
/// knows most of them, and the entries that it has not read the rest. Nobody is erased while roles run.
fn forget_erased(book: &SiteBook, directory: &Directory, vault: &Vault) -> Result<()> {
    let known = directory.erased_subjects()?;
    let (mut position, mut subjects) = (known.position, known.value);
    let mut journal = book.reader()?;
    let end = journal.head()?.position;
    while position < end {
        for stored in journal.read(position.next(), PAGE)? {
            position = stored.entry.position;
            for event in &stored.entry.events {
                if let Event::HolderErased(event) = event {
                    subjects.extend(&event.subjects);
                }
            }
        }
    }
    forget_at_start(vault, &subjects)
}

fn followed<Q>(queries: Q, watcher: &Watcher) -> Followed<Q> {
    Followed { queries: Arc::new(queries), progress: watcher.progress() }
}
