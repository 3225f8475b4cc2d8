//! A book: its state, and the two functions that everything rests on.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::accounts::Accounts;
use crate::agents::Agent;
use crate::amount::AMOUNT_MAX;
use crate::card_transactions::CardTransaction;
use crate::cards::{Card, CardStatus};
use crate::clock::Deadline;
use crate::deposits::Deposit;
use crate::holders::Holder;
use crate::id;
use crate::intents::Intent;
use crate::keys::Key;
use crate::ledgers::{Journal, Ledger};
use crate::posting::Balance;
use crate::presentments::Presentment;
use crate::recent::Recent;
use crate::table::Table;
use crate::transfers::{Completed, Transfer};
use crate::wallets::{VirtualAccount, Wallet};
use crate::webhooks::Webhook;
use crate::{
    Account, AgentId, Amount, Asset, BookId, CardId, Command, CommandId, Entry, Event, HolderId,
    IntentId, JournalId, KeyId, LedgerId, Position, Posting, Postings, Rejection, Request, Side,
    Text, Timestamp, TransactionId, VirtualAccountId, WalletId, WebhookId,
};

/// How many entries may have one time. Each is remembered by its id until the next time: two mebibytes of memory and of every
/// snapshot. It is more than are written in a millisecond, so that a clock that goes on is not overtaken.
pub const ENTRIES_AT_ONCE_MAX: usize = 1 << 16;

/// Opens a book: its first entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBook {
    /// The id.
    pub book: BookId,
    /// Whether its money is real.
    pub environment: Environment,
}

/// Whether a book's money is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Environment {
    /// No: the outside world is played by hand.
    Sandbox,
    /// Yes.
    Live,
}

/// The book is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookOpened {
    /// The id.
    pub book: BookId,
    /// Whether its money is real.
    pub environment: Environment,
}

/// Everything that the rules need to know, after the entry at [`Book::position`].
///
/// The default is a book before its first entry. Its bytes in borsh are an image for snapshots: they are read back by
/// the same build only.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Book {
    opened: Option<(BookId, Environment)>,
    position: Position,
    /// The time of the last entry.
    pub(crate) at: Timestamp,
    pub(crate) clock_offset_ms: u64,
    pub(crate) accounts: Accounts,
    pub(crate) keys: Table<KeyId, Key>,
    pub(crate) holders: Table<HolderId, Holder>,
    /// The vault's subjects of those who were erased: the vault is told again at each start.
    pub(crate) erased: BTreeSet<[u8; 16]>,
    pub(crate) agents: Table<AgentId, Agent>,
    pub(crate) cards: Table<CardId, Card>,
    pub(crate) intents: Table<IntentId, Intent>,
    pub(crate) card_transactions: Table<TransactionId, CardTransaction>,
    /// Clearings by the authorization that they came before.
    pub(crate) early_clearings: Recent<[u8; 16], TransactionId>,
    pub(crate) presentments: Table<TransactionId, Presentment>,
    /// The last settlement with the card network.
    pub(crate) settled: Position,
    /// Those that can still be taken back.
    pub(crate) deposits: Recent<TransactionId, Deposit>,
    pub(crate) wallets: Table<WalletId, Wallet>,
    pub(crate) virtual_accounts: Table<VirtualAccountId, VirtualAccount>,
    /// Those that are neither completed nor failed.
    pub(crate) transfers: Table<TransactionId, Transfer>,
    /// Those that can still be returned.
    pub(crate) completed_transfers: Recent<TransactionId, Completed>,
    pub(crate) ledgers: Table<LedgerId, Ledger>,
    pub(crate) ledger_codes: BTreeSet<Text<50>>,
    pub(crate) journals: Table<JournalId, Journal>,
    /// Those that are not removed.
    pub(crate) webhooks: Table<WebhookId, Webhook>,
    pub(crate) deadlines: BTreeSet<(Timestamp, Deadline)>,
    /// What the ids of the entries at [`Book::at`] have in common, entry by entry: about [`ENTRIES_AT_ONCE_MAX`] at most,
    /// as no time is given to more.
    ids: BTreeMap<[u8; 16], CommandId>,
}

/// When a command is decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) now: Timestamp,
    /// Whether nobody waits for the answer any more.
    pub(crate) is_late: bool,
}

/// What an accepted command does.
#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) events: Vec<Event>,
    pub(crate) postings: Postings,
}

