//! Card transactions, deposits and transfers, and what has happened to each.

use ledger::authorizations::Terms;
use ledger::holders::VerificationStatus;
use ledger::{Amount, Asset, Entry, Event, Money, TransactionId};
use projector::transactions::{Step, StepKind};
use rustc_hash::FxHashSet;

use super::fold::Fold;
use super::rows::Rows;
use crate::sums::Sums;

mod cards;
mod deposits;
mod ends;
mod transfers;

use cards::{Cards, Stage};
use deposits::{Deposits, Known};
use transfers::Transfers;

/// What may still change.
#[derive(Default)]
pub(super) struct Transactions {
    cards: Cards,
    deposits: Deposits,
    transfers: Transfers,
    /// Clearings for which no card was found yet: they have steps, but no other row.
    suspended: FxHashSet<TransactionId>,
}

impl Fold for Transactions {
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        self.deposits.forget(entry.at, rows);
        self.transfers.forget(entry.at, rows);
        for event in &entry.events {
            let step = self.event(event, entry, rows)?;
            step.iter().for_each(|step| rows.whole(step));
        }
        // A purchase is compared before it is made, and a hold is posted by the entry that makes it.
        for event in &entry.events {
            if let Event::IntentAssessed(event) = event {
                let life = self.cards.life(event.transaction, entry.at)?;
                life.comparison = Some(event.comparison);
            }
        }
        entry.postings.iter().try_for_each(|posting| self.cards.hold(posting))
    }

    fn finish(&mut self, _: &Sums, rows: &mut dyn Rows) {
        self.cards.finish(rows);
        self.deposits.finish(rows);
        self.transfers.finish(rows);
    }
}

