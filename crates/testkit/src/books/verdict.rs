//! How a request must end, decided from the lists alone.

use ledger::authorizations::DeclineReason;
use ledger::holders::VerificationStatus;
use ledger::{
    Command, CommandId, Entry, Event, HolderId, Rejection, Request, Timestamp, TransactionId,
};

use super::approval::out_of_range;
use super::{Books, Breach};

mod cards;
mod ledgers;
mod money;
mod names;
mod purchases;

pub use names::{EVENTS, REJECTIONS, event as name_of_event, rejection as name_of_rejection};

use money::not_tokens;
use purchases::unusable_terms;

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// An entry is written.
    Done,
    /// An authorization belongs to a clearing that came before it.
    Linked(TransactionId),
    /// A card could be used.
    Verified,
    /// An authorization or an increment is approved.
    Approved {
        /// How much of it.
        amount: u128,
        /// What follows for the agent.
        agent: AtLimit,
    },
    /// An authorization or an increment is declined.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// What is left of the limit, when a limit of amounts is the reason.
        left: Option<u128>,
        /// What follows for the agent.
        agent: AtLimit,
    },
    /// Nothing is written; the name of the [`Rejection`].
    Rejected(&'static str),
}

/// What follows for an agent from its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtLimit {
    /// Nothing.
    Silent,
    /// The platform is told that it was exceeded.
    Told,
    /// The same, and the agent is suspended.
    Suspended,
}

/// When a request is decided.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The book's time.
    pub now: Timestamp,
    /// Whether nobody waits for the answer any more.
    pub is_late: bool,
}

impl Asked {
    /// At this time, while somebody waits.
    pub fn in_time(now: Timestamp) -> Self {
        Self { now, is_late: false }
    }
}

impl Books {
    /// Compares what the ledger has decided with what it had to decide.
    pub fn judge(
        &self,
        request: &Request,
        asked: Asked,
        result: Result<&Entry, &Rejection>,
    ) -> Result<(), Breach> {
        let now = asked.now;
        let expected = self.verdict(request, asked);
        let found = match result {
            Ok(entry) => ended(entry)?,
            Err(rejection) => Verdict::Rejected(name_of_rejection(rejection)),
        };
        require!(found == expected, "the request ends as {found:?}, not as {expected:?}");
        if let Ok(entry) = result {
            require!(
                (entry.at, entry.command, entry.origin) == (now, request.id, request.origin),
                "the entry is not the request's"
            );
            self.judge_effect(&request.command, entry, now)?;
        }
        Ok(())
    }

    /// How a request must end.
    pub fn verdict(&self, request: &Request, asked: Asked) -> Verdict {
        let makes_ids =
            !matches!(request.command, Command::ExpireIntent(_) | Command::ExpireAuthorization(_));
        let caller = request.origin.actor.and_then(|key| self.keys.get(&key));
        if caller.is_some_and(|key| key.is_revoked) {
            return Verdict::Rejected("CallerIsRevoked");
        }
        match self.verdict_of(&request.command, asked) {
            Verdict::Rejected(word) => Verdict::Rejected(word),
            _ if makes_ids && self.has_ids_of(request.id, asked.now) => {
                Verdict::Rejected("IdTaken")
            }
            verdict => verdict,
        }
    }

    /// Whether another command's entry of this time has ids as the command would make.
    fn has_ids_of(&self, command: CommandId, now: Timestamp) -> bool {
        let maker = self.ids.get(&TransactionId::derive(now, command, 0));
        maker.is_some_and(|maker| *maker != command)
    }

    fn verdict_of(&self, command: &Command, asked: Asked) -> Verdict {
        let now = asked.now;
        if self.is_of_erased(command, now) {
            return Verdict::Rejected("HolderErased");
        }
        match command {
            Command::Authorize(command) => self.authorization(command, asked),
            Command::Increment(command) => self.increment(command, asked),
            command => match self.refusal(command, now) {
                Some(word) => Verdict::Rejected(word),
                None => Verdict::Done,
            },
        }
    }

