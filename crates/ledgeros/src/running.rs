//! A book that runs on its folder: its writer, its read models, its courier, and its gateway.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use courier::{Courier, Deliveries, Options};
use gateway::{BookCode, Followed, Gateway, ReadModels, ServedBook, keys};
use journal::causes::in_one_line;
use ledger::book::{Environment, OpenBook};
use ledger::keys::{CreateKey, Family, Scope};
use ledger::{Command, CommandId, Origin, Request};
use projector::{Balances, Directory, Intents, Projector, ReadModel, Transactions};
use rpc::{Commands, Publisher};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{JoinHandle, spawn_blocking};
use vault::{Subject, Vault};
use writer::{Writer, WriterStopped};

use crate::folder::{self, FirstKeys, Folder};

/// A book that runs in this process.
pub(crate) struct Running {
    keys: FirstKeys,
    writer: JoinHandle<Result<(), WriterStopped>>,
    /// Dropped to let the writer drain.
    commands: Commands,
    projectors: Vec<Projector>,
    /// None where it can't go on: its file is damaged, say.
    courier: Option<Courier>,
    folder: Folder,
}

impl Running {
    /// Opens the folder, or makes it, and runs the book in it. `ended` hears of it when the writer has ended.
    pub(crate) async fn start(
        path: &Path,
        code: BookCode,
        webhooks: Options,
        ended: UnboundedSender<()>,
    ) -> Result<(Self, ServedBook)> {
        let Opened { folder, vault, writer, commands, publisher } = open_apart(path).await?;
        // What was never opened is the first book of a new service: one to try things out.
        let begun = opening(path).await?;
        let environment = begun.map_or(Environment::Sandbox, |opening| opening.environment);
        let keys = first_keys(&folder, &commands, environment).await?;
        let opening = opening(path).await?.context("the book is not open")?;
        let webhooks = allowed(webhooks, environment);
        let feeds = publisher.clone();
        let secrets = vault.clone();
        let (folder, projectors, models, courier, deliveries) = spawn_blocking(move || {
            let (projectors, models) = follow(&folder, &feeds)?;
            let courier = deliver(&folder, &feeds, secrets, webhooks)?;
            let deliveries = Deliveries::open(&messages(&folder)?);
            anyhow::Ok((folder, projectors, models, courier, deliveries))
        })
        .await??;
        let gateway =
            Gateway::new(opening.book, environment, commands.clone(), models, deliveries, vault)
                .resume_at(publisher.head());
        let writer = tokio::spawn(async move {
            let stopped = spawn_blocking(|| writer.join()).await;
            // Nobody listens any more once the service stops.
            let _ = ended.send(());
            stopped.unwrap_or(Err(WriterStopped::Panicked))
        });
        let served = ServedBook { code, created_at: opening.at, gateway: Arc::new(gateway) };
        Ok((Self { keys, writer, commands, projectors, courier, folder }, served))
    }

