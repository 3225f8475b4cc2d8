//! What deposits, transfers, the treasury and the platform's own ledgers post.

use std::collections::BTreeMap;

use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::ledgers::{JournalLine, LedgerTransferred};
use ledger::transfers::{TransferCompleted, TransferCreated, TransferFailed, TransferReturned};
use ledger::treasury::TreasuryConverted;
use ledger::wallets::{BankDepositConfirmed, WalletDepositConfirmed};
use ledger::{Account, Asset, Expense, HolderId, Income, LedgerId, LedgerKind, Money, Side};

use super::{Books, Line, Row, credit_of, debit_of, repayment, shortfall, swapped};

/// Row 33, or its first half.
pub(super) fn to_person(books: &Books, event: &DepositConfirmed) -> Row {
    let arrived = Money { amount: event.amount, asset: event.asset };
    let credited = Money { amount: event.credited, asset: Asset::Usd };
    deposit(books, event.holder, arrived, credited, event.released)
}

/// Row 32, or its first half.
pub(super) fn to_wallet(books: &Books, event: &WalletDepositConfirmed) -> Row {
    deposit(books, event.wallet.holder(), event.money, event.money, event.released)
}

/// Row 34, or its first half.
pub(super) fn by_bank(books: &Books, event: &BankDepositConfirmed) -> Row {
    deposit(books, event.wallet.holder(), event.arrived, event.credited, event.released)
}

/// What was credited is taken from where it is, and what had arrived is gone.
pub(super) fn taken_back(books: &Books, event: &DepositReversed) -> Row {
    let Some(deposit) = books.deposits.get(&event.transaction) else { return Row::new() };
    let credited = deposit.credited;
    let mut row = match deposit.is_waiting {
        true => vec![debit_of(Account::Incoming(deposit.owner), credited)],
        false => shortfall(books, deposit.owner, credited.asset, credited.amount.0),
    };
    row.extend(exchanged(deposit.arrived, credited).into_iter().map(swapped));
    row
}

/// Row 35.
pub(super) fn withdrawn(event: &TransferCreated) -> Row {
    let owner = event.wallet.holder();
    vec![
        debit_of(Account::Available(owner), event.money),
        credit_of(Account::Withdrawing(owner), event.money),
    ]
}

/// Rows 36, 36a and 36b.
pub(super) fn completed(books: &Books, event: &TransferCompleted) -> Row {
    let Some(transfer) = books.transfers.get(&event.transaction) else { return Row::new() };
    let asset = transfer.money.asset;
    let mut row = vec![debit_of(Account::Withdrawing(transfer.wallet.holder()), transfer.money)];
    row.push((Side::Credit, Account::Income(Income::Transfers), asset, transfer.fee));
    row.extend(sent(transfer.sent(), asset, event.delivered));
    if let Some(gas) = event.completion.gas {
        row.push(debit_of(Account::Expense(Expense::Gas), gas));
        row.push(credit_of(Account::Custody, gas));
    }
    row
}

/// Row 37.
pub(super) fn failed(books: &Books, event: &TransferFailed) -> Row {
    let Some(transfer) = books.transfers.get(&event.transaction) else { return Row::new() };
    let owner = transfer.wallet.holder();
    vec![
        debit_of(Account::Withdrawing(owner), transfer.money),
        credit_of(Account::Available(owner), transfer.money),
    ]
}

/// Row 37a.
pub(super) fn returned(books: &Books, event: &TransferReturned) -> Row {
    let Some(transfer) = books.transfers.get(&event.transaction) else { return Row::new() };
    let Some((_, delivered)) = transfer.completed else { return Row::new() };
    let (amount, asset) = (transfer.sent(), transfer.money.asset);
    let mut row = repayment(books, transfer.wallet.holder(), asset, amount);
    row.extend(sent(amount, asset, delivered).into_iter().map(swapped));
    row
}

/// Row 37b.
pub(super) fn converted(event: &TreasuryConverted) -> Row {
    vec![
        debit_of(place(event.bought.asset), event.bought),
        credit_of(Account::Exchange, event.bought),
        debit_of(Account::Exchange, event.sold),
        credit_of(place(event.sold.asset), event.sold),
    ]
}

/// Row 39.
pub(super) fn moved(books: &Books, event: &LedgerTransferred) -> Row {
    let source = books.ledgers.get(&event.source).map(|ledger| ledger.kind);
    let (from, to) = match source {
        Some(LedgerKind::Asset | LedgerKind::Expense) => (Side::Credit, Side::Debit),
        _ => (Side::Debit, Side::Credit),
    };
    let lines = [(event.source, from), (event.destination, to)];
    let lines = lines.map(|(ledger, side)| line(books, ledger, side, event.amount.0));
    lines.into_iter().flatten().collect()
}

/// As they are listed.
pub(super) fn journal(books: &Books, lines: &[JournalLine]) -> Row {
    let line = |one: &JournalLine| line(books, one.ledger, one.side, one.amount.0);
    lines.iter().filter_map(line).collect()
}

/// The approval of a person lets go of every deposit that waits for it.
pub(super) fn approved(books: &Books, person: HolderId) -> Row {
    let mut waiting = BTreeMap::<(HolderId, Asset), u128>::new();
    for deposit in books.deposits.values() {
        if deposit.is_waiting && deposit.person == person {
            let credited = deposit.credited;
            *waiting.entry((deposit.owner, credited.asset)).or_default() += credited.amount.0;
        }
    }
    let mut row = Row::new();
    for ((owner, asset), amount) in waiting {
        row.push((Side::Debit, Account::Incoming(owner), asset, amount));
        row.extend(repayment(books, owner, asset, amount));
    }
    row
}

/// Rows 32 to 34, or their first half until the person is approved.
fn deposit(
    books: &Books,
    owner: HolderId,
    arrived: Money,
    credited: Money,
    is_released: bool,
) -> Row {
    let mut row = exchanged(arrived, credited);
    match is_released {
        true => row.extend(repayment(books, owner, credited.asset, credited.amount.0)),
        false => row.push(credit_of(Account::Incoming(owner), credited)),
    }
    row
}

/// What arrives, and its exchange where it is credited as something else.
fn exchanged(arrived: Money, credited: Money) -> Row {
    let mut row = vec![debit_of(place(arrived.asset), arrived)];
    if arrived.asset != credited.asset {
        row.push(credit_of(Account::Exchange, arrived));
        row.push(debit_of(Account::Exchange, credited));
    }
    row
}

/// What leaves, and its exchange where something else arrives.
fn sent(amount: u128, asset: Asset, delivered: Money) -> Row {
    if asset == delivered.asset {
        return vec![(Side::Credit, place(asset), asset, amount)];
    }
    vec![
        (Side::Credit, Account::Exchange, asset, amount),
        debit_of(Account::Exchange, delivered),
        credit_of(place(delivered.asset), delivered),
    ]
}

/// Money of states is at the bank, everything else in custody.
fn place(asset: Asset) -> Account {
    match asset {
        Asset::Usd | Asset::Eur | Asset::Gbp | Asset::Mxn => Account::Bank,
        Asset::Usdc | Asset::Usdt | Asset::Pyusd | Asset::Eurc => Account::Custody,
        Asset::Eth | Asset::Sol | Asset::Pol | Asset::Avax | Asset::Trx => Account::Custody,
    }
}

fn line(books: &Books, id: LedgerId, side: Side, amount: u128) -> Option<Line> {
    let ledger = books.ledgers.get(&id)?;
    Some((side, Account::Ledger(ledger.kind, id), ledger.asset, amount))
}
