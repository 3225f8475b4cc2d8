//! Postings and accounts.

use ledger::{
    Account, Expense, HolderId, Income, IntentId, LedgerId, LedgerKind, Posting, Scheme,
    TransactionId,
};

use super::Undecodable;
use super::fields::{from_low_and_high, low_and_high, optional_array, optional_bytes};
use super::words::Word;
use crate::proto;

impl From<&Posting> for proto::Posting {
    fn from(posting: &Posting) -> Self {
        use proto::Account as Kind;

        let (account, holder, subject, scheme) = match posting.account {
            Account::Available(holder) => (Kind::Available, Some(holder), None, None),
            Account::Held(holder, id) => (Kind::Held, Some(holder), Some(id.0), None),
            Account::Reserved(holder, id) => (Kind::Reserved, Some(holder), Some(id.0), None),
            Account::Incoming(holder) => (Kind::Incoming, Some(holder), None, None),
            Account::Withdrawing(holder) => (Kind::Withdrawing, Some(holder), None, None),
            Account::Overdrawn(holder) => (Kind::Overdrawn, Some(holder), None, None),
            Account::NetworkPayable(scheme) => (Kind::NetworkPayable, None, None, Some(scheme)),
            Account::NetworkReceivable(scheme) => {
                (Kind::NetworkReceivable, None, None, Some(scheme))
            }
            Account::Presentments => (Kind::Presentments, None, None, None),
            Account::Bank => (Kind::Bank, None, None, None),
            Account::Custody => (Kind::Custody, None, None, None),
            Account::Exchange => (Kind::Exchange, None, None, None),
            Account::Income(income) => (income_kind(income), None, None, None),
            Account::Expense(expense) => (expense_kind(expense), None, None, None),
            Account::Ledger(kind, id) => (ledger_kind(kind), None, Some(id.0), None),
        };
        let (low, high) = low_and_high(posting.amount);
        Self {
            side: posting.side.number(),
            account: account.into(),
            holder: optional_bytes(holder.map(|id| id.0)),
            subject: optional_bytes(subject),
            scheme: scheme.map(Scheme::number),
            asset: posting.asset.number(),
            low,
            high,
        }
    }
}

impl TryFrom<&proto::Posting> for Posting {
    type Error = Undecodable;

    fn try_from(message: &proto::Posting) -> Result<Self, Undecodable> {
        Ok(Self {
            side: Word::read(message.side, "side")?,
            account: account(message)?,
            asset: Word::read(message.asset, "asset")?,
            amount: from_low_and_high(message.low, message.high),
        })
    }
}

/// The account with exactly the ids that its kind asks for.
fn account(message: &proto::Posting) -> Result<Account, Undecodable> {
    use proto::Account as Kind;

    let kind =
        Kind::try_from(message.account).map_err(|_| Undecodable::Unknown { field: "account" })?;
    let holder = optional_array(&message.holder, "holder")?.map(HolderId);
    let subject = optional_array(&message.subject, "subject")?;
    let scheme = message.scheme.map(|scheme| Word::read(scheme, "scheme")).transpose()?;
    let ledger = |kind, id| Ok(Account::Ledger(kind, LedgerId(id)));
    match (kind, holder, subject, scheme) {
        (Kind::Available, Some(holder), None, None) => Ok(Account::Available(holder)),
        (Kind::Held, Some(holder), Some(id), None) => Ok(Account::Held(holder, TransactionId(id))),
        (Kind::Reserved, Some(holder), Some(id), None) => {
            Ok(Account::Reserved(holder, IntentId(id)))
        }
        (Kind::Incoming, Some(holder), None, None) => Ok(Account::Incoming(holder)),
        (Kind::Withdrawing, Some(holder), None, None) => Ok(Account::Withdrawing(holder)),
        (Kind::Overdrawn, Some(holder), None, None) => Ok(Account::Overdrawn(holder)),
        (Kind::NetworkPayable, None, None, Some(scheme)) => Ok(Account::NetworkPayable(scheme)),
        (Kind::NetworkReceivable, None, None, Some(scheme)) => {
            Ok(Account::NetworkReceivable(scheme))
        }
        (Kind::Presentments, None, None, None) => Ok(Account::Presentments),
        (Kind::Bank, None, None, None) => Ok(Account::Bank),
        (Kind::Custody, None, None, None) => Ok(Account::Custody),
        (Kind::Exchange, None, None, None) => Ok(Account::Exchange),
        (Kind::Interchange, None, None, None) => Ok(Account::Income(Income::Interchange)),
        (Kind::ForeignExchangeFees, None, None, None) => {
            Ok(Account::Income(Income::ForeignExchange))
        }
        (Kind::TransferFees, None, None, None) => Ok(Account::Income(Income::Transfers)),
        (Kind::NetworkFees, None, None, None) => Ok(Account::Expense(Expense::NetworkFees)),
        (Kind::Gas, None, None, None) => Ok(Account::Expense(Expense::Gas)),
        (Kind::PresentmentLosses, None, None, None) => {
            Ok(Account::Expense(Expense::PresentmentLosses))
        }
        (Kind::LedgerAsset, None, Some(id), None) => ledger(LedgerKind::Asset, id),
        (Kind::LedgerLiability, None, Some(id), None) => ledger(LedgerKind::Liability, id),
        (Kind::LedgerEquity, None, Some(id), None) => ledger(LedgerKind::Equity, id),
        (Kind::LedgerIncome, None, Some(id), None) => ledger(LedgerKind::Income, id),
        (Kind::LedgerExpense, None, Some(id), None) => ledger(LedgerKind::Expense, id),
        // Other ids than the kind asks for. A kind that is forgotten here fails its golden file.
        _ => Err(Undecodable::Invalid { field: "account" }),
    }
}

fn income_kind(income: Income) -> proto::Account {
    match income {
        Income::Interchange => proto::Account::Interchange,
        Income::ForeignExchange => proto::Account::ForeignExchangeFees,
        Income::Transfers => proto::Account::TransferFees,
    }
}

fn expense_kind(expense: Expense) -> proto::Account {
    match expense {
        Expense::NetworkFees => proto::Account::NetworkFees,
        Expense::Gas => proto::Account::Gas,
        Expense::PresentmentLosses => proto::Account::PresentmentLosses,
    }
}

fn ledger_kind(kind: LedgerKind) -> proto::Account {
    match kind {
        LedgerKind::Asset => proto::Account::LedgerAsset,
        LedgerKind::Liability => proto::Account::LedgerLiability,
        LedgerKind::Equity => proto::Account::LedgerEquity,
        LedgerKind::Income => proto::Account::LedgerIncome,
        LedgerKind::Expense => proto::Account::LedgerExpense,
    }
}
