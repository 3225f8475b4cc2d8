//! What each event changes, and what must have been so before it.

use ledger::holders::VerificationStatus;
use ledger::{Entry, Event};

use super::{Agent, Books, Breach, Key};

mod cards;
mod intents;
mod ledgers;
mod outside;
mod purchases;
mod refunds;

impl Books {
    pub(super) fn fold(&mut self, event: &Event, entry: &Entry) -> Result<(), Breach> {
        match event {
            Event::BookOpened(_) => require!(entry.position.0 == 1, "a book is opened twice"),
            Event::JournalRecovered(event) => {
                require!(event.from != event.to, "no other incarnation begins");
            }
            Event::KeyCreated(event) => {
                let key = Key { agent: event.agent, is_revoked: false };
                let before = self.keys.insert(event.key, key);
                require!(before.is_none(), "`{}` is made twice", event.key);
            }
            Event::KeyRevoked(event) => {
                let key = self.keys.get_mut(&event.key).ok_or("which key?")?;
                require!(!key.is_revoked, "`{}` is revoked twice", event.key);
                key.is_revoked = true;
            }
            Event::DocumentAdded(_) => {}
            Event::HolderErased(event) => self.fold_erased(event)?,
            Event::ClockAdvanced(event) => self.clock_offset_ms += event.by_ms,
            Event::HolderCreated(event) => {
                let before = self.holders.insert(event.holder, Default::default());
                require!(before.is_none(), "`{}` is made twice", event.holder);
                self.subjects.entry(event.holder).or_default().insert(event.profile.subject);
                self.profiles.insert(event.holder, event.profile);
            }
            Event::HolderChanged(event) => {
                let profile = self.profiles.get_mut(&event.holder).ok_or("who is changed?")?;
                let is_beside = profile.subject == event.profile.subject;
                require!(is_beside, "a name is kept where it is not erased");
                *profile = event.profile;
            }
            Event::VerificationChanged(event) => {
                let status = self.holders.get_mut(&event.holder).ok_or("whose verification?")?;
                if event.verification.status == VerificationStatus::Locked {
                    self.before_lock.entry(event.holder).or_insert(*status);
                } else {
                    self.before_lock.remove(&event.holder);
                }
                *status = event.verification.status;
                if *status == VerificationStatus::Approved {
                    let own = self.deposits.values_mut();
                    let own = own.filter(|deposit| deposit.person == event.holder);
                    own.for_each(|deposit| deposit.is_waiting = false);
                }
            }
            Event::DepositConfirmed(event) => self.fold_deposit(event, entry)?,
            Event::WalletDepositConfirmed(event) => self.fold_wallet_deposit(event, entry)?,
            Event::BankDepositConfirmed(event) => self.fold_bank_deposit(event, entry)?,
            Event::DepositReversed(event) => self.fold_deposit_reversed(event)?,
            Event::WalletCreated(event) => {
                require!(self.holders.contains_key(&event.holder), "whose wallet?");
                let before = self.wallets.insert(event.wallet, event.holder);
                require!(before.is_none(), "`{}` is made twice", event.wallet);
            }
            Event::VirtualAccountOpened(event) => self.fold_virtual_account(event)?,
            Event::TransferCreated(event) => self.fold_transfer(event)?,
            Event::TransferAdvanced(event) => self.fold_transfer_advanced(event)?,
            Event::TransferCompleted(event) => self.fold_transfer_completed(event, entry)?,
            Event::TransferFailed(event) => self.fold_transfer_failed(event)?,
            Event::TransferReturned(event) => self.fold_transfer_returned(event)?,
            Event::TreasuryConverted(event) => {
                require!(event.sold.asset != event.bought.asset, "nothing is converted");
            }
            Event::LedgerCreated(event) => self.fold_ledger(event)?,
            Event::LedgerStatusChanged(event) => self.fold_ledger_status(event)?,
            Event::LedgerTransferred(event) => self.fold_ledger_transfer(event)?,
            Event::JournalPosted(event) => self.fold_journal(event.journal, &event.lines)?,
            Event::JournalReversed(event) => self.fold_reversal(event)?,
            Event::AgentRegistered(event) => {
                let (holder, policy) = (event.holder, event.policy.clone());
                let agent = Agent { holder, policy, status: Default::default(), cards: Vec::new() };
                let before = self.agents.insert(event.agent, agent);
                require!(before.is_none(), "`{}` is made twice", event.agent);
            }
            Event::AgentStatusChanged(event) => {
                self.agents.get_mut(&event.agent).ok_or("whose status?")?.status = event.status;
            }
            Event::AgentPolicyChanged(event) => {
                let agent = self.agents.get_mut(&event.agent).ok_or("whose policy?")?;
                agent.policy = event.policy.clone();
            }
            Event::AgentLimitExceeded(event) => {
                let agent = self.agents.get(&event.agent).ok_or("whose limit?")?;
                require!(agent.policy.limit == event.exceeded.limit, "another limit is told");
            }
            Event::CardCreated(event) => self.fold_card(event, entry)?,
            Event::CardStatusChanged(event) => {
                let card = self.cards.get_mut(&event.card).ok_or("whose status?")?;
                card.status = event.status;
            }
            Event::CardLimitsChanged(event) => {
                self.cards.get_mut(&event.card).ok_or("whose limits?")?.limits = event.limits;
            }
            Event::IntentDeclared(event) => self.fold_declared(event, entry)?,
            Event::IntentApproved(event) => {
                let intent = self.intents.get_mut(&event.intent).ok_or("which intent?")?;
                let waits = intent.is_untaken() && intent.awaits_approval;
                require!(waits, "`{}` waits for nobody", event.intent);
                intent.awaits_approval = false;
            }
            Event::AttestationRecorded(event) => self.fold_attested(event, entry)?,
            Event::IntentAssessed(event) => self.fold_assessed(event, entry)?,
            Event::IntentReleased(event) => self.fold_given_back(event)?,
            Event::IntentClosed(event) => self.fold_closed(event, entry.at)?,
            Event::AuthorizationApproved(event) => self.fold_approved(event, entry)?,
            Event::AuthorizationDeclined(event) => self.fold_declined(event, entry)?,
            Event::AuthorizationLinked(event) => self.fold_linked(event, entry)?,
            Event::AuthorizationIncremented(event) => {
                let purchase = self.open(event.transaction)?;
                purchase.incremented += event.amount.0;
                (purchase.counts_at, purchase.counts_on) =
                    (entry.at, crate::calendar::date(entry.at));
                require!(0 < event.amount.0, "`{}` asks for nothing more", event.transaction);
            }
            Event::IncrementDeclined(event) => drop(self.open(event.transaction)?),
            Event::AuthorizationConfirmed(event) => {
                let purchase = self.open(event.transaction)?;
                purchase.confirmed_down += event.released.0;
                let left = purchase.held();
                require!(left == Some(event.amount.0), "after a confirmation {left:?} is held");
            }
            Event::AuthorizationReversed(event) => self.fold_reversed(event, entry)?,
            Event::ReversalUnusable(event) => {
                let held = self.open(event.transaction)?.held();
                let is_more = held == Some(event.held.0) && event.held < event.amount;
                require!(is_more, "`{}` holds {held:?}", event.transaction);
            }
            Event::AuthorizationExpired(event) => self.fold_expired(event, entry)?,
            Event::CardVerified(event) => self.fold_verified(event, entry)?,
            Event::Purchased(event) => self.fold_purchased(event, entry)?,
            Event::Cleared(event) => self.fold_cleared(event, entry)?,
            Event::ForceCleared(event) => self.fold_force_cleared(event, entry)?,
            Event::Corrected(event) => self.fold_corrected(event)?,
            Event::Refunded(event) => self.fold_refunded(event)?,
            Event::RefundReversed(event) => self.fold_refund_reversed(event)?,
            Event::UnlinkedRefundReceived(event) => self.fold_unlinked_refund(event, entry)?,
            Event::RefundReleased(event) => self.fold_refund_released(event)?,
            Event::PresentmentSuspended(event) => self.fold_suspended(event)?,
            Event::PresentmentAssigned(event) => self.fold_assigned(event, entry)?,
            Event::PresentmentWrittenOff(event) => self.fold_written_off(event)?,
            Event::NetworkSettled(event) => self.fold_settled(event)?,
            Event::WebhookRegistered(event) => self.fold_webhook(event)?,
            Event::WebhookChanged(event) => self.fold_webhook_changed(event)?,
            Event::WebhookRemoved(event) => self.live_webhook(event.webhook)?.is_removed = true,
            Event::WebhookSecretRotated(event) => drop(self.live_webhook(event.webhook)?),
            Event::WebhookTested(event) => drop(self.enabled_webhook(event.webhook)?),
            Event::WebhookReplayed(event) => drop(self.enabled_webhook(event.webhook)?),
        }
        Ok(())
    }
}
