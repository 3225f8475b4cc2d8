//! Programs that spend for a holder, within a limit.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects, require_in_range};
use crate::cards::Setting;
use crate::holders::VerificationStatus;
use crate::keys::{KeyCreated, NewKey};
use crate::limits::{ExceededLimit, Limit, Spending};
use crate::{
    AgentId, CommandId, Event, HolderId, KeyId, Rejection, Text, Timestamp, TransactionId,
};

/// Adds an agent and the key that it works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterAgent {
    /// For whom it spends.
    pub holder: HolderId,
    /// What people call it.
    pub profile: AgentProfile,
    /// How it may spend.
    pub policy: AgentPolicy,
    /// The agent's own key.
    pub token: NewKey,
    /// A hash of holder and the platform's own id, when it gave one.
    pub reference: Option<[u8; 16]>,
}

/// What people call an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentProfile {
    /// Its name.
    pub name: Text<100>,
    /// What it does.
    pub description: Option<Text<500>>,
    /// The platform's own id.
    pub external_id: Option<Text<100>>,
}

/// How an agent may spend.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AgentPolicy {
    /// Over all its cards.
    pub limit: Limit,
    /// What happens at the limit.
    pub on_exceeded: OnExceeded,
    /// How many open cards it may have, if that is limited.
    pub cards_max: Option<u32>,
}

/// What happens when an agent would exceed its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum OnExceeded {
    /// The authorization is declined and the agent suspended.
    Suspend,
    /// It spends on, and the platform is told.
    Notify,
    /// It spends on.
    Ignore,
}

/// An agent can have cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRegistered {
    /// The new id.
    pub agent: AgentId,
    /// For whom it spends.
    pub holder: HolderId,
    /// What people call it.
    pub profile: AgentProfile,
    /// How it may spend.
    pub policy: AgentPolicy,
    /// A hash of holder and the platform's own id, when it gave one.
    pub reference: Option<[u8; 16]>,
}

/// Suspends an agent, or lets it go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAgent {
    /// Which.
    pub agent: AgentId,
    /// What it is to be.
    pub status: AgentStatus,
}

/// Changes how an agent may spend. What it has spent counts towards the new limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAgentPolicy {
    /// Which.
    pub agent: AgentId,
    /// Over all its cards.
    pub limit: Setting<Limit>,
    /// What happens at the limit.
    pub on_exceeded: Setting<OnExceeded>,
    /// How many open cards it may have, if that is limited. Those it has stay.
    pub cards_max: Setting<Option<u32>>,
}

/// An agent may spend otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentPolicyChanged {
    /// Which.
    pub agent: AgentId,
    /// How it may spend now.
    pub policy: AgentPolicy,
}

/// Whether an agent may spend.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize,
)]
pub enum AgentStatus {
    /// It may.
    #[default]
    Active,
    /// It may not, with any of its cards.
    Suspended,
}

impl fmt::Display for AgentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        })
    }
}

/// An agent was suspended, or may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentStatusChanged {
    /// Which.
    pub agent: AgentId,
    /// What it is now.
    pub status: AgentStatus,
}

/// An agent spent more than its limit, as [`OnExceeded::Notify`] allows, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentLimitExceeded {
    /// Which.
    pub agent: AgentId,
    /// With what.
    pub transaction: TransactionId,
    /// The limit, and what was left of it.
    pub exceeded: ExceededLimit,
}

/// What the rules need to know of an agent.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Agent {
    pub(crate) holder: HolderId,
    pub(crate) policy: AgentPolicy,
    pub(crate) status: AgentStatus,
    pub(crate) spending: Spending,
    /// How many of its cards are not closed.
    pub(crate) open_cards: u32,
}

impl Book {
    pub(crate) fn agent(&self, agent: AgentId) -> Result<&Agent, Rejection> {
        self.agents.get(agent).ok_or(Rejection::UnknownAgent(agent))
    }

    pub(crate) fn register_agent(
        &self,
        command: &RegisterAgent,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let status = self.holder(command.holder)?.verification.status;
        if matches!(status, VerificationStatus::Denied | VerificationStatus::Locked) {
            return Err(Rejection::HolderNotApproved { status });
        }
        require_in_range(command.policy.limit.amount)?;
        let agent = AgentId::derive(now, id, 0);
        Ok(Effects::memo([
            Event::AgentRegistered(AgentRegistered {
                agent,
                holder: command.holder,
                profile: command.profile.clone(),
                policy: command.policy.clone(),
                reference: command.reference,
            }),
            Event::KeyCreated(KeyCreated {
                key: KeyId::derive(now, id, 1),
                new: command.token.clone(),
                agent: Some(agent),
            }),
        ]))
    }

    pub(crate) fn change_agent_policy(
        &self,
        command: &ChangeAgentPolicy,
    ) -> Result<Effects, Rejection> {
        let before = &self.agent(command.agent)?.policy;
        let policy = AgentPolicy {
            limit: command.limit.or(before.limit),
            on_exceeded: command.on_exceeded.or(before.on_exceeded),
            cards_max: command.cards_max.or(before.cards_max),
        };
        require_in_range(policy.limit.amount)?;
        let changed = AgentPolicyChanged { agent: command.agent, policy };
        Ok(Effects::memo([Event::AgentPolicyChanged(changed)]))
    }

    pub(crate) fn change_agent(&self, command: &ChangeAgent) -> Result<Effects, Rejection> {
        self.agent(command.agent)?;
        Ok(Effects::memo([Event::AgentStatusChanged(AgentStatusChanged {
            agent: command.agent,
            status: command.status,
        })]))
    }
}
