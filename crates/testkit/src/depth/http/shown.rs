//! Compares what the API shows with the books.

use std::collections::BTreeSet;

use journal::Reader;
use ledger::holders::VerificationStatus;
use ledger::limits::Window;
use ledger::{
    AgentId, Amount, Asset, CardId, Entry, HolderId, IntentId, KeyId, Position, Side, Timestamp,
    TransactionId, WalletId, WebhookId,
};
use serde_json::{Value, json};

use super::client::{Client, Surface};
use super::route::{events, webhook_status};
use super::touched::Touched;
use crate::books::states::differences;
use crate::books::{Books, Breach, require};

mod answer;
mod ledgers;

pub(super) use answer::answer;
pub(super) use ledgers::tried_out;

/// What is needed to look at what the ledger shows.
pub(super) struct Looking<'a> {
    pub(super) client: &'a mut Client,
    pub(super) journal: &'a mut dyn Reader,
    pub(super) books: &'a Books,
    pub(super) now: Timestamp,
}

impl Looking<'_> {
    /// Looks at everything that was touched.
    pub(super) async fn at(&mut self, touched: &Touched) -> Result<(), Breach> {
        if !touched.keys.is_empty() {
            self.keys(&touched.keys).await?;
        }
        if !touched.webhooks.is_empty() {
            self.webhooks(&touched.webhooks).await?;
        }
        for id in &touched.holders {
            self.holder(*id).await?;
        }
        for id in &touched.agents {
            self.agent(*id).await?;
        }
        for id in &touched.cards {
            self.card(*id).await?;
        }
        for id in &touched.intents {
            self.intent(*id).await?;
        }
        for id in &touched.purchases {
            self.purchase(*id).await?;
        }
        for id in &touched.deposits {
            self.deposit(*id).await?;
        }
        for id in &touched.wallets {
            self.wallet(*id).await?;
        }
        for id in &touched.transfers {
            self.transfer(*id).await?;
        }
        for id in &touched.ledgers {
            self.ledger(*id).await?;
        }
        for id in &touched.journals {
            self.journal(*id).await?;
        }
        Ok(())
    }

    async fn shown(&mut self, surface: Surface, path: &str) -> Result<Value, Breach> {
        self.client.get_at(surface, path, self.books.position).await
    }

    async fn keys(&mut self, keys: &BTreeSet<KeyId>) -> Result<(), Breach> {
        let shown = self.shown(Surface::LedgerOs, "/v1/keys?limit=100").await?;
        let shown = shown["data"].as_array().ok_or("there are no keys")?;
        for id in keys {
            let key = shown.iter().find(|key| key["id"] == id.to_string());
            let key = key.ok_or_else(|| format!("`{id}` is not listed"))?;
            let known = &self.books.keys[id];
            require!(key["revokedAt"].is_null() != known.is_revoked, "`{key}` is not its state");
            same("agentId", &key["agentId"], known.agent.map(|agent| agent.to_string()))?;
        }
        Ok(())
    }

    async fn webhooks(&mut self, webhooks: &BTreeSet<WebhookId>) -> Result<(), Breach> {
        let shown = self.shown(Surface::LedgerOs, "/v1/webhooks?limit=100").await?;
        let shown = shown["data"].as_array().ok_or("there are no webhooks")?;
        for id in webhooks {
            let webhook = shown.iter().find(|webhook| webhook["id"] == id.to_string());
            let known = &self.books.webhooks[id];
            require!(webhook.is_none() == known.is_removed, "`{id}` is listed or not");
            if let Some(webhook) = webhook {
                same("status", &webhook["status"], webhook_status(known.status))?;
                same("events", &webhook["events"], events(&known.topics))?;
            }
        }
        Ok(())
    }

    async fn holder(&mut self, id: HolderId) -> Result<(), Breach> {
        let books = self.books;
        let shown = self.shown(Surface::LedgerOs, &format!("/v1/balances/{id}")).await?;
        let pending = books.held(id) + books.reserved(id) + books.withdrawing_in(id, Asset::Usd);
        let deposits = books.deposits.values().filter(|d| d.owner == id && !d.is_reversed);
        let deposited: u128 = deposits.map(|deposit| deposit.credited.amount.0).sum();
        let settled = i64::try_from(books.settled(id)).map_err(|error| error.to_string())?;
        same("available", &shown["available"], cents(books.available(id)))?;
        same("pending", &shown["pending"], cents(pending))?;
        same("deposited", &shown["deposited"], cents(deposited))?;
        same("settled", &shown["settled"], settled)?;
        let path = format!("/v1/verification/user/{id}");
        let shown = self.shown(Surface::LedgerOs, &path).await?;
        same("applicationStatus", &shown["applicationStatus"], books.holders[&id].to_string())?;
        let path = format!("/v1/customers/cus_{}", ledger::id::encode(id.0));
        let shown = self.shown(Surface::LedgerApi, &path).await?;
        let status = books.before_lock.get(&id).unwrap_or(&books.holders[&id]);
        same("kycStatus", &shown["kycStatus"], kyc_status(*status))
    }

    async fn agent(&mut self, id: AgentId) -> Result<(), Breach> {
        let agent = &self.books.agents[&id];
        let shown = self.shown(Surface::LedgerOs, &format!("/v1/agents/{id}")).await?;
        same("status", &shown["status"], agent.status.to_string())?;
        same("spendingLimit", &shown["spendingLimit"], cents(agent.policy.limit.amount.0))?;
        same("maxCards", &shown["maxCards"], agent.policy.cards_max)
    }

    async fn card(&mut self, id: CardId) -> Result<(), Breach> {
        let books = self.books;
        let shown = self.shown(Surface::LedgerOs, &format!("/v1/cards/{id}")).await?;
        same("status", &shown["status"], books.state_of_card(id))?;
        for limit in books.cards[&id].limits.iter() {
            let name = match limit.window {
                Window::Authorization => "perAuth",
                Window::Day => "perDay",
                Window::Month => "perMonth",
                _ => "maxAmount",
            };
            let left = books.left_of_card(id, limit, self.now);
            same(name, &shown["limits"][name]["left"], cents(left))?;
        }
        if let Some(max) = books.cards[&id].controls.authorizations_max {
            let left = (max as usize).saturating_sub(books.authorizations_of(id));
            same("maxAuthCount", &shown["limits"]["maxAuthCount"]["left"], left)?;
        }
        Ok(())
    }

    async fn intent(&mut self, id: IntentId) -> Result<(), Breach> {
        let books = self.books;
        let shown = self.shown(Surface::LedgerOs, &format!("/v1/intents/{id}")).await?;
        same("status", &shown["status"], books.state_of_intent(id))?;
        let taken = books.intents[&id].taken;
        let transaction = taken.map_or(Value::Null, |(by, _)| by.to_string().into());
        same("transactionId", &shown["transactionId"], transaction)?;
        let differs = taken.map_or(Value::Null, |(_, comparison)| differences(comparison).into());
        same("differences", &shown["differences"], differs)
    }

    async fn purchase(&mut self, id: TransactionId) -> Result<(), Breach> {
        let purchase = &self.books.purchases[&id];
        let shown = self.shown(Surface::LedgerOs, &format!("/v1/transactions/{id}")).await?;
        same("status", &shown["status"], self.books.state_of_purchase(id))?;
        same("held", &shown["held"], cents(purchase.held().unwrap_or(0)))?;
        same("settled", &shown["settled"], cents(purchase.cleared))?;
        same("refunded", &shown["refunded"], cents(purchase.refunded))?;
        same("fee", &shown["fee"], cents(purchase.fees))?;
        let reason = purchase.declined.map_or(Value::Null, |reason| reason.name().into());
        same("declineReason", &shown["declineReason"], reason)?;
        history(&shown, self.journal)
    }

    /// A person's on LedgerOS, a wallet's on the Ledger API.
    async fn deposit(&mut self, id: TransactionId) -> Result<(), Breach> {
        let deposit = &self.books.deposits[&id];
        let path = format!("/v1/transactions/{id}");
        let state = self.books.state_of_deposit(id);
        let credited = deposit.credited;
        if deposit.owner == deposit.person {
            let shown = self.shown(Surface::LedgerOs, &path).await?;
            same("status", &shown["status"], state)?;
            same("amount", &shown["amount"], cents(credited.amount.0))?;
            return history(&shown, self.journal);
        }
        let shown = self.shown(Surface::LedgerApi, &path).await?;
        let status = match state {
            "waiting" => "in_review",
            "reversed" => "failed",
            other => other,
        };
        same("status", &shown["status"], status)?;
        same("amount", &shown["amount"], credited.asset.format(credited.amount))
    }

    async fn wallet(&mut self, id: WalletId) -> Result<(), Breach> {
        let (books, owner) = (self.books, id.holder());
        let path = format!("/v1/crypto-wallets/{id}/balance");
        let shown = self.shown(Surface::LedgerApi, &path).await?;
        let balances = shown["balances"].as_array().ok_or("there are no balances")?;
        for asset in Asset::ALL {
            let found = balances.iter().find(|balance| balance["asset"] == asset.code());
            let Some(shown) = found else {
                let settled = books.settled_in(owner, asset);
                require!(settled == 0, "`{asset}` is not shown, the books say {settled}");
                continue;
            };
            let format = |amount| asset.format(Amount(amount));
            same("available", &shown["available"], format(books.available_in(owner, asset)))?;
            same("held", &shown["held"], format(books.withdrawing_in(owner, asset)))?;
            let settled = books.settled_in(owner, asset);
            let sign = if settled < 0 { "-" } else { "" };
            let settled = format!("{sign}{}", format(settled.unsigned_abs()));
            same("settled", &shown["settled"], settled)?;
        }
        Ok(())
    }

    async fn transfer(&mut self, id: TransactionId) -> Result<(), Breach> {
        let transfer = &self.books.transfers[&id];
        let path = format!("/v1/transactions/{id}");
        let shown = self.shown(Surface::LedgerApi, &path).await?;
        same("status", &shown["status"], transfer.status.to_string())?;
        let money = transfer.money;
        same("amount", &shown["amount"], money.asset.format(money.amount))?;
        same("fee", &shown["fee"], money.asset.format(Amount(transfer.fee)))?;
        let reference = transfer.client_reference.as_ref().map(|text| text.as_str().to_owned());
        same("clientReferenceId", &shown["clientReferenceId"], reference)?;
        let arrived = transfer.completed.map(|(_, money)| money.asset.format(money.amount));
        same("finalAmount", &shown["finalAmount"], arrived)
    }
}

