//! What was posted to each account so far.

use std::collections::BTreeMap;

use ledger::posting::Balance;
use ledger::{Account, Asset, Posting, Postings};

/// The accounts that were ever used, those that have returned to zero among them.
#[derive(Default)]
pub(super) struct Accounts(BTreeMap<(Account, Asset), Balance>);

impl Accounts {
    /// Adds the postings of an entry. `None` when that exceeds 128 bits.
    pub(super) fn post(&mut self, postings: &Postings) -> Option<()> {
        postings.iter().try_for_each(|posting| {
            let balance = self.0.entry((posting.account, posting.asset)).or_default();
            balance.checked_add(posting.side, posting.amount)
        })
    }

    /// The accounts of these postings to which nothing was posted so far, each once.
    pub(super) fn new_among(&self, postings: &Postings) -> Vec<Account> {
        let [first, ..] = Asset::ALL;
        let mut new = Vec::new();
        for account in postings.iter().map(|posting| posting.account) {
            let next = self.0.range((account, first)..).next();
            let is_known = next.is_some_and(|((next, _), _)| *next == account);
            if !is_known && !new.contains(&account) {
                new.push(account);
            }
        }
        new
    }

    /// Every account and asset, in the order of [`Account`].
    pub(super) fn iter(&self) -> impl Iterator<Item = (Account, Asset, Balance)> {
        self.0.iter().map(|((account, asset), balance)| (*account, *asset, *balance))
    }
}

/// A posting's amount: debits count up, credits down.
pub(super) fn moved(posting: &Posting) -> String {
    let mut balance = Balance::default();
    balance.checked_add(posting.side, posting.amount).expect("it is added to nothing");
    signed(posting.asset, balance)
}

/// Debits less credits.
pub(super) fn signed(asset: Asset, Balance { debits, credits }: Balance) -> String {
    let sign = if debits < credits { "-" } else { "" };
    format!("{sign}{}", asset.format(debits.abs_diff(credits)))
}
