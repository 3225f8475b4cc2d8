//! Who and what there is: the book, its holders, agents, cards and keys.

use std::collections::BTreeMap;

use ledger::agents::{AgentPolicy, AgentProfile, AgentRegistered, AgentStatus};
use ledger::cards::{CardCreated, CardLimits, CardNumber, CardStatus, CardTerms};
use ledger::holders::{DocumentAdded, HolderCreated, VerificationStatus};
use ledger::keys::{KeyCreated, NewKey};
use ledger::{AgentId, CardId, Entry, Event, HolderId};
use projector::directory::{Agent, Book, Card, Document, Holder, Key};

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::Sums;

/// What changes in the course of time. Documents and keys don't.
#[derive(Default)]
pub(super) struct Directory {
    books: Vec<Book>,
    holders: BTreeMap<HolderId, Holder>,
    agents: BTreeMap<AgentId, Agent>,
    cards: BTreeMap<CardId, Card>,
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
                Event::KeyCreated(event) => rows.whole(&key(event, entry)),
                Event::HolderCreated(event) => {
                    self.holders.insert(event.holder, holder(event, entry));
                }
                Event::VerificationChanged(event) => {
                    let holder = known(self.holders.get_mut(&event.holder), event.holder)?;
                    holder.status = event.verification.status;
                    holder.required.clone_from(&event.verification.required);
                    holder.reason = event.verification.reason;
                }
                Event::DocumentAdded(event) => rows.whole(&document(event, entry)),
                Event::AgentRegistered(event) => {
                    self.agents.insert(event.agent, agent(event, entry));
                }
                Event::AgentStatusChanged(event) => {
                    known(self.agents.get_mut(&event.agent), event.agent)?.status = event.status;
                }
                Event::CardCreated(event) => {
                    self.cards.insert(event.card, card(event, entry));
                }
                Event::CardStatusChanged(event) => {
                    known(self.cards.get_mut(&event.card), event.card)?.status = event.status;
                }
                Event::DepositConfirmed(_)
                | Event::AgentLimitExceeded(_)
                | Event::IntentDeclared(_)
                | Event::AttestationRecorded(_)
                | Event::IntentAssessed(_)
                | Event::IntentReleased(_)
                | Event::IntentClosed(_)
                | Event::AuthorizationApproved(_)
                | Event::AuthorizationDeclined(_)
                | Event::AuthorizationReversed(_)
                | Event::AuthorizationExpired(_)
                | Event::Cleared(_)
                | Event::Refunded(_) => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &Sums, rows: &mut dyn Rows) {
        self.books.iter().for_each(|row| rows.whole(row));
        self.holders.values().for_each(|row| rows.whole(row));
        self.agents.values().for_each(|row| rows.whole(row));
        self.cards.values().for_each(|row| rows.whole(row));
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
    }
}

fn holder(event: &HolderCreated, entry: &Entry) -> Holder {
    Holder {
        id: event.holder,
        position: entry.position,
        at: entry.at,
        profile: event.profile,
        status: VerificationStatus::NotStarted,
        required: Vec::new(),
        reason: None,
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
    let CardTerms { purpose, kind, limits } = event.terms.clone();
    let CardLimits { total, per_authorization, per_day, per_month } = limits;
    let CardNumber { sealed, last4, expiry_year, expiry_month } = event.number;
    Card {
        id: event.card,
        position: entry.position,
        at: entry.at,
        agent: event.agent,
        holder: event.holder,
        purpose,
        kind,
        total,
        per_authorization,
        per_day,
        per_month,
        number: sealed,
        last4,
        expiry_year,
        expiry_month,
        status: CardStatus::Active,
    }
}
