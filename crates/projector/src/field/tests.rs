use std::fmt::Debug;

use ledger::authorizations::{DeclineReason, Original};
use ledger::cards::{ActiveHours, CardStatus};
use ledger::deposits::Chain;
use ledger::holders::DocumentKind;
use ledger::limits::{ExceededLimit, Limit, Window};
use ledger::matching::{Comparison, Tolerance};
use ledger::transfers::{Rail, TransferStatus};
use ledger::{Account, Asset, Expense, Income, LedgerKind, Money, Posting, Scheme, Side};

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::*;
use crate::row::canonical;

#[track_caller]
fn is_read_back<T: Column + PartialEq + Debug>(values: impl IntoIterator<Item = T>) {
    for value in values {
        let field = value.field();
        let sql = field.to_sql().unwrap();
        let ToSqlOutput::Borrowed(stored) = sql else { panic!("{sql:?}") };
        let found = Field::from_sqlite(stored).unwrap();
        assert_eq!(found, field);
        assert_eq!(T::read(&found).as_ref(), Some(&value));
    }
}

/// One of each kind; a new kind does not compile.
fn accounts() -> Vec<Account> {
    let (holder, transaction) = (HolderId([1; 16]), TransactionId([2; 16]));
    let (intent, ledger) = (IntentId([3; 16]), LedgerId([4; 16]));
    let mut accounts = vec![Account::Available(holder)];
    loop {
        let last = *accounts.last().unwrap();
        accounts.push(match last {
            Account::Available(_) => Account::Held(holder, transaction),
            Account::Held(..) => Account::Reserved(holder, intent),
            Account::Reserved(..) => Account::Incoming(holder),
            Account::Incoming(_) => Account::Withdrawing(holder),
            Account::Withdrawing(_) => Account::Overdrawn(holder),
            Account::Overdrawn(_) => Account::NetworkPayable(Scheme::Visa),
            Account::NetworkPayable(_) => Account::NetworkReceivable(Scheme::Visa),
            Account::NetworkReceivable(_) => Account::Presentments,
            Account::Presentments => Account::Bank,
            Account::Bank => Account::Custody,
            Account::Custody => Account::Exchange,
            Account::Exchange => Account::Income(Income::Interchange),
            Account::Income(Income::Interchange) => Account::Income(Income::ForeignExchange),
            Account::Income(Income::ForeignExchange) => Account::Income(Income::Transfers),
            Account::Income(Income::Transfers) => Account::Expense(Expense::NetworkFees),
            Account::Expense(Expense::NetworkFees) => Account::Expense(Expense::Gas),
            Account::Expense(Expense::Gas) => Account::Expense(Expense::PresentmentLosses),
            Account::Expense(Expense::PresentmentLosses) => {
                Account::Ledger(LedgerKind::Asset, ledger)
            }
            Account::Ledger(kind, _) => Account::Ledger(
                match kind {
                    LedgerKind::Asset => LedgerKind::Liability,
                    LedgerKind::Liability => LedgerKind::Equity,
                    LedgerKind::Equity => LedgerKind::Income,
                    LedgerKind::Income => LedgerKind::Expense,
                    LedgerKind::Expense => return accounts,
                },
                ledger,
            ),
        });
    }
}

