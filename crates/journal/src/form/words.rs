//! The closed lists of the domain and the enums that stand for them.

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::authorizations::DeclineReason;
use ledger::book::Environment;
use ledger::cards::{CardKind, CardStatus};
use ledger::deposits::Chain;
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::intents::{Enforcement, IntentEnd};
use ledger::keys::{Family, Scope};
use ledger::ledgers::LedgerStatus;
use ledger::limits::Window;
use ledger::transfers::TransferStatus;
use ledger::webhooks::{Topic, WebhookStatus};
use ledger::{Asset, LedgerKind, Scheme, Side};

use super::Undecodable;
use crate::proto;

/// A value from a closed list, stored as the number of an enum.
pub trait Word: Sized {
    /// Its number.
    fn number(self) -> i32;

    /// The value with this number. Zero says that it is missing.
    fn read(number: i32, field: &'static str) -> Result<Self, Undecodable>;
}

/// Each value has the same name on both sides; one that has none on the other side does not compile.
macro_rules! words {
    ($($name:ident: $($value:ident)*;)*) => {$(
        impl Word for $name {
            fn number(self) -> i32 {
                let value = match self {
                    $(Self::$value => proto::$name::$value,)*
                };
                value.into()
            }

            fn read(number: i32, field: &'static str) -> Result<Self, Undecodable> {
                match proto::$name::try_from(number) {
                    $(Ok(proto::$name::$value) => Ok(Self::$value),)*
                    Ok(proto::$name::Unspecified) => Err(Undecodable::Invalid { field }),
                    Err(_) => Err(Undecodable::Unknown { field }),
                }
            }
        }
    )*};
}

words! {
    AgentStatus: Active Suspended;
    Asset: Usd Eur Gbp Mxn Usdc Usdt Pyusd Eurc Eth Sol Pol Avax Trx;
    CardKind: Single Multi;
    CardStatus: Active Frozen Closed;
    Chain: Solana Ethereum Arbitrum Base Optimism Polygon Avalanche Tron;
    DeclineReason:
        InsufficientFunds CardNotActive CardFrozen CardClosed CardExpired SingleUseAlreadyUsed
        UserNotApproved UserLocked AgentSuspended LimitPerAuthorization LimitPerDay LimitPerMonth
        LimitCumulative LimitAuthorizationCount LimitAgent MccBlocked MccNotAllowed
        MerchantMismatch OutsideActiveHours Cooldown IntentRequired IntentMismatch
        AttestationRequired AttestationStale SuspectedFraud InvalidAmount CurrencyNotSupported
        DecisionTimeout SystemError;
    DenialReason:
        IdentityNotVerified DocumentFraudulent SanctionsMatch HighRiskJurisdiction;
    DocumentKind:
        ProofOfAddress GovernmentIdFront GovernmentIdBack Selfie SourceOfFunds;
    Enforcement: Inform Decline;
    Environment: Sandbox Live;
    Family: LedgerApi LedgerOs;
    IntentEnd: Expired Canceled Rejected;
    LedgerKind: Asset Liability Equity Income Expense;
    LedgerStatus: Active Frozen Closed;
    OnExceeded: Suspend Notify Ignore;
    Scheme: Visa;
    Scope: Read Write Admin;
    Side: Debit Credit;
    Topic:
        CustomerCreated CustomerUpdated WalletCreated WalletUpdated VirtualAccountCreated
        VirtualAccountUpdated TransactionCreated TransactionUpdated TransactionCompleted
        CounterpartyCreated UserApplicationApproved UserApplicationDenied
        UserApplicationNeedsInfo UserApproved DepositCompleted TransactionSettled
        TransactionVoided TransactionRefunded TransactionDeclined IntentMatched
        IntentMismatched IntentExpired CardCreated CardFrozen CardClosed AgentCreated
        AgentSuspended AgentLimitExceeded WebhookTest;
    TransferStatus:
        InReview FundsReceived PaymentSubmitted PaymentProcessed Completed Failed Returned
        Refunded;
    VerificationStatus:
        NotStarted Pending NeedsInformation NeedsVerification ManualReview Approved Denied Locked;
    WebhookStatus: Enabled Disabled;
    Window: Authorization Day Week Month Year Total;
}
