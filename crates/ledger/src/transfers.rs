//! Transfers: money leaves a wallet for an address or a bank account.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::{Expense, Income};
use crate::amount::{AssetKind, COIN_AMOUNT_MAX};
use crate::book::{Book, Effects, Lines, require_in_range};
use crate::deposits::Chain;
use crate::time::DAY_MS;
use crate::{
    Account, Amount, Asset, CommandId, Event, HolderId, Money, Rate, Rejection, Sealed, Text,
    Timestamp, TransactionId, WalletId,
};

/// How long after its completion a transfer can be returned: banks return a debit for 60 days, and take their time.
/// May be lengthened, never shortened: replaying an old journal relies on it.
pub const RETURN_MS: u64 = 90 * DAY_MS;

/// Sends money from a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTransfer {
    /// The wallet.
    pub wallet: WalletId,
    /// What leaves it, the fee included.
    pub money: Money,
    /// What the programme keeps of it.
    pub fee: Amount,
    /// Where it goes.
    pub destination: Destination,
    /// What the receiver reads.
    pub reference: Option<Text<140>>,
    /// The platform's own name of it. Several transfers may have the same.
    pub client_reference: Option<Text<100>>,
}

/// Where a transfer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What arrives.
    pub asset: Asset,
    /// How.
    pub rail: Rail,
    /// The address or the account.
    pub address: Sealed,
}

/// How money travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rail {
    /// Tokens, on a chain.
    Chain(Chain),
    /// Dollars, by the automated clearing house.
    Ach,
    /// Dollars, by wire.
    Wire,
    /// Euros, in the single euro payments area.
    Sepa,
    /// Pounds, by Faster Payments.
    FasterPayments,
    /// Pesos, by SPEI.
    Spei,
}

/// Row 35: money has left `available`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferCreated {
    /// The new id.
    pub transaction: TransactionId,
    /// The wallet.
    pub wallet: WalletId,
    /// Whose.
    pub holder: HolderId,
    /// What leaves it, the fee included.
    pub money: Money,
    /// What the programme keeps of it.
    pub fee: Amount,
    /// Where it goes.
    pub destination: Destination,
    /// What the receiver reads.
    pub reference: Option<Text<140>>,
    /// The platform's own name of it.
    pub client_reference: Option<Text<100>>,
}

/// The provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdvanceTransfer {
    /// Which.
    pub transaction: TransactionId,
    /// What has happened.
    pub step: Step,
}

/// What happens to a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It comes to one of the statuses between creation and completion.
    Progress(TransferStatus),
    /// It has arrived.
    Complete(Completion),
    /// It will not arrive: by failure, or because it was refunded.
    Fail {
        /// [`TransferStatus::Failed`] or [`TransferStatus::Refunded`]; another one is refused.
        status: TransferStatus,
        /// Why.
        reason: Option<Text<200>>,
    },
    /// It came back after it had arrived.
    Return {
        /// Why.
        reason: Option<Text<200>>,
    },
}

/// How a transfer arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The price of one unit of what left in what arrives.
    pub rate: Rate,
    /// Who said so.
    pub rate_source: Text<32>,
    /// What the chain was paid, from the programme's own coins.
    pub gas: Option<Money>,
    /// The chain's name of the transaction.
    pub transaction_hash: Option<Text<100>>,
}

/// Where a transfer is, in the order in which it gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[expect(missing_docs, reason = "they are the words of the API")]
pub enum TransferStatus {
    InReview,
    FundsReceived,
    PaymentSubmitted,
    PaymentProcessed,
    Completed,
    Failed,
    Returned,
    Refunded,
}

impl fmt::Display for TransferStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InReview => "in_review",
            Self::FundsReceived => "funds_received",
            Self::PaymentSubmitted => "payment_submitted",
            Self::PaymentProcessed => "payment_processed",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Returned => "returned",
            Self::Refunded => "refunded",
        })
    }
}

/// A transfer is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferAdvanced {
    /// Which.
    pub transaction: TransactionId,
    /// Where it is.
    pub status: TransferStatus,
}

/// Rows 36, 36a and 36b: a transfer has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferCompleted {
    /// Which.
    pub transaction: TransactionId,
    /// What arrived, rounded down; the rest stays in the exchange account.
    pub delivered: Money,
    /// How.
    pub completion: Completion,
}