impl Effects {
    /// Something happens, but nothing moves.
    pub(crate) fn memo(events: impl Into<Vec<Event>>) -> Self {
        Self { events: events.into(), postings: Postings::NONE }
    }
}

impl Book {
    /// Decides a request at the book's time `now` (see [`Book::now`]): the entry that it writes at the next position,
    /// or why it can't be done.
    ///
    /// # Panics
    ///
    /// When a rule makes an entry that does not balance: that is a bug, and no entry.
    pub fn decide(&self, request: &Request, now: Timestamp) -> Result<Entry, Rejection> {
        self.entry(request, Asked { now, is_late: false })
    }

    /// The same for a request whose answer nobody waits for any more: a merchant who asks for money, or for more of it, is
    /// declined ([`DeclineReason::DecisionTimeout`]), so that nothing is held that nobody knows of.
    ///
    /// # Panics
    ///
    /// As [`Book::decide`] does.
    ///
    /// [`DeclineReason::DecisionTimeout`]: crate::authorizations::DeclineReason::DecisionTimeout
    pub fn decide_late(&self, request: &Request, now: Timestamp) -> Result<Entry, Rejection> {
        self.entry(request, Asked { now, is_late: true })
    }

    fn entry(&self, request: &Request, asked: Asked) -> Result<Entry, Rejection> {
        let now = asked.now;
        assert!(self.at <= now, "the book's time does not go back");
        let Effects { events, postings } = self.effects(request, asked)?;
        assert!(!events.is_empty(), "an entry says what happened");
        self.require_new_ids(request, now)?;
        Ok(Entry {
            position: self.position.next(),
            at: now,
            command: request.id,
            origin: request.origin,
            events,
            postings,
        })
    }

    /// `apply` can't refuse an id that is taken. What expires makes none, and must happen.
    fn require_new_ids(&self, request: &Request, now: Timestamp) -> Result<(), Rejection> {
        let makes_none =
            matches!(request.command, Command::ExpireIntent(_) | Command::ExpireAuthorization(_));
        let taken = self.ids.get(&id::common(request.id)).filter(|_| self.at == now);
        // What is only tried out may be written already.
        let are_taken = taken.is_some_and(|command| *command != request.id);
        if are_taken && !makes_none { Err(Rejection::IdTaken) } else { Ok(()) }
    }

