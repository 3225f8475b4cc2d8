//! Settlement: money moves between the programme and a card network (row 20).

use crate::account::{Expense, Income};
use crate::amount::AMOUNT_MAX;
use crate::book::{Book, Effects, Lines};
use crate::{Account, Amount, Asset, Event, Position, Rejection, Scheme, Timestamp};

/// The programme's share of what clears, in hundredths of a per cent; of refunds it is given back.
pub const INTERCHANGE_BASIS_POINTS: u32 = 150;

/// Settles all that is owed between the book and a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleNetwork {
    /// Which network.
    pub scheme: Scheme,
    /// The day that is settled, by its midnight; today, if not said.
    pub day: Option<Timestamp>,
    /// What the network charges.
    pub fees: Amount,
}

/// Nothing is owed between the book and the network any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSettled {
    /// Which network.
    pub scheme: Scheme,
    /// The day that is settled, by its midnight.
    pub day: Timestamp,
    /// What was owed to the network.
    pub paid: Amount,
    /// What the network owed.
    pub collected: Amount,
    /// The share of what was paid.
    pub interchange: Amount,
    /// The share of what was collected, given back.
    pub interchange_returned: Amount,
    /// What the network charged.
    pub fees: Amount,
}

impl Book {
    pub(crate) fn settle_network(
        &self,
        command: &SettleNetwork,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let SettleNetwork { scheme, day, fees } = *command;
        let payable = Account::NetworkPayable(scheme);
        let receivable = Account::NetworkReceivable(scheme);
        let paid = self.accounts.balance(payable, Asset::Usd);
        let collected = self.accounts.balance(receivable, Asset::Usd);
        if paid.is_zero() && collected.is_zero() {
            return Err(Rejection::NothingToSettle);
        }
        if AMOUNT_MAX < fees {
            return Err(Rejection::AmountOutOfRange);
        }
        let interchange = paid.basis_points(INTERCHANGE_BASIS_POINTS);
        let interchange_returned = collected.basis_points(INTERCHANGE_BASIS_POINTS);
        let owed = paid + fees + interchange_returned;
        let due = collected + interchange;
        let postings = Lines::of(Asset::Usd)
            .debit(payable, paid)
            .debit(Account::Expense(Expense::NetworkFees), fees)
            .debit(Account::Income(Income::Interchange), interchange_returned)
            .debit(Account::Bank, due.saturating_sub(owed))
            .credit(receivable, collected)
            .credit(Account::Bank, owed.saturating_sub(due))
            .credit(Account::Income(Income::Interchange), interchange)
            .balanced();
        let event = NetworkSettled {
            scheme,
            day: day.unwrap_or(now.day_start()),
            paid,
            collected,
            interchange,
            interchange_returned,
            fees,
        };
        Ok(Effects { events: vec![Event::NetworkSettled(event)], postings })
    }

    pub(crate) fn apply_settled(&mut self, position: Position) {
        self.settled = position;
    }
}
