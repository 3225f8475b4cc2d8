//! How entries change balances.

use ledger::{
    Account, Amount, Asset, Entry, Event, HolderId, JournalId, Money, Position, Posting, Side,
};

use super::{
    AccountTotals, ClosingTotals, EPOCH_ENTRIES, Epoch, HolderBalance, Journal, LedgerPosting,
};
use crate::database::Connection;
use crate::projection::Model;
use crate::row::Row;
use crate::rows::Rows;
use crate::{Digest, Error, ReadModel};

/// Balances, with epochs of a length that only tests choose.
#[derive(Default)]
pub(crate) struct BalancesModel<const EPOCH: u64 = EPOCH_ENTRIES> {
    holders: Rows<HolderBalance>,
    accounts: Rows<AccountTotals>,
    closings: Rows<ClosingTotals>,
    epochs: Rows<Epoch>,
    ledgers: Rows<LedgerPosting>,
    journals: Rows<Journal>,
}

impl<const EPOCH: u64> Model for BalancesModel<EPOCH> {
    const MODEL: ReadModel = ReadModel::Balances;

    fn apply(&mut self, db: &Connection, entry: &Entry) -> Result<(), Error> {
        for event in &entry.events {
            self.apply_event(db, event, entry)?;
        }
        for (posting, number) in entry.postings.iter().zip(0..) {
            self.post(db, posting, entry.position)?;
            self.note_ledger(db, posting, entry.position, number)?;
        }
        // Within an entry a balance may pass below zero: what adds to it comes first.
        let (adding, taking): (Vec<_>, Vec<_>) = entry
            .postings
            .iter()
            .partition(|posting| posting.side == posting.account.normal_side());
        for posting in adding.into_iter().chain(taking) {
            self.move_balance(db, posting, entry.position)?;
        }
        if entry.position.next().0.is_multiple_of(EPOCH) {
            let number = Self::epoch(entry.position);
            self.epochs.insert(Epoch { number, at: entry.at });
        }
        Ok(())
    }

    fn flush(&mut self, db: &Connection, digest: &mut Digest) -> Result<(), Error> {
        self.holders.flush(db, digest)?;
        self.accounts.flush(db, digest)?;
        self.closings.flush(db, digest)?;
        self.epochs.flush(db, digest)?;
        self.ledgers.flush(db, digest)?;
        self.journals.flush(db, digest)
    }
}

impl<const EPOCH: u64> BalancesModel<EPOCH> {
    fn epoch(position: Position) -> u64 {
        position.0 / EPOCH
    }

    fn apply_event(&mut self, db: &Connection, event: &Event, entry: &Entry) -> Result<(), Error> {
        match event {
            Event::HolderCreated(event) => {
                self.holders.insert(HolderBalance::new(event.holder, Asset::Usd));
            }
            Event::DepositConfirmed(event) => {
                let credited = Money { amount: event.credited, asset: Asset::Usd };
                self.deposited(db, event.holder, credited, entry.position)?;
            }
            Event::WalletDepositConfirmed(event) => {
                self.deposited(db, event.wallet.holder(), event.money, entry.position)?;
            }
            Event::BankDepositConfirmed(event) => {
                self.deposited(db, event.wallet.holder(), event.credited, entry.position)?;
            }
            // Only the postings say whose it was; there are none of a holder when it was worth nothing.
            Event::DepositReversed(event) => {
                let holder = entry.postings.iter().find_map(|posting| posting.account.holder());
                if let Some(holder) = holder {
                    let Money { amount, asset } = event.credited;
                    let row = self.balance(db, holder, asset)?;
                    take(&mut row.deposited, amount)
                        .ok_or(out_of_range::<HolderBalance>(entry.position))?;
                }
            }
            // The account is new: there is no need to look for it.
            Event::AuthorizationApproved(event) => {
                let held = Account::Held(event.holder, event.transaction);
                let epoch = Self::epoch(entry.position);
                self.accounts.insert(AccountTotals::new(held, event.terms.asset, epoch));
            }
            Event::JournalPosted(event) => self.add_journal(event.journal, entry.position),
            Event::JournalReversed(event) => {
                self.add_journal(event.journal, entry.position);
                let of = self.journals.existing(db, event.of, entry.position)?;
                of.reversed_by = Some(event.journal);
            }
            // What these do to balances is in the postings of their entry.
            Event::BookOpened(_)
            | Event::JournalRecovered(_)
            | Event::KeyCreated(_)
            | Event::KeyRevoked(_)
            | Event::HolderChanged(_)
            | Event::ClockAdvanced(_)
            | Event::VerificationChanged(_)
            | Event::DocumentAdded(_)
            | Event::HolderErased(_)
            | Event::WalletCreated(_)
            | Event::VirtualAccountOpened(_)
            | Event::TransferCreated(_)
            | Event::TransferAdvanced(_)
            | Event::TransferCompleted(_)
            | Event::TransferFailed(_)
            | Event::TransferReturned(_)
            | Event::TreasuryConverted(_)
            | Event::LedgerCreated(_)
            | Event::LedgerStatusChanged(_)
            | Event::LedgerTransferred(_)
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
            | Event::IntentAssessed(_)
            | Event::IntentReleased(_)
            | Event::IntentClosed(_)
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
            | Event::NetworkSettled(_)
            | Event::WebhookRegistered(_)
            | Event::WebhookChanged(_)
            | Event::WebhookRemoved(_)
            | Event::WebhookSecretRotated(_)
            | Event::WebhookTested(_)
            | Event::WebhookReplayed(_) => {}
        }
        Ok(())
    }

