//! The book, its keys, its holders and their agents.

use ledger::agents::*;
use ledger::book::{BookOpened, Environment};
use ledger::clock::ClockAdvanced;
use ledger::holders::*;
use ledger::keys::{Family, KeyCreated, KeyRevoked, NewKey, Scope};

use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (holder, agent, transaction) = (HOLDER, AGENT, TRANSACTION);
    vec![
        memo(
            "book_opened",
            Event::BookOpened(BookOpened {
                book: BookId([0x17; 16]),
                environment: Environment::Sandbox,
            }),
        ),
        memo(
            "key_created",
            Event::KeyCreated(KeyCreated {
                key: KeyId([0x18; 16]),
                new: NewKey {
                    family: Family::LedgerOs,
                    scope: Scope::Write,
                    prefix: *b"prefix00",
                    digest: [0x19; 32],
                },
                agent: Some(agent),
            }),
        ),
        memo("key_revoked", Event::KeyRevoked(KeyRevoked { key: KeyId([0x18; 16]) })),
        memo("clock_advanced", Event::ClockAdvanced(ClockAdvanced { by_ms: 90_000_000 })),
        memo("holder_created", Event::HolderCreated(HolderCreated { holder, profile: sealed() })),
        memo(
            "holder_changed",
            Event::HolderChanged(HolderChanged {
                holder,
                profile: sealed(),
                status: VerificationStatus::Approved,
                before_lock: None,
            }),
        ),
        memo(
            "holder_changed_with_lock",
            Event::HolderChanged(HolderChanged {
                holder,
                profile: sealed(),
                status: VerificationStatus::Locked,
                before_lock: Some(VerificationStatus::Approved),
            }),
        ),
        memo(
            "verification_changed",
            Event::VerificationChanged(VerificationChanged {
                holder,
                verification: Verification {
                    status: VerificationStatus::NeedsInformation,
                    required: vec![DocumentKind::Selfie, DocumentKind::ProofOfAddress],
                    reason: Some(DenialReason::SanctionsMatch),
                },
            }),
        ),
        memo(
            "document_added",
            Event::DocumentAdded(DocumentAdded {
                document: DocumentId([0x1a; 16]),
                holder,
                kind: DocumentKind::GovernmentIdFront,
                content: sealed(),
            }),
        ),
        memo(
            "agent_registered",
            Event::AgentRegistered(AgentRegistered {
                agent,
                holder,
                profile: AgentProfile {
                    name: text("Shopper"),
                    description: Some(text("buys books")),
                    external_id: Some(text("agent-7")),
                },
                policy: AgentPolicy {
                    limit: Limit { window: Window::Week, amount: Amount(50_000) },
                    on_exceeded: OnExceeded::Notify,
                    cards_max: Some(3),
                },
                reference: Some([0x1c; 16]),
            }),
        ),
        memo(
            "agent_status_changed",
            Event::AgentStatusChanged(AgentStatusChanged { agent, status: AgentStatus::Suspended }),
        ),
        memo(
            "agent_policy_changed",
            Event::AgentPolicyChanged(AgentPolicyChanged {
                agent,
                policy: AgentPolicy {
                    limit: Limit { window: Window::Year, amount: Amount(700_000) },
                    on_exceeded: OnExceeded::Ignore,
                    cards_max: Some(2),
                },
            }),
        ),
        memo(
            "agent_limit_exceeded",
            Event::AgentLimitExceeded(AgentLimitExceeded {
                agent,
                transaction,
                exceeded: exceeded(),
            }),
        ),
    ]
}
