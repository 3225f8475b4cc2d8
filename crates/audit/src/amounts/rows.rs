//! What each event says that is posted, by the rows of `docs/accounting.md`.

use ledger::clearings::{Cleared, Corrected, ForceCleared};
use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::holders::VerificationStatus;
use ledger::ledgers::{JournalLine, LedgerTransferred};
use ledger::refunds::RefundReversed;
use ledger::settlement::NetworkSettled;
use ledger::transfers::{TransferCompleted, TransferReturned};
use ledger::{
    Account, Amount, Event, Expense, HolderId, Income, Money, Posting, Scheme, Side, TransactionId,
};

use super::{Said, ledger, usd};

const PAYABLE: Account = Account::NetworkPayable(Scheme::Visa);
const RECEIVABLE: Account = Account::NetworkReceivable(Scheme::Visa);
const FOREIGN: Account = Account::Income(Income::ForeignExchange);

/// Adds what one of the entry's events says.
pub(super) fn add(said: &mut Said<'_>, event: &Event) {
    let owner = said.owner;
    match event {
        Event::DepositConfirmed(event) => to_person(said, event),
        Event::WalletDepositConfirmed(event) => {
            arrive(said, event.money, event.money);
            receive(said, event.wallet.holder(), event.money, event.released);
        }
        Event::BankDepositConfirmed(event) => {
            arrive(said, event.arrived, event.credited);
            receive(said, event.wallet.holder(), event.credited, event.released);
        }
        Event::DepositReversed(event) => leave_again(said, event),
        Event::VerificationChanged(event)
            if event.verification.status == VerificationStatus::Approved =>
        {
            release_waiting(said);
        }
        Event::TransferCreated(event) => {
            let owner = event.wallet.holder();
            said.debit(Account::Available(owner), event.money);
            said.credit(Account::Withdrawing(owner), event.money);
        }
        Event::TransferCompleted(event) => complete(said, event),
        Event::TransferFailed(event) => {
            said.debit(Account::Withdrawing(owner), event.released);
            said.credit(Account::Available(owner), event.released);
        }
        Event::TransferReturned(event) => come_back(said, event),
        Event::TreasuryConverted(event) => {
            convert(said, event.sold, event.bought);
            said.debit(Account::home(event.bought.asset), event.bought);
            said.credit(Account::home(event.sold.asset), event.sold);
        }
        Event::LedgerTransferred(event) => transfer(said, event),
        Event::JournalPosted(event) => journal(said, &event.lines),
        Event::JournalReversed(event) => journal(said, &event.lines),
        Event::IntentDeclared(event) if event.reserves => {
            let amount = usd(event.expectation.amount);
            said.debit(Account::Available(owner), amount);
            said.credit(Account::Reserved(owner, event.intent), amount);
        }
        Event::IntentClosed(event) => {
            said.spend(owner, Some(event.intent), Amount::ZERO);
        }
        Event::AuthorizationApproved(event) => {
            let rest = usd(said.spend(event.holder, event.intent, event.approved));
            if event.is_advice {
                said.take(event.holder, rest);
            } else {
                said.debit(Account::Available(event.holder), rest);
            }
            said.credit(Account::Held(event.holder, event.transaction), usd(event.approved));
        }
        Event::Purchased(event) => {
            let rest = said.spend(event.holder, event.intent, sum(event.approved, event.fee));
            said.debit(Account::Available(event.holder), usd(rest));
            owe_network(said, event.approved, event.fee);
        }
        Event::AuthorizationIncremented(event) => {
            said.debit(Account::Available(owner), usd(event.amount));
            said.credit(Account::Held(owner, event.transaction), usd(event.amount));
        }
        Event::AuthorizationConfirmed(event) => release(said, event.transaction, event.released),
        Event::AuthorizationReversed(event) => release(said, event.transaction, event.amount),
        Event::AuthorizationExpired(event) => release(said, event.transaction, event.released),
        Event::Cleared(event) => clear(said, event),
        Event::ForceCleared(event) => force_clear(said, event),
        Event::Corrected(event) => correct(said, event),
        Event::Refunded(event) => {
            said.debit(RECEIVABLE, usd(event.amount));
            said.give(owner, usd(event.amount));
        }
        Event::RefundReversed(event) => take_refund_back(said, event),
        Event::UnlinkedRefundReceived(event) => {
            said.debit(RECEIVABLE, usd(event.terms.amount));
            said.credit(Account::Incoming(event.holder), usd(event.terms.amount));
        }
        Event::RefundReleased(event) => {
            said.debit(Account::Incoming(owner), usd(event.amount));
            said.give(owner, usd(event.amount));
        }
        Event::PresentmentSuspended(event) => {
            said.debit(Account::Presentments, usd(event.terms.amount));
            said.credit(PAYABLE, usd(event.terms.amount));
        }
        Event::PresentmentAssigned(event) => {
            said.take(event.holder, usd(event.terms.amount));
            said.credit(Account::Presentments, usd(event.terms.amount));
        }
        Event::PresentmentWrittenOff(event) => {
            said.debit(Account::Expense(Expense::PresentmentLosses), usd(event.amount));
            said.credit(Account::Presentments, usd(event.amount));
        }
        Event::NetworkSettled(event) => settle(said, event),
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
        | Event::WebhookReplayed(_) => {}
    }
}

