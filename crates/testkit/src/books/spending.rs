//! What counts towards a limit, summed over every purchase each time it is asked.

use ledger::limits::{Limit, Window};
use ledger::time::DAY_MS;
use ledger::{AgentId, CardId, Timestamp, TransactionId};

use super::{Books, Kind, Purchase};
use crate::calendar;

impl Books {
    /// What is left of a card's limit at `now`.
    pub fn left_of_card(&self, card: CardId, limit: Limit, now: Timestamp) -> u128 {
        self.left(&[card], limit, None, now)
    }

    /// What is left of an agent's limit at `now`.
    pub fn left_of_agent(&self, agent: AgentId, limit: Limit, now: Timestamp) -> u128 {
        self.left(&self.agents[&agent].cards, limit, None, now)
    }

    /// The same for all of an authorization of which more is asked for, as if it were made now.
    pub(super) fn left(
        &self,
        cards: &[CardId],
        limit: Limit,
        raised: Option<TransactionId>,
        now: Timestamp,
    ) -> u128 {
        let today = calendar::date(now);
        let is_within = |purchase: &Purchase| match limit.window {
            Window::Authorization => false,
            Window::Day => now.as_millis() - purchase.counts_at.as_millis() < DAY_MS,
            Window::Week => purchase.counts_on.week == today.week,
            Window::Month => {
                (purchase.counts_on.year, purchase.counts_on.month) == (today.year, today.month)
            }
            Window::Year => purchase.counts_on.year == today.year,
            Window::Total => true,
        };
        let purchases = cards.iter().flat_map(|card| &self.cards[card].purchases);
        let purchases = purchases.map(|id| (Some(*id), &self.purchases[id]));
        let counts = purchases.filter(|(id, purchase)| *id == raised || is_within(purchase));
        let spent: u128 = counts.map(|(_, purchase)| purchase.counted()).sum();
        limit.amount.0.saturating_sub(spent)
    }

    /// How many authorizations of a card count: approved, and not given back unused.
    pub fn authorizations_of(&self, card: CardId) -> usize {
        let counts = |purchase: &&Purchase| {
            let was_asked = matches!(purchase.kind, Kind::Authorization | Kind::Purchase);
            was_asked && purchase.declined.is_none() && !purchase.was_unused
        };
        self.purchases_of(card).filter(counts).count()
    }

    /// Everything that was ever bought with a card, or tried, oldest first.
    pub(super) fn purchases_of(&self, card: CardId) -> impl DoubleEndedIterator<Item = &Purchase> {
        self.cards[&card].purchases.iter().map(|id| &self.purchases[id])
    }
}
