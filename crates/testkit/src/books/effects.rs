//! What an entry must say, once it is known how the request ends.

use ledger::holders::{ChangeHolder, HolderChanged};
use ledger::intents::{IntentApproved, IntentClosed, IntentEnd};
use ledger::keys::KeyRevoked;
use ledger::presentments::{PresentmentAssigned, PresentmentSuspended, PresentmentWrittenOff};
use ledger::recovery::{JournalRecovered, RecoverJournal};
use ledger::webhooks::{
    RemoveWebhook, ReplayWebhook, TestWebhook, WebhookRemoved, WebhookReplayed, WebhookTested,
};
use ledger::{Amount, Command, Entry, Event, Timestamp};

use super::{Books, Breach};

mod cards;
mod money;
mod purchases;

pub(super) use money::reversed;
use money::{converted, journal_posted, ledger_transferred};

impl Books {
    /// Holds an entry against the command that it is the effect of.
    pub(super) fn judge_effect(
        &self,
        command: &Command,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<(), Breach> {
        let Some(expected) = self.effect(command, entry, now)? else { return Ok(()) };
        let is_there = entry.events.contains(&expected);
        require!(is_there, "an entry says {:?}\nand not\n{expected:?}", entry.events);
        let others = entry.events.iter().filter(|event| **event != expected);
        let surprise = others.filter(|event| !follows(event)).collect::<Vec<_>>();
        require!(surprise.is_empty(), "an entry says besides: {surprise:?}");
        Ok(())
    }

    /// The event that the command is answered with, with the ids and the words that the entry gives it. `None` for
    /// what is as the command says by the shape of its event.
    fn effect(
        &self,
        command: &Command,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Option<Event>, Breach> {
        Ok(Some(match command {
            Command::Authorize(command) => self.authorized(command, entry)?,
            Command::Increment(command) => self.incremented(command, entry)?,
            Command::Confirm(command) => self.confirmed(command),
            Command::Reverse(command) => {
                self.reversed(command.transaction, command.amount, command.network_id)
            }
            Command::Clear(command) => self.cleared(command),
            Command::ForceClear(command) => self.force_cleared(command, entry)?,
            Command::Correct(command) => self.corrected(command),
            Command::Refund(command) => self.refunded(command),
            Command::ReverseRefund(command) => self.refund_reversed(command),
            Command::RecordUnlinkedRefund(command) => self.unlinked_refund(command, entry)?,
            Command::ReleaseRefund(command) => self.released(command.transaction),
            Command::RecordPresentment(command) => {
                let Event::PresentmentSuspended(found) = &entry.events[0] else {
                    return Err("a presentment is something else".to_owned());
                };
                let (transaction, terms) = (found.transaction, command.terms.clone());
                Event::PresentmentSuspended(PresentmentSuspended { transaction, terms })
            }
            Command::AssignPresentment(command) => {
                let card = &self.cards[&command.card];
                Event::PresentmentAssigned(PresentmentAssigned {
                    transaction: command.transaction,
                    card: command.card,
                    agent: card.agent,
                    holder: card.holder,
                    terms: self.presentments[&command.transaction].terms.clone(),
                })
            }
            Command::WriteOffPresentment(command) => {
                let transaction = command.transaction;
                let amount: Amount = self.presentments[&transaction].terms.amount;
                Event::PresentmentWrittenOff(PresentmentWrittenOff { transaction, amount })
            }
            Command::SettleNetwork(command) => self.settled_with(command, now),
            Command::DeclareIntent(command) => self.declared(command, entry, now)?,
            Command::ApproveIntent(command) => {
                Event::IntentApproved(IntentApproved { intent: command.intent })
            }
            Command::RejectIntent(command) => ended(command.intent, IntentEnd::Rejected),
            Command::CancelIntent(command) => ended(command.intent, IntentEnd::Canceled),
            Command::ExpireIntent(command) => ended(command.intent, IntentEnd::Expired),
            Command::Attest(command) => self.attested(command, entry)?,
            Command::ChangeAgentPolicy(command) => self.policy_changed(command),
            Command::ChangeCardLimits(command) => self.limits_changed(command),
            Command::ReverseDeposit(command) => self.deposit_reversed(command.transaction),
            Command::ConfirmWalletDeposit(command) => self.wallet_deposited(command, entry)?,
            Command::ConfirmBankDeposit(command) => self.bank_deposited(command, entry)?,
            Command::CreateTransfer(command) => self.transfer_created(command, entry)?,
            Command::AdvanceTransfer(command) => self.transfer_advanced(command, entry)?,
            Command::ConvertTreasury(command) => converted(command),
            Command::TransferBetweenLedgers(command) => ledger_transferred(command, entry)?,
            Command::PostJournal(command) => journal_posted(command, entry)?,
            Command::ReverseJournal(command) => self.journal_reversed(command, entry)?,
            Command::RevokeKey(command) => Event::KeyRevoked(KeyRevoked { key: command.key }),
            Command::ChangeHolder(command) => {
                let ChangeHolder { holder, profile, .. } = *command;
                let status = self.holders[&holder];
                let before_lock = self.before_lock.get(&holder).copied();
                Event::HolderChanged(HolderChanged { holder, profile, status, before_lock })
            }
            Command::RecoverJournal(command) => {
                let RecoverJournal { from, to, anchored, approval } = command.clone();
                Event::JournalRecovered(JournalRecovered { from, to, anchored, approval })
            }
            Command::RegisterWebhook(command) => self.webhook_registered(command, entry)?,
            Command::ChangeWebhook(command) => self.webhook_changed(command),
            Command::RemoveWebhook(RemoveWebhook { webhook }) => {
                Event::WebhookRemoved(WebhookRemoved { webhook: *webhook })
            }
            Command::RotateWebhookSecret(command) => self.secret_rotated(command, now),
            Command::TestWebhook(TestWebhook { webhook }) => {
                Event::WebhookTested(WebhookTested { webhook: *webhook })
            }
            Command::ReplayWebhook(ReplayWebhook { webhook, from }) => {
                Event::WebhookReplayed(WebhookReplayed { webhook: *webhook, from: *from })
            }
            Command::OpenBook(_)
            | Command::CreateKey(_)
            | Command::AdvanceClock(_)
            | Command::CreateHolder(_)
            | Command::StartVerification(_)
            | Command::RecordVerification(_)
            | Command::AddDocument(_)
            | Command::EraseHolder(_)
            | Command::ConfirmDeposit(_)
            | Command::CreateWallet(_)
            | Command::OpenVirtualAccount(_)
            | Command::CreateLedger(_)
            | Command::ChangeLedger(_)
            | Command::RegisterAgent(_)
            | Command::ChangeAgent(_)
            | Command::CreateCard(_)
            | Command::ChangeCard(_)
            | Command::ExpireAuthorization(_) => return Ok(None),
        }))
    }
}

fn ended(intent: ledger::IntentId, reason: IntentEnd) -> Event {
    Event::IntentClosed(IntentClosed { intent, reason })
}

/// What comes with other events: each is checked where it is folded.
fn follows(event: &Event) -> bool {
    matches!(
        event,
        Event::IntentAssessed(_)
            | Event::IntentReleased(_)
            | Event::CardStatusChanged(_)
            | Event::AgentStatusChanged(_)
            | Event::AgentLimitExceeded(_)
    )
}
