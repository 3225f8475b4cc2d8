//! What each event posts, by the table of `docs/accounting.md`.

use std::collections::BTreeMap;

use ledger::holders::VerificationStatus;
use ledger::settlement::NetworkSettled;
use ledger::{
    Account, Amount, Asset, Entry, Event, Expense, HolderId, Income, IntentId, Money, Scheme, Side,
    TransactionId,
};

use super::Books;

mod outside;

/// How much an entry posts to each side of each account.
pub type Rows = BTreeMap<(Side, Account, Asset), u128>;

const PAYABLE: Account = Account::NetworkPayable(Scheme::Visa);
const RECEIVABLE: Account = Account::NetworkReceivable(Scheme::Visa);

/// What an entry posts.
pub fn of_entry(entry: &Entry) -> Rows {
    let mut rows = Rows::new();
    for posting in &entry.postings {
        add(&mut rows, (posting.side, posting.account, posting.asset, posting.amount.0));
    }
    rows
}

/// What events must post, in the state before them.
pub fn of_events(books: &Books, events: &[Event]) -> Rows {
    let mut rows = Rows::new();
    for event in events {
        row(books, event).into_iter().for_each(|line| add(&mut rows, line));
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

fn add(rows: &mut Rows, (side, account, asset, amount): Line) {
    if 0 < amount {
        *rows.entry((side, account, asset)).or_default() += amount;
    }
}

type Line = (Side, Account, Asset, u128);
type Row = Vec<Line>;

fn row(books: &Books, event: &Event) -> Row {
    match event {
        Event::AuthorizationApproved(event) => {
            let amount = event.approved.0;
            let mut row = spent(books, event.holder, event.intent, amount, event.is_advice);
            row.push(credit(Account::Held(event.holder, event.transaction), amount));
            row
        }
        Event::Purchased(event) => {
            let (paid, fee) = (event.approved.0, event.fee.0);
            let mut row = spent(books, event.holder, event.intent, paid + fee, false);
            row.extend([credit(PAYABLE, paid), credit(FOREIGN, fee)]);
            row
        }
        Event::AuthorizationIncremented(event) => {
            let increased = released(books, event.transaction, event.amount.0);
            increased.into_iter().map(swapped).collect()
        }
        Event::AuthorizationConfirmed(event) => {
            released(books, event.transaction, event.released.0)
        }
        Event::AuthorizationReversed(event) => released(books, event.transaction, event.amount.0),
        Event::AuthorizationExpired(event) => released(books, event.transaction, event.released.0),
        Event::Cleared(event) => {
            let Some(holder) = holder_of(books, event.transaction) else { return Row::new() };
            let (amount, fee) = (event.amount.0, event.fee.0);
            let beyond_the_hold = amount + fee - event.from_hold.0;
            let mut row = released(books, event.transaction, event.released.0);
            row.push(debit(Account::Held(holder, event.transaction), event.from_hold.0));
            row.extend(shortfall(books, holder, Asset::Usd, beyond_the_hold));
            row.extend([credit(PAYABLE, amount), credit(FOREIGN, fee)]);
            row
        }
        Event::ForceCleared(event) => {
            let (amount, fee) = (event.terms.amount.0, event.fee.0);
            let mut row = shortfall(books, event.holder, Asset::Usd, amount + fee);
            row.extend([credit(PAYABLE, amount), credit(FOREIGN, fee)]);
            row
        }
        Event::Corrected(event) => {
            let Some(holder) = holder_of(books, event.transaction) else { return Row::new() };
            let (amount, unsettled) = (event.amount.0, event.unsettled.0);
            let mut row = repayment(books, holder, Asset::Usd, amount);
            row.extend([debit(PAYABLE, unsettled), debit(RECEIVABLE, amount - unsettled)]);
            row
        }
        Event::Refunded(event) => {
            let Some(holder) = holder_of(books, event.transaction) else { return Row::new() };
            let mut row = repayment(books, holder, Asset::Usd, event.amount.0);
            row.push(debit(RECEIVABLE, event.amount.0));
            row
        }
        Event::RefundReversed(event) => {
            let Some(purchase) = books.purchases.get(&event.transaction) else { return Row::new() };
            let (amount, uncollected) = (event.amount.0, event.uncollected.0);
            let mut row = match purchase.is_under_review {
                true => vec![debit(Account::Incoming(purchase.holder), amount)],
                false => shortfall(books, purchase.holder, Asset::Usd, amount),
            };
            row.extend([credit(RECEIVABLE, uncollected), credit(PAYABLE, amount - uncollected)]);
            row
        }
        Event::UnlinkedRefundReceived(event) => {
            let amount = event.terms.amount.0;
            vec![debit(RECEIVABLE, amount), credit(Account::Incoming(event.holder), amount)]
        }
        Event::RefundReleased(event) => {
            let Some(holder) = holder_of(books, event.transaction) else { return Row::new() };
            let mut row = repayment(books, holder, Asset::Usd, event.amount.0);
            row.push(debit(Account::Incoming(holder), event.amount.0));
            row
        }
        Event::PresentmentSuspended(event) => {
            let amount = event.terms.amount.0;
            vec![debit(Account::Presentments, amount), credit(PAYABLE, amount)]
        }
        Event::PresentmentAssigned(event) => {
            let amount = event.terms.amount.0;
            let mut row = shortfall(books, event.holder, Asset::Usd, amount);
            row.push(credit(Account::Presentments, amount));
            row
        }
        Event::PresentmentWrittenOff(event) => {
            let losses = Account::Expense(Expense::PresentmentLosses);
            vec![debit(losses, event.amount.0), credit(Account::Presentments, event.amount.0)]
        }
        Event::NetworkSettled(event) => settled(books, event),
        Event::IntentDeclared(event) if event.reserves => {
            let Some(card) = books.cards.get(&event.card) else { return Row::new() };
            let amount = event.expectation.amount.0;
            let reserved = Account::Reserved(card.holder, event.intent);
            vec![debit(Account::Available(card.holder), amount), credit(reserved, amount)]
        }
        Event::IntentClosed(event) => unreserved(books, event.intent),
        Event::VerificationChanged(event)
            if event.verification.status == VerificationStatus::Approved =>
        {
            outside::approved(books, event.holder)
        }
        Event::DepositConfirmed(event) => outside::to_person(books, event),
        Event::WalletDepositConfirmed(event) => outside::to_wallet(books, event),
        Event::BankDepositConfirmed(event) => outside::by_bank(books, event),
        Event::DepositReversed(event) => outside::taken_back(books, event),
        Event::TransferCreated(event) => outside::withdrawn(event),
        Event::TransferCompleted(event) => outside::completed(books, event),
        Event::TransferFailed(event) => outside::failed(books, event),
        Event::TransferReturned(event) => outside::returned(books, event),
        Event::TreasuryConverted(event) => outside::converted(event),
        Event::LedgerTransferred(event) => outside::moved(books, event),
        Event::JournalPosted(event) => outside::journal(books, &event.lines),
        Event::JournalReversed(event) => outside::journal(books, &event.lines),
        Event::BookOpened(_)
        | Event::JournalRecovered(_)
        | Event::KeyCreated(_)
        | Event::KeyRevoked(_)
        | Event::ClockAdvanced(_)
        | Event::HolderCreated(_)
        | Event::HolderChanged(_)
        | Event::VerificationChanged(_)
        | Event::DocumentAdded(_)
        | Event::HolderErased(_)
        | Event::WalletCreated(_)
        | Event::VirtualAccountOpened(_)
        | Event::TransferAdvanced(_)
        | Event::LedgerCreated(_)
        | Event::LedgerStatusChanged(_)
        | Event::AgentRegistered(_)
        | Event::AgentStatusChanged(_)
        | Event::AgentPolicyChanged(_)
        | Event::AgentLimitExceeded(_)
        | Event::CardCreated(_)
        | Event::CardStatusChanged(_)
        | Event::CardLimitsChanged(_)
        | Event::IntentDeclared(_)
        | Event::IntentApproved(_)
        | Event::AttestationRecorded(_)
        | Event::IntentAssessed(_)
        | Event::IntentReleased(_)
        | Event::AuthorizationDeclined(_)
        | Event::AuthorizationLinked(_)
        | Event::IncrementDeclined(_)
        | Event::ReversalUnusable(_)
        | Event::CardVerified(_)
        | Event::WebhookRegistered(_)
        | Event::WebhookChanged(_)
        | Event::WebhookRemoved(_)
        | Event::WebhookSecretRotated(_)
        | Event::WebhookTested(_)
        | Event::WebhookReplayed(_) => Row::new(),
    }
}

const FOREIGN: Account = Account::Income(Income::ForeignExchange);

fn holder_of(books: &Books, transaction: TransactionId) -> Option<HolderId> {
    books.purchases.get(&transaction).map(|purchase| purchase.holder)
}

/// What is spent comes out of what the intent has reserved, of which nothing stays, and then out of what is
/// available; only where the network forces it, the rest is owed.
fn spent(
    books: &Books,
    holder: HolderId,
    intent: Option<IntentId>,
    amount: u128,
    is_forced: bool,
) -> Row {
    let mut row = Row::new();
    let mut left = amount;
    if let Some(intent) = intent {
        let account = Account::Reserved(holder, intent);
        let reserved = books.credit(account, Asset::Usd);
        let used = reserved.min(amount);
        row.push(debit(account, reserved));
        row.push(credit(Account::Available(holder), reserved - used));
        left -= used;
    }
    match is_forced {
        true => row.extend(shortfall(books, holder, Asset::Usd, left)),
        false => row.push(debit(Account::Available(holder), left)),
    }
    row
}

fn unreserved(books: &Books, id: IntentId) -> Row {
    let Some(card) = books.intents.get(&id).and_then(|intent| books.cards.get(&intent.card)) else {
        return Row::new();
    };
    let account = Account::Reserved(card.holder, id);
    let reserved = books.credit(account, Asset::Usd);
    vec![debit(account, reserved), credit(Account::Available(card.holder), reserved)]
}

fn released(books: &Books, transaction: TransactionId, amount: u128) -> Row {
    let Some(holder) = holder_of(books, transaction) else { return Row::new() };
    let held = Account::Held(holder, transaction);
    vec![debit(held, amount), credit(Account::Available(holder), amount)]
}

/// Row 20: nothing is owed afterwards, and the bank has the difference.
fn settled(books: &Books, event: &NetworkSettled) -> Row {
    let payable = books.credit(PAYABLE, Asset::Usd);
    let receivable = books.debit(RECEIVABLE, Asset::Usd);
    let share = |amount: u128| amount * 15 / 1_000;
    let interchange = Account::Income(Income::Interchange);
    let fees = event.fees.0;
    let out = payable + fees + share(receivable);
    let back = receivable + share(payable);
    vec![
        debit(PAYABLE, payable),
        debit(Account::Expense(Expense::NetworkFees), fees),
        debit(interchange, share(receivable)),
        credit(RECEIVABLE, receivable),
        credit(interchange, share(payable)),
        credit(Account::Bank, out.saturating_sub(back)),
        debit(Account::Bank, back.saturating_sub(out)),
    ]
}

/// S(x).
fn shortfall(books: &Books, holder: HolderId, asset: Asset, amount: u128) -> Row {
    let covered = amount.min(books.available_in(holder, asset));
    vec![
        (Side::Debit, Account::Available(holder), asset, covered),
        (Side::Debit, Account::Overdrawn(holder), asset, amount - covered),
    ]
}

/// R(x).
fn repayment(books: &Books, holder: HolderId, asset: Asset, amount: u128) -> Row {
    let repaid = amount.min(books.overdrawn_in(holder, asset));
    vec![
        (Side::Credit, Account::Overdrawn(holder), asset, repaid),
        (Side::Credit, Account::Available(holder), asset, amount - repaid),
    ]
}

fn debit(account: Account, amount: u128) -> Line {
    (Side::Debit, account, Asset::Usd, amount)
}

fn credit(account: Account, amount: u128) -> Line {
    (Side::Credit, account, Asset::Usd, amount)
}

fn debit_of(account: Account, money: Money) -> Line {
    (Side::Debit, account, money.asset, money.amount.0)
}

fn credit_of(account: Account, money: Money) -> Line {
    (Side::Credit, account, money.asset, money.amount.0)
}

fn swapped((side, account, asset, amount): Line) -> Line {
    let side = if side == Side::Debit { Side::Credit } else { Side::Debit };
    (side, account, asset, amount)
}
