//! What every account has, had when epochs ended, and had after each posting to a ledger.

use ledger::{Account, Amount, Asset, Entry, Position, Posting, Side};
use projector::balances::{AccountTotals, ClosingTotals, EPOCH_ENTRIES, Epoch, LedgerPosting};
use rustc_hash::FxHashMap;

use crate::models::rows::Rows;
use crate::sums::Sides;

/// Every account that exists.
#[derive(Default)]
pub(super) struct Accounts(FxHashMap<(Account, Asset), Used>);

/// What was posted to an account, and the epoch of the last posting.
struct Used {
    sides: Sides,
    epoch: u64,
}

impl Accounts {
    /// Follows the postings of an entry.
    pub(super) fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        let Entry { position, at, .. } = *entry;
        for (posting, number) in entry.postings.iter().zip(0..) {
            let Sides { debits, credits } = self.post(posting, position, rows)?;
            let (debits, credits) = (Amount(debits), Amount(credits));
            if let Account::Ledger(_, ledger) = posting.account {
                rows.whole(&LedgerPosting { ledger, position, number, debits, credits });
            }
        }
        let (epoch, place) = (position.0 / EPOCH_ENTRIES, position.0 % EPOCH_ENTRIES);
        if place == EPOCH_ENTRIES - 1 {
            rows.whole(&Epoch { number: epoch, at });
        }
        Ok(())
    }

    /// What the account has after a posting.
    fn post(
        &mut self,
        posting: &Posting,
        position: Position,
        rows: &mut dyn Rows,
    ) -> Result<Sides, String> {
        let Posting { side, account, asset, amount } = *posting;
        let epoch = position.0 / EPOCH_ENTRIES;
        let new = Used { sides: Sides::default(), epoch };
        let used = self.0.entry((account, asset)).or_insert(new);
        if used.epoch != epoch {
            let Sides { debits, credits } = used.sides;
            let (debits, credits) = (Amount(debits), Amount(credits));
            let ended = used.epoch;
            let until = epoch;
            rows.whole(&ClosingTotals { until, account, asset, epoch: ended, debits, credits });
            used.epoch = epoch;
        }
        let sum = match side {
            Side::Debit => &mut used.sides.debits,
            Side::Credit => &mut used.sides.credits,
        };
        *sum = sum.checked_add(amount.0).ok_or("what was posted exceeds 128 bits")?;
        let sides = used.sides;
        if account.is_transient() && sides.debits == sides.credits {
            self.0.remove(&(account, asset));
        }
        Ok(sides)
    }

    /// Hands over what is left.
    pub(super) fn finish(&self, rows: &mut dyn Rows) {
        for (&(account, asset), Used { sides, epoch }) in &self.0 {
            let (debits, credits) = (Amount(sides.debits), Amount(sides.credits));
            rows.whole(&AccountTotals { account, asset, debits, credits, epoch: *epoch });
        }
    }
}
