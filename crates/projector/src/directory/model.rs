//! How entries change the directory.

use ledger::agents::{AgentPolicy, AgentProfile, AgentRegistered, AgentStatus};
use ledger::cards::{CardCreated, CardLimits, CardNumber, CardStatus, CardTerms};
use ledger::holders::{DocumentAdded, HolderCreated, Verification};
use ledger::keys::{KeyCreated, NewKey};
use ledger::{Entry, Event};
use rusqlite::Connection;

use super::{Agent, Book, Card, Document, Holder, Key};
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
                Event::HolderCreated(event) => self.holders.insert(holder(event, entry)),
                Event::VerificationChanged(event) => {
                    let holder = self.holders.existing(db, event.holder, position)?;
                    let Verification { status, required, reason } = event.verification.clone();
                    (holder.status, holder.required, holder.reason) = (status, required, reason);
                }
                Event::DocumentAdded(event) => self.documents.insert(document(event, entry)),
                Event::AgentRegistered(event) => self.agents.insert(agent(event, entry)),
                Event::AgentStatusChanged(event) => {
                    self.agents.existing(db, event.agent, position)?.status = event.status;
                }
                Event::CardCreated(event) => self.cards.insert(card(event, entry)),
                Event::CardStatusChanged(event) => {
                    self.cards.existing(db, event.card, position)?.status = event.status;
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

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.books.flush(db, digest)?;
        self.holders.flush(db, digest)?;
        self.documents.flush(db, digest)?;
        self.agents.flush(db, digest)?;
        self.cards.flush(db, digest)?;
        self.keys.flush(db, digest)
    }
}

fn key(event: &KeyCreated, entry: &Entry) -> Key {
    let KeyCreated { key, new, agent } = event;
    let NewKey { family, scope, prefix, digest } = new.clone();
    let (position, at) = (entry.position, entry.at);
    Key { prefix, id: *key, position, at, family, scope, digest, agent: *agent }
}

fn holder(event: &HolderCreated, entry: &Entry) -> Holder {
    let Verification { status, required, reason } = Verification::default();
    Holder {
        id: event.holder,
        position: entry.position,
        at: entry.at,
        profile: event.profile,
        status,
        required,
        reason,
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
    let CardTerms { purpose, kind, limits } = event.terms.clone();
    let CardLimits { total, per_authorization, per_day, per_month } = limits;
    let CardNumber { sealed, last4, expiry_year, expiry_month } = event.number.clone();
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
