//! What every holder and every account has.

use ledger::{Account, Amount, Asset, Entry, Event, HolderId, JournalId, Money, Position};
use projector::balances::{HolderBalance, Journal};
use rustc_hash::FxHashMap;

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::{Sides, Sums};

mod accounts;

use accounts::Accounts;

/// What the sums over postings don't tell: who there is, what was deposited, and what was when.
#[derive(Default)]
pub(super) struct Balances {
    /// Of every person in US dollars, whether anything was or not; of others where something was.
    deposited: FxHashMap<(HolderId, Asset), u128>,
    accounts: Accounts,
    /// Where each journal of the platform stands, and what has taken it back.
    journals: FxHashMap<JournalId, (Position, Option<JournalId>)>,
}

impl Fold for Balances {
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String> {
        self.accounts.follow(entry, rows)?;
        for event in &entry.events {
            match event {
                Event::HolderCreated(event) => {
                    self.deposited.insert((event.holder, Asset::Usd), 0);
                }
                Event::DepositConfirmed(event) => {
                    let person = self.deposited.get_mut(&(event.holder, Asset::Usd));
                    add(known(person, event.holder)?, event.credited)?;
                }
                Event::WalletDepositConfirmed(event) => {
                    let Money { amount, asset } = event.money;
                    add(self.of(event.wallet.holder(), asset), amount)?;
                }
                Event::BankDepositConfirmed(event) => {
                    let Money { amount, asset } = event.credited;
                    add(self.of(event.wallet.holder(), asset), amount)?;
                }
                // It does not name who had it; its postings do, unless that was nothing.
                Event::DepositReversed(event) if !event.credited.amount.is_zero() => {
                    let Money { amount, asset } = event.credited;
                    let holder = entry.postings.iter().find_map(|posting| posting.account.holder());
                    let holder = holder.ok_or("a deposit was taken back from nobody")?;
                    let deposited = self.of(holder, asset);
                    let left = deposited.checked_sub(amount.0);
                    *deposited = left.ok_or("more was taken back than was deposited")?;
                }
                Event::JournalPosted(event) => {
                    self.journals.insert(event.journal, (entry.position, None));
                }
                Event::JournalReversed(event) => {
                    let (_, reversed_by) = known(self.journals.get_mut(&event.of), event.of)?;
                    *reversed_by = Some(event.journal);
                    self.journals.insert(event.journal, (entry.position, None));
                }
                Event::DepositReversed(_)
                | Event::BookOpened(_)
                | Event::JournalRecovered(_)
                | Event::KeyCreated(_)
                | Event::KeyRevoked(_)
                | Event::HolderChanged(_)
                | Event::ClockAdvanced(_)
                | Event::VerificationChanged(_)
                | Event::DocumentAdded(_)
                | Event::HolderErased(_)
                | Event::WalletCreated(_)
                | Event::VirtualAccountOpened(_)
                | Event::TransferCreated(_)
                | Event::TransferAdvanced(_)
                | Event::TransferCompleted(_)
                | Event::TransferFailed(_)
                | Event::TransferReturned(_)
                | Event::TreasuryConverted(_)
                | Event::LedgerCreated(_)
                | Event::LedgerStatusChanged(_)
                | Event::LedgerTransferred(_)
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
                | Event::IntentClosed(_)
                | Event::AuthorizationApproved(_)
                | Event::AuthorizationDeclined(_)
                | Event::AuthorizationLinked(_)
                | Event::AuthorizationIncremented(_)
                | Event::IncrementDeclined(_)
                | Event::AuthorizationConfirmed(_)
                | Event::AuthorizationReversed(_)
                | Event::ReversalUnusable(_)
                | Event::AuthorizationExpired(_)
                | Event::CardVerified(_)
                | Event::Purchased(_)
                | Event::Cleared(_)
                | Event::ForceCleared(_)
                | Event::Corrected(_)
                | Event::Refunded(_)
                | Event::RefundReversed(_)
                | Event::UnlinkedRefundReceived(_)
                | Event::RefundReleased(_)
                | Event::PresentmentSuspended(_)
                | Event::PresentmentAssigned(_)
                | Event::PresentmentWrittenOff(_)
                | Event::NetworkSettled(_)
                | Event::WebhookRegistered(_)
                | Event::WebhookChanged(_)
                | Event::WebhookRemoved(_)
                | Event::WebhookSecretRotated(_)
                | Event::WebhookTested(_)
                | Event::WebhookReplayed(_) => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self, sums: &Sums, rows: &mut dyn Rows) {
        let mut held: FxHashMap<(HolderId, Asset), u128> = FxHashMap::default();
        let mut reserved: FxHashMap<(HolderId, Asset), u128> = FxHashMap::default();
        for (account, asset, sides) in sums.accounts() {
            if let Some(holder) = account.holder() {
                // Whoever was ever posted to has a row.
                self.of(holder, asset);
                match account {
                    Account::Held(..) => *held.entry((holder, asset)).or_default() += owed(sides),
                    Account::Reserved(..) => {
                        *reserved.entry((holder, asset)).or_default() += owed(sides);
                    }
                    _ => {}
                }
            }
        }
        self.accounts.finish(rows);
        for (&id, &(position, reversed_by)) in &self.journals {
            rows.whole(&Journal { id, position, reversed_by });
        }
        for (key, deposited) in &self.deposited {
            let (holder, asset) = *key;
            let of = |account| sums.account(account, asset);
            let Sides { debits, credits } = of(Account::Overdrawn(holder));
            rows.whole(&HolderBalance {
                holder,
                asset,
                available: Amount(owed(of(Account::Available(holder)))),
                held: Amount(held.get(key).copied().unwrap_or_default()),
                reserved: Amount(reserved.get(key).copied().unwrap_or_default()),
                incoming: Amount(owed(of(Account::Incoming(holder)))),
                withdrawing: Amount(owed(of(Account::Withdrawing(holder)))),
                overdrawn: Amount(debits.saturating_sub(credits)),
                deposited: Amount(*deposited),
            });
        }
    }
}

impl Balances {
    fn of(&mut self, holder: HolderId, asset: Asset) -> &mut u128 {
        self.deposited.entry((holder, asset)).or_default()
    }
}

fn add(deposited: &mut u128, amount: Amount) -> Result<(), String> {
    let sum = deposited.checked_add(amount.0);
    *deposited = sum.ok_or("what was deposited exceeds 128 bits")?;
    Ok(())
}

/// What stands to somebody's credit.
fn owed(sides: Sides) -> u128 {
    sides.credits.saturating_sub(sides.debits)
}
