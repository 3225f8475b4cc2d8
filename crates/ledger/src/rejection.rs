//! Why a command can't be done in the state the book is in.

use crate::cards::CardStatus;
use crate::erasure::Unsettled;
use crate::holders::VerificationStatus;
use crate::ledgers::LedgerStatus;
use crate::transfers::TransferStatus;
use crate::webhooks::Topic;
use crate::{
    AgentId, Amount, Asset, CardId, HolderId, IntentId, JournalId, KeyId, LedgerId, Position, Text,
    Timestamp, TransactionId, VirtualAccountId, WalletId, WebhookId,
};

/// A command that makes sense, but not now. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The first entry, and only the first, opens the book.
    #[error("the book is open already")]
    BookIsOpen,
    /// The outside world is played by hand only in a sandbox.
    #[error("the book is not a sandbox")]
    NotASandbox,
    /// No key has this id.
    #[error("no key has the id `{0}`")]
    UnknownKey(KeyId),
    /// A key is revoked once.
    #[error("the key is revoked already")]
    KeyIsRevoked,
    /// The key that authenticated the call was revoked, which a gateway may not have heard of yet.
    #[error("the key of the call was revoked")]
    CallerIsRevoked,
    /// No holder has this id.
    #[error("no user has the id `{0}`")]
    UnknownHolder(HolderId),
    /// No agent has this id.
    #[error("no agent has the id `{0}`")]
    UnknownAgent(AgentId),
    /// No card has this id.
    #[error("no card has the id `{0}`")]
    UnknownCard(CardId),
    /// No live intent has this id.
    #[error("no live intent has the id `{0}`")]
    UnknownIntent(IntentId),
    /// No approved authorization has this id.
    #[error("no approved transaction has the id `{0}`")]
    UnknownTransaction(TransactionId),
    /// What is asked needs a holder whose verification is approved.
    #[error("the user's verification is `{status}`, not `approved`")]
    HolderNotApproved {
        /// What it is.
        status: VerificationStatus,
    },
    /// Nothing can be done any more that concerns somebody who is erased.
    #[error("the user `{0}` is erased")]
    HolderErased(HolderId),
    /// Name or contact are not any more what the change was made from.
    #[error("the customer was changed meanwhile; repeat the request")]
    ProfileChanged,
    /// Only who is settled can be erased.
    #[error("the user is not settled: {0}")]
    HolderNotSettled(Unsettled),
    /// A verification in this status takes no further step.
    #[error("a verification that is `{status}` can't be continued")]
    VerificationClosed {
        /// The status.
        status: VerificationStatus,
    },
    /// The agent is suspended.
    #[error("the agent is suspended")]
    AgentSuspended,
    /// The agent has as many open cards as it may have.
    #[error("the agent has `{max}` open cards, which is its limit")]
    TooManyCards {
        /// How many it may have.
        max: u32,
    },
    /// The card can't do this in its status.
    #[error("the card is `{status}`")]
    CardNotActive {
        /// The status.
        status: CardStatus,
    },
    /// The card's time is over.
    #[error("the card has expired")]
    CardExpired,
    /// The person has as many wallets as one may have.
    #[error("the customer has `{max}` wallets, which is the limit")]
    TooManyWallets {
        /// How many one may have.
        max: u32,
    },
    /// Details are shown for a declared purchase only.
    #[error(
        "no live intent is declared for this card; declare one with POST /v1/cards/{card}/intents"
    )]
    IntentRequired {
        /// The card.
        card: CardId,
    },
    /// The card has as many live intents as it may have.
    #[error("the card has `{max}` live intents, which is its limit")]
    TooManyIntents {
        /// How many it may have.
        max: usize,
    },
    /// Details were read as often as they may be within an hour.
    #[error("the card's details were read `{max}` times within an hour, which is the limit")]
    DetailsTooOften {
        /// How often they may be read.
        max: usize,
        /// When they may be read again.
        retry_at: Timestamp,
    },
    /// The authorization holds nothing any more.
    #[error("the transaction is not pending")]
    NotPending,
    /// More would be given back than is held.
    #[error("the amount exceeds the `{}` that are held", held.0)]
    ExceedsHold {
        /// What is held.
        held: Amount,
    },
    /// More would be refunded than was cleared.
    #[error("the amount exceeds the `{}` that can be refunded", left.0)]
    ExceedsCleared {
        /// What was cleared and is not refunded.
        left: Amount,
    },
    /// Less is there than is asked for.
    #[error("the amount exceeds the `{}` that are available", available.0)]
    InsufficientFunds {
        /// What is there.
        available: Amount,
    },
    /// More would be taken back than was refunded.
    #[error("the amount exceeds the `{}` that are refunded", left.0)]
    ExceedsRefunded {
        /// What is refunded.
        left: Amount,
    },
    /// The transaction is a refund without a purchase.
    #[error("the transaction is not a purchase")]
    NotAPurchase,
    /// The transaction does not wait for a review.
    #[error("the transaction is not under review")]
    NotUnderReview,
    /// What a card network sends is in US dollars.
    #[error("card transactions are in `USD`, not in `{asset}`")]
    CurrencyNotSupported {
        /// What it is in.
        asset: Asset,
    },
    /// Nothing is owed between the book and the network.
    #[error("nothing is owed between the programme and the network")]
    NothingToSettle,
    /// Somebody must approve the intent first.
    #[error("the intent waits for approval")]
    IntentAwaitsApproval,
    /// The intent was approved, or need not be.
    #[error("the intent does not wait for approval")]
    IntentAwaitsNothing,
    /// No wallet has this id.
    #[error("no wallet has the id `{0}`")]
    UnknownWallet(WalletId),
    /// No virtual account has this id.
    #[error("no virtual account has the id `{0}`")]
    UnknownVirtualAccount(VirtualAccountId),
    /// A transfer does not come to this status from the one it is in.
    #[error("the transfer is `{status}`")]
    TransferIs {
        /// The one it is in.
        status: TransferStatus,
    },
    /// What is sold is bought.
    #[error("an asset is not sold for itself")]
    SameAsset,
    /// No ledger has this id.
    #[error("no ledger has the id `{0}`")]
    UnknownLedger(LedgerId),
    /// Another ledger has this code.
    #[error("another ledger has the code `{}`", code.as_str())]
    LedgerCodeTaken {
        /// The code.
        code: Text<50>,
    },
    /// The ledger can't do this in its status.
    #[error("the ledger `{ledger}` is `{status}`")]
    LedgerNotActive {
        /// Which.
        ledger: LedgerId,
        /// The status.
        status: LedgerStatus,
    },
    /// A ledger can be closed once nothing stands on it.
    #[error("the ledger `{0}` has a balance")]
    LedgerNotEmpty(LedgerId),
    /// A transfer moves money between two ledgers.
    #[error("source and destination are the same ledger")]
    SameLedger,
    /// A transfer is between ledgers in one asset.
    #[error("the ledgers are in different currencies")]
    DifferentAssets,
    /// A transfer is between ledgers that grow on the same side.
    #[error("the ledgers grow on different sides; post a journal instead")]
    DifferentSides,
    /// A ledger would fall below its overdraft limit.
    #[error("the ledger `{ledger}` has `{}` left", left.0)]
    LedgerInsufficientFunds {
        /// Which.
        ledger: LedgerId,
        /// What could be taken from it, its overdraft included.
        left: Amount,
    },
    /// Debits and credits differ.
    #[error("debits and credits in `{asset}` differ by `{}`", difference.0)]
    JournalUnbalanced {
        /// In what.
        asset: Asset,
        /// By how much.
        difference: Amount,
    },
    /// The journal has no lines, or more than [`crate::posting::POSTINGS_MAX`].
    #[error("a journal has 2 to {} lines", crate::posting::POSTINGS_MAX)]
    JournalLength,
    /// No journal has this id.
    #[error("no journal has the id `{0}`")]
    UnknownJournal(JournalId),
    /// A journal is reversed once.
    #[error("the journal was reversed by the journal `{by}`")]
    JournalReversed {
        /// The one that has reversed it.
        by: JournalId,
    },
    /// What was taken back is posted again, not taken back from there.
    #[error("the journal is itself a reversal")]
    JournalIsReversal,
    /// A part of a reversal names no line of the journal, or one that was named before.
    #[error("part `{place}` of the reversal is of no line of the journal, or of one named before")]
    NoSuchLine {
        /// Which part, counted from zero.
        place: usize,
    },
    /// A part of a reversal is more than its line.
    #[error("part `{place}` of the reversal exceeds the `{}` of its line", amount.0)]
    ExceedsLine {
        /// Which part, counted from zero.
        place: usize,
        /// What the line has.
        amount: Amount,
    },
    /// Wallets hold tokens.
    #[error("`{asset}` is not a token")]
    NotAToken {
        /// What was named.
        asset: Asset,
    },
    /// Banks hold currencies.
    #[error("`{asset}` is not a currency")]
    NotACurrency {
        /// What was named.
        asset: Asset,
    },
    /// Chains are paid in coins of their own.
    #[error("`{asset}` is not a chain's own coin")]
    NotACoin {
        /// What was named.
        asset: Asset,
    },
    /// The fee takes all of a transfer.
    #[error("nothing is left after the fee of `{}`", fee.0)]
    NothingLeftAfterFee {
        /// The fee.
        fee: Amount,
    },
    /// No webhook has this id, or it is removed.
    #[error("no webhook has the id `{0}`")]
    UnknownWebhook(WebhookId),
    /// The book has as many webhooks as one may have.
    #[error("there are `{max}` webhooks, which is the limit")]
    TooManyWebhooks {
        /// How many there may be.
        max: usize,
    },
    /// The webhook's surface has no such messages.
    #[error("`{}` is of another API than the webhook", .0.name())]
    ForeignTopic(Topic),
    /// Nothing is sent to a webhook that is disabled.
    #[error("the webhook is disabled")]
    WebhookDisabled,
    /// Nothing stands there yet.
    #[error("the journal has the positions 1 to {last}")]
    NoSuchPosition {
        /// The last that could be named.
        last: Position,
    },
    /// The deadline lies ahead.
    #[error("the deadline has not passed")]
    NotDue,
    /// The amount is zero, or more than [`crate::amount::AMOUNT_MAX`].
    #[error("the amount must be from 1 to {} minor units", crate::amount::AMOUNT_MAX.0)]
    AmountOutOfRange,
    /// What the command makes would have the id of what another has made in the same millisecond. A millisecond later
    /// it has another.
    #[error("another request of this millisecond has taken the id; repeat the request")]
    IdTaken,
}
