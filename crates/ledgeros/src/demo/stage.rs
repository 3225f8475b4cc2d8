//! Sends what the demo does, and prints it beside what it did to the books.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use journal::Reader;
use ledger::{Asset, Entry, Position, Side};
use serde_json::Value;

use crate::client::Client;
use crate::folder::FirstKeys;

/// Where the demo plays.
pub(super) struct Stage {
    /// Speaks LedgerOS.
    client: Client,
    /// Speaks the Ledger API.
    ledger_api: Client,
    journal: Box<dyn Reader>,
    user: Option<String>,
    shown: Balance,
    step: usize,
    /// The last entry that was shown: the other key's reads have to reach it, too.
    position: u64,
}

/// What only the Ledger API has.
const LEDGER_API: [&str; 2] = ["/v1/crypto-wallets", "/v1/transfers"];

/// A user's balance, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Expect {
    pub(super) available: u64,
    pub(super) pending: u64,
    pub(super) settled: u64,
}

type Balance = Expect;

impl Stage {
    /// Connects to the ledger, and opens its journal for reading beside it.
    pub(super) async fn set(authority: &str, keys: &FirstKeys, folder: &Path) -> Result<Self> {
        say(&format!(
            "A payment, end to end, on the ledger at http://{authority}\n\
             Each line is a request; below it, the postings of the entry that it wrote.\n"
        ));
        Ok(Self {
            client: Client::connect(authority, &keys.ledger_os).await?,
            ledger_api: Client::connect(authority, &keys.ledger_api).await?,
            journal: crate::folder::reader(folder)?.journal,
            user: None,
            shown: Balance::default(),
            step: 0,
            position: 0,
        })
    }

    /// Sends a request, which must succeed, and prints it with its entry.
    pub(super) async fn post(&mut self, title: &str, path: &str, body: &Value) -> Result<Value> {
        let client = match LEDGER_API.iter().any(|begin| path.starts_with(begin)) {
            true => &mut self.ledger_api,
            false => &mut self.client,
        };
        let answer = client.post(path, body).await?;
        let body = answer.json();
        ensure!(answer.status.is_success(), "`POST {path}` answered {}: {body}", answer.status);
        let position = answer.position().context("the answer names no position")?;
        self.position = position;
        let entry = self.entry(Position(position))?;
        self.step += 1;
        say(&format!("{:>2}  {title:<36} POST {}", self.step, short_ids(path)));
        say(&postings(&entry));
        Ok(body)
    }

    /// The last entry that was shown.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Takes an id out of an answer.
    pub(super) fn follow(&mut self, name: &str, body: &Value, field: &str) -> Result<String> {
        let body = if body["data"].is_object() { &body["data"] } else { body };
        let id = body[field].as_str().with_context(|| format!("no `{field}` in {body}"))?;
        if name == "userId" {
            self.user = Some(id.to_owned());
        }
        Ok(id.to_owned())
    }

    /// Where a wallet's tokens arrive on a chain.
    pub(super) async fn wallet_address(&mut self, wallet: &str, chain: &str) -> Result<String> {
        let path = format!("/v1/crypto-wallets/{wallet}/crypto-deposit-addresses");
        let body = self.ledger_api.get(&path).await?.json();
        let addresses = body["data"]["items"].as_array().context("no deposit addresses")?;
        let on_chain = addresses.iter().find(|address| address["chain"] == chain);
        let address = on_chain.and_then(|address| address["address"].as_str());
        Ok(address.with_context(|| format!("no address on {chain}: {body}"))?.to_owned())
    }

    /// Prints what is available in a wallet. It must be as expected.
    pub(super) async fn wallet_has(&mut self, wallet: &str, expected: &str) -> Result<()> {
        let path = format!("/v1/crypto-wallets/{wallet}/balance");
        let body = self.ledger_api.get_from(self.position, &path).await?.json();
        let balance = body["data"]["balance"].as_str().unwrap_or_default();
        say(&format!("    the wallet has {balance}\n"));
        ensure!(balance == expected, "the wallet should have {expected}: {body}");
        Ok(())
    }

