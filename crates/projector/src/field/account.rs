//! Accounts by their path, and the lines of an entry.

use std::fmt::Write as _;

use ledger::account::{Expense, Income, LedgerKind};
use ledger::{
    Account, Asset, HolderId, IntentId, LedgerId, Posting, Scheme, Side, TransactionId, id,
};

use super::{Column, Field, read_amount};
use crate::words::Word;

/// The path that [`Account`] displays.
impl Column for Account {
    fn field(&self) -> Field<'_> {
        Field::Text(self.to_string().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        read_account(field.as_text()?)
    }
}

/// A line each: `debit <account> USD 1000`.
impl Column for Vec<Posting> {
    fn field(&self) -> Field<'_> {
        let mut lines = String::with_capacity(128 * self.len());
        for Posting { side, account, asset, amount } in self {
            writeln!(lines, "{} {account} {asset} {}", side.word(), amount.0)
                .expect("a string can be written to");
        }
        Field::Text(lines.into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        field.as_text()?.lines().map(read_posting).collect()
    }
}

fn read_posting(line: &str) -> Option<Posting> {
    let words: Vec<_> = line.split(' ').collect();
    let [side, account, asset, amount] = words[..] else { return None };
    Some(Posting {
        side: Side::from_word(side)?,
        account: read_account(account)?,
        asset: Asset::from_word(asset)?,
        amount: read_amount(amount)?,
    })
}

fn read_account(path: &str) -> Option<Account> {
    let holder = |suffix| id::decode(suffix).map(HolderId);
    let ledger = |kind, suffix| Some(Account::Ledger(kind, LedgerId(id::decode(suffix)?)));
    let parts: Vec<_> = path.split(':').collect();
    Some(match parts[..] {
        ["liabilities", "holders", h, "available"] => Account::Available(holder(h)?),
        ["liabilities", "holders", h, "held", transaction] => {
            Account::Held(holder(h)?, TransactionId(id::decode(transaction)?))
        }
        ["liabilities", "holders", h, "reserved", intent] => {
            Account::Reserved(holder(h)?, IntentId(id::decode(intent)?))
        }
        ["liabilities", "holders", h, "incoming"] => Account::Incoming(holder(h)?),
        ["liabilities", "holders", h, "withdrawing"] => Account::Withdrawing(holder(h)?),
        ["assets", "holders", h, "overdrawn"] => Account::Overdrawn(holder(h)?),
        ["liabilities", "network", scheme, "payable"] => {
            Account::NetworkPayable(Scheme::from_word(scheme)?)
        }
        ["assets", "network", scheme, "receivable"] => {
            Account::NetworkReceivable(Scheme::from_word(scheme)?)
        }
        ["assets", "suspense", "presentments"] => Account::Presentments,
        ["assets", "bank", "settlement"] => Account::Bank,
        ["assets", "custody"] => Account::Custody,
        ["equity", "exchange"] => Account::Exchange,
        ["income", "interchange"] => Account::Income(Income::Interchange),
        ["income", "fees", "fx"] => Account::Income(Income::ForeignExchange),
        ["income", "fees", "transfer"] => Account::Income(Income::Transfers),
        ["expenses", "network", "fees"] => Account::Expense(Expense::NetworkFees),
        ["expenses", "gas"] => Account::Expense(Expense::Gas),
        ["expenses", "losses", "presentments"] => Account::Expense(Expense::PresentmentLosses),
        ["assets", "ledgers", l] => ledger(LedgerKind::Asset, l)?,
        ["liabilities", "ledgers", l] => ledger(LedgerKind::Liability, l)?,
        ["equity", "ledgers", l] => ledger(LedgerKind::Equity, l)?,
        ["income", "ledgers", l] => ledger(LedgerKind::Income, l)?,
        ["expenses", "ledgers", l] => ledger(LedgerKind::Expense, l)?,
        _ => return None,
    })
}
