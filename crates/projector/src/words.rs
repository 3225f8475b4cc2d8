//! The words that stand in read models for the members of closed lists.

use ledger::account::LedgerKind;
use ledger::agents::{AgentStatus, OnExceeded};
use ledger::authorizations::DeclineReason;
use ledger::book::Environment;
use ledger::cards::{CardKind, CardStatus};
use ledger::deposits::Chain;
use ledger::holders::{DenialReason, DocumentKind, VerificationStatus};
use ledger::intents::Enforcement;
use ledger::keys::{Family, Scope};
use ledger::ledgers::LedgerStatus;
use ledger::limits::Window;
use ledger::transfers::{Rail, TransferStatus};
use ledger::webhooks::WebhookStatus;
use ledger::{Asset, Scheme, Side};

/// A member of a closed list.
pub(crate) trait Word: Copy {
    fn word(self) -> &'static str;

    fn from_word(word: &str) -> Option<Self>;
}

/// Both directions from one list; a member that is missing does not compile.
macro_rules! words {
    ($($list:ident { $($member:ident $word:literal)* })*) => {$(
        impl $crate::words::Word for $list {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)*
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$member),)*
                    _ => None,
                }
            }
        }
    )*};
}
pub(crate) use words;

words! {
    Side { Debit "debit" Credit "credit" }
    Scheme { Visa "visa" }
    Environment { Sandbox "sandbox" Live "live" }
    Family { LedgerApi "ledgerApi" LedgerOs "ledgerOs" }
    Scope { Read "read" Write "write" Admin "admin" }
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
    OnExceeded { Suspend "suspend" Notify "notify" Ignore "ignore" }
    CardKind { Single "single" Multi "multi" }
    CardStatus { Active "active" Frozen "frozen" Closed "closed" }
    Enforcement { Inform "inform" Decline "decline" }
    LedgerKind {
        Asset "asset"
        Liability "liability"
        Equity "equity"
        Income "income"
        Expense "expense"
    }
    LedgerStatus { Active "active" Frozen "frozen" Closed "closed" }
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
    WebhookStatus { Enabled "enabled" Disabled "disabled" }
    Window {
        Authorization "authorization"
        Day "day"
        Week "week"
        Month "month"
        Year "year"
        Total "total"
    }
}

impl Word for Asset {
    fn word(self) -> &'static str {
        self.code()
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.code() == word)
    }
}

impl Word for Chain {
    fn word(self) -> &'static str {
        self.name()
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == word)
    }
}

/// A chain's own name, or that of the banks' network.
impl Word for Rail {
    fn word(self) -> &'static str {
        match self {
            Self::Chain(chain) => chain.word(),
            Self::Ach => "ach",
            Self::Wire => "wire",
            Self::Sepa => "sepa",
            Self::FasterPayments => "faster_payments",
            Self::Spei => "spei",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "ach" => Self::Ach,
            "wire" => Self::Wire,
            "sepa" => Self::Sepa,
            "faster_payments" => Self::FasterPayments,
            "spei" => Self::Spei,
            chain => Self::Chain(Chain::from_word(chain)?),
        })
    }
}

impl Word for DeclineReason {
    fn word(self) -> &'static str {
        self.name()
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == word)
    }
}
