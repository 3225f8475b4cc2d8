//! What every holder and every account has.

use std::collections::BTreeMap;

use ledger::posting::Balance;
use ledger::{Account, Amount, Asset, HolderId, LedgerId, Position};

use crate::field::Column;
use crate::row::row;
use crate::snapshot::{At, Pool, Snapshot};
use crate::{Error, Place, ReadModel};

mod model;

pub(crate) use model::BalancesModel;

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
}

row! {
    AccountTotals in Balances "account"
    key { account: Account, asset: Asset }
    fixed {}
    changing { debits, credits }
}

/// All debits and credits of a platform's ledger after an entry that posted to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerBalance {
    /// The ledger.
    pub ledger: LedgerId,
    /// The entry.
    pub position: Position,
    /// Sum of the debits.
    pub debits: Amount,
    /// Sum of the credits.
    pub credits: Amount,
}

row! {
    LedgerBalance in Balances "ledger_balance"
    key { ledger: LedgerId, position: Position }
    fixed { debits, credits }
    changing {}
}

/// Queries over balances. Each blocks for as long as the database takes.
#[derive(Debug)]
pub struct Balances(Pool);

impl Balances {
    /// Opens the read model, which a projector must have made.
    pub fn open(place: &Place) -> Result<Self, Error> {
        Pool::open(ReadModel::Balances, place).map(Self)
    }

    /// What a person has in US dollars; `None` for someone unknown.
    pub fn holder(&self, holder: HolderId) -> Result<At<Option<HolderBalance>>, Error> {
        self.0.read(|snapshot| snapshot.row((holder, Asset::Usd)))
    }

    /// What a person or a wallet has of each asset, in the order of their codes. A wallet that nothing has come to has
    /// none.
    pub fn balances(&self, holder: HolderId) -> Result<At<Vec<HolderBalance>>, Error> {
        self.0.read(|snapshot| snapshot.rows("holder = ?1 order by asset", &[holder.field()]))
    }

    /// All debits and credits of one account; `None` if it was never used, or is forgotten.
    pub fn account(
        &self,
        account: Account,
        asset: Asset,
    ) -> Result<At<Option<AccountTotals>>, Error> {
        self.0.read(|snapshot| snapshot.row((account, asset)))
    }

    /// What stood on a ledger after an entry; `None` if that did not post to it.
    pub fn ledger(
        &self,
        ledger: LedgerId,
        after: Position,
    ) -> Result<At<Option<LedgerBalance>>, Error> {
        self.0.read(|snapshot| snapshot.row((ledger, after)))
    }

    /// Every account that was ever used and still exists, in the order of its path.
    pub fn accounts(&self) -> Result<At<Vec<AccountTotals>>, Error> {
        self.0.read(|snapshot| {
            let mut accounts = Vec::new();
            snapshot.each(|account| accounts.push(account))?;
            Ok(accounts)
        })
    }

    /// All debits and credits by asset. They are equal.
    pub fn trial_balance(&self) -> Result<At<BTreeMap<Asset, Balance>>, Error> {
        self.0.read(trial_balance)
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
