//! Sums over postings that share no code with the book they are compared with.

use ledger::{Account, Asset, Posting, Side};
use rustc_hash::FxHashMap;

/// Debits and credits of every account, and of all accounts together.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    accounts: FxHashMap<(Account, Asset), Sides>,
    /// By the number of the asset.
    trial: [Sides; Asset::ALL.len()],
}

/// All that was ever debited and credited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) debits: u128,
    pub(crate) credits: u128,
}

impl Sums {
    /// Adds the postings of an entry. Says what is wrong when debits and credits of an asset differ after it.
    pub(crate) fn post<'a>(
        &mut self,
        postings: impl IntoIterator<Item = &'a Posting> + Copy,
    ) -> Result<(), String> {
        for posting in postings {
            let key = (posting.account, posting.asset);
            let account = self.accounts.entry(key).or_default();
            let trial = &mut self.trial[posting.asset as usize];
            account.add(posting).and_then(|()| trial.add(posting)).ok_or_else(|| {
                format!("the postings in `{}` add up to more than 128 bits", posting.asset)
            })?;
        }
        for Posting { account, asset, .. } in postings {
            let Sides { debits, credits } = self.trial[*asset as usize];
            if debits != credits {
                return Err(format!(
                    "in `{asset}` debits of `{debits}` stand against credits of `{credits}`"
                ));
            }
            // What was held or set aside is gone when all of it is.
            if account.is_transient()
                && self.accounts.get(&(*account, *asset)).is_some_and(|sides| sides.are_equal())
            {
                self.accounts.remove(&(*account, *asset));
            }
        }
        Ok(())
    }

    /// How many accounts there are.
    pub(crate) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// The account's totals; nothing when it does not exist.
    pub(crate) fn account(&self, account: Account, asset: Asset) -> Sides {
        self.accounts.get(&(account, asset)).copied().unwrap_or_default()
    }

    /// All accounts, in no order.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (Account, Asset, Sides)> {
        self.accounts.iter().map(|((account, asset), sides)| (*account, *asset, *sides))
    }
}

impl Sides {
    fn add(&mut self, posting: &Posting) -> Option<()> {
        let side = match posting.side {
            Side::Debit => &mut self.debits,
            Side::Credit => &mut self.credits,
        };
        *side = side.checked_add(posting.amount.0)?;
        Some(())
    }

    fn are_equal(self) -> bool {
        self.debits == self.credits
    }
}

#[cfg(test)]
mod tests {
    use ledger::Amount;

    use super::*;

    fn posting(side: Side, account: Account, asset: Asset, amount: u128) -> Posting {
        Posting { side, account, asset, amount: Amount(amount) }
    }

    #[test]
    fn postings_that_balance_in_no_single_asset_are_found() {
        let mut sums = Sums::default();
        let fair = [
            posting(Side::Debit, Account::Custody, Asset::Usdc, 5),
            posting(Side::Credit, Account::Exchange, Asset::Usdc, 5),
        ];
        assert_eq!(sums.post(&fair), Ok(()));
        let unfair = [
            posting(Side::Debit, Account::Custody, Asset::Usdc, 5),
            posting(Side::Credit, Account::Exchange, Asset::Usd, 5),
        ];
        assert!(sums.post(&unfair).unwrap_err().contains("`USDC`"));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_found() {
        let mut sums = Sums::default();
        let postings = [
            posting(Side::Debit, Account::Custody, Asset::Usdc, u128::MAX),
            posting(Side::Credit, Account::Exchange, Asset::Usdc, u128::MAX),
        ];
        assert_eq!(sums.post(&postings), Ok(()));
        assert!(sums.post(&postings).unwrap_err().contains("128 bits"));
    }
}
