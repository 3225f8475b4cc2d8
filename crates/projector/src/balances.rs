//! What every holder and every account has.

use std::collections::BTreeMap;

use journal::Reader;
use ledger::posting::Balance;
use ledger::{Account, Amount, Asset, HolderId};

use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, Pool, Snapshot};
use crate::{Error, Place, ReadModel};

mod entries;
mod model;
mod past;
mod postings;

use entries::Entries;
pub(crate) use model::BalancesModel;
pub use past::{ClosingTotals, EPOCH_ENTRIES, Epoch};
pub use postings::{Journal, LedgerPosting, Period, Posted, PostedJournal, Statement};

/// What a person or a wallet has of an asset, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderBalance {
    /// Whose: a person, or a wallet under [`WalletId::holder`](ledger::WalletId::holder).
    pub holder: HolderId,
    /// Of what.
    pub asset: Asset,
    /// What may be spent now.
    pub available: Amount,
    /// What open authorizations hold.
    pub held: Amount,
    /// What intents have set aside.
    pub reserved: Amount,
    /// What waits for approval or for a review.
    pub incoming: Amount,
    /// What transfers on their way have taken.
    pub withdrawing: Amount,
    /// What is owed because of postings that could not be refused.
    pub overdrawn: Amount,
    /// All deposits ever, without those that were taken back.
    pub deposited: Amount,
}

row! {
    HolderBalance in Balances "holder_balance"
    key { holder: HolderId, asset: Asset }
    fixed {}
    changing { available, held, reserved, incoming, withdrawing, overdrawn, deposited }
}

/// All debits and credits of an account in one asset. An account that is made for one purpose leaves when they are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTotals {
    /// The account.
    pub account: Account,
    /// The asset.
    pub asset: Asset,
    /// Sum of the debits.
    pub debits: Amount,
    /// Sum of the credits.
    pub credits: Amount,
    /// The epoch of the last entry that posted to it: its position divided by [`EPOCH_ENTRIES`].
    pub epoch: u64,
}

row! {
    AccountTotals in Balances "account"
    key { account: Account, asset: Asset }
    fixed {}
    changing { debits, credits, epoch }
}

/// An account that exists, and all that was posted to it up to some entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountBalance {
    /// The account.
    pub account: Account,
    /// The asset.
    pub asset: Asset,
    /// All debits and credits.
    pub balance: Balance,
}

/// Queries over balances. Each blocks for as long as the databases take, the journal's among them.
#[derive(Debug)]
pub struct Balances {
    pool: Pool,
    entries: Entries,
    epoch_entries: u64,
}

impl Balances {
    /// Opens the read model, which a projector must have made of the journal that `reader` reads. The reader must be one
    /// that can be asked again after a failure.
    pub fn open(place: &Place, reader: Box<dyn Reader>) -> Result<Self, Error> {
        Self::with_epochs(place, reader, EPOCH_ENTRIES)
    }

    /// The same for a model with epochs of this length.
    pub(crate) fn with_epochs(
        place: &Place,
        reader: Box<dyn Reader>,
        epoch_entries: u64,
    ) -> Result<Self, Error> {
        let pool = Pool::open(ReadModel::Balances, place)?;
        Ok(Self { pool, entries: Entries::new(reader), epoch_entries })
    }

    /// What a person has in US dollars; `None` for someone unknown.
    pub fn holder(&self, holder: HolderId) -> Result<At<Option<HolderBalance>>, Error> {
        self.pool.read(|snapshot| snapshot.row((holder, Asset::Usd)))
    }

    /// What a person or a wallet has of each asset, in the order of their codes. A wallet that nothing has come to has
    /// none.
    pub fn balances(&self, holder: HolderId) -> Result<At<Vec<HolderBalance>>, Error> {
        self.pool.read(|snapshot| snapshot.rows("holder = ?1 order by asset", &[holder.field()]))
    }

    /// All debits and credits of one account; `None` if it was never used, or is forgotten.
    pub fn account(
        &self,
        account: Account,
        asset: Asset,
    ) -> Result<At<Option<AccountTotals>>, Error> {
        self.pool.read(|snapshot| snapshot.row((account, asset)))
    }

    /// Every account that was ever used and still exists, in the order of its path.
    pub fn accounts(&self) -> Result<At<Vec<AccountBalance>>, Error> {
        self.pool.read(|snapshot| {
            let mut accounts = Vec::new();
            snapshot.each(|row: AccountTotals| accounts.push(row.into()))?;
            Ok(accounts)
        })
    }

    /// All debits and credits by asset. They are equal.
    pub fn trial_balance(&self) -> Result<At<BTreeMap<Asset, Balance>>, Error> {
        self.pool.read(trial_balance)
    }
}

impl From<AccountTotals> for AccountBalance {
    fn from(row: AccountTotals) -> Self {
        let AccountTotals { account, asset, debits, credits, .. } = row;
        Self { account, asset, balance: Balance { debits, credits } }
    }
}

fn trial_balance(snapshot: &Snapshot<'_>) -> Result<BTreeMap<Asset, Balance>, Error> {
    let mut totals: BTreeMap<Asset, Balance> = BTreeMap::new();
    snapshot.each(|account: AccountTotals| {
        let total = totals.entry(account.asset).or_default();
        total.debits += account.debits;
        total.credits += account.credits;
    })?;
    Ok(totals)
}

#[cfg(test)]
mod tests;