/// Row 37: a transfer did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferFailed {
    /// Which.
    pub transaction: TransactionId,
    /// [`TransferStatus::Failed`] or [`TransferStatus::Refunded`].
    pub status: TransferStatus,
    /// What is available again.
    pub released: Money,
    /// Why.
    pub reason: Option<Text<200>>,
}

/// Row 37a: a transfer came back; the fee stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferReturned {
    /// Which.
    pub transaction: TransactionId,
    /// What came back.
    pub returned: Money,
    /// What was credited for it.
    pub credited: Money,
    /// Why.
    pub reason: Option<Text<200>>,
}

/// What the rules need to know of a transfer on its way.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Transfer {
    owner: HolderId,
    money: Money,
    fee: Amount,
    /// What is to arrive.
    asset: Asset,
    status: TransferStatus,
}

/// What the rules need to know of a transfer that may come back.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Completed {
    owner: HolderId,
    /// What left the wallet, without the fee.
    sent: Money,
    delivered: Money,
}

impl Book {
    /// Row 35.
    pub(crate) fn create_transfer(
        &self,
        command: &CreateTransfer,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let CreateTransfer { wallet, money, fee, .. } = *command;
        let holder = self.wallet(wallet)?.holder;
        self.require_approved(holder)?;
        require_in_range(money.amount)?;
        if money.asset.kind() != AssetKind::Token {
            return Err(Rejection::NotAToken { asset: money.asset });
        }
        if money.amount <= fee {
            return Err(Rejection::NothingLeftAfterFee { fee });
        }
        let owner = wallet.holder();
        self.require_available(owner, money.asset, money.amount)?;
        let created = TransferCreated {
            transaction: TransactionId::derive(now, id, 0),
            wallet,
            holder,
            money,
            fee,
            destination: command.destination.clone(),
            reference: command.reference.clone(),
            client_reference: command.client_reference.clone(),
        };
        let postings = Lines::of(money.asset)
            .debit(Account::Available(owner), money.amount)
            .credit(Account::Withdrawing(owner), money.amount)
            .balanced();
        Ok(Effects { events: vec![Event::TransferCreated(created)], postings })
    }

    pub(crate) fn advance_transfer(
        &self,
        command: &AdvanceTransfer,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let id = command.transaction;
        if let Some(transfer) = self.transfers.get(id) {
            match &command.step {
                Step::Progress(status) => progress(id, transfer, *status),
                Step::Complete(completion) => complete(id, transfer, completion),
                Step::Fail { status, reason } => fail(id, transfer, *status, reason),
                Step::Return { .. } => Err(Rejection::TransferIs { status: transfer.status }),
            }
        } else if let Some(transfer) = self.completed_transfers.get(id, now) {
            match &command.step {
                Step::Return { reason } => Ok(self.give_back(id, transfer, reason)),
                Step::Progress(_) | Step::Complete(_) | Step::Fail { .. } => {
                    Err(Rejection::TransferIs { status: TransferStatus::Completed })
                }
            }
        } else {
            Err(Rejection::UnknownTransaction(id))
        }
    }

    /// Row 37a: what was exchanged is exchanged back at the same rate.
    fn give_back(
        &self,
        transaction: TransactionId,
        transfer: &Completed,
        reason: &Option<Text<200>>,
    ) -> Effects {
        let Completed { owner, sent, delivered } = *transfer;
        let postings = departure(sent, delivered)
            .swapped()
            .extend(self.repayment(owner, sent.asset, sent.amount))
            .balanced();
        let event = TransferReturned {
            transaction,
            returned: delivered,
            credited: sent,
            reason: reason.clone(),
        };
        Effects { events: vec![Event::TransferReturned(event)], postings }
    }

    /// Under whose name the money of a transfer stood that has not come to its end.
    pub(crate) fn owner_of_transfer(&self, id: TransactionId, now: Timestamp) -> Option<HolderId> {
        let completed = || self.completed_transfers.get(id, now).map(|completed| completed.owner);
        self.transfers.get(id).map(|transfer| transfer.owner).or_else(completed)
    }

    fn transfer_mut(&mut self, id: TransactionId) -> &mut Transfer {
        self.transfers.get_mut(id).expect("the event names a transfer")
    }

    fn drop_transfer(&mut self, id: TransactionId) -> Transfer {
        self.transfers.remove(id).expect("a transfer ends once")
    }

    pub(crate) fn apply_transfer(&mut self, event: &TransferCreated) {
        let transfer = Transfer {
            owner: event.wallet.holder(),
            money: event.money,
            fee: event.fee,
            asset: event.destination.asset,
            status: TransferStatus::InReview,
        };
        self.transfers.insert(event.transaction, transfer);
    }