/// Row 33.
fn to_person(said: &mut Said<'_>, event: &DepositConfirmed) {
    let arrived = Money { amount: event.amount, asset: event.asset };
    let credited = usd(event.credited);
    arrive(said, arrived, credited);
    receive(said, event.holder, credited, event.released);
}

/// Rows 32 to 34: what has come is there, and what is credited was had for it.
fn arrive(said: &mut Said<'_>, arrived: Money, credited: Money) {
    said.debit(Account::home(arrived.asset), arrived);
    convert(said, credited, arrived);
}

/// Who is approved can use it.
fn receive(said: &mut Said<'_>, owner: HolderId, credited: Money, is_released: bool) {
    if is_released {
        said.give(owner, credited);
    } else {
        said.credit(Account::Incoming(owner), credited);
    }
}

/// Rows 32 to 34, the other way round.
fn leave_again(said: &mut Said<'_>, event: &DepositReversed) {
    let DepositReversed { arrived, credited, .. } = *event;
    said.take_back(said.owner, credited);
    convert(said, arrived, credited);
    said.credit(Account::home(arrived.asset), arrived);
}

/// The exchange gives one asset and takes another.
fn convert(said: &mut Said<'_>, given: Money, taken: Money) {
    if given.asset != taken.asset {
        said.debit(Account::Exchange, given);
        said.credit(Account::Exchange, taken);
    }
}

/// Whatever has waited for the approval, whoever owns it.
fn release_waiting(said: &mut Said<'_>) {
    for Posting { side, account, asset, amount } in said.postings {
        if let (Side::Debit, Account::Incoming(owner)) = (side, account) {
            let money = Money { amount: *amount, asset: *asset };
            said.debit(*account, money);
            said.give(*owner, money);
        }
    }
}

/// Rows 36 to 36b. What it was of, and the fee, were said when it was created.
fn complete(said: &mut Said<'_>, event: &TransferCompleted) {
    let (withdrawing, fees) =
        (Account::Withdrawing(said.owner), Account::Income(Income::Transfers));
    let asset = said.asset_of(withdrawing, event.delivered.asset);
    let amount = said.posted(Side::Debit, withdrawing, asset);
    let fee = said.posted(Side::Credit, fees, asset);
    said.debit(withdrawing, Money { amount, asset });
    said.credit(fees, Money { amount: fee, asset });
    convert(said, event.delivered, Money { amount: amount.saturating_sub(fee), asset });
    said.credit(Account::home(event.delivered.asset), event.delivered);
    if let Some(gas) = event.completion.gas {
        said.debit(Account::Expense(Expense::Gas), gas);
        said.credit(Account::Custody, gas);
    }
}

