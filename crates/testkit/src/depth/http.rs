//! The whole: every role in one process on a folder, reached over HTTP as a platform reaches it.

use std::collections::BTreeSet;
use std::sync::Arc;

use journal::Reader;
use journal::sqlite::SqliteReader;
use ledger::{
    AgentId, Asset, CardId, Command, Entry, Event, HolderId, IntentId, Position, Request,
    Timestamp, TransactionId,
};
use ledgeros::embedded::Embedded;
use ledgeros::folder;
use rpc::Answer;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};

use self::client::{Client, Response};
use self::route::Route;
use crate::books::{Books, Breach, require};
use crate::depth::Depth;

mod client;
mod route;
mod shown;

/// A ledger that serves a folder of its own, a client, and a reader of the journal.
pub struct Http {
    running: Option<(Embedded, Client)>,
    reader: SqliteReader,
    touched: Touched,
    folder: TempDir,
    runtime: Runtime,
}

/// What entries speak of, and what is therefore looked at.
#[derive(Debug, Default)]
struct Touched {
    holders: BTreeSet<HolderId>,
    agents: BTreeSet<AgentId>,
    cards: BTreeSet<CardId>,
    intents: BTreeSet<IntentId>,
    purchases: BTreeSet<TransactionId>,
}

impl Http {
    /// An empty ledger on a free port.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start() -> Self {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be had");
        let folder = TempDir::new().expect("a folder can be made");
        let running = runtime.block_on(serve(&folder)).expect("the ledger starts");
        let reader = folder::reader(folder.path()).expect("the journal can be read");
        let touched = Touched::default();
        Self { running: Some(running), reader, touched, folder, runtime }
    }

    fn entry(&mut self, position: Position) -> Result<Arc<Entry>, Breach> {
        let found = self.reader.read(position, 1).map_err(|error| error.to_string())?;
        let stored = found.into_iter().next();
        stored.map(|stored| stored.entry).ok_or_else(|| format!("there is no entry `{position}`"))
    }
}

async fn serve(folder: &TempDir) -> Result<(Embedded, Client), Breach> {
    let any_port = ([127, 0, 0, 1], 0).into();
    let embedded = Embedded::start(folder.path(), any_port).await;
    let embedded = embedded.map_err(|error| format!("{error:#}"))?;
    let key = embedded.keys().ledger_os.clone();
    let client = Client::connect(embedded.address().to_string(), key).await?;
    Ok((embedded, client))
}

impl Depth for Http {
    fn submit(&mut self, request: &Request) -> Result<Result<Answer, String>, Breach> {
        if let Command::OpenBook(_) = request.command {
            // That was done when it started.
            return Ok(Ok(Answer { entry: self.entry(Position::START.next())?, is_replay: false }));
        }
        let (_, client) = self.running.as_mut().ok_or("the ledger is stopped")?;
        let sent: Result<Response, Breach> = self.runtime.block_on(async {
            let route = match &request.command {
                Command::ConfirmDeposit(deposit) => {
                    let path = format!("/v1/users/{}/funding", deposit.holder);
                    Route::deposit(deposit, &address(&client.get(&path).await?, deposit.asset)?)
                }
                command => Route::of(command),
            };
            client.send(route, request).await
        });
        let Response { status, position, is_replay, body } = sent?;
        if status != 200 {
            return refusal(status, &body).map(Err);
        }
        let position = position.ok_or("the answer says no position")?;
        let entry = self.entry(position)?;
        shown::answer(&entry, &body)?;
        Ok(Ok(Answer { entry, is_replay }))
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
        let Self { runtime, reader, touched, .. } = self;
        runtime.block_on(async {
            for id in &touched.holders {
                let path = format!("/v1/balances/{id}");
                shown::balance(books, *id, &client.get_at(&path, books.position).await?)?;
                let path = format!("/v1/verification/user/{id}");
                shown::user(books, *id, &client.get_at(&path, books.position).await?)?;
            }
            for id in &touched.agents {
                let path = format!("/v1/agents/{id}");
                shown::agent(books, *id, &client.get_at(&path, books.position).await?)?;
            }
            for id in &touched.cards {
                let path = format!("/v1/cards/{id}");
                shown::card(books, *id, now, &client.get_at(&path, books.position).await?)?;
            }
            for id in &touched.intents {
                let path = format!("/v1/intents/{id}");
                shown::intent(books, *id, &client.get_at(&path, books.position).await?)?;
            }
            for id in &touched.purchases {
                let path = format!("/v1/transactions/{id}");
                let shown = client.get_at(&path, books.position).await?;
                shown::purchase(books, *id, &shown)?;
                shown::history(&shown, reader)?;
            }
            *touched = Touched::default();
            Ok(())
        })
    }

