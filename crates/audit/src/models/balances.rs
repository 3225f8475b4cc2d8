//! What every holder and every account has.

use ledger::{Account, Amount, Asset, Entry, Event, HolderId};
use projector::balances::{AccountTotals, HolderBalance};
use rustc_hash::FxHashMap;

use super::fold::{Fold, known};
use super::rows::Rows;
use crate::sums::{Sides, Sums};

/// What the sums over postings don't tell: who there is, and what was deposited.
#[derive(Default)]
pub(super) struct Balances {
    deposited: FxHashMap<HolderId, u128>,
}

impl Fold for Balances {
    fn follow(&mut self, entry: &Entry, _: &mut dyn Rows) -> Result<(), String> {
        for event in &entry.events {
            match event {
                Event::HolderCreated(event) => {
                    self.deposited.insert(event.holder, 0);
                }
                Event::DepositConfirmed(event) => {
                    let deposited = known(self.deposited.get_mut(&event.holder), event.holder)?;
                    *deposited = deposited
                        .checked_add(event.credited.0)
                        .ok_or("what was deposited exceeds 128 bits")?;
                }
                Event::BookOpened(_)
                | Event::KeyCreated(_)
                | Event::ClockAdvanced(_)
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
                | Event::AuthorizationApproved(_)
                | Event::AuthorizationDeclined(_)
                | Event::AuthorizationReversed(_)
                | Event::AuthorizationExpired(_)
                | Event::Cleared(_)
                | Event::Refunded(_) => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self, sums: &Sums, rows: &mut dyn Rows) {
        let mut held: FxHashMap<HolderId, u128> = FxHashMap::default();
        for (account, asset, sides) in sums.accounts() {
            if let (Account::Held(holder, _), Asset::Usd) = (account, asset) {
                *held.entry(holder).or_default() += sides.credits.saturating_sub(sides.debits);
            }
            let (debits, credits) = (Amount(sides.debits), Amount(sides.credits));
            rows.whole(&AccountTotals { account, asset, debits, credits });
        }
        for (holder, deposited) in &self.deposited {
            let holder = *holder;
            let usd = |account| sums.account(account, Asset::Usd);
            let owed = |sides: Sides| Amount(sides.credits.saturating_sub(sides.debits));
            let owing = |sides: Sides| Amount(sides.debits.saturating_sub(sides.credits));
            rows.whole(&HolderBalance {
                holder,
                available: owed(usd(Account::Available(holder))),
                held: Amount(held.get(&holder).copied().unwrap_or_default()),
                incoming: owed(usd(Account::Incoming(holder))),
                overdrawn: owing(usd(Account::Overdrawn(holder))),
                deposited: Amount(*deposited),
            });
        }
    }
}
