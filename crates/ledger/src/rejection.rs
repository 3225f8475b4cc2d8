//! Why a command can't be done in the state the book is in.

use crate::cards::CardStatus;
use crate::holders::VerificationStatus;
use crate::{AgentId, Amount, CardId, HolderId, IntentId, Timestamp, TransactionId};

/// A command that makes sense, but not now. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The first entry, and only the first, opens the book.
    #[error("the book is open already")]
    BookIsOpen,
    /// The outside world is played by hand only in a sandbox.
    #[error("the book is not a sandbox")]
    NotASandbox,
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
    /// The deadline lies ahead.
    #[error("the deadline has not passed")]
    NotDue,
    /// The amount is zero, or more than [`crate::amount::AMOUNT_MAX`].
    #[error("the amount must be from 1 to {} minor units", crate::amount::AMOUNT_MAX.0)]
    AmountOutOfRange,
}
