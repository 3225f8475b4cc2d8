//! The last word of a message's subject: the command that has made the entry.

use ledger::intents::IntentEnd;
use ledger::{Entry, Event};

/// The word. An entry does not name its command; its events do.
pub fn kind(entry: &Entry) -> &'static str {
    let mut beside = "";
    for told in entry.events.iter().map(tells) {
        match told {
            Tells::Command(word) => return word,
            Tells::Beside(word) if beside.is_empty() => beside = word,
            Tells::Beside(_) => {}
        }
    }
    beside
}

/// What an event tells of the command.
enum Tells {
    /// This command alone makes it.
    Command(&'static str),
    /// This one does where no other event of the entry says more: other commands make it beside their own.
    Beside(&'static str),
}

fn tells(event: &Event) -> Tells {
    use Tells::{Beside, Command};
    match event {
        Event::BookOpened(_) => Command("open-book"),
        Event::JournalRecovered(_) => Command("recover-journal"),
        Event::KeyCreated(_) => Beside("create-key"),
        Event::KeyRevoked(_) => Command("revoke-key"),
        Event::ClockAdvanced(_) => Command("advance-clock"),
        Event::HolderCreated(_) => Command("create-holder"),
        Event::HolderChanged(_) => Command("change-holder"),
        // What starts a verification records that it is pending.
        Event::VerificationChanged(_) => Beside("record-verification"),
        Event::DocumentAdded(_) => Command("add-document"),
        Event::HolderErased(_) => Command("erase-holder"),
        Event::DepositConfirmed(_) => Command("confirm-deposit"),
        Event::DepositReversed(_) => Command("reverse-deposit"),
        Event::WalletCreated(_) => Beside("create-wallet"),
        Event::VirtualAccountOpened(_) => Command("open-virtual-account"),
        Event::WalletDepositConfirmed(_) => Command("confirm-wallet-deposit"),
        Event::BankDepositConfirmed(_) => Command("confirm-bank-deposit"),
        Event::TransferCreated(_) => Command("create-transfer"),
        Event::TransferAdvanced(_)
        | Event::TransferCompleted(_)
        | Event::TransferFailed(_)
        | Event::TransferReturned(_) => Command("advance-transfer"),
        Event::TreasuryConverted(_) => Command("convert-treasury"),
        Event::LedgerCreated(_) => Command("create-ledger"),
        Event::LedgerStatusChanged(_) => Command("change-ledger"),
        Event::LedgerTransferred(_) => Command("transfer-between-ledgers"),
        Event::JournalPosted(_) => Command("post-journal"),
        Event::JournalReversed(_) => Command("reverse-journal"),
        Event::AgentRegistered(_) => Command("register-agent"),
        Event::AgentStatusChanged(_) => Beside("change-agent"),
        Event::AgentPolicyChanged(_) => Command("change-agent-policy"),
        Event::CardCreated(_) => Command("create-card"),
        Event::CardStatusChanged(_) => Beside("change-card"),
        Event::CardLimitsChanged(_) => Command("change-card-limits"),
        Event::IntentDeclared(_) => Command("declare-intent"),
        Event::IntentApproved(_) => Command("approve-intent"),
        Event::AttestationRecorded(_) => Command("attest"),
        Event::IntentClosed(event) => Command(match event.reason {
            IntentEnd::Expired => "expire-intent",
            IntentEnd::Canceled => "cancel-intent",
            IntentEnd::Rejected => "reject-intent",
        }),
        Event::AuthorizationApproved(_)
        | Event::AuthorizationDeclined(_)
        | Event::AuthorizationLinked(_)
        | Event::CardVerified(_)
        | Event::Purchased(_) => Command("authorize"),
        // These two stand beside what an answer to the network is about.
        Event::AgentLimitExceeded(_) | Event::IntentAssessed(_) => Beside("authorize"),
        Event::AuthorizationIncremented(_) | Event::IncrementDeclined(_) => Command("increment"),
        Event::AuthorizationConfirmed(_) => Command("confirm"),
        Event::AuthorizationReversed(_) | Event::ReversalUnusable(_) => Command("reverse"),
        Event::AuthorizationExpired(_) => Command("expire-authorization"),
        Event::IntentReleased(_) => Beside("reverse"),
        Event::Cleared(_) => Command("clear"),
        Event::ForceCleared(_) => Command("force-clear"),
        Event::Corrected(_) => Command("correct"),
        Event::Refunded(_) => Command("refund"),
        Event::RefundReversed(_) => Command("reverse-refund"),
        Event::UnlinkedRefundReceived(_) => Command("record-unlinked-refund"),
        Event::RefundReleased(_) => Command("release-refund"),
        Event::PresentmentSuspended(_) => Command("record-presentment"),
        Event::PresentmentAssigned(_) => Command("assign-presentment"),
        Event::PresentmentWrittenOff(_) => Command("write-off-presentment"),
        Event::NetworkSettled(_) => Command("settle-network"),
        Event::WebhookRegistered(_) => Command("register-webhook"),
        Event::WebhookChanged(_) => Command("change-webhook"),
        Event::WebhookRemoved(_) => Command("remove-webhook"),
        Event::WebhookSecretRotated(_) => Command("rotate-webhook-secret"),
        Event::WebhookTested(_) => Command("test-webhook"),
        Event::WebhookReplayed(_) => Command("replay-webhook"),
    }
}

#[cfg(test)]
mod tests;
