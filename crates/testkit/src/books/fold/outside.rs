//! Deposits, and transfers from wallets.

use ledger::deposits::{DepositConfirmed, DepositReversed};
use ledger::holders::VerificationStatus;
use ledger::transfers::{
    TransferAdvanced, TransferCompleted, TransferCreated, TransferFailed, TransferReturned,
    TransferStatus,
};
use ledger::wallets::{BankDepositConfirmed, VirtualAccountOpened, WalletDepositConfirmed};
use ledger::{Asset, Entry, HolderId, Money, Rate, TransactionId};

use crate::books::{Books, Breach, Deposit, Transfer, VirtualAccount};

impl Books {
    pub(super) fn fold_deposit(
        &mut self,
        event: &DepositConfirmed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let arrived = Money { amount: event.amount, asset: event.asset };
        let credited = Money { amount: event.credited, asset: Asset::Usd };
        require_worth(arrived, credited, event.rate)?;
        let (person, owner) = (event.holder, event.holder);
        self.add_deposit(
            event.transaction,
            entry,
            (person, owner),
            (arrived, credited),
            event.released,
        )
    }

    pub(super) fn fold_wallet_deposit(
        &mut self,
        event: &WalletDepositConfirmed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let person = self.wallets.get(&event.wallet);
        require!(person == Some(&event.holder), "the wallet is {person:?}'s");
        let (who, what) = ((event.holder, event.wallet.holder()), (event.money, event.money));
        self.add_deposit(event.transaction, entry, who, what, event.released)
    }

    pub(super) fn fold_bank_deposit(
        &mut self,
        event: &BankDepositConfirmed,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let account = self.virtual_accounts.get(&event.account).ok_or("to which account?")?;
        let leads_to = (account.holder, account.wallet, account.currency);
        let told = (event.holder, event.wallet, event.arrived.asset);
        require!(told == leads_to, "the account leads to {leads_to:?}");
        require_worth(event.arrived, event.credited, event.rate)?;
        let (who, what) = ((event.holder, event.wallet.holder()), (event.arrived, event.credited));
        self.add_deposit(event.transaction, entry, who, what, event.released)
    }

    fn add_deposit(
        &mut self,
        id: TransactionId,
        entry: &Entry,
        (person, owner): (HolderId, HolderId),
        (arrived, credited): (Money, Money),
        is_released: bool,
    ) -> Result<(), Breach> {
        let status = *self.holders.get(&person).ok_or("whose deposit?")?;
        let is_approved = status == VerificationStatus::Approved;
        require!(is_released == is_approved, "a deposit for a user who is `{status}`");
        let deposit = Deposit {
            person,
            owner,
            at: entry.at,
            arrived,
            credited,
            is_waiting: !is_released,
            is_reversed: false,
        };
        require!(self.deposits.insert(id, deposit).is_none(), "`{id}` is made twice");
        Ok(())
    }

    pub(super) fn fold_deposit_reversed(&mut self, event: &DepositReversed) -> Result<(), Breach> {
        let deposit = self.deposits.get_mut(&event.transaction).ok_or("which deposit?")?;
        require!(!deposit.is_reversed, "`{}` is taken back twice", event.transaction);
        let was = (deposit.arrived, deposit.credited);
        require!(was == (event.arrived, event.credited), "it was {was:?}");
        deposit.is_waiting = false;
        deposit.is_reversed = true;
        Ok(())
    }

    pub(super) fn fold_virtual_account(
        &mut self,
        event: &VirtualAccountOpened,
    ) -> Result<(), Breach> {
        let VirtualAccountOpened { account: id, holder, wallet, currency } = *event;
        let owner = self.wallets.get(&wallet);
        require!(owner == Some(&holder), "the wallet is {owner:?}'s");
        let account = VirtualAccount { holder, wallet, currency };
        require!(self.virtual_accounts.insert(id, account).is_none(), "`{id}` is made twice");
        Ok(())
    }

    pub(super) fn fold_transfer(&mut self, event: &TransferCreated) -> Result<(), Breach> {
        let owner = self.wallets.get(&event.wallet);
        require!(owner == Some(&event.holder), "the wallet is {owner:?}'s");
        let transfer = Transfer {
            wallet: event.wallet,
            money: event.money,
            fee: event.fee.0,
            asset: event.destination.asset,
            client_reference: event.client_reference.clone(),
            status: TransferStatus::InReview,
            completed: None,
        };
        let before = self.transfers.insert(event.transaction, transfer);
        require!(before.is_none(), "`{}` is made twice", event.transaction);
        Ok(())
    }

    pub(super) fn fold_transfer_advanced(
        &mut self,
        event: &TransferAdvanced,
    ) -> Result<(), Breach> {
        let transfer = self.on_its_way(event.transaction)?;
        let is_ahead = transfer.status < event.status && event.status < TransferStatus::Completed;
        require!(is_ahead, "`{}` follows `{}`", event.status, transfer.status);
        transfer.status = event.status;
        Ok(())
    }

    pub(super) fn fold_transfer_completed(
        &mut self,
        event: &TransferCompleted,
        entry: &Entry,
    ) -> Result<(), Breach> {
        let transfer = self.on_its_way(event.transaction)?;
        let sent = Money { amount: ledger::Amount(transfer.sent()), asset: transfer.money.asset };
        require!(event.delivered.asset == transfer.asset, "something else arrives");
        require_worth(sent, event.delivered, event.completion.rate)?;
        transfer.status = TransferStatus::Completed;
        transfer.completed = Some((entry.at, event.delivered));
        Ok(())
    }

    pub(super) fn fold_transfer_failed(&mut self, event: &TransferFailed) -> Result<(), Breach> {
        let transfer = self.on_its_way(event.transaction)?;
        let is_end = matches!(event.status, TransferStatus::Failed | TransferStatus::Refunded);
        require!(is_end, "a transfer fails as `{}`", event.status);
        require!(event.released == transfer.money, "something else is given back");
        transfer.status = event.status;
        Ok(())
    }

    pub(super) fn fold_transfer_returned(
        &mut self,
        event: &TransferReturned,
    ) -> Result<(), Breach> {
        let transfer = self.transfers.get_mut(&event.transaction).ok_or("which transfer?")?;
        let is_there = transfer.status == TransferStatus::Completed;
        require!(is_there, "a transfer comes back that is `{}`", transfer.status);
        let delivered = transfer.completed.map(|(_, delivered)| delivered);
        let told = (Some(event.returned), event.credited.amount.0, event.credited.asset);
        let was = (delivered, transfer.sent(), transfer.money.asset);
        require!(told == was, "what had left was {was:?}");
        transfer.status = TransferStatus::Returned;
        Ok(())
    }

    fn on_its_way(&mut self, id: TransactionId) -> Result<&mut Transfer, Breach> {
        let found = self.transfers.get_mut(&id);
        let found = found.filter(|transfer| transfer.status < TransferStatus::Completed);
        found.ok_or_else(|| format!("`{id}` is not on its way"))
    }
}

/// What is converted is worth its rate, rounded down to what the other asset can express.
fn require_worth(from: Money, to: Money, rate: Rate) -> Result<(), Breach> {
    let billionths = from.amount.0 * u128::from(rate.0);
    let (out_of, into) = (10_u128.pow(from.asset.scale()), 10_u128.pow(to.asset.scale()));
    let worth = match out_of < into {
        true => billionths * (into / out_of) / 1_000_000_000,
        false => billionths / (out_of / into) / 1_000_000_000,
    };
    require!(to.amount.0 == worth, "{from:?} is worth {worth} of {}, not {to:?}", to.asset);
    Ok(())
}