    fn effects(&self, request: &Request, asked: Asked) -> Result<Effects, Rejection> {
        let (id, now) = (request.id, asked.now);
        self.require_usable(request.origin.actor)?;
        self.require_not_erased(&request.command, now)?;
        match &request.command {
            Command::OpenBook(command) => self.open(command),
            Command::RecoverJournal(command) => Ok(Self::recover_journal(command)),
            Command::CreateKey(command) => self.create_key(command, id, now),
            Command::RevokeKey(command) => self.revoke_key(command),
            Command::AdvanceClock(command) => self.advance_clock(command),
            Command::CreateHolder(command) => self.create_holder(command, id, now),
            Command::ChangeHolder(command) => self.change_holder(command),
            Command::StartVerification(command) => self.start_verification(command),
            Command::RecordVerification(command) => self.record_verification(command),
            Command::AddDocument(command) => self.add_document(command, id, now),
            Command::EraseHolder(command) => self.erase_holder(command),
            Command::ConfirmDeposit(command) => self.confirm_deposit(command, id, now),
            Command::ReverseDeposit(command) => self.reverse_deposit(command, now),
            Command::CreateWallet(command) => self.create_wallet(command, id, now),
            Command::OpenVirtualAccount(command) => self.open_virtual_account(command, id, now),
            Command::ConfirmWalletDeposit(command) => self.confirm_wallet_deposit(command, id, now),
            Command::ConfirmBankDeposit(command) => self.confirm_bank_deposit(command, id, now),
            Command::CreateTransfer(command) => self.create_transfer(command, id, now),
            Command::AdvanceTransfer(command) => self.advance_transfer(command, now),
            Command::ConvertTreasury(command) => self.convert_treasury(command),
            Command::CreateLedger(command) => self.create_ledger(command, id, now),
            Command::ChangeLedger(command) => self.change_ledger(command),
            Command::TransferBetweenLedgers(command) => {
                self.transfer_between_ledgers(command, id, now)
            }
            Command::PostJournal(command) => self.post_journal(command, id, now),
            Command::ReverseJournal(command) => self.reverse_journal(command, id, now),
            Command::RegisterAgent(command) => self.register_agent(command, id, now),
            Command::ChangeAgent(command) => self.change_agent(command),
            Command::ChangeAgentPolicy(command) => self.change_agent_policy(command),
            Command::CreateCard(command) => self.create_card(command, id, now),
            Command::ChangeCard(command) => self.change_card(command),
            Command::ChangeCardLimits(command) => self.change_card_limits(command),
            Command::DeclareIntent(command) => self.declare_intent(command, id, now),
            Command::ApproveIntent(command) => self.approve_intent(command),
            Command::RejectIntent(command) => self.reject_intent(command),
            Command::CancelIntent(command) => self.cancel_intent(command),
            Command::ExpireIntent(command) => self.expire_intent(command, now),
            Command::Attest(command) => self.attest(command, id, now),
            Command::Authorize(command) => self.authorize(command, id, asked),
            Command::Increment(command) => self.increment(command, asked),
            Command::Confirm(command) => self.confirm(command),
            Command::Reverse(command) => self.reverse(command),
            Command::ExpireAuthorization(command) => self.expire_authorization(command),
            Command::Clear(command) => self.clear(command),
            Command::ForceClear(command) => self.force_clear(command, id, now),
            Command::Correct(command) => self.correct(command),
            Command::Refund(command) => self.refund(command),
            Command::ReverseRefund(command) => self.reverse_refund(command),
            Command::RecordUnlinkedRefund(command) => self.record_unlinked_refund(command, id, now),
            Command::ReleaseRefund(command) => self.release_refund(command),
            Command::RecordPresentment(command) => self.record_presentment(command, id, now),
            Command::AssignPresentment(command) => self.assign_presentment(command),
            Command::WriteOffPresentment(command) => self.write_off_presentment(command),
            Command::SettleNetwork(command) => self.settle_network(command, now),
            Command::RegisterWebhook(command) => self.register_webhook(command, id, now),
            Command::ChangeWebhook(command) => self.change_webhook(command),
            Command::RemoveWebhook(command) => self.remove_webhook(command),
            Command::RotateWebhookSecret(command) => self.rotate_webhook_secret(command, now),
            Command::TestWebhook(command) => self.test_webhook(command),
            Command::ReplayWebhook(command) => self.replay_webhook(command),
        }
    }

    /// Brings the book to the state after an entry.
    ///
    /// # Panics
    ///
    /// When the entry does not follow from this state: it was not decided here, or it is not the next one.
    pub fn apply(&mut self, entry: &Entry) {
        assert_eq!(entry.position, self.position.next(), "entries are applied in order");
        assert!(self.at <= entry.at, "the book's time does not go back");
        if self.at < entry.at {
            self.ids.clear();
        }
        self.ids.insert(id::common(entry.command), entry.command);
        self.position = entry.position;
        self.at = entry.at;
        self.accounts.post(&entry.postings);
        for event in &entry.events {
            self.apply_event(event, entry);
        }
    }

