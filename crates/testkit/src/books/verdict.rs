//! How a request must end, decided from the lists alone.

use ledger::agents::AgentStatus;
use ledger::authorizations::DeclineReason;
use ledger::cards::CardStatus;
use ledger::holders::VerificationStatus;
use ledger::intents::{Attest, DeclareIntent, LIVE_MAX, READS_MAX};
use ledger::limits::Window;
use ledger::matching::Merchant;
use ledger::time::HOUR_MS;
use ledger::{
    Amount, CardId, Command, Entry, Event, HolderId, IntentId, Rejection, Request, Timestamp,
    TransactionId,
};

use super::approval::{limits, out_of_range};
use super::{Books, Breach};
use crate::words;

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// An entry is written.
    Done,
    /// An authorization is approved, although the agent's limit is exceeded if that is said.
    Approved {
        /// Whether the platform is told of an exceeded limit.
        tells: bool,
    },
    /// An authorization is declined.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// What is left of the limit, when a limit is the reason.
        left: Option<u128>,
    },
    /// Nothing is written; see [`words::rejection`].
    Rejected(&'static str),
}

impl Books {
    /// Compares what the ledger has decided with what it had to decide.
    pub fn judge(
        &self,
        request: &Request,
        now: Timestamp,
        result: &Result<Entry, Rejection>,
    ) -> Result<(), Breach> {
        let expected = self.verdict(&request.command, now);
        let found = match result {
            Ok(entry) => ended(entry),
            Err(rejection) => Verdict::Rejected(words::rejection(rejection)),
        };
        require!(found == expected, "the request ends as {found:?}, not as {expected:?}");
        if let Ok(entry) = result {
            require!(
                (entry.at, entry.command, entry.origin) == (now, request.id, request.origin),
                "the entry is not the request's"
            );
            self.judge_choice(&request.command, entry, now)?;
        }
        Ok(())
    }

    /// What an entry says beyond accepting a command.
    fn judge_choice(&self, command: &Command, entry: &Entry, now: Timestamp) -> Result<(), Breach> {
        match (command, &entry.events[0]) {
            (Command::Attest(command), Event::AttestationRecorded(event)) => {
                let chosen = command.intent.or_else(|| self.intent_to_read(command));
                require!(chosen == Some(event.intent), "{chosen:?} suits the reader best");
            }
            (Command::DeclareIntent(command), Event::IntentDeclared(event)) => {
                let warnings = self.warnings(command, now);
                require!(event.warnings == warnings, "{warnings:?} must be warned of");
            }
            (Command::Authorize(_), Event::AuthorizationDeclined(event)) => {
                let follows = entry.events[1..].iter().map(|event| match event {
                    Event::AgentLimitExceeded(_) => "told",
                    Event::AgentStatusChanged(_) => "suspended",
                    _ => "something else",
                });
                let expected: &[_] = match event.reason {
                    DeclineReason::LimitAgent => &["told", "suspended"],
                    _ => &[],
                };
                require!(follows.eq(expected.iter().copied()), "the decline brings {expected:?}");
            }
            _ => {}
        }
        Ok(())
    }

    /// How a command must end at `now`.
    pub fn verdict(&self, command: &Command, now: Timestamp) -> Verdict {
        match command {
            Command::Authorize(command) => self.authorization(command, now),
            command => match self.refusal(command, now) {
                Some(word) => Verdict::Rejected(word),
                None => Verdict::Done,
            },
        }
    }

