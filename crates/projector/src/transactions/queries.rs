//! What can be asked about transactions.

use std::collections::BTreeMap;

use ledger::limits::Window;
use ledger::{AgentId, Amount, CardId, HolderId, Position, Timestamp, TransactionId};

use super::{CardTransaction, Deposit, State, Step, Transaction, Transactions};
use crate::Error;
use crate::field::Column;
use crate::row::Row;
use crate::snapshot::{At, List, Page, Snapshot};

/// Which transactions. What is not said does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this holder.
    pub holder: Option<HolderId>,
    /// Of this agent: no deposits.
    pub agent: Option<AgentId>,
    /// With this card: no deposits.
    pub card: Option<CardId>,
    /// In this state.
    pub state: Option<State>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

/// A transaction and all that has happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The transaction.
    pub transaction: Transaction,
    /// What has happened, in order.
    pub steps: Vec<Step>,
}

impl Transactions {
    /// A transaction and all that has happened to it.
    pub fn transaction(&self, id: TransactionId) -> Result<At<Option<History>>, Error> {
        self.0.read(|snapshot| {
            let found = match snapshot.row(id)? {
                Some(transaction) => Some(Transaction::Card(transaction)),
                None => snapshot.row(id)?.map(Transaction::Deposit),
            };
            let Some(transaction) = found else { return Ok(None) };
            let steps = snapshot.rows("\"transaction\" = ?1 order by position", &[id.field()])?;
            Ok(Some(History { transaction, steps }))
        })
    }

    /// Transactions, the newest first.
    pub fn list(&self, filter: &Filter, page: Page) -> Result<At<List<Transaction>>, Error> {
        self.0.read(|snapshot| {
            let of_cards = filter.select::<CardTransaction>(snapshot, page)?;
            let deposits = if filter.agent.is_none() && filter.card.is_none() {
                filter.select::<Deposit>(snapshot, page)?
            } else {
                Vec::new()
            };
            let mut all: Vec<_> = of_cards
                .into_iter()
                .map(Transaction::Card)
                .chain(deposits.into_iter().map(Transaction::Deposit))
                .collect();
            all.sort_by_key(|transaction| std::cmp::Reverse(transaction.position()));
            Ok(page.list(all, Transaction::position))
        })
    }

    /// What counts towards the limits of a card at `now`, by window: what is held and what has cleared, by the time of
    /// the authorization. Refunds give nothing back.
    ///
    /// Costs a look at each of the card's transactions in the longest window.
    pub fn used(
        &self,
        card: CardId,
        windows: impl IntoIterator<Item = Window>,
        now: Timestamp,
    ) -> Result<At<BTreeMap<Window, Amount>>, Error> {
        let mut used: BTreeMap<_, _> =
            windows.into_iter().map(|window| (window, Amount::ZERO)).collect();
        let longest = used.keys().map(|window| window.start(now)).min();
        self.0.read(|snapshot| {
            let Some(longest) = longest else { return Ok(used) };
            let from = snapshot.first_since::<CardTransaction>(longest)?;
            let counted: Vec<CardTransaction> =
                snapshot.rows("card = ?1 and ?2 <= position", &[card.field(), from.field()])?;
            for transaction in counted {
                for (window, used) in &mut used {
                    // One authorization by itself: those before it don't count.
                    if *window != Window::Authorization && window.start(now) <= transaction.at {
                        *used += transaction.held + transaction.cleared;
                    }
                }
            }
            Ok(used)
        })
    }
}

impl Filter {
    /// One row more than the page has, the newest first.
    ///
    /// SQLite can't know which index leaves the fewest rows; we do. A plus before a column takes it out of the choice.
    fn select<R: Row>(&self, snapshot: &Snapshot<'_>, page: Page) -> Result<Vec<R>, Error> {
        let equal = [
            ("card", self.card.as_ref().map(Column::field)),
            ("agent", self.agent.as_ref().map(Column::field)),
            ("holder", self.holder.as_ref().map(Column::field)),
            ("state", self.state.as_ref().map(Column::field)),
        ];
        let start = match self.from {
            Some(from) => snapshot.first_since::<R>(from)?,
            None => Position::START,
        };
        let end = match self.to {
            Some(to) => snapshot.first_since::<R>(to)?.min(page.end()),
            None => page.end(),
        };
        let limit = page.limit_and_one();
        let mut parameters = vec![start.field(), end.field(), limit.field()];
        let mut condition = String::new();
        for (column, value) in equal {
            let Some(value) = value else { continue };
            let plus = if condition.is_empty() { "" } else { "+" };
            parameters.push(value);
            condition += &format!("{plus}{column} = ?{} and ", parameters.len());
        }
        condition += "?1 <= position and position < ?2 order by position desc limit ?3";
        snapshot.rows(&condition, &parameters)
    }
}
