//! Who and what there is: the book, its holders, agents, cards, keys, wallets, ledgers and webhooks.

use std::collections::BTreeMap;

use ledger::agents::{AgentPolicy, AgentProfile, AgentRegistered, AgentStatus};
use ledger::cards::{CardControls, CardCreated, CardLimits, CardNumber, CardStatus, CardTerms};
use ledger::holders::{DocumentAdded, HolderCreated, VerificationStatus};
use ledger::keys::{KeyCreated, NewKey};
use ledger::ledgers::{LedgerCreated, LedgerStatus};
use ledger::webhooks::{WebhookRegistered, WebhookStatus};
use ledger::{AgentId, CardId, Entry, Event, HolderId, KeyId, LedgerId, WebhookId};
use projector::directory::{
    Agent, Book, Card, Document, Holder, Key, Ledger, VirtualAccount, Wallet, Webhook,
};

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::Sums;

/// What changes in the course of time. Documents, wallets and virtual accounts don't.
#[derive(Default)]
pub(super) struct Directory {
    books: Vec<Book>,
    keys: BTreeMap<KeyId, Key>,
    holders: BTreeMap<HolderId, Holder>,
    agents: BTreeMap<AgentId, Agent>,
    cards: BTreeMap<CardId, Card>,
    ledgers: BTreeMap<LedgerId, Ledger>,
    webhooks: BTreeMap<WebhookId, Webhook>,
}

