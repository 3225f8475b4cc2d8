//! The erasure of a person: the entries stay, and nobody can tell any more whose they are.

use std::fmt;

use crate::approval::Approval;
use crate::book::{Book, Effects};
use crate::cards::{CardStatus, CardStatusChanged};
use crate::{
    Account, Asset, CardId, Command, Event, HolderId, IntentId, Rejection, Timestamp,
    TransactionId, WalletId,
};

/// Erases a person who is settled. Cards that are still open are closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EraseHolder {
    /// Whom.
    pub holder: HolderId,
    /// The operators' word.
    pub approval: Approval,
}

/// A person is erased: what the vault keeps under these subjects must go, and stay away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderErased {
    /// Who.
    pub holder: HolderId,
    /// Of the person, then of each card that the person ever had.
    pub subjects: Vec<[u8; 16]>,
    /// The operators' word.
    pub approval: Approval,
}

/// What keeps a person from being erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsettled {
    /// An account that is not at zero.
    Account(Account, Asset),
    /// An authorization that can still clear.
    Authorization(TransactionId),
    /// An intent that has not ended.
    Intent(IntentId),
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account, asset) => write!(f, "`{account}` in `{asset}` is not at zero"),
            Self::Authorization(transaction) => write!(f, "`{transaction}` is pending"),
            Self::Intent(intent) => write!(f, "`{intent}` has not ended"),
        }
    }
}

impl Book {
    /// The vault's subjects of all who were erased.
    pub fn erased_subjects(&self) -> impl Iterator<Item = [u8; 16]> {
        self.erased.iter().copied()
    }

    /// Refuses what concerns somebody who is erased.
    pub(crate) fn require_not_erased(
        &self,
        command: &Command,
        now: Timestamp,
    ) -> Result<(), Rejection> {
        let erased = self.concerns(command, now).and_then(|id| Some((id, self.holders.get(id)?)));
        match erased {
            Some((holder, known)) if known.is_erased => Err(Rejection::HolderErased(holder)),
            Some(_) | None => Ok(()),
        }
    }

    /// Looks at all accounts, card transactions, intents and cards of the book: it happens rarely.
    pub(crate) fn erase_holder(&self, command: &EraseHolder) -> Result<Effects, Rejection> {
        let EraseHolder { holder, approval } = command;
        let person = self.holder(*holder)?;
        if let Some(unsettled) = self.unsettled(*holder) {
            return Err(Rejection::HolderNotSettled(unsettled));
        }
        let (mut events, mut subjects) = (Vec::new(), vec![person.profile.subject]);
        for (id, card) in self.cards.sorted() {
            if card.holder == *holder {
                subjects.push(card.subject);
                if card.status != CardStatus::Closed {
                    events.push(closed(*id));
                }
            }
        }
        let erased = HolderErased { holder: *holder, subjects, approval: approval.clone() };
        events.push(Event::HolderErased(erased));
        Ok(Effects::memo(events))
    }

    pub(crate) fn apply_erased(&mut self, event: &HolderErased) {
        let holder = self.holders.get_mut(event.holder).expect("the event names a holder");
        assert!(!holder.is_erased, "a person is erased once");
        holder.is_erased = true;
        self.erased.extend(&event.subjects);
    }

    /// The first thing that is not at its end, if there is one. A transfer on its way is money on an account.
    fn unsettled(&self, person: HolderId) -> Option<Unsettled> {
        let accounts = self.accounts.list().into_iter();
        let account = accounts.filter(|(_, _, balance)| balance.debits != balance.credits);
        let account = account
            .map(|(account, asset, _)| (account, asset))
            .find(|(account, _)| account.holder().is_some_and(|id| self.person(id) == person))
            .map(|(account, asset)| Unsettled::Account(account, asset));
        let transactions = || self.card_transactions.sorted().into_iter();
        let authorization = || {
            transactions()
                .find(|(_, found)| found.holder == person && found.open.is_some())
                .map(|(id, _)| Unsettled::Authorization(*id))
        };
        let intents = || {
            let cards = self.cards.sorted().into_iter();
            let own = cards.filter(|(_, card)| card.holder == person);
            own.flat_map(|(_, card)| &card.intents).next().map(|id| Unsettled::Intent(*id))
        };
        account.or_else(authorization).or_else(intents)
    }

