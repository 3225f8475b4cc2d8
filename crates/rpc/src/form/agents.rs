//! Agents.

use ledger::agents::{AgentPolicy, AgentProfile, ChangeAgent, ChangeAgentPolicy, RegisterAgent};

records! {
    RegisterAgent { holder profile policy token reference }
    AgentProfile { name description external_id }
    AgentPolicy { limit on_exceeded cards_max }
    ChangeAgent { agent status }
    ChangeAgentPolicy { agent limit on_exceeded cards_max }
}
