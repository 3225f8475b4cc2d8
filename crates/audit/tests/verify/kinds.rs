//! The kinds of events, so that a history can be asked for all of them.

use std::collections::BTreeSet;

use ledger::Event;

use crate::play::{Play, everything};

macro_rules! kinds {
    ($($kind:ident)*) => {
        /// Every kind.
        const ALL: &[&str] = &[$(stringify!($kind)),*];

        pub(crate) fn kind(event: &Event) -> &'static str {
            match event {
                $(Event::$kind(_) => stringify!($kind),)*
            }
        }
    };
}

kinds! {
    BookOpened JournalRecovered KeyCreated KeyRevoked ClockAdvanced HolderCreated HolderChanged VerificationChanged DocumentAdded
    HolderErased
    DepositConfirmed DepositReversed
    WalletCreated VirtualAccountOpened WalletDepositConfirmed BankDepositConfirmed TransferCreated TransferAdvanced
    TransferCompleted TransferFailed TransferReturned TreasuryConverted LedgerCreated LedgerStatusChanged
    LedgerTransferred JournalPosted JournalReversed AgentRegistered AgentStatusChanged AgentPolicyChanged AgentLimitExceeded CardCreated
    CardStatusChanged CardLimitsChanged IntentDeclared IntentApproved AttestationRecorded IntentAssessed IntentReleased
    IntentClosed AuthorizationApproved AuthorizationDeclined AuthorizationLinked AuthorizationIncremented
    IncrementDeclined AuthorizationConfirmed AuthorizationReversed ReversalUnusable AuthorizationExpired CardVerified
    Purchased Cleared ForceCleared Corrected Refunded RefundReversed UnlinkedRefundReceived RefundReleased
    PresentmentSuspended PresentmentAssigned PresentmentWrittenOff NetworkSettled
    WebhookRegistered WebhookChanged WebhookRemoved WebhookSecretRotated WebhookTested WebhookReplayed
}

fn missing(play: &Play) -> Vec<&'static str> {
    let events = play.entries.iter().flat_map(|stored| &stored.entry.events);
    let found: BTreeSet<_> = events.map(kind).collect();
    ALL.iter().copied().filter(|kind| !found.contains(kind)).collect()
}

#[test]
fn every_event_occurs_where_everything_does() {
    assert_eq!(missing(&everything()), [""; 0]);
}
