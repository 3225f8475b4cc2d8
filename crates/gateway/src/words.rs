//! The words of the API for the members of closed lists.

use ledger::Rate;
use ledger::account::LedgerKind;
use ledger::agents::{AgentStatus, OnExceeded};
use ledger::book::Environment;
use ledger::cards::{CardKind, CardStatus};
use ledger::deposits::Chain;
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::intents::Enforcement;
use ledger::keys::{Family, Scope};
use ledger::ledgers::LedgerStatus;
use ledger::limits::Window;
use ledger::matching::{Comparison, Mcc};
use ledger::posting::Side;
use ledger::transfers::{Rail, TransferStatus};
use ledger::webhooks::WebhookStatus;
use projector::transactions::State;

/// A member of a closed list.
pub(crate) trait Word: Copy + 'static {
    /// The whole list.
    const ALL: &'static [Self];

    /// What clients call it.
    fn word(self) -> &'static str;
}

/// A member that is missing does not compile.
macro_rules! words {
    ($($list:ident { $($member:ident $word:literal)* })*) => {$(
        impl Word for $list {
            const ALL: &'static [Self] = &[$(Self::$member,)*];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)*
                }
            }
        }
    )*};
}

words! {
    Scope {
        Read "read"
        Write "write"
        Admin "admin"
    }
    Family {
        LedgerApi "ledgerApi"
        LedgerOs "ledgerOs"
    }
    VerificationStatus {
        NotStarted "notStarted"
        Pending "pending"
        NeedsInformation "needsInformation"
        NeedsVerification "needsVerification"
        ManualReview "manualReview"
        Approved "approved"
        Denied "denied"
        Locked "locked"
    }
    DocumentKind {
        ProofOfAddress "proofOfAddress"
        GovernmentIdFront "governmentIdFront"
        GovernmentIdBack "governmentIdBack"
        Selfie "selfie"
        SourceOfFunds "sourceOfFunds"
    }
    DenialReason {
        IdentityNotVerified "identityNotVerified"
        DocumentFraudulent "documentFraudulent"
        SanctionsMatch "sanctionsMatch"
        HighRiskJurisdiction "highRiskJurisdiction"
    }
    Environment { Sandbox "test" Live "live" }
    AgentStatus { Active "active" Suspended "suspended" }
    OnExceeded { Suspend "suspend" Notify "notify" Ignore "none" }
    CardKind { Single "single" Multi "multi" }
    Enforcement { Inform "inform" Decline "decline" }
    CardStatus { Active "active" Frozen "frozen" Closed "closed" }
    State {
        Pending "pending"
        Settled "settled"
        Voided "voided"
        Refunded "refunded"
        Declined "declined"
        Expired "expired"
        Waiting "waiting"
        Completed "completed"
        Reversed "reversed"
    }
    TransferStatus {
        InReview "in_review"
        FundsReceived "funds_received"
        PaymentSubmitted "payment_submitted"
        PaymentProcessed "payment_processed"
        Completed "completed"
        Failed "failed"
        Returned "returned"
        Refunded "refunded"
    }
    LedgerKind {
        Asset "asset"
        Liability "liability"
        Equity "equity"
        Income "income"
        Expense "expense"
    }
    LedgerStatus { Active "active" Frozen "frozen" Closed "closed" }
    Side { Debit "debit" Credit "credit" }
    WebhookStatus { Enabled "enabled" Disabled "disabled" }
    // As an agent's `spendingLimitFrequency`.
    Window {
        Authorization "perTransaction"
        Day "per24HourPeriod"
        Week "perWeek"
        Month "perMonth"
        Year "perYear"
        Total "allTime"
    }
}

/// What a card calls the limit of how often it may be used.
pub(crate) const MAX_AUTH_COUNT: &str = "maxAuthCount";

impl Word for Rail {
    const ALL: &'static [Self] = &[
        Self::Chain(Chain::Solana),
        Self::Chain(Chain::Ethereum),
        Self::Chain(Chain::Arbitrum),
        Self::Chain(Chain::Base),
        Self::Chain(Chain::Optimism),
        Self::Chain(Chain::Polygon),
        Self::Chain(Chain::Avalanche),
        Self::Chain(Chain::Tron),
        Self::Ach,
        Self::Wire,
        Self::Sepa,
        Self::FasterPayments,
        Self::Spei,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Chain(chain) => chain.name(),
            Self::Ach => "ach",
            Self::Wire => "wire",
            Self::Sepa => "sepa",
            Self::FasterPayments => "faster_payments",
            Self::Spei => "spei",
        }
    }
}

/// What a card calls its limit over a window.
pub(crate) fn card_limit(window: Window) -> &'static str {
    match window {
        Window::Authorization => "perAuth",
        Window::Day => "perDay",
        Window::Month => "perMonth",
        Window::Total => "maxAmount",
        Window::Week | Window::Year => unreachable!("cards have no such limit"),
    }
}

/// What differs between a purchase and the declared one.
pub(crate) fn differences(comparison: Comparison) -> Vec<&'static str> {
    [(comparison.amount, "amount"), (comparison.merchant, "merchant"), (comparison.mcc, "mcc")]
        .into_iter()
        .filter_map(|(agrees, aspect)| (!agrees).then_some(aspect))
        .collect()
}

/// A rate as a decimal without zeros at its end.
pub(crate) fn rate(rate: Rate) -> String {
    let (whole, billionths) = (rate.0 / Rate::ONE.0, rate.0 % Rate::ONE.0);
    let text = format!("{whole}.{billionths:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A category in its four digits.
pub(crate) fn mcc_digits(mcc: &Mcc) -> String {
    format!("{:04}", mcc.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_exactly_and_without_needless_zeros() {
        for (billionths, text) in [
            (0, "0"),
            (1, "0.000000001"),
            (50_000_000, "0.05"),
            (1_000_000_000, "1"),
            (1_080_000_000, "1.08"),
            (20_000_000_000, "20"),
        ] {
            assert_eq!(rate(Rate(billionths)), text);
        }
    }
}
