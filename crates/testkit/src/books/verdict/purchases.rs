//! What may become of card transactions.

use ledger::authorizations::{Confirm, Terms};
use ledger::clearings::{Clear, Correct};
use ledger::refunds::{Refund, ReleaseRefund, ReverseRefund};
use ledger::settlement::SettleNetwork;
use ledger::{Account, Amount, Asset, CardId, TransactionId};

use crate::books::approval::{AMOUNT_MAX, out_of_range};
use crate::books::{Books, Kind};

impl Books {
    pub(super) fn unknown(&self, card: CardId) -> Option<&'static str> {
        (!self.cards.contains_key(&card)).then_some("UnknownCard")
    }

    pub(super) fn confirmation(&self, command: &Confirm) -> Option<&'static str> {
        let held = match self.still_open(command.transaction) {
            Ok(purchase) => purchase.held().unwrap_or(0),
            Err(word) => return Some(word),
        };
        out_of_range(command.amount).or((held < command.amount.0).then_some("ExceedsHold"))
    }

    /// More than is held is written down, and moves nothing.
    pub(super) fn reversal(
        &self,
        transaction: TransactionId,
        amount: Option<Amount>,
    ) -> Option<&'static str> {
        let held = match self.still_open(transaction) {
            Ok(purchase) => purchase.held().unwrap_or(0),
            Err(word) => return Some(word),
        };
        match amount {
            None if held == 0 => Some("NotPending"),
            amount => out_of_range(amount.unwrap_or(Amount(held))),
        }
    }

    pub(super) fn clearing(&self, command: &Clear) -> Option<&'static str> {
        let purchase = match self.bought(command.transaction) {
            Ok(purchase) => purchase,
            Err(word) => return Some(word),
        };
        let amount = command.amount.map_or(purchase.held().unwrap_or(0), |amount| amount.0);
        if amount == 0 && !purchase.is_open {
            return Some("NotPending");
        }
        out_of_range(Amount(amount))
    }

    pub(super) fn correction(&self, command: &Correct) -> Option<&'static str> {
        match self.bought(command.transaction) {
            Ok(purchase) => {
                let left = purchase.cleared - purchase.refunded;
                part_of(left, command.amount, "ExceedsCleared")
            }
            Err(word) => Some(word),
        }
    }

    pub(super) fn refund(&self, command: &Refund) -> Option<&'static str> {
        match self.bought(command.transaction) {
            Ok(purchase) if purchase.cleared == 0 => {
                self.reversal(command.transaction, command.amount)
            }
            Ok(purchase) => {
                let left = purchase.cleared - purchase.refunded;
                part_of(left, command.amount, "ExceedsCleared")
            }
            Err(word) => Some(word),
        }
    }

    pub(super) fn refund_reversal(&self, command: &ReverseRefund) -> Option<&'static str> {
        let is_known = |kind: Kind| kind != Kind::Check;
        let found = self.purchases.get(&command.transaction);
        match found.filter(|one| one.declined.is_none() && is_known(one.kind)) {
            Some(purchase) => part_of(purchase.refunded, command.amount, "ExceedsRefunded"),
            None => Some("UnknownTransaction"),
        }
    }

    pub(super) fn release(&self, command: &ReleaseRefund) -> Option<&'static str> {
        match self.purchases.get(&command.transaction) {
            Some(one) if one.is_under_review && 0 < one.refunded => None,
            Some(one) if one.declined.is_none() && one.kind != Kind::Check => {
                Some("NotUnderReview")
            }
            Some(_) | None => Some("UnknownTransaction"),
        }
    }

    pub(super) fn not_suspended(&self, transaction: TransactionId) -> Option<&'static str> {
        let found = self.presentments.get(&transaction).filter(|one| one.is_suspended);
        found.is_none().then_some("UnknownTransaction")
    }

    pub(super) fn settlement(&self, command: &SettleNetwork) -> Option<&'static str> {
        let payable = self.credit(Account::NetworkPayable(command.scheme), Asset::Usd);
        let receivable = self.debit(Account::NetworkReceivable(command.scheme), Asset::Usd);
        if payable == 0 && receivable == 0 {
            return Some("NothingToSettle");
        }
        (AMOUNT_MAX < command.fees.0).then_some("AmountOutOfRange")
    }
}

/// Refuses a part of nothing, and more than the whole.
fn part_of(left: u128, amount: Option<Amount>, word: &'static str) -> Option<&'static str> {
    let amount = amount.unwrap_or(Amount(left));
    if left == 0 || left < amount.0 { Some(word) } else { out_of_range(amount) }
}

/// What a network sends is an amount of dollars.
pub(super) fn unusable_terms(terms: &Terms) -> Option<&'static str> {
    let is_foreign = terms.asset != Asset::Usd;
    out_of_range(terms.amount).or(is_foreign.then_some("CurrencyNotSupported"))
}
