//! The words of the API for the members of closed lists.

use ledger::agents::{AgentStatus, OnExceeded};
use ledger::cards::{CardKind, CardStatus};
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::limits::Window;
use ledger::matching::{Comparison, Mcc};
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
    AgentStatus { Active "active" Suspended "suspended" }
    OnExceeded { Suspend "suspend" Notify "notify" Ignore "none" }
    CardKind { Single "single" Multi "multi" }
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
    }
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

/// A category in its four digits.
pub(crate) fn mcc_digits(mcc: &Mcc) -> String {
    format!("{:04}", mcc.code())
}