    fn deposited(
        &mut self,
        db: &Connection,
        holder: HolderId,
        credited: Money,
        position: Position,
    ) -> Result<(), Error> {
        let row = self.balance(db, holder, credited.asset)?;
        add(&mut row.deposited, credited.amount).ok_or(out_of_range::<HolderBalance>(position))
    }

    /// What a holder has of an asset; at first nothing.
    fn balance(
        &mut self,
        db: &Connection,
        holder: HolderId,
        asset: Asset,
    ) -> Result<&mut HolderBalance, Error> {
        let row = self.holders.get(db, (holder, asset))?;
        Ok(row.get_or_insert_with(|| HolderBalance::new(holder, asset)))
    }

    fn add_journal(&mut self, id: JournalId, position: Position) {
        self.journals.insert(Journal { id, position, reversed_by: None });
    }

    /// Adds to the totals of the account. What they were when an earlier epoch ended is kept.
    fn post(
        &mut self,
        db: &Connection,
        posting: &Posting,
        position: Position,
    ) -> Result<(), Error> {
        let Posting { side, account, asset, amount } = *posting;
        let epoch = Self::epoch(position);
        let row = self.accounts.get(db, (account, asset))?;
        let totals = row.get_or_insert(AccountTotals::new(account, asset, epoch));
        if totals.epoch < epoch {
            self.closings.insert(ClosingTotals::new(totals, epoch));
            totals.epoch = epoch;
        }
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

    /// Keeps the totals of the account as the posting has left them, if it is a ledger.
    fn note_ledger(
        &mut self,
        db: &Connection,
        posting: &Posting,
        position: Position,
        number: u16,
    ) -> Result<(), Error> {
        let Account::Ledger(_, ledger) = posting.account else { return Ok(()) };
        let key = (posting.account, posting.asset);
        let AccountTotals { debits, credits, .. } = *self.accounts.existing(db, key, position)?;
        self.ledgers.insert(LedgerPosting { ledger, position, number, debits, credits });
        Ok(())
    }

    /// Moves what the holder has, if the account is a holder's.
    fn move_balance(
        &mut self,
        db: &Connection,
        posting: &Posting,
        position: Position,
    ) -> Result<(), Error> {
        let Posting { side, account, asset, amount } = *posting;
        let Some(holder) = account.holder() else { return Ok(()) };
        let row = self.balance(db, holder, asset)?;
        let Some(part) = part_of(row, account) else { return Ok(()) };
        let moved =
            if side == account.normal_side() { add(part, amount) } else { take(part, amount) };
        moved.ok_or(out_of_range::<HolderBalance>(position))
    }
}

impl HolderBalance {
    fn new(holder: HolderId, asset: Asset) -> Self {
        Self {
            holder,
            asset,
            available: Amount::ZERO,
            held: Amount::ZERO,
            reserved: Amount::ZERO,
            incoming: Amount::ZERO,
            withdrawing: Amount::ZERO,
            overdrawn: Amount::ZERO,
            deposited: Amount::ZERO,
        }
    }
}

impl AccountTotals {
    fn new(account: Account, asset: Asset, epoch: u64) -> Self {
        Self { account, asset, debits: Amount::ZERO, credits: Amount::ZERO, epoch }
    }
}

impl ClosingTotals {
    /// What an account has that changes again in the epoch `until`.
    fn new(totals: &AccountTotals, until: u64) -> Self {
        let AccountTotals { account, asset, debits, credits, epoch } = *totals;
        Self { until, account, asset, epoch, debits, credits }
    }
}

/// The part of a holder's balance that an account's balance is, or belongs to.
fn part_of(row: &mut HolderBalance, account: Account) -> Option<&mut Amount> {
    match account {
        Account::Available(_) => Some(&mut row.available),
        Account::Held(..) => Some(&mut row.held),
        Account::Reserved(..) => Some(&mut row.reserved),
        Account::Incoming(_) => Some(&mut row.incoming),
        Account::Withdrawing(_) => Some(&mut row.withdrawing),
        Account::Overdrawn(_) => Some(&mut row.overdrawn),
        Account::NetworkPayable(_)
        | Account::NetworkReceivable(_)
        | Account::Presentments
        | Account::Bank
        | Account::Custody
        | Account::Exchange
        | Account::Income(_)
        | Account::Expense(_)
        | Account::Ledger(..) => None,
    }
}

/// `None`, and unchanged, beyond 128 bits.
fn add(total: &mut Amount, amount: Amount) -> Option<()> {
    *total = total.checked_add(amount)?;
    Some(())
}

/// `None`, and unchanged, below zero.
fn take(total: &mut Amount, amount: Amount) -> Option<()> {
    *total = total.0.checked_sub(amount.0).map(Amount)?;
    Some(())
}

fn out_of_range<R: Row>(position: Position) -> Error {
    Error::OutOfRange { position, table: R::TABLE }
}
