//! What has happened to transactions.

use ledger::transfers::TransferStatus;
use ledger::{Amount, Asset, Position, Posting, Timestamp, TransactionId};

use crate::row::row;
use crate::words::{Word, words};

/// What one entry did to a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// To which.
    pub transaction: TransactionId,
    /// The entry.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: StepKind,
    /// How much: asked for, held, given back, captured, credited, delivered.
    pub amount: Amount,
    /// In what.
    pub asset: Asset,
    /// Whether an authorization ended with it.
    pub ends_hold: bool,
    /// Whether it is a clearing that came after the authorization had ended.
    pub is_late: bool,
    /// All postings of the entry. An approval releases all that waits for it in one entry.
    pub postings: Vec<Posting>,
}

row! {
    Step in Transactions "step"
    key { transaction: TransactionId, position: Position }
    fixed { at, kind, amount, asset, ends_hold, is_late, postings }
    changing {}
}

/// What can happen to a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// It was approved.
    Authorization,
    /// It was declined.
    Decline,
    /// The card could be used.
    Check,
    /// It was approved and captured at once.
    Purchase,
    /// The authorization came after its clearing.
    Link,
    /// More was held.
    Increment,
    /// More was asked for, and not held.
    IncrementDecline,
    /// The merchant said how much it will be, and no more than that was held.
    Confirmation,
    /// What was held was given back, or a part of it.
    Reversal,
    /// More was given back than was held: nothing changed.
    UnusableReversal,
    /// What was held was given back because its time had passed.
    Expiry,
    /// The merchant captured money.
    Clearing,
    /// The merchant captured money without asking.
    ForcePost,
    /// The merchant had captured too much.
    Correction,
    /// The merchant captured money, and the card could not be found.
    Presentment,
    /// The card was found.
    Assignment,
    /// The card was not found, and the programme paid.
    WriteOff,
    /// Money was given back: by the merchant, or instead of sending it.
    Refund,
    /// The merchant gave money, and no purchase is known.
    UnlinkedRefund,
    /// The merchant took a refund back.
    RefundReversal,
    /// Money arrived.
    Deposit,
    /// What had waited can be spent.
    Release,
    /// The chain took a deposit back.
    DepositReversal,
    /// A transfer was asked for.
    Transfer,
    /// The provider has the money.
    FundsReceived,
    /// The provider has sent it.
    PaymentSubmitted,
    /// The receiver's side has it.
    PaymentProcessed,
    /// It has arrived.
    Completion,
    /// It will not arrive.
    Failure,
    /// It came back.
    Return,
}

words! {
    StepKind {
        Authorization "authorization"
        Decline "decline"
        Check "check"
        Purchase "purchase"
        Link "link"
        Increment "increment"
        IncrementDecline "increment_decline"
        Confirmation "confirmation"
        Reversal "reversal"
        UnusableReversal "unusable_reversal"
        Expiry "expiry"
        Clearing "clearing"
        ForcePost "force_post"
        Correction "correction"
        Presentment "presentment"
        Assignment "assignment"
        WriteOff "write_off"
        Refund "refund"
        UnlinkedRefund "unlinked_refund"
        RefundReversal "refund_reversal"
        Deposit "deposit"
        Release "release"
        DepositReversal "deposit_reversal"
        Transfer "transfer"
        FundsReceived "funds_received"
        PaymentSubmitted "payment_submitted"
        PaymentProcessed "payment_processed"
        Completion "completion"
        Failure "failure"
        Return "return"
    }
}

impl StepKind {
    /// Its word in rows.
    pub fn name(self) -> &'static str {
        self.word()
    }
}

/// What brings a transfer to a status.
impl From<TransferStatus> for StepKind {
    fn from(status: TransferStatus) -> Self {
        match status {
            TransferStatus::InReview => Self::Transfer,
            TransferStatus::FundsReceived => Self::FundsReceived,
            TransferStatus::PaymentSubmitted => Self::PaymentSubmitted,
            TransferStatus::PaymentProcessed => Self::PaymentProcessed,
            TransferStatus::Completed => Self::Completion,
            TransferStatus::Failed => Self::Failure,
            TransferStatus::Returned => Self::Return,
            TransferStatus::Refunded => Self::Refund,
        }
    }
}
