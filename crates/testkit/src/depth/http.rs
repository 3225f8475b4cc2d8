//! The whole, reached over HTTP as a platform reaches it: every role in one process on a folder, or the roles of a service
//! with gRPC, NATS and PostgreSQL between them.

use std::fs::{self, Permissions};
use std::mem;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use journal::Reader;
use ledger::book::Environment;
use ledger::transfers::Rail;
use ledger::{Asset, Command, Entry, Position, Request, Timestamp, WalletId};
use ledgeros::embedded::Embedded;
use ledgeros::folder;
use ledgeros::library::make_own;
use ledgeros::services::Services;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};

use self::client::{Client, Response, Surface};
use self::route::{Body, Route};
use self::touched::Touched;
use crate::books::{Books, Breach};
use crate::depth::{Answer, Depth};

mod client;
mod refusal;
mod route;
mod shown;
mod touched;

/// A ledger that serves a folder of its own, a client, and a reader of the journal.
pub struct Http {
    running: Option<(Serving, Client)>,
    /// Where NATS is, if services are played on.
    bus: Option<String>,
    reader: Box<dyn Reader>,
    touched: Touched,
    folder: TempDir,
    runtime: Runtime,
}

impl Http {
    /// An empty ledger on a free port.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Self {
        let runtime = runtime();
        let folder = TempDir::new().expect("a folder can be made");
        Self::on(folder, runtime, None)
    }

    /// An empty ledger whose journal is in a prepared database, behind the roles of a service.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn over_services(database: &str, bus: &str) -> Self {
        let runtime = runtime();
        let folder = TempDir::new().expect("a folder can be made");
        let data = folder.path();
        let url = data.join("database.url");
        fs::write(&url, database).expect("a file can be made");
        fs::set_permissions(&url, Permissions::from_mode(0o600)).expect("it is ours");
        let made = runtime.block_on(make_own(data, Environment::Sandbox));
        made.expect("the book can be made");
        Self::on(folder, runtime, Some(bus.to_owned()))
    }

    fn on(folder: TempDir, runtime: Runtime, bus: Option<String>) -> Self {
        let running = runtime.block_on(serve(&folder, bus.as_deref()));
        let running = running.expect("the ledger starts");
        let reader = folder::reader(folder.path()).expect("the journal can be read").journal;
        let touched = Touched::default();
        Self { running: Some(running), bus, reader, touched, folder, runtime }
    }

    fn entry(&mut self, position: Position) -> Result<Arc<Entry>, Breach> {
        let found = self.reader.read(position, 1).map_err(|error| error.to_string())?;
        let stored = found.into_iter().next();
        stored.map(|stored| stored.entry).ok_or_else(|| format!("there is no entry `{position}`"))
    }
}

fn runtime() -> Runtime {
    let mut runtime = runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime can be had")
}

/// What serves a folder.
enum Serving {
    Embedded(Box<Embedded>),
    Services(Services),
}

impl Serving {
    async fn stop(self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(embedded) => embedded.stop().await,
            Self::Services(services) => services.stop().await,
        }
    }
}

async fn serve(folder: &TempDir, bus: Option<&str>) -> Result<(Serving, Client), Breach> {
    let told = |error: anyhow::Error| format!("{error:#}");
    let (serving, address) = match bus {
        None => {
            let any_port = ([127, 0, 0, 1], 0).into();
            let embedded = Embedded::start(folder.path(), any_port).await.map_err(told)?;
            let address = embedded.address();
            (Serving::Embedded(Box::new(embedded)), address)
        }
        Some(bus) => {
            let state = folder.path().join("writer");
            let services = Services::start(folder.path(), state, bus).await.map_err(told)?;
            let address = services.address();
            (Serving::Services(services), address)
        }
    };
    let keys = folder::keys_of(folder.path()).map_err(told)?.ok_or("there are no keys")?;
    Ok((serving, Client::once_served(address.to_string(), keys).await?))
}

impl Depth for Http {
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach> {
        if let Command::OpenBook(_) = request.command {
            // That was done when it started.
            return Ok(Ok(Answer { entry: self.entry(Position::START.next())?, is_replay: false }));
        }
        let (_, client) = self.running.as_mut().ok_or("the ledger is stopped")?;
        let sent: Result<Response, Breach> = self.runtime.block_on(async {
            let route = route(client, &request.command).await?;
            client.send(route, request).await
        });
        let Response { status, position, is_replay, body } = sent?;
        if !matches!(status, 200 | 201) {
            return refusal::word(status, &body).map(Err);
        }
        let position = position.ok_or("the answer says no position")?;
        let entry = self.entry(position)?;
        shown::answer(&entry, &body)?;
        Ok(Ok(Answer { entry, is_replay }))
    }