    /// Who has what stands on the accounts of a person, or of a wallet.
    fn person(&self, owner: HolderId) -> HolderId {
        self.wallets.get(WalletId(owner.0)).map_or(owner, |wallet| wallet.holder)
    }

    /// The person whom a command is about.
    fn concerns(&self, command: &Command, now: Timestamp) -> Option<HolderId> {
        let of_agent = |agent| Some(self.agents.get(agent)?.holder);
        let of_card = |card| Some(self.cards.get(card)?.holder);
        let of_transaction = |transaction| Some(self.card_transactions.get(transaction)?.holder);
        let of_wallet = |wallet| Some(self.wallets.get(wallet)?.holder);
        match command {
            Command::StartVerification(command) => Some(command.holder),
            Command::RecordVerification(command) => Some(command.holder),
            Command::AddDocument(command) => Some(command.holder),
            Command::ChangeHolder(command) => Some(command.holder),
            Command::EraseHolder(command) => Some(command.holder),
            Command::ConfirmDeposit(command) => Some(command.holder),
            Command::ReverseDeposit(command) => {
                self.deposits.get(command.transaction, now).map(|deposit| deposit.person)
            }
            Command::CreateWallet(command) => Some(command.holder),
            Command::OpenVirtualAccount(command) => Some(command.holder),
            Command::ConfirmWalletDeposit(command) => of_wallet(command.wallet),
            Command::ConfirmBankDeposit(command) => {
                self.virtual_accounts.get(command.account).map(|account| account.holder)
            }
            Command::CreateTransfer(command) => of_wallet(command.wallet),
            Command::AdvanceTransfer(command) => {
                self.owner_of_transfer(command.transaction, now).map(|owner| self.person(owner))
            }
            Command::RegisterAgent(command) => Some(command.holder),
            Command::ChangeAgent(command) => of_agent(command.agent),
            Command::ChangeAgentPolicy(command) => of_agent(command.agent),
            Command::CreateCard(command) => of_agent(command.agent),
            Command::ChangeCard(command) => of_card(command.card),
            Command::ChangeCardLimits(command) => of_card(command.card),
            Command::DeclareIntent(command) => of_card(command.card),
            Command::Attest(command) => of_card(command.card),
            Command::Authorize(command) => of_card(command.card),
            Command::Increment(command) => of_transaction(command.transaction),
            Command::Confirm(command) => of_transaction(command.transaction),
            Command::Reverse(command) => of_transaction(command.transaction),
            Command::ExpireAuthorization(command) => of_transaction(command.transaction),
            Command::Clear(command) => of_transaction(command.transaction),
            Command::ForceClear(command) => of_card(command.card),
            Command::Correct(command) => of_transaction(command.transaction),
            Command::Refund(command) => of_transaction(command.transaction),
            Command::ReverseRefund(command) => of_transaction(command.transaction),
            Command::RecordUnlinkedRefund(command) => of_card(command.card),
            Command::ReleaseRefund(command) => of_transaction(command.transaction),
            Command::AssignPresentment(command) => of_card(command.card),
            // Who is erased has no intents any more.
            Command::ApproveIntent(_)
            | Command::RejectIntent(_)
            | Command::CancelIntent(_)
            | Command::ExpireIntent(_)
            | Command::OpenBook(_)
            | Command::RecoverJournal(_)
            | Command::CreateKey(_)
            | Command::RevokeKey(_)
            | Command::AdvanceClock(_)
            | Command::CreateHolder(_)
            | Command::ConvertTreasury(_)
            | Command::CreateLedger(_)
            | Command::ChangeLedger(_)
            | Command::TransferBetweenLedgers(_)
            | Command::PostJournal(_)
            | Command::ReverseJournal(_)
            | Command::RecordPresentment(_)
            | Command::WriteOffPresentment(_)
            | Command::SettleNetwork(_)
            | Command::RegisterWebhook(_)
            | Command::ChangeWebhook(_)
            | Command::RemoveWebhook(_)
            | Command::RotateWebhookSecret(_)
            | Command::TestWebhook(_)
            | Command::ReplayWebhook(_) => None,
        }
    }
}

fn closed(card: CardId) -> Event {
    Event::CardStatusChanged(CardStatusChanged { card, status: CardStatus::Closed })
}