    /// Where the user's USDC arrive.
    pub(super) async fn deposit_address(&mut self, user: &str) -> Result<String> {
        let funding = self.client.get(&format!("/v1/users/{user}/funding")).await?.json();
        let addresses = funding["addresses"].as_array().context("no deposit addresses")?;
        let usdc = addresses.iter().find(|address| address["asset"] == "USDC");
        let address = usdc.and_then(|address| address["address"].as_str());
        Ok(address.context("no address for USDC")?.to_owned())
    }

    /// Prints the user's balance beside the one that was shown before. It must be the expected one.
    pub(super) async fn expect(&mut self, expected: Expect) -> Result<()> {
        let user = self.user.as_deref().context("the demo begins with a user")?;
        let body = self.client.get(&format!("/v1/balances/{user}")).await?.json();
        let cents = |field: &str| body[field].as_u64().with_context(|| format!("no `{field}`"));
        let now = Balance {
            available: cents("available")?,
            pending: cents("pending")?,
            settled: cents("settled")?,
        };
        let change = |name, before, after| match before == after {
            true => format!("{name} {}", dollars(after)),
            false => format!("{name} {} → {}", dollars(before), dollars(after)),
        };
        let changes = [
            change("available", self.shown.available, now.available),
            change("pending", self.shown.pending, now.pending),
            change("settled", self.shown.settled, now.settled),
        ];
        say(&format!("    balance: {}\n", changes.join(" · ")));
        ensure!(now == expected, "the balance should be {expected:?}");
        self.shown = now;
        Ok(())
    }

    /// Prints what something is now. It must be as expected.
    pub(super) async fn status(&mut self, what: &str, path: &str, expected: &str) -> Result<()> {
        let body = self.client.get(path).await?.json();
        let status = body["status"].as_str().or(body["state"].as_str()).unwrap_or_default();
        say(&format!("    {what} is {status}\n"));
        ensure!(status == expected, "{what} should be {expected}: {body}");
        Ok(())
    }

    fn entry(&mut self, position: Position) -> Result<Entry> {
        let stored = self.journal.read(position, 1)?;
        let stored = stored.first().context("the answer names an entry that is not there")?;
        Ok(Entry::clone(&stored.entry))
    }
}

fn postings(entry: &Entry) -> String {
    if entry.postings.is_empty() {
        return format!("    entry {}: nothing moves", entry.position);
    }
    let mut text = format!("    entry {}", entry.position);
    for posting in &entry.postings {
        let side = match posting.side {
            Side::Debit => "debit ",
            Side::Credit => "credit",
        };
        let account = short_ids(&posting.account.to_string());
        let amount = posting.asset.format(posting.amount);
        write!(text, "\n      {side} {account:<44} {amount:>12} {}", posting.asset)
            .expect("a string takes what is written");
    }
    text
}

/// Ids by their last four characters, for people.
pub(super) fn short_ids(text: &str) -> String {
    let shorten = |part: &str| {
        let (prefix, id) =
            part.split_once('_').map_or(("", part), |(_, id)| (&part[..part.len() - id.len()], id));
        match ledger::id::decode(id) {
            Some(_) => format!("{prefix}…{}", &id[id.len() - 4..]),
            None => part.to_owned(),
        }
    };
    let by = |separator: char, text: &str| {
        text.split(separator).map(shorten).collect::<Vec<_>>().join(&separator.to_string())
    };
    if text.starts_with('/') { by('/', text) } else { by(':', text) }
}

pub(super) fn dollars(cents: u64) -> String {
    Asset::Usd.format(ledger::Amount(u128::from(cents)))
}

/// The demo talks on stdout: that is what it is for.
#[expect(clippy::print_stdout, reason = "the demo's output")]
pub(super) fn say(line: &str) {
    println!("{line}");
}