    /// Why a command is refused, if it is.
    fn refusal(&self, command: &Command, now: Timestamp) -> Option<&'static str> {
        match command {
            Command::Authorize(_) | Command::Increment(_) => None,
            Command::OpenBook(_) => (0 < self.position.0).then_some("BookIsOpen"),
            Command::RecoverJournal(_) | Command::CreateKey(_) | Command::CreateHolder(_) => None,
            Command::RevokeKey(command) => match self.keys.get(&command.key) {
                None => Some("UnknownKey"),
                Some(key) => key.is_revoked.then_some("KeyIsRevoked"),
            },
            Command::EraseHolder(command) => self.erasure(command),
            Command::ChangeHolder(command) => match self.profiles.get(&command.holder) {
                None => Some("UnknownHolder"),
                Some(profile) => (profile.reference != command.before).then_some("ProfileChanged"),
            },
            Command::AdvanceClock(_) => (self.position.0 == 0).then_some("NotASandbox"),
            Command::StartVerification(command) => self.step_of_verification(
                command.holder,
                &[
                    VerificationStatus::Approved,
                    VerificationStatus::Denied,
                    VerificationStatus::Locked,
                ],
            ),
            Command::AddDocument(command) => self.step_of_verification(
                command.holder,
                &[
                    VerificationStatus::NotStarted,
                    VerificationStatus::Approved,
                    VerificationStatus::Denied,
                    VerificationStatus::Locked,
                ],
            ),
            Command::RecordVerification(command) => self.step_of_verification(command.holder, &[]),
            Command::ConfirmDeposit(command) => self
                .step_of_verification(command.holder, &[])
                .or_else(|| not_tokens(command.amount, command.asset)),
            Command::ReverseDeposit(command) => self.deposit_reversal(command, now),
            Command::CreateWallet(command) => self.no_more_wallets(command.holder),
            Command::OpenVirtualAccount(command) => self.virtual_account(command),
            Command::ConfirmWalletDeposit(command) => self.wallet_deposit(command),
            Command::ConfirmBankDeposit(command) => self.bank_deposit(command),
            Command::CreateTransfer(command) => self.transfer(command),
            Command::AdvanceTransfer(command) => self.transfer_step(command, now),
            Command::ConvertTreasury(command) => self.conversion(command),
            Command::CreateLedger(command) => self.new_ledger(command),
            Command::ChangeLedger(command) => self.ledger_change(command),
            Command::TransferBetweenLedgers(command) => self.ledger_transfer(command),
            Command::PostJournal(command) => self.journal(&command.lines),
            Command::ReverseJournal(command) => self.journal_reversal(command),
            Command::RegisterAgent(command) => match self.holders.get(&command.holder) {
                None => Some("UnknownHolder"),
                Some(VerificationStatus::Denied | VerificationStatus::Locked) => {
                    Some("HolderNotApproved")
                }
                Some(_) => out_of_range(command.policy.limit.amount),
            },
            Command::ChangeAgent(command) => {
                (!self.agents.contains_key(&command.agent)).then_some("UnknownAgent")
            }
            Command::ChangeAgentPolicy(command) => match self.agents.get(&command.agent) {
                None => Some("UnknownAgent"),
                Some(agent) => out_of_range(command.limit.or(agent.policy.limit).amount),
            },
            Command::CreateCard(command) => self.card_refusal(command),
            Command::ChangeCard(command) => self.closed(command.card),
            Command::ChangeCardLimits(command) => self.limits_refusal(command),
            Command::DeclareIntent(command) => self.intent_refusal(command, now),
            Command::ApproveIntent(command) => self.awaits_nothing(command.intent),
            Command::RejectIntent(command) => self.awaits_nothing(command.intent),
            Command::CancelIntent(command) => self.taken_or_ended(command.intent),
            Command::ExpireIntent(command) => self
                .taken_or_ended(command.intent)
                .or_else(|| (now < self.intents[&command.intent].expires_at).then_some("NotDue")),
            Command::Attest(command) => self.attestation_refusal(command, now),
            Command::Confirm(command) => self.confirmation(command),
            Command::Reverse(command) => self.reversal(command.transaction, command.amount),
            Command::ExpireAuthorization(command) => self.still_open(command.transaction).err(),
            Command::Clear(command) => self.clearing(command),
            Command::ForceClear(command) => {
                self.unknown(command.card).or_else(|| unusable_terms(&command.terms))
            }
            Command::Correct(command) => self.correction(command),
            Command::Refund(command) => self.refund(command),
            Command::ReverseRefund(command) => self.refund_reversal(command),
            Command::RecordUnlinkedRefund(command) => {
                self.unknown(command.card).or_else(|| unusable_terms(&command.terms))
            }
            Command::ReleaseRefund(command) => self.release(command),
            Command::RecordPresentment(command) => unusable_terms(&command.terms),
            Command::AssignPresentment(command) => {
                self.not_suspended(command.transaction).or_else(|| self.unknown(command.card))
            }
            Command::WriteOffPresentment(command) => self.not_suspended(command.transaction),
            Command::SettleNetwork(command) => self.settlement(command),
            Command::RegisterWebhook(command) => self.new_webhook(command),
            Command::ChangeWebhook(command) => self.webhook_change(command),
            Command::RemoveWebhook(command) => self.unknown_webhook(command.webhook),
            Command::RotateWebhookSecret(command) => self.unknown_webhook(command.webhook),
            Command::TestWebhook(command) => self.silent_webhook(command.webhook),
            Command::ReplayWebhook(command) => self.webhook_replay(command),
        }
    }

    fn step_of_verification(
        &self,
        holder: HolderId,
        closed: &[VerificationStatus],
    ) -> Option<&'static str> {
        match self.holders.get(&holder) {
            None => Some("UnknownHolder"),
            Some(status) => closed.contains(status).then_some("VerificationClosed"),
        }
    }

    /// Why nothing new is opened for a person, if that is so.
    fn no_more_wallets(&self, holder: HolderId) -> Option<&'static str> {
        let theirs = self.wallets.values().filter(|of| **of == holder).count();
        self.unapproved(holder).or_else(|| (50 <= theirs).then_some("TooManyWallets"))
    }

    fn unapproved(&self, holder: HolderId) -> Option<&'static str> {
        match self.holders.get(&holder) {
            None => Some("UnknownHolder"),
            Some(status) => {
                (*status != VerificationStatus::Approved).then_some("HolderNotApproved")
            }
        }
    }
}

