//! Agents.

use ledger::agents::{AgentPolicy, AgentStatus, OnExceeded};
use ledger::limits::Window;
use ledger::{AgentId, Amount, HolderId, Position, Text, Timestamp};

use super::Directory;
use crate::Error;
use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, List, Page};

/// A program that spends for a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// The entry that registered it.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// For whom it spends.
    pub holder: HolderId,
    /// Its name.
    pub name: Text<100>,
    /// What it does.
    pub description: Option<Text<500>>,
    /// The platform's own id.
    pub external_id: Option<Text<100>>,
    /// What its limit is counted over.
    pub limit_window: Window,
    /// How much it may spend in that.
    pub limit_amount: Amount,
    /// What happens at the limit.
    pub on_exceeded: OnExceeded,
    /// How many open cards it may have, if that is limited.
    pub cards_max: Option<u32>,
    /// Whether it may spend.
    pub status: AgentStatus,
}

row! {
    Agent in Directory "agent"
    key { id: AgentId }
    fixed { position, at, holder, name, description, external_id }
    changing { limit_window, limit_amount, on_exceeded, cards_max, status }
}

impl Agent {
    pub(super) fn set_policy(&mut self, policy: AgentPolicy) {
        let AgentPolicy { limit, on_exceeded, cards_max } = policy;
        (self.limit_window, self.limit_amount) = (limit.window, limit.amount);
        (self.on_exceeded, self.cards_max) = (on_exceeded, cards_max);
    }
}

impl Directory {
    /// The agent with this id.
    pub fn agent(&self, id: AgentId) -> Result<At<Option<Agent>>, Error> {
        self.0.read(|snapshot| snapshot.row(id))
    }

    /// All agents, or those of a person, the newest first.
    pub fn agents(&self, holder: Option<HolderId>, page: Page) -> Result<At<List<Agent>>, Error> {
        self.0.read(|snapshot| {
            let of = holder.as_ref().map(|holder| ("holder", holder.field()));
            snapshot.list(of, page, |agent: &Agent| agent.position)
        })
    }
}
