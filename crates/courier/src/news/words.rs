//! The words of both surfaces for the members of closed lists.

use ledger::cards::CardStatus;
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::limits::Window;
use ledger::transfers::TransferStatus;

/// Where a customer's verification stands; `None` where that is as it was before.
pub(super) fn kyc_status(status: VerificationStatus) -> Option<&'static str> {
    match status {
        VerificationStatus::NotStarted => Some("not_started"),
        VerificationStatus::Pending | VerificationStatus::ManualReview => Some("under_review"),
        VerificationStatus::NeedsInformation | VerificationStatus::NeedsVerification => {
            Some("incomplete")
        }
        VerificationStatus::Approved => Some("approved"),
        VerificationStatus::Denied => Some("rejected"),
        VerificationStatus::Locked => None,
    }
}

/// What a customer is.
pub(super) fn customer_status(status: VerificationStatus) -> &'static str {
    match status {
        VerificationStatus::Locked => "suspended",
        VerificationStatus::Denied => "rejected",
        VerificationStatus::NotStarted
        | VerificationStatus::Pending
        | VerificationStatus::NeedsInformation
        | VerificationStatus::NeedsVerification
        | VerificationStatus::ManualReview
        | VerificationStatus::Approved => "active",
    }
}

pub(super) fn denial(reason: DenialReason) -> &'static str {
    match reason {
        DenialReason::IdentityNotVerified => "identityNotVerified",
        DenialReason::DocumentFraudulent => "documentFraudulent",
        DenialReason::SanctionsMatch => "sanctionsMatch",
        DenialReason::HighRiskJurisdiction => "highRiskJurisdiction",
    }
}

pub(super) fn document(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::ProofOfAddress => "proofOfAddress",
        DocumentKind::GovernmentIdFront => "governmentIdFront",
        DocumentKind::GovernmentIdBack => "governmentIdBack",
        DocumentKind::Selfie => "selfie",
        DocumentKind::SourceOfFunds => "sourceOfFunds",
    }
}

pub(super) fn card_status(status: CardStatus) -> &'static str {
    match status {
        CardStatus::Active => "active",
        CardStatus::Frozen => "frozen",
        CardStatus::Closed => "closed",
    }
}

/// As an agent's `spendingLimitFrequency`.
pub(super) fn window(window: Window) -> &'static str {
    match window {
        Window::Authorization => "perTransaction",
        Window::Day => "per24HourPeriod",
        Window::Week => "perWeek",
        Window::Month => "perMonth",
        Window::Year => "perYear",
        Window::Total => "allTime",
    }
}

pub(super) fn transfer_status(status: TransferStatus) -> &'static str {
    match status {
        TransferStatus::InReview => "in_review",
        TransferStatus::FundsReceived => "funds_received",
        TransferStatus::PaymentSubmitted => "payment_submitted",
        TransferStatus::PaymentProcessed => "payment_processed",
        TransferStatus::Completed => "completed",
        TransferStatus::Failed => "failed",
        TransferStatus::Returned => "returned",
        TransferStatus::Refunded => "refunded",
    }
}
