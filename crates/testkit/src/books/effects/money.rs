//! What is written of deposits, transfers, the treasury and the platform's own ledgers.

use ledger::deposits::DepositReversed;
use ledger::holders::VerificationStatus;
use ledger::ledgers::{
    JournalLine, JournalPosted, JournalReversed, LedgerTransferred, PostJournal, ReverseJournal,
    ReversedPart, TransferBetweenLedgers,
};
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Step, TransferAdvanced, TransferCompleted,
    TransferCreated, TransferFailed, TransferReturned,
};
use ledger::treasury::{ConvertTreasury, TreasuryConverted};
use ledger::wallets::{
    BankDepositConfirmed, ConfirmBankDeposit, ConfirmWalletDeposit, WalletDepositConfirmed,
};
use ledger::{Amount, Entry, Event, Money, Side, TransactionId};

use crate::books::{Books, Breach, Journal};

impl Books {
    pub(super) fn journal_reversed(
        &self,
        command: &ReverseJournal,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::JournalReversed(found) = &entry.events[0] else {
            return Err("a reversal is something else".to_owned());
        };
        Ok(Event::JournalReversed(JournalReversed {
            journal: found.journal,
            of: command.journal,
            lines: reversed(&self.journals[&command.journal], &command.parts),
            description: command.description.clone(),
            metadata: command.metadata.clone(),
        }))
    }

    pub(super) fn deposit_reversed(&self, transaction: TransactionId) -> Event {
        let deposit = &self.deposits[&transaction];
        let (arrived, credited) = (deposit.arrived, deposit.credited);
        Event::DepositReversed(DepositReversed { transaction, arrived, credited })
    }

    pub(super) fn wallet_deposited(
        &self,
        command: &ConfirmWalletDeposit,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::WalletDepositConfirmed(found) = &entry.events[0] else {
            return Err("a deposit is something else".to_owned());
        };
        let holder = self.wallets[&command.wallet];
        Ok(Event::WalletDepositConfirmed(WalletDepositConfirmed {
            transaction: found.transaction,
            wallet: command.wallet,
            holder,
            chain: command.chain,
            money: Money { amount: command.amount, asset: command.asset },
            released: self.holders[&holder] == VerificationStatus::Approved,
            reference: command.reference,
        }))
    }

    /// What is credited is held against the rate where it is folded.
    pub(super) fn bank_deposited(
        &self,
        command: &ConfirmBankDeposit,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::BankDepositConfirmed(found) = &entry.events[0] else {
            return Err("a deposit is something else".to_owned());
        };
        let account = &self.virtual_accounts[&command.account];
        Ok(Event::BankDepositConfirmed(BankDepositConfirmed {
            transaction: found.transaction,
            account: command.account,
            wallet: account.wallet,
            holder: account.holder,
            arrived: Money { amount: command.amount, asset: account.currency },
            credited: Money { amount: found.credited.amount, asset: command.asset },
            rate: command.rate,
            rate_source: command.rate_source.clone(),
            released: self.holders[&account.holder] == VerificationStatus::Approved,
            reference: command.reference,
        }))
    }

    pub(super) fn transfer_created(
        &self,
        command: &CreateTransfer,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let Event::TransferCreated(found) = &entry.events[0] else {
            return Err("a transfer is something else".to_owned());
        };
        Ok(Event::TransferCreated(TransferCreated {
            transaction: found.transaction,
            wallet: command.wallet,
            holder: self.wallets[&command.wallet],
            money: command.money,
            fee: command.fee,
            destination: command.destination.clone(),
            reference: command.reference.clone(),
            client_reference: command.client_reference.clone(),
        }))
    }

    /// What is delivered is held against the rate where it is folded.
    pub(super) fn transfer_advanced(
        &self,
        command: &AdvanceTransfer,
        entry: &Entry,
    ) -> Result<Event, Breach> {
        let transaction = command.transaction;
        let transfer = &self.transfers[&transaction];
        match (&command.step, &entry.events[0]) {
            (Step::Progress(status), _) => {
                let status = *status;
                Ok(Event::TransferAdvanced(TransferAdvanced { transaction, status }))
            }
            (Step::Complete(completion), Event::TransferCompleted(found)) => {
                let (delivered, rate) = (found.delivered, transfer.rate(completion.rate));
                let completion = Completion { rate, ..completion.clone() };
                let event = TransferCompleted { transaction, delivered, completion };
                Ok(Event::TransferCompleted(event))
            }
            (Step::Fail { status, reason }, _) => Ok(Event::TransferFailed(TransferFailed {
                transaction,
                status: *status,
                released: transfer.money,
                reason: reason.clone(),
            })),
            (Step::Return { reason }, Event::TransferReturned(found)) => {
                let sent = Money { amount: Amount(transfer.sent()), asset: transfer.money.asset };
                Ok(Event::TransferReturned(TransferReturned {
                    transaction,
                    returned: found.returned,
                    credited: sent,
                    reason: reason.clone(),
                }))
            }
            (step, event) => Err(format!("{step:?} is answered by {event:?}")),
        }
    }
}

pub(super) fn converted(command: &ConvertTreasury) -> Event {
    let (sold, bought, source) = (command.sold, command.bought, command.source.clone());
    Event::TreasuryConverted(TreasuryConverted { sold, bought, source })
}

pub(super) fn ledger_transferred(
    command: &TransferBetweenLedgers,
    entry: &Entry,
) -> Result<Event, Breach> {
    let Event::LedgerTransferred(found) = &entry.events[0] else {
        return Err("a transfer is something else".to_owned());
    };
    Ok(Event::LedgerTransferred(LedgerTransferred {
        transfer: found.transfer,
        source: command.source,
        destination: command.destination,
        amount: command.amount,
        description: command.description.clone(),
        metadata: command.metadata.clone(),
    }))
}

pub(super) fn journal_posted(command: &PostJournal, entry: &Entry) -> Result<Event, Breach> {
    let Event::JournalPosted(found) = &entry.events[0] else {
        return Err("a journal is something else".to_owned());
    };
    Ok(Event::JournalPosted(JournalPosted {
        journal: found.journal,
        lines: command.lines.clone(),
        description: command.description.clone(),
        effective_at: command.effective_at,
        metadata: command.metadata.clone(),
    }))
}

/// The lines that take a journal back, or parts of it.
pub(in super::super) fn reversed(
    journal: &Journal,
    parts: &Option<Vec<ReversedPart>>,
) -> Vec<JournalLine> {
    let back = |line: &JournalLine, amount: Amount| JournalLine {
        ledger: line.ledger,
        side: if line.side == Side::Debit { Side::Credit } else { Side::Debit },
        amount,
        description: None,
    };
    match parts {
        None => journal.lines.iter().map(|line| back(line, line.amount)).collect(),
        Some(parts) => parts
            .iter()
            .map(|part| back(&journal.lines[usize::from(part.line)], part.amount))
            .collect(),
    }
}