    pub(crate) fn apply_transfer_advanced(&mut self, event: &TransferAdvanced) {
        self.transfer_mut(event.transaction).status = event.status;
    }

    pub(crate) fn apply_transfer_completed(&mut self, event: &TransferCompleted, at: Timestamp) {
        let transfer = self.drop_transfer(event.transaction);
        let sent = transfer.sent();
        let completed = Completed { owner: transfer.owner, sent, delivered: event.delivered };
        self.completed_transfers.insert(event.transaction, completed, at.plus_ms(RETURN_MS), at);
    }

    pub(crate) fn apply_transfer_failed(&mut self, event: &TransferFailed) {
        self.drop_transfer(event.transaction);
    }

    pub(crate) fn apply_transfer_returned(&mut self, event: &TransferReturned) {
        self.completed_transfers.remove(event.transaction).expect("a transfer comes back once");
    }
}

impl Transfer {
    /// What leaves the wallet, without the fee.
    fn sent(&self) -> Money {
        Money { amount: self.money.amount - self.fee, asset: self.money.asset }
    }
}

fn progress(
    transaction: TransactionId,
    transfer: &Transfer,
    status: TransferStatus,
) -> Result<Effects, Rejection> {
    if status <= transfer.status || TransferStatus::Completed <= status {
        return Err(Rejection::TransferIs { status: transfer.status });
    }
    Ok(Effects::memo([Event::TransferAdvanced(TransferAdvanced { transaction, status })]))
}

/// Rows 36, 36a and 36b.
fn complete(
    transaction: TransactionId,
    transfer: &Transfer,
    completion: &Completion,
) -> Result<Effects, Rejection> {
    let Transfer { owner, money, fee, asset, .. } = *transfer;
    let sent = transfer.sent();
    // An asset is worth itself.
    let rate = if sent.asset == asset { Rate::ONE } else { completion.rate };
    let worth = rate.convert(sent.amount, sent.asset, asset);
    let delivered = Money { amount: worth.ok_or(Rejection::AmountOutOfRange)?, asset };
    require_in_range(delivered.amount)?;
    let gas = match completion.gas {
        Some(gas) if gas.asset.kind() != AssetKind::Coin => {
            return Err(Rejection::NotACoin { asset: gas.asset });
        }
        Some(gas) if COIN_AMOUNT_MAX < gas.amount => return Err(Rejection::AmountOutOfRange),
        Some(gas) => Lines::of(gas.asset)
            .debit(Account::Expense(Expense::Gas), gas.amount)
            .credit(Account::Custody, gas.amount),
        None => Lines::of(money.asset),
    };
    let postings = Lines::of(money.asset)
        .debit(Account::Withdrawing(owner), money.amount)
        .extend(departure(sent, delivered))
        .credit(Account::Income(Income::Transfers), fee)
        .extend(gas)
        .balanced();
    let completion = Completion { rate, ..completion.clone() };
    let event = TransferCompleted { transaction, delivered, completion };
    Ok(Effects { events: vec![Event::TransferCompleted(event)], postings })
}

/// Row 37.
fn fail(
    transaction: TransactionId,
    transfer: &Transfer,
    status: TransferStatus,
    reason: &Option<Text<200>>,
) -> Result<Effects, Rejection> {
    if !matches!(status, TransferStatus::Failed | TransferStatus::Refunded) {
        return Err(Rejection::TransferIs { status: transfer.status });
    }
    let Transfer { owner, money, .. } = *transfer;
    let postings = Lines::of(money.asset)
        .debit(Account::Withdrawing(owner), money.amount)
        .credit(Account::Available(owner), money.amount)
        .balanced();
    let reason = reason.clone();
    let event = TransferFailed { transaction, status, released: money, reason };
    Ok(Effects { events: vec![Event::TransferFailed(event)], postings })
}

/// The credit of what leaves, and the legs of the exchange, if it arrives as another asset.
fn departure(sent: Money, delivered: Money) -> Lines {
    let home = Account::home(delivered.asset);
    if sent.asset == delivered.asset {
        return Lines::of(sent.asset).credit(home, sent.amount);
    }
    let bought = Lines::of(delivered.asset)
        .debit(Account::Exchange, delivered.amount)
        .credit(home, delivered.amount);
    Lines::of(sent.asset).credit(Account::Exchange, sent.amount).extend(bought)
}
