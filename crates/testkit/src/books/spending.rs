//! What counts towards a limit, summed over every purchase each time it is asked.

use ledger::limits::{Limit, Window};
use ledger::time::DAY_MS;
use ledger::{AgentId, CardId, Timestamp};

use super::{Books, Purchase};
use crate::calendar;

impl Books {
    /// What is left of a card's limit at `now`.
    pub fn left_of_card(&self, card: CardId, limit: Limit, now: Timestamp) -> u128 {
        self.left(limit, now, |purchase| purchase.card == card)
    }

    /// What is left of an agent's limit at `now`.
    pub fn left_of_agent(&self, agent: AgentId, limit: Limit, now: Timestamp) -> u128 {
        self.left(limit, now, |purchase| purchase.agent == agent)
    }

    fn left(&self, limit: Limit, now: Timestamp, counts: impl Fn(&Purchase) -> bool) -> u128 {
        let today = calendar::date(now);
        let is_within = |purchase: &Purchase| match limit.window {
            Window::Authorization => false,
            Window::Day => now.as_millis() - purchase.at.as_millis() < DAY_MS,
            Window::Week => purchase.date.week == today.week,
            Window::Month => (purchase.date.year, purchase.date.month) == (today.year, today.month),
            Window::Year => purchase.date.year == today.year,
            Window::Total => true,
        };
        let spent =
            self.purchases.values().filter(|purchase| counts(purchase) && is_within(purchase));
        limit.amount.0.saturating_sub(spent.map(Purchase::counted).sum())
    }
}