#[test]
fn every_value_is_read_back_from_its_field() {
    is_read_back([0, 1, i64::MAX as u64]);
    is_read_back([false, true]);
    is_read_back([Position(7)]);
    is_read_back([Timestamp::MAX, Timestamp::default()]);
    is_read_back([Amount::ZERO, Amount(u128::MAX)]);
    is_read_back([Rate(u64::MAX)]);
    is_read_back([None, Some(Amount(1))]);
    is_read_back([CardId([9; 16])]);
    is_read_back([Text::<20>::new("Žižkov 12").unwrap()]);
    is_read_back([Mcc::new(0), Mcc::new(9_999)]);
    is_read_back([vec![], vec![Mcc::new(12).unwrap(), Mcc::new(5732).unwrap()]]);
    is_read_back([vec![], vec![DocumentKind::Selfie, DocumentKind::ProofOfAddress]]);
    is_read_back([vec![], vec![Window::Day, Window::Total]]);
    is_read_back([Tolerance::Amount(Amount(5)), Tolerance::Percent(10)]);
    let limit = Limit { window: Window::Week, amount: Amount(50) };
    is_read_back([ExceededLimit { limit, left: Amount(3) }]);
    is_read_back([Money { amount: Amount(21_000), asset: Asset::Eth }]);
    is_read_back(["sandbox", "the network itself"].map(|source| Original {
        amount: Amount(50),
        asset: Asset::Eur,
        rate: Rate(1_080_000_000),
        rate_source: Text::new(source).unwrap(),
    }));
    is_read_back([ActiveHours::new(540, 1_050), ActiveHours::new(1_439, 0)]);
    let (subject, reference, commitment) = ([1; 16], [2; 16], [3; 32]);
    is_read_back([Sealed { subject, reference, commitment }]);
    is_read_back(accounts());
    is_read_back((0..8).map(|bits| Comparison {
        amount: bits & 1 != 0,
        merchant: bits & 2 != 0,
        mcc: bits & 4 != 0,
    }));
    let postings =
        accounts().into_iter().zip(Asset::ALL.into_iter().cycle()).map(|(account, asset)| {
            Posting { side: Side::Credit, account, asset, amount: Amount(u128::MAX) }
        });
    is_read_back([vec![], postings.collect()]);
    is_read_back(Asset::ALL);
    is_read_back(Chain::ALL);
    is_read_back(Chain::ALL.map(Rail::Chain));
    is_read_back([Rail::Ach, Rail::Wire, Rail::Sepa, Rail::FasterPayments, Rail::Spei]);
    is_read_back([TransferStatus::InReview, TransferStatus::Refunded]);
    is_read_back(DeclineReason::ALL);
    is_read_back([CardStatus::Active, CardStatus::Frozen, CardStatus::Closed]);
}

#[test]
fn what_is_no_value_is_not_read() {
    assert_eq!(Field::from_sqlite(ValueRef::Integer(-1)), None);
    assert_eq!(Field::from_sqlite(ValueRef::Real(1.0)), None);
    assert_eq!(Field::from_sqlite(ValueRef::Text(&[0xff])), None);
    let text = |text: &'static str| Field::Text(text.into());
    for digits in ["", "-1", "+1", "1.0", "340282366920938463463374607431768211456"] {
        assert_eq!(Amount::read(&text(digits)), None, "{digits}");
    }
    assert_eq!(bool::read(&Field::Integer(2)), None);
    assert_eq!(Mcc::read(&Field::Integer(10_000)), None);
    assert_eq!(CardId::read(&Field::Bytes([0; 15][..].into())), None);
    assert_eq!(Account::read(&text("assets:holders:x:overdrawn")), None);
    assert_eq!(Money::read(&text("ETH +1")), None);
    assert_eq!(ActiveHours::read(&text("540 540")), None);
    assert_eq!(Rail::read(&text("bitcoin")), None);
    assert_eq!(Comparison::read(&text("price")), None);
    assert_eq!(Position::read(&Field::Absent), None);
}

#[test]
fn a_number_that_no_database_holds_is_refused_when_it_is_written() {
    assert!(Field::Integer(i64::MAX as u64 + 1).to_sql().is_err());
}

#[test]
fn rows_that_differ_have_other_canonical_bytes() {
    let text = |text: &'static str| Field::Text(text.into());
    let rows = [
        ("t", vec![text("ab"), text("c")]),
        ("t", vec![text("a"), text("bc")]),
        ("t", vec![text("abc")]),
        ("t", vec![text("abc"), text("")]),
        ("t", vec![text("abc"), Field::Absent]),
        ("t", vec![Field::Bytes(b"abc"[..].into())]),
        ("t", vec![Field::Integer(0)]),
        ("t", vec![Field::Bytes([0; 8][..].into())]),
        ("tabc", vec![]),
        ("u", vec![text("abc")]),
    ];
    let bytes: std::collections::BTreeSet<_> =
        rows.iter().map(|(table, fields)| canonical(table, fields)).collect();
    assert_eq!(bytes.len(), rows.len());
}

/// Digests that were published are compared with those of later versions: another form is another version of the file.
#[test]
fn the_canonical_bytes_of_a_row_stay_as_they_are() {
    let fields = [Field::Absent, Field::Integer(258), Field::Text("é".into())];
    let bytes = b"\x02\0\0\0\x01t\
        \0\0\0\0\0\
        \x01\0\0\0\x08\0\0\0\0\0\0\x01\x02\
        \x02\0\0\0\x02\xc3\xa9";
    assert_eq!(canonical("t", &fields), bytes);
}