    fn apply_event(&mut self, event: &Event, entry: &Entry) {
        let Entry { position, at, .. } = *entry;
        match event {
            Event::BookOpened(event) => self.opened = Some((event.book, event.environment)),
            Event::JournalRecovered(_) | Event::DocumentAdded(_) => {}
            Event::KeyCreated(event) => self.keys.insert(event.key, Key::default()),
            Event::KeyRevoked(event) => self.apply_revoked(event),
            Event::HolderErased(event) => self.apply_erased(event),
            Event::DepositConfirmed(event) => self.apply_deposited(event, at),
            Event::DepositReversed(event) => self.apply_deposit_reversed(event),
            Event::WalletCreated(event) => self.apply_wallet(event),
            Event::VirtualAccountOpened(event) => self.apply_virtual_account(event),
            Event::WalletDepositConfirmed(event) => self.apply_wallet_deposited(event, at),
            Event::BankDepositConfirmed(event) => self.apply_bank_deposited(event, at),
            Event::TransferCreated(event) => self.apply_transfer(event),
            Event::TransferAdvanced(event) => self.apply_transfer_advanced(event),
            Event::TransferCompleted(event) => self.apply_transfer_completed(event, at),
            Event::TransferFailed(event) => self.apply_transfer_failed(event),
            Event::TransferReturned(event) => self.apply_transfer_returned(event),
            Event::LedgerCreated(event) => self.apply_ledger(event),
            Event::LedgerStatusChanged(event) => self.apply_ledger_status(event),
            Event::JournalPosted(event) => self.apply_journal(event),
            Event::JournalReversed(event) => self.apply_journal_reversed(event),
            Event::TreasuryConverted(_) | Event::LedgerTransferred(_) => {}
            Event::ClockAdvanced(event) => self.clock_offset_ms += event.by_ms,
            Event::HolderCreated(event) => self.holders.insert(event.holder, Holder::new(event)),
            Event::HolderChanged(event) => self.holder_mut(event.holder).profile = event.profile,
            Event::VerificationChanged(event) => {
                self.holder_mut(event.holder).verify(event.verification.clone());
            }
            Event::AgentRegistered(event) => {
                self.agents.insert(
                    event.agent,
                    Agent {
                        holder: event.holder,
                        policy: event.policy.clone(),
                        status: Default::default(),
                        spending: Default::default(),
                        open_cards: 0,
                    },
                );
            }
            Event::AgentStatusChanged(event) => {
                self.agent_mut(event.agent).status = event.status;
            }
            Event::AgentPolicyChanged(event) => {
                self.agent_mut(event.agent).policy = event.policy.clone();
            }
            Event::AgentLimitExceeded(_)
            | Event::AuthorizationDeclined(_)
            | Event::CardVerified(_)
            | Event::AuthorizationLinked(_)
            | Event::IncrementDeclined(_)
            | Event::ReversalUnusable(_) => {}
            Event::CardCreated(event) => {
                self.agent_mut(event.agent).open_cards += 1;
                self.cards.insert(event.card, Card::new(event, at));
            }
            Event::CardStatusChanged(event) => {
                let card = self.cards.get_mut(event.card).expect("the event names a card");
                card.status = event.status;
                if event.status == CardStatus::Closed {
                    let agent = card.agent;
                    self.agent_mut(agent).open_cards -= 1;
                }
            }
            Event::CardLimitsChanged(event) => self.card_mut(event.card).limits = event.limits,
            Event::IntentDeclared(event) => self.apply_declared(event, position),
            Event::AttestationRecorded(event) => self.apply_attested(event, position, at),
            Event::IntentAssessed(event) => self.apply_assessed(event),
            Event::IntentApproved(event) => self.apply_intent_approved(event),
            Event::IntentReleased(event) => self.apply_released(event),
            Event::IntentClosed(event) => self.drop_intent(event.intent),
            Event::AuthorizationApproved(event) => self.apply_approved(event, at),
            Event::AuthorizationReversed(event) => self.apply_reversed(event),
            Event::AuthorizationExpired(event) => self.apply_expired(event),
            Event::AuthorizationIncremented(event) => {
                self.count_at(event.transaction, at);
                self.recount(event.transaction);
            }
            Event::AuthorizationConfirmed(event) => self.recount(event.transaction),
            Event::Purchased(event) => self.apply_purchased(event, position, at),
            Event::Cleared(event) => self.apply_cleared(event, position),
            Event::ForceCleared(event) => self.apply_force_cleared(event, position, at),
            Event::Corrected(event) => self.apply_corrected(event),
            Event::Refunded(event) => self.apply_refunded(event, position),
            Event::RefundReversed(event) => self.apply_refund_reversed(event),
            Event::UnlinkedRefundReceived(event) => {
                self.apply_unlinked_refund(event, position, at);
            }
            Event::RefundReleased(event) => self.apply_refund_released(event),
            Event::PresentmentSuspended(event) => self.apply_presentment(event, position),
            Event::PresentmentAssigned(event) => self.apply_assigned(event, at),
            Event::PresentmentWrittenOff(event) => {
                self.drop_presentment(event.transaction);
            }
            Event::NetworkSettled(_) => self.apply_settled(position),
            Event::WebhookRegistered(event) => {
                self.webhooks.insert(event.webhook, Webhook::new(event));
            }
            Event::WebhookChanged(event) => self.apply_webhook_changed(event),
            Event::WebhookRemoved(event) => self.apply_webhook_removed(event),
            Event::WebhookSecretRotated(_)
            | Event::WebhookTested(_)
            | Event::WebhookReplayed(_) => {}
        }
    }

    /// The earliest time that the next entry can have: that of the last one, unless as many have it as may.
    pub(crate) fn earliest(&self) -> Timestamp {
        if self.ids.len() < ENTRIES_AT_ONCE_MAX { self.at } else { self.at.plus_ms(1) }
    }

