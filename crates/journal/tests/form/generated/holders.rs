//! Holders and agents.

use ledger::agents::*;
use ledger::erasure::HolderErased;
use ledger::holders::*;
use ledger::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

pub(super) fn holder_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (id(), sealed()).prop_map(|(holder, profile)| Event::HolderCreated(HolderCreated {
            holder: HolderId(holder),
            profile
        })),
        (id(), sealed(), status(), of(status())).prop_map(
            |(holder, profile, status, before_lock)| {
                let holder = HolderId(holder);
                Event::HolderChanged(HolderChanged { holder, profile, status, before_lock })
            }
        ),
        (id(), verification()).prop_map(|(holder, verification)| Event::VerificationChanged(
            VerificationChanged { holder: HolderId(holder), verification }
        )),
        (id(), id(), document_kind(), sealed()).prop_map(|(document, holder, kind, content)| {
            let (document, holder) = (DocumentId(document), HolderId(holder));
            Event::DocumentAdded(DocumentAdded { document, holder, kind, content })
        }),
        (id(), vec(id(), 0..4), approval()).prop_map(|(holder, subjects, approval)| {
            let holder = HolderId(holder);
            Event::HolderErased(HolderErased { holder, subjects, approval })
        }),
    ]
}

fn status() -> impl Strategy<Value = VerificationStatus> {
    select(
        &[
            VerificationStatus::NotStarted,
            VerificationStatus::Pending,
            VerificationStatus::NeedsInformation,
            VerificationStatus::NeedsVerification,
            VerificationStatus::ManualReview,
            VerificationStatus::Approved,
            VerificationStatus::Denied,
            VerificationStatus::Locked,
        ][..],
    )
}

fn verification() -> impl Strategy<Value = Verification> {
    let reason = select(
        &[
            DenialReason::IdentityNotVerified,
            DenialReason::DocumentFraudulent,
            DenialReason::SanctionsMatch,
            DenialReason::HighRiskJurisdiction,
        ][..],
    );
    (status(), vec(document_kind(), 0..4), of(reason))
        .prop_map(|(status, required, reason)| Verification { status, required, reason })
}

fn document_kind() -> impl Strategy<Value = DocumentKind> {
    select(
        &[
            DocumentKind::ProofOfAddress,
            DocumentKind::GovernmentIdFront,
            DocumentKind::GovernmentIdBack,
            DocumentKind::Selfie,
            DocumentKind::SourceOfFunds,
        ][..],
    )
}

pub(super) fn agent_event() -> impl Strategy<Value = Event> {
    let profile = (text(), of(text()), of(text())).prop_map(|(name, description, external_id)| {
        AgentProfile { name, description, external_id }
    });
    prop_oneof![
        (id(), id(), profile, policy(), of(id())).prop_map(
            |(agent, holder, profile, policy, reference)| {
                let (agent, holder) = (AgentId(agent), HolderId(holder));
                Event::AgentRegistered(AgentRegistered {
                    agent,
                    holder,
                    profile,
                    policy,
                    reference,
                })
            }
        ),
        (id(), select(&[AgentStatus::Active, AgentStatus::Suspended][..])).prop_map(
            |(agent, status)| Event::AgentStatusChanged(AgentStatusChanged {
                agent: AgentId(agent),
                status
            })
        ),
        (id(), policy()).prop_map(|(agent, policy)| {
            Event::AgentPolicyChanged(AgentPolicyChanged { agent: AgentId(agent), policy })
        }),
        (id(), id(), exceeded()).prop_map(|(agent, transaction, exceeded)| {
            let (agent, transaction) = (AgentId(agent), TransactionId(transaction));
            Event::AgentLimitExceeded(AgentLimitExceeded { agent, transaction, exceeded })
        }),
    ]
}

fn policy() -> impl Strategy<Value = AgentPolicy> {
    let on_exceeded = select(&[OnExceeded::Suspend, OnExceeded::Notify, OnExceeded::Ignore][..]);
    (limit(), on_exceeded, of(any::<u32>()))
        .prop_map(|(limit, on_exceeded, cards_max)| AgentPolicy { limit, on_exceeded, cards_max })
}