impl Transactions {
    /// Follows an event. Returns its step; those of an approval of a person are many, and handed over.
    fn event(
        &mut self,
        event: &Event,
        entry: &Entry,
        rows: &mut dyn Rows,
    ) -> Result<Option<Step>, String> {
        let Self { cards, deposits, transfers, suspended } = self;
        let step = match event {
            Event::AuthorizationApproved(event) => {
                cards.begin(cards::approved(event, entry), Stage::Open, rows);
                dollars(entry, event.transaction, StepKind::Authorization, event.approved)
            }
            Event::AuthorizationDeclined(event) => {
                rows.whole(&cards::declined(event, entry));
                asked(entry, event.transaction, StepKind::Decline, &event.terms)
            }
            Event::AuthorizationLinked(event) => {
                cards.life(event.transaction, entry.at)?;
                asked(entry, event.transaction, StepKind::Link, &event.terms)
            }
            Event::AuthorizationIncremented(event) => {
                cards.life(event.transaction, entry.at)?.counts_at = entry.at;
                dollars(entry, event.transaction, StepKind::Increment, event.amount)
            }
            Event::IncrementDeclined(event) => {
                cards.life(event.transaction, entry.at)?;
                dollars(entry, event.transaction, StepKind::IncrementDecline, event.amount)
            }
            Event::AuthorizationConfirmed(event) => {
                cards.life(event.transaction, entry.at)?;
                dollars(entry, event.transaction, StepKind::Confirmation, event.amount)
            }
            Event::AuthorizationReversed(event) => {
                let life = cards.life(event.transaction, entry.at)?;
                if event.is_final {
                    life.end(Stage::Voided);
                }
                let step = dollars(entry, event.transaction, StepKind::Reversal, event.amount);
                Step { ends_hold: event.is_final, ..step }
            }
            Event::ReversalUnusable(event) => {
                cards.life(event.transaction, entry.at)?;
                dollars(entry, event.transaction, StepKind::UnusableReversal, event.amount)
            }
            Event::AuthorizationExpired(event) => {
                cards.life(event.transaction, entry.at)?.end(Stage::Expired);
                let step = dollars(entry, event.transaction, StepKind::Expiry, event.released);
                Step { ends_hold: true, ..step }
            }
            Event::CardVerified(event) => {
                rows.whole(&cards::verified(event, entry));
                asked(entry, event.transaction, StepKind::Check, &event.terms)
            }
            Event::Purchased(event) => {
                cards.begin(cards::purchased(event, entry), Stage::Cleared, rows);
                dollars(entry, event.transaction, StepKind::Purchase, event.approved)
            }
            Event::Cleared(event) => {
                let ends = event.is_final && !event.is_late;
                cards.life(event.transaction, entry.at)?.clear(event)?;
                let step = dollars(entry, event.transaction, StepKind::Clearing, event.amount);
                Step { ends_hold: ends, is_late: event.is_late, ..step }
            }
            Event::ForceCleared(event) => {
                cards.begin(cards::force_cleared(event, entry), Stage::Cleared, rows);
                asked(entry, event.transaction, StepKind::ForcePost, &event.terms)
            }
            Event::Corrected(event) => {
                cards.life(event.transaction, entry.at)?.correct(event.amount)?;
                dollars(entry, event.transaction, StepKind::Correction, event.amount)
            }
            Event::Refunded(event) => {
                add(&mut cards.life(event.transaction, entry.at)?.refunded, event.amount)?;
                dollars(entry, event.transaction, StepKind::Refund, event.amount)
            }
            Event::RefundReversed(event) => {
                take(&mut cards.life(event.transaction, entry.at)?.refunded, event.amount)?;
                dollars(entry, event.transaction, StepKind::RefundReversal, event.amount)
            }
            Event::UnlinkedRefundReceived(event) => {
                cards.begin(cards::unlinked_refund(event, entry), Stage::UnderReview, rows);
                asked(entry, event.transaction, StepKind::UnlinkedRefund, &event.terms)
            }
            Event::RefundReleased(event) => {
                cards.life(event.transaction, entry.at)?.stage = Stage::Released;
                dollars(entry, event.transaction, StepKind::Release, event.amount)
            }
            Event::PresentmentSuspended(event) => {
                suspended.insert(event.transaction);
                asked(entry, event.transaction, StepKind::Presentment, &event.terms)
            }
            Event::PresentmentAssigned(event) => {
                end(suspended, event.transaction)?;
                cards.begin(cards::assigned(event, entry), Stage::Cleared, rows);
                asked(entry, event.transaction, StepKind::Assignment, &event.terms)
            }
            Event::PresentmentWrittenOff(event) => {
                end(suspended, event.transaction)?;
                dollars(entry, event.transaction, StepKind::WriteOff, event.amount)
            }
            Event::DepositConfirmed(event) => {
                deposits.confirmed(Known::Person(deposits::to_person(event, entry)), entry)
            }
            Event::WalletDepositConfirmed(event) => {
                deposits.confirmed(Known::Wallet(deposits::to_wallet(event, entry)), entry)
            }
            Event::BankDepositConfirmed(event) => {
                deposits.confirmed(Known::Wallet(deposits::to_bank(event, entry)), entry)
            }
            Event::DepositReversed(event) => deposits.reversed(event, entry, rows)?,
            Event::VerificationChanged(event)
                if event.verification.status == VerificationStatus::Approved =>
            {
                deposits.released(event.holder, entry, rows);
                return Ok(None);
            }
            Event::TransferCreated(event) => transfers.created(event, entry),
            Event::TransferAdvanced(event) => transfers.advanced(event, entry)?,
            Event::TransferCompleted(event) => transfers.completed(event, entry)?,
            Event::TransferFailed(event) => transfers.failed(event, entry, rows)?,
            Event::TransferReturned(event) => transfers.returned(event, entry, rows)?,
            // Followed once what it names is there.
            Event::IntentAssessed(_)
            | Event::BookOpened(_)
            | Event::JournalRecovered(_)
            | Event::KeyCreated(_)
            | Event::KeyRevoked(_)
            | Event::ClockAdvanced(_)
            | Event::HolderCreated(_)
            | Event::HolderChanged(_)
            | Event::VerificationChanged(_)
            | Event::DocumentAdded(_)
            | Event::HolderErased(_)
            | Event::WalletCreated(_)
            | Event::VirtualAccountOpened(_)
            | Event::TreasuryConverted(_)
            | Event::LedgerCreated(_)
            | Event::LedgerStatusChanged(_)
            | Event::LedgerTransferred(_)
            | Event::JournalPosted(_)
            | Event::JournalReversed(_)
            | Event::AgentRegistered(_)
            | Event::AgentStatusChanged(_)
            | Event::AgentPolicyChanged(_)
            | Event::AgentLimitExceeded(_)
            | Event::CardCreated(_)
            | Event::CardStatusChanged(_)
            | Event::CardLimitsChanged(_)
            | Event::IntentDeclared(_)
            | Event::IntentApproved(_)
            | Event::AttestationRecorded(_)
            | Event::IntentReleased(_)
            | Event::IntentClosed(_)
            | Event::NetworkSettled(_)
            | Event::WebhookRegistered(_)
            | Event::WebhookChanged(_)
            | Event::WebhookRemoved(_)
            | Event::WebhookSecretRotated(_)
            | Event::WebhookTested(_)
            | Event::WebhookReplayed(_) => return Ok(None),
        };
        Ok(Some(step))
    }
}

/// Ends the search for the card of a clearing.
fn end(suspended: &mut FxHashSet<TransactionId>, id: TransactionId) -> Result<(), String> {
    match suspended.remove(&id) {
        true => Ok(()),
        false => Err(format!("the entry speaks of `{id}`, which waits for no card")),
    }
}

fn add(total: &mut Amount, amount: Amount) -> Result<(), String> {
    *total = total.checked_add(amount).ok_or("the transaction exceeds 128 bits")?;
    Ok(())
}

fn take(total: &mut Amount, amount: Amount) -> Result<(), String> {
    let left = total.0.checked_sub(amount.0);
    *total = Amount(left.ok_or("more is taken from the transaction than there is")?);
    Ok(())
}

fn step(entry: &Entry, transaction: TransactionId, kind: StepKind, money: Money) -> Step {
    Step {
        transaction,
        position: entry.position,
        at: entry.at,
        kind,
        amount: money.amount,
        asset: money.asset,
        ends_hold: false,
        is_late: false,
        postings: entry.postings.iter().copied().collect(),
    }
}

/// A step in cents of US dollars.
fn dollars(entry: &Entry, transaction: TransactionId, kind: StepKind, amount: Amount) -> Step {
    step(entry, transaction, kind, Money { amount, asset: Asset::Usd })
}

/// The step in which something was asked or told, in whatever asset that was.
fn asked(entry: &Entry, transaction: TransactionId, kind: StepKind, terms: &Terms) -> Step {
    step(entry, transaction, kind, Money { amount: terms.amount, asset: terms.asset })
}
