//! The balances of a book.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::posting::Balance;
use crate::table::Table;
use crate::{Account, Amount, Asset, Postings, Side};

/// The balance of every account in every asset.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Accounts(Table<(Account, Asset), Balance>);

impl Accounts {
    /// What stands on the account's normal side.
    ///
    /// # Panics
    ///
    /// When the balance is on the other side: no rule lets an account that is asked for fall below zero.
    pub(crate) fn balance(&self, account: Account, asset: Asset) -> Amount {
        self.0.get((account, asset)).map_or(Amount::ZERO, |balance| {
            balance.on(account.normal_side()).expect("the account is not below zero")
        })
    }

    /// How much more stands on the account's normal side than on the other; nothing, when it is less.
    pub(crate) fn excess(&self, account: Account, asset: Asset) -> Amount {
        let balance = self.totals(account, asset);
        match account.normal_side() {
            Side::Debit => balance.debits.saturating_sub(balance.credits),
            Side::Credit => balance.credits.saturating_sub(balance.debits),
        }
    }

    /// All debits and credits.
    pub(crate) fn totals(&self, account: Account, asset: Asset) -> Balance {
        self.0.get((account, asset)).copied().unwrap_or_default()
    }

    pub(crate) fn post(&mut self, postings: &Postings) {
        for posting in postings {
            self.0
                .get_or_default((posting.account, posting.asset))
                .checked_add(posting.side, posting.amount)
                .expect("sums of bounded amounts fit 128 bits");
        }
        for posting in postings.iter().filter(|posting| posting.account.is_transient()) {
            let key = (posting.account, posting.asset);
            if self.0.get(key).is_some_and(|balance| balance.debits == balance.credits) {
                self.0.remove(key);
            }
        }
    }

    /// All accounts with their totals, in order.
    pub(crate) fn list(&self) -> Vec<(Account, Asset, Balance)> {
        let sorted = self.0.sorted().into_iter();
        sorted.map(|((account, asset), balance)| (*account, *asset, *balance)).collect()
    }

    /// Debits and credits of each asset.
    pub(crate) fn trial_balance(&self) -> BTreeMap<Asset, Balance> {
        let mut totals: BTreeMap<Asset, Balance> = BTreeMap::new();
        for (_, asset, balance) in self.list() {
            let total = totals.entry(asset).or_default();
            total.debits += balance.debits;
            total.credits += balance.credits;
        }
        totals
    }
}