    fn try_out(&mut self, request: &Request, books: &Books) -> Result<Result<(), String>, Breach> {
        let (_, client) = self.running.as_mut().ok_or("the ledger is stopped")?;
        let mut route = Route::of(&request.command);
        let Body::Json(body) = &mut route.body else {
            return Err("what has no body can't be tried out".to_owned());
        };
        body["dry_run"] = true.into();
        let Response { status, body, .. } = self.runtime.block_on(client.send(route, request))?;
        if status != 200 {
            return refusal::word(status, &body).map(Err);
        }
        shown::tried_out(books, &request.command, &body).map(Ok)
    }

    fn read(&mut self, from: Position) -> Result<Vec<Arc<Entry>>, Breach> {
        let stored = self.reader.read(from, usize::MAX).map_err(|error| error.to_string())?;
        let entries: Vec<_> = stored.into_iter().map(|stored| stored.entry).collect();
        for event in entries.iter().flat_map(|entry| &entry.events) {
            self.touched.add(event);
        }
        Ok(entries)
    }

    fn wall(&self) -> Timestamp {
        super::wall_clock()
    }

    fn compare(&mut self, books: &Books) -> Result<(), Breach> {
        self.touched.complete(books);
        let now = self.wall().plus_ms(books.clock_offset_ms).max(books.at);
        let (_, client) = self.running.as_mut().ok_or("the ledger is stopped")?;
        let touched = mem::take(&mut self.touched);
        let mut looking = shown::Looking { client, journal: &mut *self.reader, books, now };
        self.runtime.block_on(looking.at(&touched))
    }

    fn restart(&mut self) -> Result<(), Breach> {
        if let Some((embedded, client)) = self.running.take() {
            drop(client);
            let stopped = self.runtime.block_on(embedded.stop());
            stopped.map_err(|error| format!("{error:#}"))?;
        }
        self.running = Some(self.runtime.block_on(serve(&self.folder, self.bus.as_deref()))?);
        Ok(())
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        if let Some((embedded, client)) = self.running.take() {
            drop(client);
            // What the test had to say it has said.
            let _ = self.runtime.block_on(embedded.stop());
        }
    }
}

/// Where a command goes; what it does not say is asked for.
async fn route(client: &mut Client, command: &Command) -> Result<Route, Breach> {
    Ok(match command {
        Command::ConfirmDeposit(deposit) => {
            let path = format!("/v1/users/{}/funding", deposit.holder);
            let funding = client.get(Surface::LedgerOs, &path).await?;
            let code = deposit.asset.code();
            Route::deposit(deposit, &address(&funding["addresses"], "asset", code)?)
        }
        Command::ConfirmWalletDeposit(deposit) => {
            let addresses = addresses(client, deposit.wallet).await?;
            let address = address(&addresses, "chain", deposit.chain.name())?;
            Route::wallet_deposit(deposit, &address)
        }
        Command::ConfirmBankDeposit(deposit) => {
            let path = format!("/v1/virtual-accounts/{}", deposit.account);
            let account = client.get(Surface::LedgerApi, &path).await?;
            let currency = account["sourceCurrency"].as_str().and_then(Asset::from_code);
            Route::bank_deposit(deposit, currency.ok_or("the account has no currency")?)
        }
        Command::CreateTransfer(transfer) => {
            let path = format!("/v1/crypto-wallets/{}", transfer.wallet);
            let wallet = client.get(Surface::LedgerApi, &path).await?;
            // An address that is right for its chain: the wallet's own.
            let address = match transfer.destination.rail {
                Rail::Chain(chain) => {
                    let addresses = addresses(client, transfer.wallet).await?;
                    address(&addresses, "chain", chain.name())?
                }
                Rail::Ach | Rail::Wire | Rail::Sepa | Rail::FasterPayments | Rail::Spei => {
                    "an account at some bank".to_owned()
                }
            };
            Route::transfer(transfer, &wallet["customerId"], &address)
        }
        command => Route::of(command),
    })
}

/// Where a wallet receives tokens.
async fn addresses(client: &mut Client, wallet: WalletId) -> Result<Value, Breach> {
    let path = format!("/v1/crypto-wallets/{wallet}/crypto-deposit-addresses");
    let mut shown = client.get(Surface::LedgerApi, &path).await?;
    Ok(shown["items"].take())
}

/// The address that is for something.
fn address(addresses: &Value, what: &str, for_it: &str) -> Result<String, Breach> {
    let addresses = addresses.as_array().ok_or("there are no addresses")?;
    let found = addresses.iter().find(|address| address[what] == for_it);
    let address = found.and_then(|found| found["address"].as_str());
    address.map(str::to_owned).ok_or_else(|| format!("there is no address for `{for_it}`"))
}
