//! Every word of the closed lists, so that none ever changes its number.

use ledger::agents::*;
use ledger::authorizations::*;
use ledger::book::{BookOpened, Environment};
use ledger::cards::*;
use ledger::deposits::Chain;
use ledger::holders::*;
use ledger::keys::{Family, KeyCreated, NewKey, Scope};
use ledger::wallets::WalletDepositConfirmed;

use super::*;

pub(super) fn all() -> Vec<Sample> {
    vec![
        memos(
            "book_opened_with_every_environment",
            [Environment::Sandbox, Environment::Live].map(|environment| {
                Event::BookOpened(BookOpened { book: BookId([0x17; 16]), environment })
            }),
        ),
        memos(
            "key_created_with_every_scope",
            [
                (Family::LedgerApi, Scope::Read),
                (Family::LedgerOs, Scope::Write),
                (Family::LedgerOs, Scope::Admin),
            ]
            .map(|(family, scope)| {
                let new = NewKey { family, scope, prefix: *b"prefix00", digest: [0x19; 32] };
                Event::KeyCreated(KeyCreated { key: KeyId([0x18; 16]), new, agent: None })
            }),
        ),
        memos("verification_changed_with_every_status", verifications()),
        memos(
            "agent_policy_changed_with_every_window",
            [
                (Window::Authorization, OnExceeded::Suspend),
                (Window::Day, OnExceeded::Suspend),
                (Window::Week, OnExceeded::Notify),
                (Window::Month, OnExceeded::Notify),
                (Window::Year, OnExceeded::Ignore),
                (Window::Total, OnExceeded::Ignore),
            ]
            .map(|(window, on_exceeded)| {
                let limit = Limit { window, amount: Amount(700_000) };
                let policy = AgentPolicy { limit, on_exceeded, cards_max: None };
                Event::AgentPolicyChanged(AgentPolicyChanged { agent: AGENT, policy })
            }),
        ),
        memos(
            "agent_status_changed_with_every_status",
            [AgentStatus::Active, AgentStatus::Suspended].map(|status| {
                Event::AgentStatusChanged(AgentStatusChanged { agent: AGENT, status })
            }),
        ),
        memos(
            "card_status_changed_with_every_status",
            [CardStatus::Active, CardStatus::Frozen, CardStatus::Closed]
                .map(|status| Event::CardStatusChanged(CardStatusChanged { card: CARD, status })),
        ),
        memos(
            "authorization_declined_with_every_reason",
            DeclineReason::ALL.map(|reason| {
                Event::AuthorizationDeclined(AuthorizationDeclined {
                    transaction: TRANSACTION,
                    card: CARD,
                    agent: AGENT,
                    holder: HOLDER,
                    terms: terms(),
                    reason,
                    exceeded: None,
                })
            }),
        ),
        memos(
            "wallet_deposit_confirmed_with_every_chain",
            Chain::ALL.map(|chain| {
                Event::WalletDepositConfirmed(WalletDepositConfirmed {
                    transaction: TRANSACTION,
                    wallet: WALLET,
                    holder: HOLDER,
                    chain,
                    money: money(25_000_000, Asset::Usdc),
                    released: false,
                    reference: [0x1b; 16],
                })
            }),
        ),
    ]
}

fn verifications() -> Vec<Event> {
    use DenialReason::*;
    use VerificationStatus::*;

    let every_document = vec![
        DocumentKind::ProofOfAddress,
        DocumentKind::GovernmentIdFront,
        DocumentKind::GovernmentIdBack,
        DocumentKind::Selfie,
        DocumentKind::SourceOfFunds,
    ];
    [
        (NotStarted, Vec::new(), None),
        (Pending, Vec::new(), None),
        (NeedsInformation, every_document, None),
        (NeedsVerification, Vec::new(), None),
        (ManualReview, Vec::new(), None),
        (Approved, Vec::new(), None),
        (Denied, Vec::new(), Some(IdentityNotVerified)),
        (Denied, Vec::new(), Some(DocumentFraudulent)),
        (Denied, Vec::new(), Some(SanctionsMatch)),
        (Denied, Vec::new(), Some(HighRiskJurisdiction)),
        (Locked, Vec::new(), None),
    ]
    .map(|(status, required, reason)| {
        let verification = Verification { status, required, reason };
        Event::VerificationChanged(VerificationChanged { holder: HOLDER, verification })
    })
    .into()
}
