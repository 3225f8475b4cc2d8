//! How entries change the directory.

use ledger::agents::{AgentPolicy, AgentProfile, AgentRegistered, AgentStatus};
use ledger::cards::{CardControls, CardCreated, CardLimits, CardNumber, CardStatus, CardTerms};
use ledger::holders::{DocumentAdded, HolderCreated, Verification, VerificationStatus};
use ledger::keys::{KeyCreated, NewKey};
use ledger::ledgers::{LedgerCreated, LedgerStatus};
use ledger::webhooks::{WebhookRegistered, WebhookStatus};
use ledger::{Entry, Event};

use super::{Agent, Book, Card, Document, Holder, Key, Ledger, VirtualAccount, Wallet, Webhook};
use crate::database::Connection;
use crate::field::Column;
use crate::projection::Model;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

#[derive(Default)]
pub(crate) struct DirectoryModel {
    books: Rows<Book>,
    holders: Rows<Holder>,
    documents: Rows<Document>,
    agents: Rows<Agent>,
    cards: Rows<Card>,
    keys: Rows<Key>,
    wallets: Rows<Wallet>,
    virtual_accounts: Rows<VirtualAccount>,
    ledgers: Rows<Ledger>,
    webhooks: Rows<Webhook>,
}

impl Model for DirectoryModel {
    const MODEL: ReadModel = ReadModel::Directory;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        let position = entry.position;
        for event in &entry.events {
            match event {
                Event::BookOpened(event) => self.books.insert(Book {
                    id: event.book,
                    environment: event.environment,
                    clock_offset_ms: 0,
                }),
                Event::ClockAdvanced(event) => {
                    for id in self.books.matching(db, "true", &[], |_| true)? {
                        self.books.existing(db, id, position)?.clock_offset_ms += event.by_ms;
                    }
                }
                Event::KeyCreated(event) => self.keys.insert(key(event, entry)),
                Event::KeyRevoked(event) => {
                    let id = event.key;
                    let found =
                        self.keys.matching(db, "id = ?1", &[id.field()], |key| key.id == id)?;
                    for prefix in found {
                        self.keys.existing(db, prefix, position)?.revoked_at = Some(entry.at);
                    }
                }
                Event::HolderCreated(event) => self.holders.insert(holder(event, entry)),
                Event::HolderChanged(event) => {
                    let holder = self.holders.existing(db, event.holder, position)?;
                    (holder.profile, holder.updated_at) = (event.profile, entry.at);
                }
                Event::VerificationChanged(event) => {
                    let holder = self.holders.existing(db, event.holder, position)?;
                    let Verification { status, required, reason } = event.verification.clone();
                    let is_locked = status == VerificationStatus::Locked;
                    holder.before_lock =
                        is_locked.then(|| holder.before_lock.unwrap_or(holder.status));
                    (holder.status, holder.required, holder.reason) = (status, required, reason);
                    holder.updated_at = entry.at;
                }
                Event::HolderErased(event) => {
                    let holder = self.holders.existing(db, event.holder, position)?;
                    (holder.erased_at, holder.updated_at) = (Some(entry.at), entry.at);
                }
                Event::DocumentAdded(event) => self.documents.insert(document(event, entry)),
                Event::AgentRegistered(event) => self.agents.insert(agent(event, entry)),
                Event::AgentStatusChanged(event) => {
                    self.agents.existing(db, event.agent, position)?.status = event.status;
                }
                Event::AgentPolicyChanged(event) => {
                    self.agents
                        .existing(db, event.agent, position)?
                        .set_policy(event.policy.clone());
                }
                Event::CardCreated(event) => self.cards.insert(card(event, entry)),
                Event::CardStatusChanged(event) => {
                    self.cards.existing(db, event.card, position)?.status = event.status;
                }
                Event::CardLimitsChanged(event) => {
                    self.cards.existing(db, event.card, position)?.set_limits(event.limits);
                }
                Event::WalletCreated(event) => self.wallets.insert(Wallet {
                    id: event.wallet,
                    position,
                    at: entry.at,
                    holder: event.holder,
                }),
                Event::VirtualAccountOpened(event) => {
                    self.virtual_accounts.insert(VirtualAccount {
                        id: event.account,
                        position,
                        at: entry.at,
                        holder: event.holder,
                        wallet: event.wallet,
                        currency: event.currency,
                    });
                }
                Event::LedgerCreated(event) => self.ledgers.insert(ledger(event, entry)),
                Event::LedgerStatusChanged(event) => {
                    self.ledgers.existing(db, event.ledger, position)?.status = event.status;
                }
                Event::WebhookRegistered(event) => self.webhooks.insert(webhook(event, entry)),
                Event::WebhookChanged(event) => {
                    let webhook = self.webhooks.existing(db, event.webhook, position)?;
                    webhook.topics.clone_from(&event.topics);
                    (webhook.url, webhook.status) = (event.url, event.status);
                    webhook.updated_at = entry.at;
                }
                Event::WebhookSecretRotated(event) => {
                    let webhook = self.webhooks.existing(db, event.webhook, position)?;
                    webhook.updated_at = entry.at;
                }
                Event::WebhookRemoved(event) => {
                    *self.webhooks.get(db, event.webhook)? = None;
                }
                Event::WebhookTested(_)
                | Event::WebhookReplayed(_)
                | Event::JournalRecovered(_)
                | Event::DepositConfirmed(_)
                | Event::DepositReversed(_)
                | Event::WalletDepositConfirmed(_)
                | Event::BankDepositConfirmed(_)
                | Event::TransferCreated(_)
                | Event::TransferAdvanced(_)
                | Event::TransferCompleted(_)
                | Event::TransferFailed(_)
                | Event::TransferReturned(_)
                | Event::TreasuryConverted(_)
                | Event::LedgerTransferred(_)
                | Event::JournalPosted(_)
                | Event::JournalReversed(_)
                | Event::AgentLimitExceeded(_)
                | Event::IntentDeclared(_)
                | Event::IntentApproved(_)
                | Event::AttestationRecorded(_)
                | Event::IntentAssessed(_)
                | Event::IntentReleased(_)
                | Event::IntentClosed(_)
                | Event::AuthorizationApproved(_)
                | Event::AuthorizationDeclined(_)
                | Event::AuthorizationLinked(_)
                | Event::AuthorizationIncremented(_)
                | Event::IncrementDeclined(_)
                | Event::AuthorizationConfirmed(_)
                | Event::AuthorizationReversed(_)
                | Event::ReversalUnusable(_)
                | Event::AuthorizationExpired(_)
                | Event::CardVerified(_)
                | Event::Purchased(_)
                | Event::Cleared(_)
                | Event::ForceCleared(_)
                | Event::Corrected(_)
                | Event::Refunded(_)
                | Event::RefundReversed(_)
                | Event::UnlinkedRefundReceived(_)
                | Event::RefundReleased(_)
                | Event::PresentmentSuspended(_)
                | Event::PresentmentAssigned(_)
                | Event::PresentmentWrittenOff(_)
                | Event::NetworkSettled(_) => {}
            }
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.books.flush(db, digest)?;
        self.holders.flush(db, digest)?;
        self.documents.flush(db, digest)?;
        self.agents.flush(db, digest)?;
        self.cards.flush(db, digest)?;
        self.keys.flush(db, digest)?;
        self.wallets.flush(db, digest)?;
        self.virtual_accounts.flush(db, digest)?;
        self.ledgers.flush(db, digest)?;
        self.webhooks.flush(db, digest)
    }
}

