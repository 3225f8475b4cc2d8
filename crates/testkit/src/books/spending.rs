//! What counts towards a limit, summed over every purchase each time it is asked.

use ledger::limits::{Limit, Window};
use ledger::time::DAY_MS;
use ledger::{AgentId, CardId, Timestamp};

use super::{Books, Kind, Purchase};
use crate::calendar;

impl Books {
    /// What is left of a card's limit at `now`.
    pub fn left_of_card(&self, card: CardId, limit: Limit, now: Timestamp) -> u128 {
        self.left(&[card], limit, now)
    }

    /// What is left of an agent's limit at `now`.
    pub fn left_of_agent(&self, agent: AgentId, limit: Limit, now: Timestamp) -> u128 {
        self.left(&self.agents[&agent].cards, limit, now)
    }

    fn left(&self, cards: &[CardId], limit: Limit, now: Timestamp) -> u128 {
        let today = calendar::date(now);
        let is_within = |purchase: &&Purchase| match limit.window {
            Window::Authorization => false,
            Window::Day => now.as_millis() - purchase.at.as_millis() < DAY_MS,
            Window::Week => purchase.date.week == today.week,
            Window::Month => (purchase.date.year, purchase.date.month) == (today.year, today.month),
            Window::Year => purchase.date.year == today.year,
            Window::Total => true,
        };
        let purchases = cards.iter().flat_map(|card| self.purchases_of(*card));
        let spent: u128 = purchases.filter(is_within).map(Purchase::counted).sum();
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