    fn restart(&mut self) -> Result<(), Breach> {
        if let Some((embedded, client)) = self.running.take() {
            drop(client);
            let stopped = self.runtime.block_on(embedded.stop());
            stopped.map_err(|error| format!("{error:#}"))?;
        }
        self.running = Some(self.runtime.block_on(serve(&self.folder))?);
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

impl Touched {
    fn add(&mut self, event: &Event) {
        match event {
            Event::BookOpened(_) | Event::KeyCreated(_) | Event::ClockAdvanced(_) => {}
            Event::HolderCreated(event) => drop(self.holders.insert(event.holder)),
            Event::VerificationChanged(event) => drop(self.holders.insert(event.holder)),
            Event::DocumentAdded(event) => drop(self.holders.insert(event.holder)),
            Event::DepositConfirmed(event) => drop(self.holders.insert(event.holder)),
            Event::AgentRegistered(event) => drop(self.agents.insert(event.agent)),
            Event::AgentStatusChanged(event) => drop(self.agents.insert(event.agent)),
            Event::AgentLimitExceeded(event) => drop(self.agents.insert(event.agent)),
            Event::CardCreated(event) => drop(self.cards.insert(event.card)),
            Event::CardStatusChanged(event) => drop(self.cards.insert(event.card)),
            Event::IntentDeclared(event) => drop(self.intents.insert(event.intent)),
            Event::AttestationRecorded(event) => drop(self.intents.insert(event.intent)),
            Event::IntentAssessed(event) => drop(self.intents.insert(event.intent)),
            Event::IntentReleased(event) => drop(self.intents.insert(event.intent)),
            Event::IntentClosed(event) => drop(self.intents.insert(event.intent)),
            Event::AuthorizationApproved(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationDeclined(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationReversed(event) => drop(self.purchases.insert(event.transaction)),
            Event::AuthorizationExpired(event) => drop(self.purchases.insert(event.transaction)),
            Event::Cleared(event) => drop(self.purchases.insert(event.transaction)),
            Event::Refunded(event) => drop(self.purchases.insert(event.transaction)),
        }
    }

    /// Adds what a purchase concerns.
    fn complete(&mut self, books: &Books) {
        for purchase in self.purchases.iter().map(|id| &books.purchases[id]) {
            self.holders.insert(purchase.holder);
            self.cards.insert(purchase.card);
            self.intents.extend(purchase.intent);
        }
    }
}

/// Where a user receives a token.
fn address(funding: &Value, asset: Asset) -> Result<String, Breach> {
    let addresses = funding["addresses"].as_array().ok_or("there are no addresses")?;
    let found = addresses.iter().find(|address| address["asset"] == asset.code());
    let address = found.and_then(|found| found["address"].as_str());
    address.map(str::to_owned).ok_or_else(|| format!("`{asset}` can't be received"))
}

/// The word for a refusal, whether the rules or the gateway refuse.
fn refusal(status: u16, body: &Value) -> Result<String, Breach> {
    let code = body["error"]["code"].as_str().unwrap_or_default();
    let message = body["error"]["message"].as_str().unwrap_or_default();
    let word = match code {
        "not_found" => {
            let nouns = ["user", "agent", "card", "intent", "transaction"];
            let noun = nouns.into_iter().find(|noun| message.contains(&format!("{noun} ")));
            return noun
                .map(|noun| format!("unknown_{noun}"))
                .ok_or_else(|| format!("what is not found? {message}"));
        }
        "card_frozen" | "card_closed" => "card_not_active",
        "transaction_not_pending" => "not_pending",
        "amount_exceeds_hold" => "exceeds_hold",
        "amount_exceeds_cleared" => "exceeds_cleared",
        "invalid_field" if message.contains("integer of cents") => "amount_out_of_range",
        other => other,
    };
    require!(status < 500 && !word.is_empty(), "the gateway answers {status}: {body}");
    Ok(word.to_owned())
}
