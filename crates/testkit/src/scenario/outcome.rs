//! How a request ended.

use ledger::authorizations::DeclineReason;
use ledger::{Command, Entry, Event};

/// How a line's request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There was none.
    Nothing,
    Accepted,
    Declined {
        reason: DeclineReason,
        left: Option<u128>,
    },
    Rejected {
        word: String,
    },
    Replayed,
}

impl Outcome {
    /// Of a request that was written for the first time.
    pub(super) fn of(entry: &Entry) -> Self {
        let decline = entry.events.iter().find_map(|event| match event {
            Event::AuthorizationDeclined(event) => Some((event.reason, event.exceeded)),
            Event::IncrementDeclined(event) => Some((event.reason, event.exceeded)),
            _ => None,
        });
        decline.map_or(Self::Accepted, |(reason, exceeded)| Self::Declined {
            reason,
            left: exceeded.map(|exceeded| exceeded.left.0),
        })
    }
}

/// Whether an entry is what a command asks for, or what another one did that carried the same id from outside.
pub(super) fn is_effect(entry: &Entry, command: &Command) -> bool {
    entry.events.iter().any(|event| match (command, event) {
        (Command::ConfirmDeposit(command), Event::DepositConfirmed(event)) => {
            command.holder == event.holder
        }
        (Command::ConfirmWalletDeposit(command), Event::WalletDepositConfirmed(event)) => {
            command.wallet == event.wallet
        }
        (Command::ConfirmBankDeposit(command), Event::BankDepositConfirmed(event)) => {
            command.account == event.account
        }
        (Command::RegisterAgent(command), Event::AgentRegistered(event)) => {
            command.holder == event.holder
        }
        (Command::Authorize(_), Event::AuthorizationLinked(_)) => true,
        (Command::Authorize(command), event) => match event {
            Event::AuthorizationApproved(event) => command.card == event.card,
            Event::AuthorizationDeclined(event) => command.card == event.card,
            Event::CardVerified(event) => command.card == event.card,
            Event::Purchased(event) => command.card == event.card,
            _ => command.terms.network_id.is_none(),
        },
        (Command::Increment(command), Event::AuthorizationIncremented(event)) => {
            command.transaction == event.transaction
        }
        (Command::Increment(command), Event::IncrementDeclined(event)) => {
            command.transaction == event.transaction
        }
        (Command::Confirm(command), Event::AuthorizationConfirmed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Reverse(command), Event::AuthorizationReversed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Reverse(command), Event::ReversalUnusable(event)) => {
            command.transaction == event.transaction
        }
        (Command::Refund(command), Event::AuthorizationReversed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Refund(command), Event::ReversalUnusable(event)) => {
            command.transaction == event.transaction
        }
        (Command::Refund(command), Event::Refunded(event)) => {
            command.transaction == event.transaction
        }
        (Command::ReverseRefund(command), Event::RefundReversed(event)) => {
            command.transaction == event.transaction
        }
        (Command::Clear(command), Event::Cleared(event)) => {
            command.transaction == event.transaction
        }
        (Command::Correct(command), Event::Corrected(event)) => {
            command.transaction == event.transaction
        }
        (Command::ForceClear(command), Event::ForceCleared(event)) => command.card == event.card,
        (Command::RecordUnlinkedRefund(command), Event::UnlinkedRefundReceived(event)) => {
            command.card == event.card
        }
        (Command::RecordPresentment(_), Event::PresentmentSuspended(_)) => true,
        _ => command.reference().is_none(),
    })
}
