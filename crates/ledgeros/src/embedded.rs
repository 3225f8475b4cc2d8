//! Every role in one process.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use daemon::{Drained, Limits, Shutdown};
use gateway::{Followed, Gateway, ReadModels, keys};
use ledger::book::{Environment, OpenBook};
use ledger::keys::{CreateKey, Family, Scope};
use ledger::{Command, CommandId, Origin, Request};
use projector::{Balances, Directory, Intents, Projector, ReadModel, Transactions};
use rpc::{Commands, Publisher};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};
use vault::{Subject, Vault};
use writer::{Writer, WriterStopped};

use crate::folder::{self, FirstKeys, Folder};

/// A ledger in this process: writer, projectors and gateway on one folder.
pub struct Embedded {
    address: SocketAddr,
    keys: FirstKeys,
    shutdown: Shutdown,
    server: JoinHandle<Drained>,
    writer: JoinHandle<Result<(), WriterStopped>>,
    /// Dropped to let the writer drain.
    commands: Commands,
    projectors: Vec<Projector>,
    _folder: Folder,
}

impl Embedded {
    /// Opens the folder, or makes it, and serves it at `listen`. It accepts requests when this returns.
    pub async fn start(data: &Path, listen: SocketAddr) -> Result<Self> {
        let data = data.to_owned();
        // Databases are waited for where nothing else has to go on.
        let Opened { folder, vault, writer, commands, publisher } =
            spawn_blocking(move || open(&data)).await??;
        let book = folder.book();
        let keys = first_keys(&folder, &commands).await?;
        let feeds = publisher.clone();
        let (folder, projectors, models) = spawn_blocking(move || {
            let (projectors, models) = follow(&folder, &feeds)?;
            anyhow::Ok((folder, projectors, models))
        })
        .await??;
        let environment = Environment::Sandbox;
        let gateway = Gateway::new(book, environment, commands.clone(), models, vault)
            .resume_at(publisher.head());

        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("`{listen}` can't be listened at"))?;
        let address = listener.local_addr()?;
        let shutdown = Shutdown::new();
        let router = gateway::router(gateway);
        let limits = Limits::default();
        let server = tokio::spawn(daemon::serve(listener, router, shutdown.clone(), limits));
        let writer = spawn_blocking(|| writer.join());
        Ok(Self { address, keys, shutdown, server, writer, commands, projectors, _folder: folder })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The keys that the book began with.
    pub fn keys(&self) -> &FirstKeys {
        &self.keys
    }

    /// Serves until `shutdown` is triggered, then drains. A writer that stops by itself ends it, too.
    pub async fn run_until(mut self, shutdown: &Shutdown) -> Result<()> {
        tokio::select! {
            () = shutdown.triggered() => self.stop().await,
            stopped = &mut self.writer => {
                stopped??;
                bail!("the writer has stopped")
            }
        }
    }

    /// Answers what it has begun, writes what it has accepted, and closes the folder.
    pub async fn stop(self) -> Result<()> {
        self.shutdown.trigger();
        let drained = self.server.await?;
        // Before the writer, whose connection to the journal closes last: SQLite then folds its log into the file.
        spawn_blocking(|| drop(self.projectors)).await?;
        drop(self.commands);
        self.writer.await??;
        match drained {
            Drained::Clean => Ok(()),
            Drained::Cut { connections } => bail!("{connections} connections were cut"),
        }
    }
}

/// What a folder has before anybody can be served.
struct Opened {
    folder: Folder,
    vault: Arc<Vault>,
    writer: Writer,
    commands: Commands,
    publisher: Publisher,
}

fn open(data: &Path) -> Result<Opened> {
    let folder = Folder::open(data)?;
    let (path, journal, book) = (folder.path().to_owned(), folder.journal()?, folder.book());
    let key = folder.checkpoint_key()?;
    let vault = Arc::new(folder.vault()?);
    let home = move || folder::home(&path, &journal, book, &key);
    let (writer, commands, publisher) = Writer::start(home)?;
    // The journal says who is erased, whichever copy of the vault this is: before anybody can ask.
    forget(&vault, writer.erased_subjects())?;
    Ok(Opened { folder, vault, writer, commands, publisher })
}

/// Opens the book with its first entry and makes its first keys, unless that was done. Keys are recorded before they are
/// written down: those of a start that was cut short between the two are lost, and others are made.
async fn first_keys(folder: &Folder, commands: &Commands) -> Result<FirstKeys> {
    if let Some(keys) = folder.keys()? {
        return Ok(keys);
    }
    let environment = Environment::Sandbox;
    let open = OpenBook { book: folder.book(), environment };
    let opened = request(CommandId(folder.book().0), Command::OpenBook(open));
    commands.submit(opened).await.context("the book can't be opened")?;

    let mut texts = Vec::new();
    for family in [Family::LedgerOs, Family::LedgerApi] {
        let (text, new) = keys::generate(family, environment, Scope::Admin);
        let (id, _) = new.digest.split_first_chunk().expect("a hash has more than sixteen bytes");
        let create = request(CommandId(*id), Command::CreateKey(CreateKey(new)));
        commands.submit(create).await?;
        texts.push(text);
    }
    let [ledger_os, ledger_api] = <[String; 2]>::try_from(texts).expect("two families");
    let keys = FirstKeys { ledger_os, ledger_api };
    folder.write_keys(&keys)?;
    Ok(keys)
}

/// Makes the vault forget, what it may have done before.
pub(crate) fn forget(vault: &Vault, subjects: &[[u8; 16]]) -> Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let subjects: Vec<_> = subjects.iter().copied().map(Subject).collect();
    vault.forget(&subjects).context("the vault can't forget who is erased")
}

fn request(id: CommandId, command: Command) -> Request {
    Request { id, origin: Origin::LEDGER, command }
}

/// Starts the read models.
fn follow(folder: &Folder, publisher: &Publisher) -> Result<(Vec<Projector>, ReadModels)> {
    let (models, path) = (folder.read_models()?, folder.path());
    let start = |model| -> Result<Projector> {
        let reader = folder::reader(path)?.journal;
        Projector::start(model, &models, reader, publisher.subscribe())
            .with_context(|| format!("the read model `{model}` does not start"))
    };
    let balances = start(ReadModel::Balances)?;
    let transactions = start(ReadModel::Transactions)?;
    let intents = start(ReadModel::Intents)?;
    let directory = start(ReadModel::Directory)?;
    let followed = ReadModels {
        balances: followed(Balances::open(&models, folder::reader(path)?.journal)?, &balances),
        transactions: followed(Transactions::open(&models)?, &transactions),
        intents: followed(Intents::open(&models)?, &intents),
        directory: followed(Directory::open(&models)?, &directory),
    };
    Ok((vec![balances, transactions, intents, directory], followed))
}

fn followed<Q>(queries: Q, projector: &Projector) -> Followed<Q> {
    Followed { queries: Arc::new(queries), progress: projector.progress() }
}
