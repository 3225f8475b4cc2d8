//! What operators do, and what can't be done any more because of it.

use ledger::cards::CardStatus;
use ledger::erasure::{EraseHolder, HolderErased};
use ledger::{Command, HolderId, Timestamp, TransactionId, WalletId};

use super::{Books, Breach, Kind};

impl Books {
    pub(super) fn fold_erased(&mut self, event: &HolderErased) -> Result<(), Breach> {
        let holder = event.holder;
        require!(self.erased.insert(holder), "`{holder}` is erased twice");
        let unsettled = self.is_unsettled(holder);
        require!(!unsettled, "`{holder}` is erased and not settled");
        let mut own = self.cards.values().filter(|card| card.holder == holder);
        let are_closed = own.all(|card| card.status == CardStatus::Closed);
        require!(are_closed, "`{holder}` is erased and has open cards");
        let subjects = event.subjects.iter().copied().collect();
        let expected = self.subjects.get(&holder).ok_or("who is erased?")?;
        require!(*expected == subjects, "the vault is told to forget something else");
        Ok(())
    }

    /// Why nobody is erased, if that is so.
    pub(super) fn erasure(&self, command: &EraseHolder) -> Option<&'static str> {
        match self.holders.contains_key(&command.holder) {
            false => Some("UnknownHolder"),
            true => self.is_unsettled(command.holder).then_some("HolderNotSettled"),
        }
    }

    /// Whether a command is about somebody who is erased.
    pub(super) fn is_of_erased(&self, command: &Command, now: Timestamp) -> bool {
        self.whom(command, now).is_some_and(|holder| self.erased.contains(&holder))
    }

    /// Whether somebody has money, owes some, or may come to by what is under way.
    fn is_unsettled(&self, person: HolderId) -> bool {
        let is_own = |owner: HolderId| {
            owner == person || self.wallets.get(&WalletId(owner.0)) == Some(&person)
        };
        let has_money = self
            .balances
            .iter()
            .any(|((account, _), balance)| *balance != 0 && account.holder().is_some_and(is_own));
        let mut purchases = self.purchases.values();
        let waits = purchases.any(|purchase| purchase.holder == person && purchase.is_open);
        let mut intents = self.intents.values();
        let plans =
            intents.any(|intent| self.cards[&intent.card].holder == person && intent.is_untaken());
        has_money || waits || plans
    }

    /// The person whom a command is about, as far as there is something that it can be done to.
    fn whom(&self, command: &Command, now: Timestamp) -> Option<HolderId> {
        let of_agent = |agent| self.agents.get(agent).map(|agent| agent.holder);
        let of_card = |card| self.cards.get(card).map(|card| card.holder);
        let of_wallet = |wallet| self.wallets.get(wallet).copied();
        match command {
            Command::StartVerification(command) => Some(command.holder),
            Command::RecordVerification(command) => Some(command.holder),
            Command::AddDocument(command) => Some(command.holder),
            Command::ChangeHolder(command) => Some(command.holder),
            Command::EraseHolder(command) => Some(command.holder),
            Command::ConfirmDeposit(command) => Some(command.holder),
            Command::CreateWallet(command) => Some(command.holder),
            Command::OpenVirtualAccount(command) => Some(command.holder),
            Command::RegisterAgent(command) => Some(command.holder),
            Command::ReverseDeposit(command) => {
                let may_be = self.deposit_reversal(command, now).is_none();
                may_be.then(|| self.deposits[&command.transaction].person)
            }
            Command::ConfirmWalletDeposit(command) => of_wallet(&command.wallet),
            Command::ConfirmBankDeposit(command) => {
                self.virtual_accounts.get(&command.account).map(|account| account.holder)
            }
            Command::CreateTransfer(command) => of_wallet(&command.wallet),
            Command::AdvanceTransfer(command) => {
                let may_be = self.transfer_step(command, now) != Some("UnknownTransaction");
                may_be.then(|| of_wallet(&self.transfers[&command.transaction].wallet)).flatten()
            }
            Command::ChangeAgent(command) => of_agent(&command.agent),
            Command::ChangeAgentPolicy(command) => of_agent(&command.agent),
            Command::CreateCard(command) => of_agent(&command.agent),
            Command::ChangeCard(command) => of_card(&command.card),
            Command::ChangeCardLimits(command) => of_card(&command.card),
            Command::DeclareIntent(command) => of_card(&command.card),
            Command::Attest(command) => of_card(&command.card),
            Command::Authorize(command) => of_card(&command.card),
            Command::ForceClear(command) => of_card(&command.card),
            Command::RecordUnlinkedRefund(command) => of_card(&command.card),
            Command::AssignPresentment(command) => of_card(&command.card),
            Command::Increment(command) => self.of_transaction(command.transaction),
            Command::Confirm(command) => self.of_transaction(command.transaction),
            Command::Reverse(command) => self.of_transaction(command.transaction),
            Command::ExpireAuthorization(command) => self.of_transaction(command.transaction),
            Command::Clear(command) => self.of_transaction(command.transaction),
            Command::Correct(command) => self.of_transaction(command.transaction),
            Command::Refund(command) => self.of_transaction(command.transaction),
            Command::ReverseRefund(command) => self.of_transaction(command.transaction),
            Command::ReleaseRefund(command) => self.of_transaction(command.transaction),
            Command::OpenBook(_)
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
            | Command::ApproveIntent(_)
            | Command::RejectIntent(_)
            | Command::CancelIntent(_)
            | Command::ExpireIntent(_)
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

    fn of_transaction(&self, id: TransactionId) -> Option<HolderId> {
        let found = self.purchases.get(&id)?;
        let is_known = found.declined.is_none() && found.kind != Kind::Check;
        is_known.then_some(found.holder)
    }
}