    /// The keys that the book began with.
    pub(crate) fn keys(&self) -> &FirstKeys {
        &self.keys
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Writes what was accepted, and closes the folder. Nobody else may have a way to its writer any more.
    pub(crate) async fn stop(self) -> Result<()> {
        // Before the writer, whose connection to the journal closes last: SQLite then folds its log into the file.
        spawn_blocking(|| drop((self.projectors, self.courier))).await?;
        drop(self.commands);
        let stopped = self.writer.await?;
        stopped.with_context(|| format!("the book in `{}`", self.folder.path().display()))
    }
}

/// Makes a book in an empty folder, or one that is not there, and closes it again.
pub(crate) async fn make(path: &Path, environment: Environment) -> Result<FirstKeys> {
    let Opened { folder, writer, commands, .. } = open_apart(path).await?;
    let keys = first_keys(&folder, &commands, environment).await?;
    drop(commands);
    spawn_blocking(|| writer.join()).await??;
    Ok(keys)
}

/// What a folder has before anybody can be served.
struct Opened {
    folder: Folder,
    vault: Arc<Vault>,
    writer: Writer,
    commands: Commands,
    publisher: Publisher,
}

/// Databases are waited for where nothing else has to go on.
async fn open_apart(path: &Path) -> Result<Opened> {
    let path = path.to_owned();
    spawn_blocking(move || open(&path)).await?
}

async fn opening(path: &Path) -> Result<Option<folder::Opening>> {
    let path = path.to_owned();
    spawn_blocking(move || folder::opening(&path)).await?
}

fn open(path: &Path) -> Result<Opened> {
    let folder = Folder::open(path)?;
    let (path, journal, book) = (folder.path().to_owned(), folder.journal()?, folder.book());
    let key = folder.checkpoint_key()?;
    let vault = Arc::new(folder.vault()?);
    let home = move || folder::home(&path, &journal, book, &key);
    let (writer, commands, publisher) = Writer::start(home)?;
    // The journal says who is erased, whichever copy of the vault this is: before anybody can ask.
    forget_at_start(&vault, writer.erased_subjects())?;
    Ok(Opened { folder, vault, writer, commands, publisher })
}

/// Opens the book with its first entry and makes its first keys, unless that was done. Keys are recorded before they are
/// written down: those of a start that was cut short between the two are lost, and others are made.
async fn first_keys(
    folder: &Folder,
    commands: &Commands,
    environment: Environment,
) -> Result<FirstKeys> {
    if let Some(keys) = folder.keys()? {
        return Ok(keys);
    }
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

/// Makes the vault forget before anybody can ask. Old pages that another's long read holds in its log, a backup's say, are
/// no reason to keep a book from being served: nobody can ask for what is deleted.
pub(crate) fn forget_at_start(vault: &Vault, subjects: &[[u8; 16]]) -> Result<()> {
    match forget(vault, subjects) {
        Err(error @ vault::Error::LogInUse) => {
            let vault = vault.path().display();
            tracing::warn!(%vault, %error, "who is erased is forgotten, and may stand in the vault's log for a while");
            Ok(())
        }
        done => done.context(NOT_FORGOTTEN),
    }
}

/// Makes the vault forget, what it may have done before.
pub(crate) fn forget(vault: &Vault, subjects: &[[u8; 16]]) -> Result<(), vault::Error> {
    if subjects.is_empty() {
        return Ok(());
    }
    let subjects: Vec<_> = subjects.iter().copied().map(Subject).collect();
    vault.forget(&subjects)
}

/// What is said where that fails.
pub(crate) const NOT_FORGOTTEN: &str = "the vault can't forget who is erased";

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

/// Where what webhooks are told is kept.
fn messages(folder: &Folder) -> Result<courier::Place> {
    Ok(folder.journal()?.messages(folder.path(), folder.book()))
}

/// What a book's courier may do: where money is real, it sends to the internet only.
pub(crate) fn allowed(webhooks: Options, environment: Environment) -> Options {
    let allows_private = webhooks.allows_private && environment == Environment::Sandbox;
    Options { allows_private, ..webhooks }
}

/// Starts what tells webhooks. Where that can't go on, as its file is damaged, say, or of another history, nobody is told until it is
/// deleted; cards go on being used meanwhile. What passes by itself the courier waits for.
fn deliver(
    folder: &Folder,
    publisher: &Publisher,
    vault: Arc<Vault>,
    options: Options,
) -> Result<Option<Courier>> {
    let place = messages(folder)?;
    let reader = folder::reader(folder.path())?.journal;
    let started = Courier::start(&place, reader, publisher.subscribe(), vault, options);
    let started = started.inspect_err(|error| {
        let error = in_one_line(error);
        tracing::error!(book = %folder.book(), ?place, error, "courier stopped");
    });
    Ok(started.ok())
}

fn followed<Q>(queries: Q, projector: &Projector) -> Followed<Q> {
    Followed { queries: Arc::new(queries), progress: projector.progress() }
}
