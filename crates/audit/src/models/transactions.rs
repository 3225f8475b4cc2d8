//! Card transactions and deposits, and what has happened to each.

use ledger::authorizations::{AuthorizationApproved, AuthorizationDeclined, Terms};
use ledger::deposits::DepositConfirmed;
use ledger::holders::VerificationStatus;
use ledger::matching::{Comparison, Merchant};
use ledger::{
    Account, AgentId, Amount, Asset, CardId, Entry, Event, HolderId, Posting, Side, Timestamp,
    TransactionId,
};
use projector::transactions::{CardTransaction, Deposit, State, Step, StepKind};
use rustc_hash::FxHashMap;

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::Sums;

/// What may still change: approved authorizations, for ever, and deposits that wait.
#[derive(Default)]
pub(super) struct Transactions {
    approved: FxHashMap<TransactionId, Approved>,
    waiting: FxHashMap<HolderId, Vec<Deposit>>,
    /// Some approval's row, to write what others have become into.
    form: Option<CardTransaction>,
}

/// What becomes of an approved authorization. What it holds is what its account has; where it stands follows from the
/// rest.
struct Approved {
    held: Amount,
    cleared: Amount,
    refunded: Amount,
    /// How its hold has ended.
    ending: Option<Ending>,
    comparison: Option<Comparison>,
    updated_at: Timestamp,
}

/// How a hold ends.
#[derive(Clone, Copy)]
enum Ending {
    Reversed,
    Expired,
    Cleared,
}

