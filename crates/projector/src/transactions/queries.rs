//! What can be asked about transactions.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ledger::limits::Window;
use ledger::transfers::TransferStatus;
use ledger::{
    AgentId, Amount, CardId, HolderId, Position, Text, Timestamp, TransactionId, WalletId,
};

use super::{
    CardTransaction, Deposit, State, Step, Transaction, Transactions, Transfer, WalletDeposit,
    WalletTransaction,
};
use crate::Error;
use crate::field::{Column, Field};
use crate::row::Row;
use crate::snapshot::{At, List, Page, Snapshot};

/// Rows that are in memory at once where many are added up.
const USED_ROWS: u64 = 1_000;

/// Which card transactions and persons' deposits. What is not said does not count.
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

/// Which transactions of wallets. What is not said does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalletFilter {
    /// Of this holder.
    pub holder: Option<HolderId>,
    /// Of this wallet.
    pub wallet: Option<WalletId>,
    /// Which deposits.
    pub deposits: Wanted<State>,
    /// Which transfers.
    pub transfers: Wanted<TransferStatus>,
    /// Transfers that the platform calls so, and no deposits.
    pub client_reference: Option<Text<100>>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

/// Which transactions of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted<S> {
    /// All.
    #[default]
    All,
    /// Those that stand there.
    Only(S),
    /// None.
    Nothing,
}

/// A transaction and all that has happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<T = Transaction> {
    /// The transaction.
    pub transaction: T,
    /// What has happened, in order.
    pub steps: Vec<Step>,
}

/// What counts towards the limits of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What is held and what has cleared, by window and the time of the authorization. Refunds give nothing back.
    pub spent: BTreeMap<Window, Amount>,
    /// How many purchases were approved, without those that have ended with nothing that has cleared and was not corrected.
    pub authorizations: u32,
}

impl Transactions {
    /// A card transaction or a person's deposit, and all that has happened to it.
    pub fn transaction(&self, id: TransactionId) -> Result<At<Option<History>>, Error> {
        self.0.read(|snapshot| {
            let found = match snapshot.row(id)? {
                Some(transaction) => Some(Transaction::Card(transaction)),
                None => snapshot.row(id)?.map(Transaction::Deposit),
            };
            found.map(|transaction| history(snapshot, id, transaction)).transpose()
        })
    }

    /// A transfer or a wallet's deposit, and all that has happened to it.
    pub fn wallet_transaction(
        &self,
        id: TransactionId,
    ) -> Result<At<Option<History<WalletTransaction>>>, Error> {
        self.0.read(|snapshot| {
            let found = match snapshot.row(id)? {
                Some(transfer) => Some(WalletTransaction::Transfer(transfer)),
                None => snapshot.row(id)?.map(WalletTransaction::Deposit),
            };
            found.map(|transaction| history(snapshot, id, transaction)).transpose()
        })
    }

    /// Card transactions and persons' deposits, the newest first.
    pub fn list(&self, filter: &Filter, page: Page) -> Result<At<List<Transaction>>, Error> {
        self.0.read(|snapshot| {
            let equal = filter.equal();
            let of_cards = select::<CardTransaction>(snapshot, &equal, filter.times(), page)?;
            let deposits = if filter.agent.is_none() && filter.card.is_none() {
                select::<Deposit>(snapshot, &equal, filter.times(), page)?
            } else {
                Vec::new()
            };
            let of_cards = of_cards.into_iter().map(Transaction::Card);
            let all = of_cards.chain(deposits.into_iter().map(Transaction::Deposit));
            Ok(newest(all, page, Transaction::position))
        })
    }

    /// Transfers and wallets' deposits, the newest first.
    pub fn wallet_list(
        &self,
        filter: &WalletFilter,
        page: Page,
    ) -> Result<At<List<WalletTransaction>>, Error> {
        self.0.read(|snapshot| {
            let times = (filter.from, filter.to);
            let deposits = match filter.equal("state", &filter.deposits) {
                Some(equal) if filter.client_reference.is_none() => {
                    select::<WalletDeposit>(snapshot, &equal, times, page)?
                }
                Some(_) | None => Vec::new(),
            };
            let transfers = match filter.equal("status", &filter.transfers) {
                Some([wallet, holder, status]) => {
                    let called = filter.client_reference.as_ref().map(Column::field);
                    let equal = [("client_reference", called), wallet, holder, status];
                    select::<Transfer>(snapshot, &equal, times, page)?
                }
                None => Vec::new(),
            };
            let deposits = deposits.into_iter().map(WalletTransaction::Deposit);
            let all = deposits.chain(transfers.into_iter().map(WalletTransaction::Transfer));
            Ok(newest(all, page, WalletTransaction::position))
        })
    }

