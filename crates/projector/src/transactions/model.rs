//! How entries change transactions.

use ledger::authorizations::{
    AuthorizationApproved, AuthorizationDeclined, AuthorizationExpired, AuthorizationReversed,
    Cleared, Refunded, Terms,
};
use ledger::deposits::DepositConfirmed;
use ledger::holders::{VerificationChanged, VerificationStatus};
use ledger::intents::IntentAssessed;
use ledger::{AgentId, Amount, Asset, CardId, Entry, Event, HolderId, TransactionId};
use rusqlite::Connection;

use super::{CardTransaction, Deposit, State, Step, StepKind};
use crate::field::Column;
use crate::projection::Model;
use crate::row::Row;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

#[derive(Default)]
pub(crate) struct TransactionsModel {
    card_transactions: Rows<CardTransaction>,
    deposits: Rows<Deposit>,
    steps: Rows<Step>,
}

impl Model for TransactionsModel {
    const MODEL: ReadModel = ReadModel::Transactions;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        for event in &entry.events {
            match event {
                Event::DepositConfirmed(event) => self.deposited(event, entry),
                Event::VerificationChanged(event) => self.release(db, event, entry)?,
                Event::IntentAssessed(event) => self.assessed(db, event, entry)?,
                Event::AuthorizationApproved(event) => self.approved(event, entry),
                Event::AuthorizationDeclined(event) => self.declined(event, entry),
                Event::AuthorizationReversed(event) => self.reversed(db, event, entry)?,
                Event::AuthorizationExpired(event) => self.expired(db, event, entry)?,
                Event::Cleared(event) => self.cleared(db, event, entry)?,
                Event::Refunded(event) => self.refunded(db, event, entry)?,
                Event::BookOpened(_)
                | Event::KeyCreated(_)
                | Event::ClockAdvanced(_)
                | Event::HolderCreated(_)
                | Event::DocumentAdded(_)
                | Event::AgentRegistered(_)
                | Event::AgentStatusChanged(_)
                | Event::AgentLimitExceeded(_)
                | Event::CardCreated(_)
                | Event::CardStatusChanged(_)
                | Event::IntentDeclared(_)
                | Event::AttestationRecorded(_)
                | Event::IntentReleased(_)
                | Event::IntentClosed(_) => {}
            }
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.card_transactions.flush(db, digest)?;
        self.deposits.flush(db, digest)?;
        self.steps.flush(db, digest)
    }
}

