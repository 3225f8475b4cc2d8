//! The names of events and rejections, and lists of all of them.

use ledger::{Event, Rejection};

macro_rules! names {
    ($($(#[$doc:meta])* $all:ident, $name:ident: $kind:ident { $($variant:ident)* })*) => {$(
        $(#[$doc])*
        pub const $all: &[&str] = &[$(stringify!($variant)),*];

        /// The name of one.
        pub fn $name(one: &$kind) -> &'static str {
            match one {
                $($kind::$variant { .. } => stringify!($variant),)*
            }
        }
    )*};
}

names! {
    /// Everything that can happen.
    EVENTS, event: Event {
        BookOpened
        JournalRecovered
        KeyCreated
        KeyRevoked
        ClockAdvanced
        HolderCreated
        HolderChanged
        VerificationChanged
        DocumentAdded
        HolderErased
        DepositConfirmed
        DepositReversed
        WalletCreated
        VirtualAccountOpened
        WalletDepositConfirmed
        BankDepositConfirmed
        TransferCreated
        TransferAdvanced
        TransferCompleted
        TransferFailed
        TransferReturned
        TreasuryConverted
        LedgerCreated
        LedgerStatusChanged
        LedgerTransferred
        JournalPosted
        JournalReversed
        AgentRegistered
        AgentStatusChanged
        AgentPolicyChanged
        AgentLimitExceeded
        CardCreated
        CardStatusChanged
        CardLimitsChanged
        IntentDeclared
        IntentApproved
        AttestationRecorded
        IntentAssessed
        IntentReleased
        IntentClosed
        AuthorizationApproved
        AuthorizationDeclined
        AuthorizationLinked
        AuthorizationIncremented
        IncrementDeclined
        AuthorizationConfirmed
        AuthorizationReversed
        ReversalUnusable
        AuthorizationExpired
        CardVerified
        Purchased
        Cleared
        ForceCleared
        Corrected
        Refunded
        RefundReversed
        UnlinkedRefundReceived
        RefundReleased
        PresentmentSuspended
        PresentmentAssigned
        PresentmentWrittenOff
        NetworkSettled
        WebhookRegistered
        WebhookChanged
        WebhookRemoved
        WebhookSecretRotated
        WebhookTested
        WebhookReplayed
    }
    /// Everything for which a request can be refused.
    REJECTIONS, rejection: Rejection {
        BookIsOpen
        NotASandbox
        UnknownKey
        KeyIsRevoked
        CallerIsRevoked
        UnknownHolder
        UnknownAgent
        UnknownCard
        UnknownIntent
        UnknownTransaction
        HolderNotApproved
        HolderErased
        ProfileChanged
        HolderNotSettled
        VerificationClosed
        AgentSuspended
        TooManyCards
        CardNotActive
        CardExpired
        TooManyWallets
        IntentRequired
        TooManyIntents
        DetailsTooOften
        NotPending
        ExceedsHold
        ExceedsCleared
        InsufficientFunds
        ExceedsRefunded
        NotAPurchase
        NotUnderReview
        CurrencyNotSupported
        NothingToSettle
        IntentAwaitsApproval
        IntentAwaitsNothing
        UnknownWallet
        UnknownVirtualAccount
        TransferIs
        SameAsset
        UnknownLedger
        LedgerCodeTaken
        LedgerNotActive
        LedgerNotEmpty
        SameLedger
        DifferentAssets
        DifferentSides
        LedgerInsufficientFunds
        JournalUnbalanced
        JournalLength
        UnknownJournal
        JournalReversed
        JournalIsReversal
        NoSuchLine
        ExceedsLine
        NotAToken
        NotACurrency
        NotACoin
        NothingLeftAfterFee
        UnknownWebhook
        TooManyWebhooks
        ForeignTopic
        WebhookDisabled
        NoSuchPosition
        NotDue
        AmountOutOfRange
        IdTaken
    }
}