impl Fold for Transactions {
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        for event in &entry.events {
            match event {
                Event::AuthorizationApproved(event) => {
                    let row = approved(event, entry);
                    rows.fixed(&row);
                    self.approved.insert(event.transaction, Approved::new(&row));
                    self.form = Some(row);
                    let kind = StepKind::Authorization;
                    rows.whole(&first_step(entry, event.transaction, kind, &event.terms));
                }
                Event::AuthorizationDeclined(event) => {
                    rows.whole(&declined(event, entry));
                    let kind = StepKind::Decline;
                    rows.whole(&first_step(entry, event.transaction, kind, &event.terms));
                }
                Event::AuthorizationReversed(event) => {
                    let ending = event.is_final.then_some(Ending::Reversed);
                    self.life(event.transaction, entry.at)?.end(ending);
                    let step = step(entry, event.transaction, StepKind::Reversal, event.amount);
                    rows.whole(&Step { ends_hold: event.is_final, ..step });
                }
                Event::AuthorizationExpired(event) => {
                    self.life(event.transaction, entry.at)?.end(Some(Ending::Expired));
                    let step = step(entry, event.transaction, StepKind::Expiry, event.released);
                    rows.whole(&Step { ends_hold: true, ..step });
                }
                Event::Cleared(event) => {
                    let life = self.life(event.transaction, entry.at)?;
                    add(&mut life.cleared, event.amount)?;
                    let ends = event.is_final && !event.is_late;
                    life.end(ends.then_some(Ending::Cleared));
                    let step = step(entry, event.transaction, StepKind::Clearing, event.amount);
                    rows.whole(&Step { ends_hold: ends, is_late: event.is_late, ..step });
                }
                Event::Refunded(event) => {
                    let life = self.life(event.transaction, entry.at)?;
                    add(&mut life.refunded, event.amount)?;
                    rows.whole(&step(entry, event.transaction, StepKind::Refund, event.amount));
                }
                Event::IntentAssessed(event) => {
                    self.life(event.transaction, entry.at)?.comparison = Some(event.comparison);
                }
                Event::DepositConfirmed(event) => {
                    let deposit = deposit(event, entry);
                    rows.whole(&step(entry, deposit.id, StepKind::Deposit, deposit.credited));
                    if event.released {
                        rows.whole(&deposit);
                    } else {
                        self.waiting.entry(event.holder).or_default().push(deposit);
                    }
                }
                Event::VerificationChanged(event)
                    if event.verification.status == VerificationStatus::Approved =>
                {
                    for mut deposit in self.waiting.remove(&event.holder).unwrap_or_default() {
                        (deposit.state, deposit.updated_at) = (State::Completed, entry.at);
                        rows.whole(&step(entry, deposit.id, StepKind::Release, deposit.credited));
                        rows.whole(&deposit);
                    }
                }
                Event::BookOpened(_)
                | Event::KeyCreated(_)
                | Event::ClockAdvanced(_)
                | Event::HolderCreated(_)
                | Event::VerificationChanged(_)
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
        for posting in &entry.postings {
            self.hold(posting)?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Sums, rows: &mut dyn Rows) {
        for (id, approved) in &self.approved {
            let row = self.form.as_mut().expect("an approval has left its row");
            row.id = *id;
            row.state = approved.state();
            row.held = approved.held;
            row.cleared = approved.cleared;
            row.refunded = approved.refunded;
            row.comparison = approved.comparison;
            row.updated_at = approved.updated_at;
            rows.changing(&*row);
        }
        self.waiting.values().flatten().for_each(|deposit| rows.whole(deposit));
    }
}

impl Transactions {
    /// An approved authorization to which something happens.
    fn life(&mut self, id: TransactionId, at: Timestamp) -> Result<&mut Approved, String> {
        let life = known(self.approved.get_mut(&id), id)?;
        life.updated_at = at;
        Ok(life)
    }

    fn hold(&mut self, posting: &Posting) -> Result<(), String> {
        let Posting { side, account: Account::Held(_, id), amount, .. } = *posting else {
            return Ok(());
        };
        let held = &mut known(self.approved.get_mut(&id), id)?.held.0;
        let moved = match side {
            Side::Debit => held.checked_sub(amount.0),
            Side::Credit => held.checked_add(amount.0),
        };
        *held =
            moved.ok_or_else(|| format!("what `{id}` holds is below zero or beyond 128 bits"))?;
        Ok(())
    }
}

impl Approved {
    fn new(row: &CardTransaction) -> Self {
        Self {
            held: Amount::ZERO,
            cleared: Amount::ZERO,
            refunded: Amount::ZERO,
            ending: None,
            comparison: None,
            updated_at: row.at,
        }
    }

    fn end(&mut self, ending: Option<Ending>) {
        self.ending = self.ending.or(ending);
    }

    fn state(&self) -> State {
        match self.ending {
            None => State::Pending,
            Some(_) if !self.refunded.is_zero() => State::Refunded,
            Some(_) if !self.cleared.is_zero() => State::Settled,
            Some(Ending::Reversed) => State::Voided,
            Some(Ending::Expired) => State::Expired,
            Some(Ending::Cleared) => State::Settled,
        }
    }
}

fn add(total: &mut Amount, amount: Amount) -> Result<(), String> {
    *total = total.checked_add(amount).ok_or("the transaction exceeds 128 bits")?;
    Ok(())
}

fn approved(event: &AuthorizationApproved, entry: &Entry) -> CardTransaction {
    let AuthorizationApproved { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        intent: event.intent,
        attestation: event.attestation,
        expires_at: Some(event.expires_at),
        state: State::Pending,
        ..asked(Asked { transaction, card, agent, holder, terms }, entry)
    }
}

fn declined(event: &AuthorizationDeclined, entry: &Entry) -> CardTransaction {
    let AuthorizationDeclined { transaction, card, agent, holder, ref terms, .. } = *event;
    CardTransaction {
        reason: Some(event.reason),
        exceeded: event.exceeded,
        state: State::Declined,
        ..asked(Asked { transaction, card, agent, holder, terms }, entry)
    }
}

/// What approvals and declines have in common.
struct Asked<'a> {
    transaction: TransactionId,
    card: CardId,
    agent: AgentId,
    holder: HolderId,
    terms: &'a Terms,
}

/// What was asked, before it is decided.
fn asked(
    Asked { transaction, card, agent, holder, terms }: Asked<'_>,
    entry: &Entry,
) -> CardTransaction {
    let Merchant { name, mcc, city, country } = terms.merchant.clone();
    CardTransaction {
        id: transaction,
        position: entry.position,
        at: entry.at,
        holder,
        agent,
        card,
        amount: terms.amount,
        asset: terms.asset,
        merchant: name,
        mcc,
        city,
        country,
        intent: None,
        attestation: None,
        expires_at: None,
        reason: None,
        exceeded: None,
        state: State::Pending,
        held: Amount::ZERO,
        cleared: Amount::ZERO,
        refunded: Amount::ZERO,
        comparison: None,
        updated_at: entry.at,
    }
}

fn deposit(event: &DepositConfirmed, entry: &Entry) -> Deposit {
    Deposit {
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
    }
}

/// A step in cents of US dollars.
fn step(entry: &Entry, transaction: TransactionId, kind: StepKind, amount: Amount) -> Step {
    Step {
        transaction,
        position: entry.position,
        at: entry.at,
        kind,
        amount,
        asset: Asset::Usd,
        ends_hold: false,
        is_late: false,
        postings: entry.postings.iter().copied().collect(),
    }
}

/// The step in which something was asked, in whatever asset that was.
fn first_step(entry: &Entry, transaction: TransactionId, kind: StepKind, terms: &Terms) -> Step {
    Step { asset: terms.asset, ..step(entry, transaction, kind, terms.amount) }
}