impl TransactionsModel {
    fn approved(&mut self, event: &AuthorizationApproved, entry: &Entry) {
        let AuthorizationApproved { transaction, card, agent, holder, ref terms, .. } = *event;
        self.card_transactions.insert(CardTransaction {
            intent: event.intent,
            attestation: event.attestation,
            expires_at: Some(event.expires_at),
            state: State::Pending,
            held: terms.amount,
            ..asked(entry, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Authorization;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    fn declined(&mut self, event: &AuthorizationDeclined, entry: &Entry) {
        let AuthorizationDeclined { transaction, card, agent, holder, ref terms, .. } = *event;
        self.card_transactions.insert(CardTransaction {
            reason: Some(event.reason),
            exceeded: event.exceeded,
            ..asked(entry, transaction, (holder, agent, card), terms)
        });
        let kind = StepKind::Decline;
        self.steps.insert(step(entry, transaction, kind, terms.amount, terms.asset));
    }

    fn reversed(
        &mut self,
        db: &Connection,
        event: &AuthorizationReversed,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(row.held, event.amount, entry)?;
        if event.is_final {
            row.state = ended(row, State::Voided);
        }
        let kind = StepKind::Reversal;
        self.steps.insert(Step {
            ends_hold: event.is_final,
            ..step(entry, event.transaction, kind, event.amount, Asset::Usd)
        });
        Ok(())
    }

    fn expired(
        &mut self,
        db: &Connection,
        event: &AuthorizationExpired,
        entry: &Entry,
    ) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(row.held, event.released, entry)?;
        row.state = ended(row, State::Expired);
        let kind = StepKind::Expiry;
        self.steps.insert(Step {
            ends_hold: true,
            ..step(entry, event.transaction, kind, event.released, Asset::Usd)
        });
        Ok(())
    }

    fn cleared(&mut self, db: &Connection, event: &Cleared, entry: &Entry) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.held = less(less(row.held, event.from_hold, entry)?, event.released, entry)?;
        row.cleared = more(row.cleared, event.amount, entry)?;
        if event.is_final || event.is_late {
            row.state = ended(row, State::Settled);
        }
        let kind = StepKind::Clearing;
        self.steps.insert(Step {
            ends_hold: event.is_final && !event.is_late,
            is_late: event.is_late,
            ..step(entry, event.transaction, kind, event.amount, Asset::Usd)
        });
        Ok(())
    }

    fn refunded(&mut self, db: &Connection, event: &Refunded, entry: &Entry) -> Result<(), Error> {
        let row = self.touch(db, event.transaction, entry)?;
        row.refunded = more(row.refunded, event.amount, entry)?;
        if row.state != State::Pending {
            row.state = State::Refunded;
        }
        let kind = StepKind::Refund;
        self.steps.insert(step(entry, event.transaction, kind, event.amount, Asset::Usd));
        Ok(())
    }

    /// The entry says what happened, too, with another event: this is no step of its own.
    fn assessed(
        &mut self,
        db: &Connection,
        event: &IntentAssessed,
        entry: &Entry,
    ) -> Result<(), Error> {
        self.touch(db, event.transaction, entry)?.comparison = Some(event.comparison);
        Ok(())
    }

    fn deposited(&mut self, event: &DepositConfirmed, entry: &Entry) {
        self.deposits.insert(Deposit {
            id: event.transaction,
            position: entry.position,
            at: entry.at,
            holder: event.holder,
            chain: event.chain,
            amount: event.amount,
            asset: event.asset,
            credited: event.credited,
            rate: event.rate,
            rate_source: event.rate_source.clone(),
            state: if event.released { State::Completed } else { State::Waiting },
            updated_at: entry.at,
        });
        let kind = StepKind::Deposit;
        self.steps.insert(step(entry, event.transaction, kind, event.credited, Asset::Usd));
    }

    /// An approval releases all that waits for it.
    fn release(
        &mut self,
        db: &Connection,
        event: &VerificationChanged,
        entry: &Entry,
    ) -> Result<(), Error> {
        if event.verification.status != VerificationStatus::Approved {
            return Ok(());
        }
        let parameters = [event.holder.field(), State::Waiting.field()];
        let waiting =
            self.deposits.matching(db, "holder = ?1 and +state = ?2", &parameters, |deposit| {
                deposit.holder == event.holder && deposit.state == State::Waiting
            })?;
        for id in waiting {
            let deposit = self.deposits.existing(db, id, entry.position)?;
            deposit.state = State::Completed;
            deposit.updated_at = entry.at;
            let credited = deposit.credited;
            self.steps.insert(step(entry, id, StepKind::Release, credited, Asset::Usd));
        }
        Ok(())
    }

    fn touch(
        &mut self,
        db: &Connection,
        transaction: TransactionId,
        entry: &Entry,
    ) -> Result<&mut CardTransaction, Error> {
        let row = self.card_transactions.existing(db, transaction, entry.position)?;
        row.updated_at = entry.at;
        Ok(row)
    }
}

/// A transaction of which nothing is known but the question.
fn asked(
    entry: &Entry,
    id: TransactionId,
    (holder, agent, card): (HolderId, AgentId, CardId),
    terms: &Terms,
) -> CardTransaction {
    let Terms { amount, asset, merchant, network_id: _ } = terms;
    CardTransaction {
        id,
        position: entry.position,
        at: entry.at,
        holder,
        agent,
        card,
        amount: *amount,
        asset: *asset,
        merchant: merchant.name.clone(),
        mcc: merchant.mcc,
        city: merchant.city.clone(),
        country: merchant.country.clone(),
        intent: None,
        attestation: None,
        expires_at: None,
        reason: None,
        exceeded: None,
        state: State::Declined,
        held: Amount::ZERO,
        cleared: Amount::ZERO,
        refunded: Amount::ZERO,
        comparison: None,
        updated_at: entry.at,
    }
}

/// Where a transaction stands when nothing is held any more; `unused`, if nothing has cleared.
fn ended(row: &CardTransaction, unused: State) -> State {
    if !row.refunded.is_zero() {
        State::Refunded
    } else if !row.cleared.is_zero() {
        State::Settled
    } else {
        unused
    }
}

fn step(
    entry: &Entry,
    transaction: TransactionId,
    kind: StepKind,
    amount: Amount,
    asset: Asset,
) -> Step {
    Step {
        transaction,
        position: entry.position,
        at: entry.at,
        kind,
        amount,
        asset,
        ends_hold: false,
        is_late: false,
        postings: entry.postings.iter().copied().collect(),
    }
}

fn more(total: Amount, amount: Amount, entry: &Entry) -> Result<Amount, Error> {
    total.checked_add(amount).ok_or_else(|| out_of_range(entry))
}

fn less(total: Amount, amount: Amount, entry: &Entry) -> Result<Amount, Error> {
    total.0.checked_sub(amount.0).map(Amount).ok_or_else(|| out_of_range(entry))
}

fn out_of_range(entry: &Entry) -> Error {
    Error::OutOfRange { position: entry.position, table: CardTransaction::TABLE }
}