impl Fold for Directory {
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        for event in &entry.events {
            match event {
                Event::BookOpened(event) => self.books.push(Book {
                    id: event.book,
                    environment: event.environment,
                    clock_offset_ms: 0,
                }),
                Event::ClockAdvanced(event) => {
                    for book in &mut self.books {
                        let ahead = book.clock_offset_ms.checked_add(event.by_ms);
                        book.clock_offset_ms = ahead.ok_or("the clock exceeds 64 bits")?;
                    }
                }
                Event::KeyCreated(event) => {
                    self.keys.insert(event.key, key(event, entry));
                }
                Event::KeyRevoked(event) => {
                    let key = known(self.keys.get_mut(&event.key), event.key)?;
                    key.revoked_at = Some(entry.at);
                }
                Event::HolderCreated(event) => {
                    self.holders.insert(event.holder, holder(event, entry));
                }
                Event::HolderChanged(event) => {
                    let holder = known(self.holders.get_mut(&event.holder), event.holder)?;
                    (holder.profile, holder.updated_at) = (event.profile, entry.at);
                }
                Event::VerificationChanged(event) => {
                    let holder = known(self.holders.get_mut(&event.holder), event.holder)?;
                    holder.before_lock = match (event.verification.status, holder.status) {
                        (VerificationStatus::Locked, VerificationStatus::Locked) => {
                            holder.before_lock
                        }
                        (VerificationStatus::Locked, before) => Some(before),
                        _ => None,
                    };
                    holder.updated_at = entry.at;
                    holder.status = event.verification.status;
                    holder.required.clone_from(&event.verification.required);
                    holder.reason = event.verification.reason;
                }
                Event::HolderErased(event) => {
                    let holder = known(self.holders.get_mut(&event.holder), event.holder)?;
                    (holder.erased_at, holder.updated_at) = (Some(entry.at), entry.at);
                }
                Event::DocumentAdded(event) => rows.whole(&document(event, entry)),
                Event::AgentRegistered(event) => {
                    self.agents.insert(event.agent, agent(event, entry));
                }
                Event::AgentStatusChanged(event) => {
                    known(self.agents.get_mut(&event.agent), event.agent)?.status = event.status;
                }
                Event::AgentPolicyChanged(event) => {
                    let agent = known(self.agents.get_mut(&event.agent), event.agent)?;
                    let AgentPolicy { limit, on_exceeded, cards_max } = event.policy;
                    (agent.limit_window, agent.limit_amount) = (limit.window, limit.amount);
                    (agent.on_exceeded, agent.cards_max) = (on_exceeded, cards_max);
                }
                Event::CardCreated(event) => {
                    self.cards.insert(event.card, card(event, entry));
                }
                Event::CardStatusChanged(event) => {
                    known(self.cards.get_mut(&event.card), event.card)?.status = event.status;
                }
                Event::CardLimitsChanged(event) => {
                    let card = known(self.cards.get_mut(&event.card), event.card)?;
                    let CardLimits { total, per_authorization, per_day, per_month } = event.limits;
                    (card.total, card.per_authorization) = (total, per_authorization);
                    (card.per_day, card.per_month) = (per_day, per_month);
                }
                Event::WalletCreated(event) => rows.whole(&Wallet {
                    id: event.wallet,
                    position: entry.position,
                    at: entry.at,
                    holder: event.holder,
                }),
                Event::VirtualAccountOpened(event) => rows.whole(&VirtualAccount {
                    id: event.account,
                    position: entry.position,
                    at: entry.at,
                    holder: event.holder,
                    wallet: event.wallet,
                    currency: event.currency,
                }),
                Event::LedgerCreated(event) => {
                    self.ledgers.insert(event.ledger, ledger(event, entry));
                }
                Event::LedgerStatusChanged(event) => {
                    let ledger = known(self.ledgers.get_mut(&event.ledger), event.ledger)?;
                    ledger.status = event.status;
                }
                Event::WebhookRegistered(event) => {
                    self.webhooks.insert(event.webhook, webhook(event, entry));
                }
                Event::WebhookChanged(event) => {
                    let webhook = known(self.webhooks.get_mut(&event.webhook), event.webhook)?;
                    webhook.topics = event.topics.clone();
                    webhook.url = event.url;
                    (webhook.status, webhook.updated_at) = (event.status, entry.at);
                }
                Event::WebhookSecretRotated(event) => {
                    let webhook = known(self.webhooks.get_mut(&event.webhook), event.webhook)?;
                    webhook.updated_at = entry.at;
                }
                Event::WebhookRemoved(event) => {
                    known(self.webhooks.get_mut(&event.webhook), event.webhook)?;
                    self.webhooks.remove(&event.webhook);
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

    fn finish(&mut self, _: &Sums, rows: &mut dyn Rows) {
        self.books.iter().for_each(|row| rows.whole(row));
        self.keys.values().for_each(|row| rows.whole(row));
        self.holders.values().for_each(|row| rows.whole(row));
        self.agents.values().for_each(|row| rows.whole(row));
        self.cards.values().for_each(|row| rows.whole(row));
        self.ledgers.values().for_each(|row| rows.whole(row));
        self.webhooks.values().for_each(|row| rows.whole(row));
    }
}

fn key(event: &KeyCreated, entry: &Entry) -> Key {
    let NewKey { family, scope, prefix, digest } = event.new;
    Key {
        prefix,
        id: event.key,
        position: entry.position,
        at: entry.at,
        family,
        scope,
        digest,
        agent: event.agent,
        revoked_at: None,
    }
}

fn holder(event: &HolderCreated, entry: &Entry) -> Holder {
    Holder {
        id: event.holder,
        position: entry.position,
        at: entry.at,
        profile: event.profile,
        status: VerificationStatus::NotStarted,
        before_lock: None,
        required: Vec::new(),
        reason: None,
        erased_at: None,
        updated_at: entry.at,
    }
}

fn document(event: &DocumentAdded, entry: &Entry) -> Document {
    Document {
        id: event.document,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        kind: event.kind,
        content: event.content,
    }
}

fn agent(event: &AgentRegistered, entry: &Entry) -> Agent {
    let AgentProfile { name, description, external_id } = event.profile.clone();
    let AgentPolicy { limit, on_exceeded, cards_max } = event.policy;
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
        status: AgentStatus::Active,
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
    let CardNumber { sealed, last4, last_month } = event.number;
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
