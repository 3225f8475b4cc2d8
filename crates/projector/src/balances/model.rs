//! How entries change balances.

use ledger::{Account, Amount, Asset, Entry, Event, Position, Posting, Side};
use rusqlite::Connection;

use super::{AccountTotals, HolderBalance};
use crate::projection::Model;
use crate::row::Row;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

#[derive(Default)]
pub(crate) struct BalancesModel {
    holders: Rows<HolderBalance>,
    accounts: Rows<AccountTotals>,
}

impl Model for BalancesModel {
    const MODEL: ReadModel = ReadModel::Balances;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        for event in &entry.events {
            self.apply_event(db, event, entry.position)?;
        }
        for posting in &entry.postings {
            self.post(db, posting, entry.position)?;
        }
        // Within an entry a balance may pass below zero: what adds to it comes first.
        let (adding, taking): (Vec<_>, Vec<_>) = entry
            .postings
            .iter()
            .partition(|posting| posting.side == posting.account.normal_side());
        for posting in adding.into_iter().chain(taking) {
            self.move_balance(db, posting, entry.position)?;
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.holders.flush(db, digest)?;
        self.accounts.flush(db, digest)
    }
}

impl BalancesModel {
    fn apply_event(
        &mut self,
        db: &Connection,
        event: &Event,
        position: Position,
    ) -> Result<(), Error> {
        match event {
            Event::HolderCreated(event) => self.holders.insert(HolderBalance {
                holder: event.holder,
                available: Amount::ZERO,
                held: Amount::ZERO,
                incoming: Amount::ZERO,
                overdrawn: Amount::ZERO,
                deposited: Amount::ZERO,
            }),
            Event::DepositConfirmed(event) => {
                let holder = self.holders.existing(db, event.holder, position)?;
                add(&mut holder.deposited, event.credited)
                    .ok_or(out_of_range::<HolderBalance>(position))?;
            }
            // The account is new: there is no need to look for it.
            Event::AuthorizationApproved(event) => {
                let held = Account::Held(event.holder, event.transaction);
                self.accounts.insert(AccountTotals::new(held, event.terms.asset));
            }
            // What these do to balances is in the postings of their entry.
            Event::BookOpened(_)
            | Event::KeyCreated(_)
            | Event::ClockAdvanced(_)
            | Event::VerificationChanged(_)
            | Event::DocumentAdded(_)
            | Event::AgentRegistered(_)
            | Event::AgentStatusChanged(_)
            | Event::AgentLimitExceeded(_)
            | Event::CardCreated(_)
            | Event::CardStatusChanged(_)
            | Event::IntentDeclared(_)
            | Event::AttestationRecorded(_)
            | Event::IntentAssessed(_)
            | Event::IntentReleased(_)
            | Event::IntentClosed(_)
            | Event::AuthorizationDeclined(_)
            | Event::AuthorizationReversed(_)
            | Event::AuthorizationExpired(_)
            | Event::Cleared(_)
            | Event::Refunded(_) => {}
        }
        Ok(())
    }

    /// Adds to the totals of the account.
    fn post(
        &mut self,
        db: &Connection,
        posting: &Posting,
        position: Position,
    ) -> Result<(), Error> {
        let Posting { side, account, asset, amount } = *posting;
        let row = self.accounts.get(db, (account, asset))?;
        let totals = row.get_or_insert(AccountTotals::new(account, asset));
        let total = match side {
            Side::Debit => &mut totals.debits,
            Side::Credit => &mut totals.credits,
        };
        add(total, amount).ok_or(out_of_range::<AccountTotals>(position))?;
        if account.is_transient() && totals.debits == totals.credits {
            *row = None;
        }
        Ok(())
    }

    /// Moves what the holder has, if the account is a holder's.
    fn move_balance(
        &mut self,
        db: &Connection,
        posting: &Posting,
        position: Position,
    ) -> Result<(), Error> {
        let Some(holder) = posting.account.holder() else { return Ok(()) };
        let row = self.holders.existing(db, holder, position)?;
        let Some(balance) = part_of(row, posting.account) else { return Ok(()) };
        let moved = if posting.side == posting.account.normal_side() {
            add(balance, posting.amount)
        } else {
            balance.0.checked_sub(posting.amount.0).map(|left| *balance = Amount(left))
        };
        moved.ok_or(out_of_range::<HolderBalance>(position))
    }
}

impl AccountTotals {
    fn new(account: Account, asset: Asset) -> Self {
        Self { account, asset, debits: Amount::ZERO, credits: Amount::ZERO }
    }
}

/// The part of a holder's balance that an account's balance is, or belongs to.
fn part_of(row: &mut HolderBalance, account: Account) -> Option<&mut Amount> {
    match account {
        Account::Available(_) => Some(&mut row.available),
        Account::Held(..) => Some(&mut row.held),
        Account::Incoming(_) => Some(&mut row.incoming),
        Account::Overdrawn(_) => Some(&mut row.overdrawn),
        Account::NetworkPayable(_)
        | Account::NetworkReceivable(_)
        | Account::Custody
        | Account::Exchange => None,
    }
}

/// `None`, and unchanged, beyond 128 bits.
fn add(total: &mut Amount, amount: Amount) -> Option<()> {
    *total = total.checked_add(amount)?;
    Some(())
}

fn out_of_range<R: Row>(position: Position) -> Error {
    Error::OutOfRange { position, table: R::TABLE }
}