/// Row 37a.
fn come_back(said: &mut Said<'_>, event: &TransferReturned) {
    said.debit(Account::home(event.returned.asset), event.returned);
    convert(said, event.credited, event.returned);
    said.give(said.owner, event.credited);
}

/// Row 39: what has its balance on the left falls by a credit.
fn transfer(said: &mut Said<'_>, event: &LedgerTransferred) {
    for (id, rises) in [(event.source, false), (event.destination, true)] {
        let (kind, asset) = ledger(id, said.postings);
        let normal = kind.normal_side();
        let side = if rises { normal } else { normal.opposite() };
        said.line(side, Account::Ledger(kind, id), Money { amount: event.amount, asset });
    }
}

/// A posting a line.
fn journal(said: &mut Said<'_>, lines: &[JournalLine]) {
    let mut postings = said.postings.iter();
    for line in lines {
        let posting = postings.next().map(|posting| (posting.account, posting.asset));
        let (account, asset) = match posting {
            Some((Account::Ledger(kind, id), asset)) if id == line.ledger => {
                (Account::Ledger(kind, id), asset)
            }
            Some(_) | None => {
                let (kind, asset) = ledger(line.ledger, said.postings);
                (Account::Ledger(kind, line.ledger), asset)
            }
        };
        said.line(line.side, account, Money { amount: line.amount, asset });
    }
}

/// Rows 7, 8, 9 and 14: what was held is available. That repays nothing.
fn release(said: &mut Said<'_>, transaction: TransactionId, amount: Amount) {
    said.debit(Account::Held(said.owner, transaction), usd(amount));
    said.credit(Account::Available(said.owner), usd(amount));
}

/// Rows 10 to 13, 16 and 31.
fn clear(said: &mut Said<'_>, event: &Cleared) {
    said.debit(Account::Held(said.owner, event.transaction), usd(event.from_hold));
    let beyond = sum(event.amount, event.fee).saturating_sub(event.from_hold);
    said.take(said.owner, usd(beyond));
    owe_network(said, event.amount, event.fee);
    release(said, event.transaction, event.released);
}

/// Row 15.
fn force_clear(said: &mut Said<'_>, event: &ForceCleared) {
    said.take(event.holder, usd(sum(event.terms.amount, event.fee)));
    owe_network(said, event.terms.amount, event.fee);
}

fn owe_network(said: &mut Said<'_>, amount: Amount, fee: Amount) {
    said.credit(PAYABLE, usd(amount));
    said.credit(FOREIGN, usd(fee));
}

/// Row 19.
fn correct(said: &mut Said<'_>, event: &Corrected) {
    said.debit(PAYABLE, usd(event.unsettled));
    said.debit(RECEIVABLE, usd(event.amount.saturating_sub(event.unsettled)));
    said.give(said.owner, usd(event.amount));
}

/// Row 24.
fn take_refund_back(said: &mut Said<'_>, event: &RefundReversed) {
    said.take_back(said.owner, usd(event.amount));
    said.credit(RECEIVABLE, usd(event.uncollected));
    said.credit(PAYABLE, usd(event.amount.saturating_sub(event.uncollected)));
}

/// Row 20: the bank has the difference.
fn settle(said: &mut Said<'_>, event: &NetworkSettled) {
    let interchange = Account::Income(Income::Interchange);
    let owed = sum(sum(event.paid, event.fees), event.interchange_returned);
    let due = sum(event.collected, event.interchange);
    said.debit(Account::NetworkPayable(event.scheme), usd(event.paid));
    said.debit(Account::Expense(Expense::NetworkFees), usd(event.fees));
    said.debit(interchange, usd(event.interchange_returned));
    said.debit(Account::Bank, usd(due.saturating_sub(owed)));
    said.credit(Account::NetworkReceivable(event.scheme), usd(event.collected));
    said.credit(interchange, usd(event.interchange));
    said.credit(Account::Bank, usd(owed.saturating_sub(due)));
}

/// Where it is more than 128 bits, what is said does not balance, and postings do.
fn sum(one: Amount, other: Amount) -> Amount {
    Amount(one.0.saturating_add(other.0))
}