    /// The id, once the book is open.
    pub fn id(&self) -> Option<BookId> {
        self.opened.map(|(id, _)| id)
    }

    /// The last entry that was applied.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Every account that was ever used and still exists, with its totals, in the order of [`Account`].
    pub fn accounts(&self) -> Vec<(Account, Asset, Balance)> {
        self.accounts.list()
    }

    /// All debits and credits by asset. They are equal.
    pub fn trial_balance(&self) -> BTreeMap<Asset, Balance> {
        self.accounts.trial_balance()
    }

    fn open(&self, command: &OpenBook) -> Result<Effects, Rejection> {
        if self.opened.is_some() {
            return Err(Rejection::BookIsOpen);
        }
        Ok(Effects::memo([Event::BookOpened(BookOpened {
            book: command.book,
            environment: command.environment,
        })]))
    }

    pub(crate) fn require_sandbox(&self) -> Result<(), Rejection> {
        match self.opened {
            Some((_, Environment::Sandbox)) => Ok(()),
            Some((_, Environment::Live)) | None => Err(Rejection::NotASandbox),
        }
    }

    pub(crate) fn agent_of(&self, card: &Card) -> &Agent {
        self.agents.get(card.agent).expect("a card names an agent")
    }

    fn holder_mut(&mut self, holder: HolderId) -> &mut Holder {
        self.holders.get_mut(holder).expect("the event names a holder")
    }

    fn agent_mut(&mut self, agent: AgentId) -> &mut Agent {
        self.agents.get_mut(agent).expect("the event names an agent")
    }

    pub(crate) fn available(&self, holder: HolderId, asset: Asset) -> Amount {
        self.accounts.balance(Account::Available(holder), asset)
    }

    pub(crate) fn require_available(
        &self,
        holder: HolderId,
        asset: Asset,
        amount: Amount,
    ) -> Result<(), Rejection> {
        let available = self.available(holder, asset);
        if available < amount { Err(Rejection::InsufficientFunds { available }) } else { Ok(()) }
    }

    /// The debit of an amount that can't be refused: what is available, then what the holder owes.
    /// Only what the outside world forces uses it.
    pub(crate) fn shortfall(&self, holder: HolderId, asset: Asset, amount: Amount) -> Lines {
        let covered = amount.min(self.available(holder, asset));
        Lines::of(asset)
            .debit(Account::Available(holder), covered)
            .debit(Account::Overdrawn(holder), amount - covered)
    }

    /// The credit of new money: what the holder owes is repaid first.
    pub(crate) fn repayment(&self, holder: HolderId, asset: Asset, amount: Amount) -> Lines {
        let repaid = amount.min(self.accounts.balance(Account::Overdrawn(holder), asset));
        Lines::of(asset)
            .credit(Account::Overdrawn(holder), repaid)
            .credit(Account::Available(holder), amount - repaid)
    }
}

/// Refuses zero, and more than [`AMOUNT_MAX`].
pub(crate) fn require_in_range(amount: Amount) -> Result<(), Rejection> {
    if amount.is_zero() || AMOUNT_MAX < amount {
        return Err(Rejection::AmountOutOfRange);
    }
    Ok(())
}

/// Postings in the making; lines of zero are left out.
pub(crate) struct Lines {
    asset: Asset,
    postings: Vec<Posting>,
}

impl Lines {
    pub(crate) fn of(asset: Asset) -> Self {
        Self { asset, postings: Vec::with_capacity(2) }
    }

    pub(crate) fn debit(self, account: Account, amount: Amount) -> Self {
        self.line(Side::Debit, account, amount)
    }

    pub(crate) fn credit(self, account: Account, amount: Amount) -> Self {
        self.line(Side::Credit, account, amount)
    }

    /// The same the other way round.
    pub(crate) fn swapped(mut self) -> Self {
        for posting in &mut self.postings {
            posting.side = posting.side.opposite();
        }
        self
    }

    pub(crate) fn extend(mut self, more: Self) -> Self {
        self.postings.extend(more.postings);
        self
    }

    /// # Panics
    ///
    /// When they don't balance: the rule that made them is wrong.
    pub(crate) fn balanced(self) -> Postings {
        Postings::new(self.postings).expect("the rules make balanced postings")
    }

    fn line(mut self, side: Side, account: Account, amount: Amount) -> Self {
        if !amount.is_zero() {
            self.postings.push(Posting { side, account, asset: self.asset, amount });
        }
        self
    }
}