/// How an entry says that a request ended.
fn ended(entry: &Entry) -> Result<Verdict, Breach> {
    let tells = entry.events.iter().any(|event| matches!(event, Event::AgentLimitExceeded(_)));
    let suspends = entry.events.iter().any(|event| {
        // The policy's doing, not a request's: those say nothing else.
        1 < entry.events.len() && matches!(event, Event::AgentStatusChanged(_))
    });
    let agent = match (tells, suspends) {
        (false, false) => AtLimit::Silent,
        (true, false) => AtLimit::Told,
        (true, true) => AtLimit::Suspended,
        (false, true) => return Err("an agent is suspended for no limit".to_owned()),
    };
    let mut ends = entry.events.iter().filter_map(|event| match event {
        Event::AuthorizationLinked(event) => Some(Verdict::Linked(event.transaction)),
        Event::CardVerified(_) => Some(Verdict::Verified),
        Event::AuthorizationApproved(event) => {
            Some(Verdict::Approved { amount: event.approved.0, agent })
        }
        Event::Purchased(event) => Some(Verdict::Approved { amount: event.approved.0, agent }),
        Event::AuthorizationIncremented(event) => {
            Some(Verdict::Approved { amount: event.amount.0, agent })
        }
        Event::AuthorizationDeclined(event) => {
            let left = event.exceeded.map(|exceeded| exceeded.left.0);
            Some(Verdict::Declined { reason: event.reason, left, agent })
        }
        Event::IncrementDeclined(event) => {
            let left = event.exceeded.map(|exceeded| exceeded.left.0);
            Some(Verdict::Declined { reason: event.reason, left, agent })
        }
        _ => None,
    });
    let first = ends.next().unwrap_or(Verdict::Done);
    require!(ends.next().is_none(), "an entry ends its request in several ways");
    Ok(first)
}
