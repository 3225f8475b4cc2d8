//! What each event posts, by the table of `docs/accounting.md`.

use std::collections::BTreeMap;

use ledger::deposits::DepositConfirmed;
use ledger::holders::VerificationStatus;
use ledger::{Account, Amount, Asset, Entry, Event, HolderId, Scheme, Side, TransactionId};

use super::Books;

/// How much an entry posts to each side of each account.
pub type Rows = BTreeMap<(Side, Account, Asset), u128>;

const PAYABLE: Account = Account::NetworkPayable(Scheme::Visa);
const RECEIVABLE: Account = Account::NetworkReceivable(Scheme::Visa);

/// What an entry posts.
pub fn of_entry(entry: &Entry) -> Rows {
    let mut rows = Rows::new();
    for posting in &entry.postings {
        add(&mut rows, posting.side, posting.account, posting.asset, posting.amount.0);
    }
    rows
}

/// What events must post, in the state before them.
pub fn of_events(books: &Books, events: &[Event]) -> Rows {
    let mut rows = Rows::new();
    for event in events {
        for (side, account, asset, amount) in row(books, event) {
            add(&mut rows, side, account, asset, amount);
        }
    }
    rows
}

/// Rows in words.
pub fn told(rows: &Rows) -> String {
    let told = rows.iter().map(|((side, account, asset), amount)| {
        let side = if *side == Side::Debit { "debit" } else { "credit" };
        format!("{side} {account} {} {asset}", asset.format(Amount(*amount)))
    });
    told.collect::<Vec<_>>().join(", ")
}

fn add(rows: &mut Rows, side: Side, account: Account, asset: Asset, amount: u128) {
    if 0 < amount {
        *rows.entry((side, account, asset)).or_default() += amount;
    }
}

type Row = Vec<(Side, Account, Asset, u128)>;

fn row(books: &Books, event: &Event) -> Row {
    match event {
        Event::AuthorizationApproved(event) => {
            let amount = event.terms.amount.0;
            let held = Account::Held(event.holder, event.transaction);
            vec![debit(Account::Available(event.holder), amount), credit(held, amount)]
        }
        Event::AuthorizationReversed(event) => released(books, event.transaction, event.amount.0),
        Event::AuthorizationExpired(event) => released(books, event.transaction, event.released.0),
        Event::Cleared(event) => {
            let mut row = released(books, event.transaction, event.released.0);
            if let Some(purchase) = books.purchases.get(&event.transaction) {
                let beyond_the_hold = event.amount.0 - event.from_hold.0;
                let held = Account::Held(purchase.holder, event.transaction);
                row.push(debit(held, event.from_hold.0));
                row.extend(shortfall(books, purchase.holder, beyond_the_hold));
                row.push(credit(PAYABLE, event.amount.0));
            }
            row
        }
        Event::Refunded(event) => {
            let mut row = vec![debit(RECEIVABLE, event.amount.0)];
            if let Some(purchase) = books.purchases.get(&event.transaction) {
                row.extend(repayment(books, purchase.holder, event.amount.0));
            }
            row
        }
        Event::DepositConfirmed(event) => deposit(books, event),
        Event::VerificationChanged(event)
            if event.verification.status == VerificationStatus::Approved =>
        {
            let waiting = books.incoming(event.holder);
            let mut row = vec![debit(Account::Incoming(event.holder), waiting)];
            row.extend(repayment(books, event.holder, waiting));
            row
        }
        Event::BookOpened(_)
        | Event::KeyCreated(_)
        | Event::ClockAdvanced(_)
        | Event::HolderCreated(_)
        | Event::VerificationChanged(_)
        | Event::DocumentAdded(_)
        | Event::AgentRegistered(_)
        | Event::AgentStatusChanged(_)
        | Event::AgentLimitExceeded(_)
        | Event::CardCreated(_)
        | Event::CardStatusChanged(_)
        | Event::IntentDeclared(_)
        | Event::AttestationRecorded(_)
        | Event::IntentAssessed(_)
        | Event::IntentReleased(_)
        | Event::IntentClosed(_)
        | Event::AuthorizationDeclined(_) => Vec::new(),
    }
}

/// Row 33, or its first half until the holder is approved.
fn deposit(books: &Books, event: &DepositConfirmed) -> Row {
    let (tokens, dollars) = (event.amount.0, event.credited.0);
    let mut row = vec![
        (Side::Debit, Account::Custody, event.asset, tokens),
        (Side::Credit, Account::Exchange, event.asset, tokens),
        debit(Account::Exchange, dollars),
    ];
    if event.released {
        row.extend(repayment(books, event.holder, dollars));
    } else {
        row.push(credit(Account::Incoming(event.holder), dollars));
    }
    row
}

fn released(books: &Books, transaction: TransactionId, amount: u128) -> Row {
    let Some(purchase) = books.purchases.get(&transaction) else { return Vec::new() };
    let held = Account::Held(purchase.holder, transaction);
    vec![debit(held, amount), credit(Account::Available(purchase.holder), amount)]
}

/// S(x).
fn shortfall(books: &Books, holder: HolderId, amount: u128) -> Row {
    let covered = amount.min(books.available(holder));
    vec![
        debit(Account::Available(holder), covered),
        debit(Account::Overdrawn(holder), amount - covered),
    ]
}

/// R(x).
fn repayment(books: &Books, holder: HolderId, amount: u128) -> Row {
    let repaid = amount.min(books.overdrawn(holder));
    vec![
        credit(Account::Overdrawn(holder), repaid),
        credit(Account::Available(holder), amount - repaid),
    ]
}

fn debit(account: Account, amount: u128) -> (Side, Account, Asset, u128) {
    (Side::Debit, account, Asset::Usd, amount)
}

fn credit(account: Account, amount: u128) -> (Side, Account, Asset, u128) {
    (Side::Credit, account, Asset::Usd, amount)
}