    /// Why a command is refused, if it is.
    fn refusal(&self, command: &Command, now: Timestamp) -> Option<&'static str> {
        match command {
            Command::OpenBook(_) => (0 < self.position.0).then_some("book_is_open"),
            Command::CreateKey(_) | Command::CreateHolder(_) => None,
            Command::AdvanceClock(_) => (self.position.0 == 0).then_some("not_a_sandbox"),
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
                .or_else(|| out_of_range(command.amount)),
            Command::RegisterAgent(command) => match self.holders.get(&command.holder) {
                None => Some("unknown_user"),
                Some(VerificationStatus::Denied | VerificationStatus::Locked) => {
                    Some("user_not_approved")
                }
                Some(_) => out_of_range(command.policy.limit.amount),
            },
            Command::ChangeAgent(command) => {
                (!self.agents.contains_key(&command.agent)).then_some("unknown_agent")
            }
            Command::CreateCard(command) => self.card_refusal(command),
            Command::ChangeCard(command) => match self.cards.get(&command.card) {
                None => Some("unknown_card"),
                Some(card) => (card.status == CardStatus::Closed).then_some("card_not_active"),
            },
            Command::DeclareIntent(command) => self.intent_refusal(command),
            Command::CancelIntent(command) => self.no_live_intent(command.intent),
            Command::ExpireIntent(command) => self
                .no_live_intent(command.intent)
                .or_else(|| (now < self.intents[&command.intent].expires_at).then_some("not_due")),
            Command::Attest(command) => self.attestation_refusal(command, now),
            Command::Authorize(_) => None,
            Command::Reverse(command) => self.reversal_refusal(command.transaction, command.amount),
            Command::ExpireAuthorization(command) => match self.approved(command.transaction) {
                None => Some("unknown_transaction"),
                Some(purchase) => (!purchase.is_open).then_some("not_pending"),
            },
            Command::Clear(command) => {
                let Some(purchase) = self.approved(command.transaction) else {
                    return Some("unknown_transaction");
                };
                let amount = command.amount.map_or(purchase.held().unwrap_or(0), |amount| amount.0);
                if amount == 0 && !purchase.is_open {
                    return Some("not_pending");
                }
                out_of_range(Amount(amount))
            }
            Command::Refund(command) => {
                let Some(purchase) = self.approved(command.transaction) else {
                    return Some("unknown_transaction");
                };
                if purchase.cleared == 0 {
                    return self.reversal_refusal(command.transaction, command.amount);
                }
                let left = purchase.cleared - purchase.refunded;
                let amount = command.amount.map_or(left, |amount| amount.0);
                if left == 0 || left < amount {
                    return Some("exceeds_cleared");
                }
                out_of_range(Amount(amount))
            }
        }
    }

    fn step_of_verification(
        &self,
        holder: HolderId,
        closed: &[VerificationStatus],
    ) -> Option<&'static str> {
        match self.holders.get(&holder) {
            None => Some("unknown_user"),
            Some(status) => closed.contains(status).then_some("verification_closed"),
        }
    }

    fn card_refusal(&self, command: &ledger::cards::CreateCard) -> Option<&'static str> {
        let Some(agent) = self.agents.get(&command.agent) else { return Some("unknown_agent") };
        if self.holders[&agent.holder] != VerificationStatus::Approved {
            return Some("user_not_approved");
        }
        if agent.status == AgentStatus::Suspended {
            return Some("agent_suspended");
        }
        let open = self
            .cards
            .values()
            .filter(|card| card.agent == command.agent && card.status != CardStatus::Closed);
        if agent.policy.cards_max.is_some_and(|max| max as usize <= open.count()) {
            return Some("too_many_cards");
        }
        limits(&command.terms.limits).into_iter().find_map(|limit| out_of_range(limit.amount))
    }

    fn intent_refusal(&self, command: &DeclareIntent) -> Option<&'static str> {
        if let Some(word) = self.unusable(command.card) {
            return Some(word);
        }
        let kept = self.intents.values().filter(|intent| {
            let is_kept =
                intent.is_live() || intent.taken.is_some_and(|(by, _)| self.purchases[&by].is_open);
            intent.card == command.card && is_kept
        });
        let is_full = LIVE_MAX <= kept.count();
        out_of_range(command.expectation.amount).or(is_full.then_some("too_many_intents"))
    }

    fn attestation_refusal(&self, command: &Attest, now: Timestamp) -> Option<&'static str> {
        if let Some(word) = self.unusable(command.card) {
            return Some(word);
        }
        let card = &self.cards[&command.card];
        if self.holders[&card.holder] != VerificationStatus::Approved {
            return Some("user_not_approved");
        }
        if let Some(word) = out_of_range(command.statement.amount) {
            return Some(word);
        }
        match command.intent {
            Some(named) => {
                let other_card = |intent: &super::Intent| intent.card != command.card;
                if self.no_live_intent(named).is_some() || other_card(&self.intents[&named]) {
                    return Some("unknown_intent");
                }
            }
            None if self.intent_to_read(command).is_none() => return Some("intent_required"),
            None => {}
        }
        let within_an_hour = |at: &&Timestamp| now.as_millis() - at.as_millis() < HOUR_MS;
        let reads = card.read_at.iter().filter(within_an_hour).count();
        (READS_MAX <= reads).then_some("details_too_often")
    }

    fn unusable(&self, card: CardId) -> Option<&'static str> {
        match self.cards.get(&card) {
            None => Some("unknown_card"),
            Some(card) => (card.status != CardStatus::Active).then_some("card_not_active"),
        }
    }

    fn no_live_intent(&self, intent: IntentId) -> Option<&'static str> {
        let is_live = self.intents.get(&intent).is_some_and(super::Intent::is_live);
        (!is_live).then_some("unknown_intent")
    }

    fn approved(&self, transaction: TransactionId) -> Option<&super::Purchase> {
        self.purchases.get(&transaction).filter(|purchase| purchase.declined.is_none())
    }

    fn reversal_refusal(
        &self,
        transaction: TransactionId,
        amount: Option<Amount>,
    ) -> Option<&'static str> {
        let Some(purchase) = self.approved(transaction) else {
            return Some("unknown_transaction");
        };
        let held = purchase.held().unwrap_or(0);
        if !purchase.is_open || held == 0 {
            return Some("not_pending");
        }
        let amount = amount.unwrap_or(Amount(held));
        out_of_range(amount).or((held < amount.0).then_some("exceeds_hold"))
    }

    /// The intent that a reader who names none acts on: whoever reads knows no category.
    fn intent_to_read(&self, command: &Attest) -> Option<IntentId> {
        let name = command.statement.merchant.clone();
        let merchant = Merchant { name, mcc: None, city: None, country: None };
        self.best_intent(command.card, command.statement.amount.0, &merchant)
    }

    fn warnings(&self, command: &DeclareIntent, now: Timestamp) -> Vec<Window> {
        let amount = command.expectation.amount.0;
        let exceeded = limits(&self.cards[&command.card].limits)
            .into_iter()
            .filter(|limit| self.left_of_card(command.card, *limit, now) < amount);
        exceeded.map(|limit| limit.window).collect()
    }

    /// When something falls due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let intents = self.intents.values().filter(|intent| intent.is_live());
        let purchases = self.purchases.values().filter(|purchase| purchase.is_open);
        let deadlines = intents.map(|intent| intent.expires_at);
        deadlines.chain(purchases.map(|purchase| purchase.expires_at)).min()
    }
}

/// How an entry says that a request ended.
fn ended(entry: &Entry) -> Verdict {
    let tells = entry.events.iter().any(|event| matches!(event, Event::AgentLimitExceeded(_)));
    match &entry.events[0] {
        Event::AuthorizationApproved(_) => Verdict::Approved { tells },
        Event::AuthorizationDeclined(event) => Verdict::Declined {
            reason: event.reason,
            left: event.exceeded.map(|exceeded| exceeded.left.0),
        },
        _ => Verdict::Done,
    }
}
