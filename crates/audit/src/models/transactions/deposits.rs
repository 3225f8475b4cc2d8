//! Money that arrives.

use ledger::deposits::{DepositConfirmed, DepositReversed, REVERSAL_MS};
use ledger::wallets::{BankDepositConfirmed, WalletDepositConfirmed};
use ledger::{Asset, Entry, HolderId, Money, Timestamp, TransactionId};
use projector::transactions::{Deposit, State, Step, StepKind, WalletDeposit};
use rustc_hash::FxHashMap;

use super::ends::Ends;
use super::step;
use crate::models::fold::known;
use crate::models::rows::Rows;

/// Deposits that wait, or can be taken back.
#[derive(Default)]
pub(super) struct Deposits {
    open: FxHashMap<TransactionId, Known>,
    waiting: FxHashMap<HolderId, Vec<TransactionId>>,
    ends: Ends,
}

/// What is known of a deposit.
pub(super) enum Known {
    Person(Deposit),
    Wallet(WalletDeposit),
}

impl Deposits {
    pub(super) fn confirmed(&mut self, deposit: Known, entry: &Entry) -> Step {
        let id = deposit.id();
        if deposit.state() == State::Waiting {
            self.waiting.entry(deposit.person()).or_default().push(id);
        }
        let step = step(entry, id, StepKind::Deposit, deposit.credited());
        self.open.insert(id, deposit);
        self.ends.push(entry.at.plus_ms(REVERSAL_MS), id);
        step
    }

    /// All that waits for a person's approval can be spent.
    pub(super) fn released(&mut self, person: HolderId, entry: &Entry, rows: &mut dyn Rows) {
        for id in self.waiting.remove(&person).unwrap_or_default() {
            let deposit = self.open.get_mut(&id).expect("what waits is open");
            deposit.stand(State::Completed, entry.at);
            rows.whole(&step(entry, id, StepKind::Release, deposit.credited()));
            if deposit.at().plus_ms(REVERSAL_MS) <= entry.at {
                self.open.remove(&id).iter().for_each(|deposit| deposit.hand_over(rows));
            }
        }
    }

    pub(super) fn reversed(
        &mut self,
        event: &DepositReversed,
        entry: &Entry,
        rows: &mut dyn Rows,
    ) -> Result<Step, String> {
        let id = event.transaction;
        let deposit = known(self.open.get_mut(&id), id)?;
        deposit.stand(State::Reversed, entry.at);
        if let Some(waiting) = self.waiting.get_mut(&deposit.person()) {
            waiting.retain(|other| *other != id);
        }
        self.open.remove(&id).iter().for_each(|deposit| deposit.hand_over(rows));
        Ok(step(entry, id, StepKind::DepositReversal, event.credited))
    }

    /// Hands over what can't be taken back any more.
    pub(super) fn forget(&mut self, now: Timestamp, rows: &mut dyn Rows) {
        for id in self.ends.over(now) {
            if self.open.get(&id).is_some_and(|deposit| deposit.state() == State::Completed) {
                self.open.remove(&id).iter().for_each(|deposit| deposit.hand_over(rows));
            }
        }
    }

    pub(super) fn finish(&self, rows: &mut dyn Rows) {
        self.open.values().for_each(|deposit| deposit.hand_over(rows));
    }
}

impl Known {
    fn id(&self) -> TransactionId {
        match self {
            Self::Person(deposit) => deposit.id,
            Self::Wallet(deposit) => deposit.id,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::Person(deposit) => deposit.at,
            Self::Wallet(deposit) => deposit.at,
        }
    }

    /// Whose approval it needs.
    fn person(&self) -> HolderId {
        match self {
            Self::Person(deposit) => deposit.holder,
            Self::Wallet(deposit) => deposit.holder,
        }
    }

    fn credited(&self) -> Money {
        match self {
            Self::Person(deposit) => Money { amount: deposit.credited, asset: Asset::Usd },
            Self::Wallet(deposit) => {
                Money { amount: deposit.credited, asset: deposit.credited_asset }
            }
        }
    }

    fn state(&self) -> State {
        match self {
            Self::Person(deposit) => deposit.state,
            Self::Wallet(deposit) => deposit.state,
        }
    }

    fn stand(&mut self, state: State, at: Timestamp) {
        let (before, updated_at) = match self {
            Self::Person(deposit) => (&mut deposit.state, &mut deposit.updated_at),
            Self::Wallet(deposit) => (&mut deposit.state, &mut deposit.updated_at),
        };
        (*before, *updated_at) = (state, at);
    }

    fn hand_over(&self, rows: &mut dyn Rows) {
        match self {
            Self::Person(deposit) => rows.whole(deposit),
            Self::Wallet(deposit) => rows.whole(deposit),
        }
    }
}

pub(super) fn to_person(event: &DepositConfirmed, entry: &Entry) -> Deposit {
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
        state: first_state(event.released),
        updated_at: entry.at,
    }
}

pub(super) fn to_wallet(event: &WalletDepositConfirmed, entry: &Entry) -> WalletDeposit {
    let Money { amount, asset } = event.money;
    WalletDeposit {
        id: event.transaction,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        wallet: event.wallet,
        account: None,
        chain: Some(event.chain),
        amount,
        asset,
        credited: amount,
        credited_asset: asset,
        rate: None,
        rate_source: None,
        state: first_state(event.released),
        updated_at: entry.at,
    }
}

pub(super) fn to_bank(event: &BankDepositConfirmed, entry: &Entry) -> WalletDeposit {
    WalletDeposit {
        id: event.transaction,
        position: entry.position,
        at: entry.at,
        holder: event.holder,
        wallet: event.wallet,
        account: Some(event.account),
        chain: None,
        amount: event.arrived.amount,
        asset: event.arrived.asset,
        credited: event.credited.amount,
        credited_asset: event.credited.asset,
        rate: Some(event.rate),
        rate_source: Some(event.rate_source.clone()),
        state: first_state(event.released),
        updated_at: entry.at,
    }
}

fn first_state(released: bool) -> State {
    if released { State::Completed } else { State::Waiting }
}