fn key(event: &KeyCreated, entry: &Entry) -> Key {
    let KeyCreated { key, new, agent } = event;
    let NewKey { family, scope, prefix, digest } = new.clone();
    let (position, at) = (entry.position, entry.at);
    let (id, agent, revoked_at) = (*key, *agent, None);
    Key { prefix, id, position, at, family, scope, digest, agent, revoked_at }
}

fn holder(event: &HolderCreated, entry: &Entry) -> Holder {
    let Verification { status, required, reason } = Verification::default();
    Holder {
        id: event.holder,
        position: entry.position,
        at: entry.at,
        profile: event.profile,
        status,
        before_lock: None,
        required,
        reason,
        erased_at: None,
        updated_at: entry.at,
    }
}

fn document(event: &DocumentAdded, entry: &Entry) -> Document {
    let DocumentAdded { document, holder, kind, content } = *event;
    Document { id: document, position: entry.position, at: entry.at, holder, kind, content }
}

fn agent(event: &AgentRegistered, entry: &Entry) -> Agent {
    let AgentProfile { name, description, external_id } = event.profile.clone();
    let AgentPolicy { limit, on_exceeded, cards_max } = event.policy.clone();
    Agent {
        id: event.agent,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        name,
        description,
        external_id,
        limit_window: limit.window,
        limit_amount: limit.amount,
        on_exceeded,
        cards_max,
        status: AgentStatus::default(),
    }
}

fn card(event: &CardCreated, entry: &Entry) -> Card {
    let CardTerms { purpose, kind, limits, controls } = event.terms.clone();
    let CardLimits { total, per_authorization, per_day, per_month } = limits;
    let CardControls {
        authorizations_max,
        ttl_days,
        mccs_allowed,
        mccs_blocked,
        merchant,
        active_hours,
        cooldown_minutes,
        attestation_window_minutes,
        intent_required,
        enforcement,
        approval_above,
    } = controls;
    let CardNumber { sealed, last4, last_month } = event.number.clone();
    Card {
        id: event.card,
        position: entry.position,
        at: entry.at,
        agent: event.agent,
        holder: event.holder,
        purpose,
        kind,
        authorizations_max,
        ttl_days,
        mccs_allowed,
        mccs_blocked,
        merchant,
        active_hours,
        cooldown_minutes,
        attestation_window_minutes,
        intent_required,
        enforcement,
        approval_above,
        number: sealed,
        last4,
        expiry_year: last_month.year(),
        expiry_month: last_month.number(),
        total,
        per_authorization,
        per_day,
        per_month,
        status: CardStatus::Active,
    }
}

fn ledger(event: &LedgerCreated, entry: &Entry) -> Ledger {
    Ledger {
        id: event.ledger,
        position: entry.position,
        at: entry.at,
        code: event.code.clone(),
        name: event.name.clone(),
        kind: event.kind,
        asset: event.asset,
        overdraft_limit: event.overdraft_limit,
        status: LedgerStatus::Active,
    }
}

fn webhook(event: &WebhookRegistered, entry: &Entry) -> Webhook {
    Webhook {
        id: event.webhook,
        position: entry.position,
        at: entry.at,
        family: event.family,
        topics: event.topics.clone(),
        url: event.url,
        status: WebhookStatus::Enabled,
        updated_at: entry.at,
    }
}
