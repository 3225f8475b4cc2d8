//! Agents, and limits as they and cards have them.

use ledger::agents::{
    AgentLimitExceeded, AgentPolicy, AgentPolicyChanged, AgentProfile, AgentRegistered,
    AgentStatusChanged,
};
use ledger::limits::{ExceededLimit, Limit};
use ledger::{AgentId, HolderId, TransactionId};

use super::Undecodable;
use super::fields::{
    amount, array, bytes, optional_array, optional_bytes, optional_string, optional_text, some,
    string, text,
};
use super::words::Word;
use crate::proto;

impl From<&AgentRegistered> for proto::AgentRegistered {
    fn from(event: &AgentRegistered) -> Self {
        let AgentProfile { name, description, external_id } = &event.profile;
        let AgentPolicy { limit, on_exceeded, cards_max } = event.policy;
        Self {
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            name: string(name),
            description: optional_string(description),
            external_id: optional_string(external_id),
            limit: Some(limit.into()),
            on_exceeded: on_exceeded.number(),
            cards_max,
            reference: optional_bytes(event.reference),
        }
    }
}

impl TryFrom<&proto::AgentRegistered> for AgentRegistered {
    type Error = Undecodable;

    fn try_from(message: &proto::AgentRegistered) -> Result<Self, Undecodable> {
        Ok(Self {
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            profile: AgentProfile {
                name: text(&message.name, "name")?,
                description: optional_text(&message.description, "description")?,
                external_id: optional_text(&message.external_id, "external_id")?,
            },
            policy: AgentPolicy {
                limit: some(&message.limit, "limit")?.try_into()?,
                on_exceeded: Word::read(message.on_exceeded, "on_exceeded")?,
                cards_max: message.cards_max,
            },
            reference: optional_array(&message.reference, "reference")?,
        })
    }
}

impl From<&AgentStatusChanged> for proto::AgentStatusChanged {
    fn from(event: &AgentStatusChanged) -> Self {
        Self { agent: bytes(&event.agent.0), status: event.status.number() }
    }
}

impl TryFrom<&proto::AgentStatusChanged> for AgentStatusChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::AgentStatusChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            agent: AgentId(array(&message.agent, "agent")?),
            status: Word::read(message.status, "status")?,
        })
    }
}

impl From<&AgentPolicyChanged> for proto::AgentPolicyChanged {
    fn from(event: &AgentPolicyChanged) -> Self {
        let AgentPolicy { limit, on_exceeded, cards_max } = event.policy;
        Self {
            agent: bytes(&event.agent.0),
            limit: Some(limit.into()),
            on_exceeded: on_exceeded.number(),
            cards_max,
        }
    }
}

impl TryFrom<&proto::AgentPolicyChanged> for AgentPolicyChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::AgentPolicyChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            agent: AgentId(array(&message.agent, "agent")?),
            policy: AgentPolicy {
                limit: some(&message.limit, "limit")?.try_into()?,
                on_exceeded: Word::read(message.on_exceeded, "on_exceeded")?,
                cards_max: message.cards_max,
            },
        })
    }
}

impl From<&AgentLimitExceeded> for proto::AgentLimitExceeded {
    fn from(event: &AgentLimitExceeded) -> Self {
        Self {
            agent: bytes(&event.agent.0),
            transaction: bytes(&event.transaction.0),
            exceeded: Some(event.exceeded.into()),
        }
    }
}

impl TryFrom<&proto::AgentLimitExceeded> for AgentLimitExceeded {
    type Error = Undecodable;

    fn try_from(message: &proto::AgentLimitExceeded) -> Result<Self, Undecodable> {
        Ok(Self {
            agent: AgentId(array(&message.agent, "agent")?),
            transaction: TransactionId(array(&message.transaction, "transaction")?),
            exceeded: some(&message.exceeded, "exceeded")?.try_into()?,
        })
    }
}

impl From<Limit> for proto::Limit {
    fn from(limit: Limit) -> Self {
        Self { window: limit.window.number(), amount: Some(limit.amount.into()) }
    }
}

impl TryFrom<&proto::Limit> for Limit {
    type Error = Undecodable;

    fn try_from(message: &proto::Limit) -> Result<Self, Undecodable> {
        Ok(Self {
            window: Word::read(message.window, "window")?,
            amount: amount(&message.amount, "amount")?,
        })
    }
}

impl From<ExceededLimit> for proto::ExceededLimit {
    fn from(exceeded: ExceededLimit) -> Self {
        Self { limit: Some(exceeded.limit.into()), left: Some(exceeded.left.into()) }
    }
}

impl TryFrom<&proto::ExceededLimit> for ExceededLimit {
    type Error = Undecodable;

    fn try_from(message: &proto::ExceededLimit) -> Result<Self, Undecodable> {
        Ok(Self {
            limit: some(&message.limit, "limit")?.try_into()?,
            left: amount(&message.left, "left")?,
        })
    }
}
