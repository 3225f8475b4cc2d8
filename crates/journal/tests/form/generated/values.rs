//! Single values of any content.

use ledger::limits::{ExceededLimit, Limit, Window};
use ledger::matching::Mcc;
use ledger::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub(super) fn account() -> impl Strategy<Value = Account> {
    let holder = || id().prop_map(HolderId);
    let programme = [
        Account::NetworkPayable(Scheme::Visa),
        Account::NetworkReceivable(Scheme::Visa),
        Account::Presentments,
        Account::Bank,
        Account::Custody,
        Account::Exchange,
        Account::Income(Income::Interchange),
        Account::Income(Income::ForeignExchange),
        Account::Income(Income::Transfers),
        Account::Expense(Expense::NetworkFees),
        Account::Expense(Expense::Gas),
        Account::Expense(Expense::PresentmentLosses),
    ];
    prop_oneof![
        1 => holder().prop_map(Account::Available),
        1 => (holder(), id()).prop_map(|(holder, id)| Account::Held(holder, TransactionId(id))),
        1 => (holder(), id()).prop_map(|(holder, id)| Account::Reserved(holder, IntentId(id))),
        1 => holder().prop_map(Account::Incoming),
        1 => holder().prop_map(Account::Withdrawing),
        1 => holder().prop_map(Account::Overdrawn),
        8 => select(programme.to_vec()),
        3 => (ledger_kind(), id()).prop_map(|(kind, id)| Account::Ledger(kind, LedgerId(id))),
    ]
}

pub(super) fn ledger_kind() -> impl Strategy<Value = LedgerKind> {
    select(
        &[
            LedgerKind::Asset,
            LedgerKind::Liability,
            LedgerKind::Equity,
            LedgerKind::Income,
            LedgerKind::Expense,
        ][..],
    )
}

pub(super) fn exceeded() -> impl Strategy<Value = ExceededLimit> {
    (limit(), amount()).prop_map(|(limit, left)| ExceededLimit { limit, left })
}

pub(super) fn limit() -> impl Strategy<Value = Limit> {
    (window(), amount()).prop_map(|(window, amount)| Limit { window, amount })
}

pub(super) fn window() -> impl Strategy<Value = Window> {
    select(
        &[
            Window::Authorization,
            Window::Day,
            Window::Week,
            Window::Month,
            Window::Year,
            Window::Total,
        ][..],
    )
}

pub(super) fn approval() -> impl Strategy<Value = Approval> {
    "[ -~\n]{1,200}".prop_map(|text| Approval::new(&text).unwrap())
}

pub(super) fn sealed() -> impl Strategy<Value = Sealed> {
    (id(), id(), any::<[u8; 32]>()).prop_map(|(subject, reference, commitment)| Sealed {
        subject,
        reference,
        commitment,
    })
}

pub(super) fn asset() -> impl Strategy<Value = Asset> {
    select(&Asset::ALL[..])
}

pub(super) fn money() -> impl Strategy<Value = Money> {
    (amount(), asset()).prop_map(|(amount, asset)| Money { amount, asset })
}

pub(super) fn mcc() -> impl Strategy<Value = Mcc> {
    (0..=9_999_u16).prop_map(|code| Mcc::new(code).unwrap())
}

/// None, small ones, and those that need the high word.
pub(super) fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![Just(0), 0..1_000_000_u128, any::<u128>()].prop_map(Amount)
}

pub(super) fn text<const MAX: usize>() -> impl Strategy<Value = Text<MAX>> {
    let letter = prop_oneof![select(vec!['a', ' ', 'ß', '漢', '🦀']), any::<char>()];
    prop_oneof![9 => vec(letter.clone(), 1..=MAX.min(20)), 1 => vec(letter, MAX)]
        .prop_filter_map("a text", |letters| Text::new(&String::from_iter(letters)).ok())
}

pub(super) fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![Just(u64::MAX), any::<u64>()].prop_map(Timestamp::from_millis)
}

pub(super) fn position() -> impl Strategy<Value = Position> {
    (1..=u64::MAX).prop_map(Position)
}

pub(super) fn id() -> impl Strategy<Value = [u8; 16]> {
    any::<[u8; 16]>()
}