/// The postings of every step are those of its entry.
fn history(shown: &Value, journal: &mut dyn Reader) -> Result<(), Breach> {
    let steps = shown["history"].as_array().ok_or("there is no history")?;
    require!(!steps.is_empty(), "the history is empty");
    for step in steps {
        let position = Position(step["position"].as_u64().unwrap_or(0));
        let found = journal.read(position, 1).map_err(|error| error.to_string())?;
        let entry = &found.first().ok_or_else(|| format!("`{position}` is no entry"))?.entry;
        same("postings", &step["postings"], postings(entry))?;
    }
    Ok(())
}

fn postings(entry: &Entry) -> Vec<Value> {
    let postings = entry.postings.iter().map(|posting| {
        json!({
            "side": if posting.side == Side::Debit { "debit" } else { "credit" },
            "account": posting.account.to_string(),
            "asset": posting.asset.code(),
            "amount": posting.asset.format(posting.amount),
        })
    });
    postings.collect()
}

fn same(name: &str, shown: &Value, expected: impl Into<Value>) -> Result<(), Breach> {
    let expected = expected.into();
    require!(*shown == expected, "`{name}` is shown as {shown}, the books say {expected}");
    Ok(())
}

fn kyc_status(status: VerificationStatus) -> &'static str {
    match status {
        VerificationStatus::NotStarted => "not_started",
        VerificationStatus::Pending | VerificationStatus::ManualReview => "under_review",
        VerificationStatus::NeedsInformation | VerificationStatus::NeedsVerification => {
            "incomplete"
        }
        VerificationStatus::Approved => "approved",
        VerificationStatus::Denied => "rejected",
        VerificationStatus::Locked => "locked, with nothing before",
    }
}

fn cents(amount: u128) -> Value {
    u64::try_from(amount).map_or(Value::Null, Value::from)
}