    /// What counts towards the limits of a card at `now`.
    ///
    /// Costs a look at each of the card's transactions, of which some at a time are in memory.
    pub fn used(
        &self,
        card: CardId,
        windows: impl IntoIterator<Item = Window>,
        now: Timestamp,
    ) -> Result<At<Usage>, Error> {
        let spent = windows.into_iter().map(|window| (window, Amount::ZERO)).collect();
        let mut usage = Usage { spent, authorizations: 0 };
        self.0.read(|snapshot| {
            // There may be any number of declined ones, which count for nothing.
            let state = snapshot.aside("state");
            let condition =
                format!("card = ?1 and ?2 < position and {state} <> ?3 order by position limit ?4");
            let mut last = Position::START;
            loop {
                let (declined, limit) = (State::Declined.field(), USED_ROWS.field());
                let parameters = [card.field(), last.field(), declined, limit];
                let some: Vec<CardTransaction> = snapshot.rows(&condition, &parameters)?;
                some.iter().for_each(|transaction| usage.add(transaction, now));
                match some.last() {
                    Some(transaction) if some.len() as u64 == USED_ROWS => {
                        last = transaction.position;
                    }
                    _ => return Ok(usage),
                }
            }
        })
    }
}

impl Usage {
    fn add(&mut self, transaction: &CardTransaction, now: Timestamp) {
        self.authorizations += u32::from(transaction.is_counted);
        for (window, spent) in &mut self.spent {
            // One authorization by itself: those before it don't count.
            if *window != Window::Authorization && window.start(now) <= transaction.counts_at {
                *spent += transaction.held + transaction.cleared;
            }
        }
    }
}

/// What a column must have, if that is said.
type Equal<'a> = (&'static str, Option<Field<'a>>);

impl Filter {
    /// The first one that is said leaves the fewest rows.
    fn equal(&self) -> [Equal<'_>; 4] {
        [
            ("card", self.card.as_ref().map(Column::field)),
            ("agent", self.agent.as_ref().map(Column::field)),
            ("holder", self.holder.as_ref().map(Column::field)),
            ("state", self.state.as_ref().map(Column::field)),
        ]
    }

    fn times(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from, self.to)
    }
}

impl WalletFilter {
    /// The first one that is said leaves the fewest rows. `None` where no row is wanted.
    fn equal<'a, S: Column>(
        &'a self,
        column: &'static str,
        wanted: &'a Wanted<S>,
    ) -> Option<[Equal<'a>; 3]> {
        let standing = match wanted {
            Wanted::All => None,
            Wanted::Only(standing) => Some(standing.field()),
            Wanted::Nothing => return None,
        };
        Some([
            ("wallet", self.wallet.as_ref().map(Column::field)),
            ("holder", self.holder.as_ref().map(Column::field)),
            (column, standing),
        ])
    }
}

fn history<T>(
    snapshot: &Snapshot<'_>,
    id: TransactionId,
    transaction: T,
) -> Result<History<T>, Error> {
    let steps = snapshot.rows("\"transaction\" = ?1 order by position", &[id.field()])?;
    Ok(History { transaction, steps })
}

/// One row more than the page has, the newest first.
fn select<R: Row>(
    snapshot: &Snapshot<'_>,
    equal: &[Equal<'_>],
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    page: Page,
) -> Result<Vec<R>, Error> {
    let start = match from {
        Some(from) => snapshot.first_since::<R>(from)?,
        None => Position::START,
    };
    let end = match to {
        Some(to) => snapshot.first_since::<R>(to)?.min(page.end()),
        None => page.end(),
    };
    let limit = page.limit_and_one();
    let mut parameters = vec![start.field(), end.field(), limit.field()];
    let mut condition = String::new();
    for (column, value) in equal {
        let Some(value) = value else { continue };
        // Rows are found by the first one.
        let column = match condition.is_empty() {
            true => (*column).to_owned(),
            false => snapshot.aside(column),
        };
        parameters.push(value.clone());
        condition += &format!("{column} = ?{} and ", parameters.len());
    }
    condition += "?1 <= position and position < ?2 order by position desc limit ?3";
    snapshot.rows(&condition, &parameters)
}

/// The part of a list that a page shows, of rows from several tables.
fn newest<T>(
    rows: impl Iterator<Item = T>,
    page: Page,
    position: impl Fn(&T) -> Position,
) -> List<T> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| Reverse(position(row)));
    page.list(rows, position)
}
