//! What may be done with deposits, wallets, transfers and the treasury.

use ledger::amount::AssetKind;
use ledger::deposits::ReverseDeposit;
use ledger::time::DAY_MS;
use ledger::transfers::{AdvanceTransfer, Completion, CreateTransfer, Step, TransferStatus};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, OpenVirtualAccount};
use ledger::{Account, Amount, Asset, Timestamp};

use crate::books::approval::{AMOUNT_MAX, out_of_range};
use crate::books::{Books, Transfer};

/// The most of a chain's own coin: a million ether.
const COIN_MAX: u128 = 1_000_000_000_000_000_000_000_000;

impl Books {
    pub(in crate::books) fn deposit_reversal(
        &self,
        command: &ReverseDeposit,
        now: Timestamp,
    ) -> Option<&'static str> {
        let found = self.deposits.get(&command.transaction);
        let found = found.filter(|one| !one.is_reversed && now < one.at.plus_ms(7 * DAY_MS));
        found.is_none().then_some("UnknownTransaction")
    }

    pub(super) fn virtual_account(&self, command: &OpenVirtualAccount) -> Option<&'static str> {
        if let Some(word) = self.unapproved(command.holder) {
            return Some(word);
        }
        if command.currency.kind() != AssetKind::Currency {
            return Some("NotACurrency");
        }
        let is_own = |wallet| self.wallets.get(&wallet) == Some(&command.holder);
        match command.wallet {
            Some(wallet) => (!is_own(wallet)).then_some("UnknownWallet"),
            None => self.no_more_wallets(command.holder),
        }
    }

    pub(super) fn wallet_deposit(&self, command: &ConfirmWalletDeposit) -> Option<&'static str> {
        if !self.wallets.contains_key(&command.wallet) {
            return Some("UnknownWallet");
        }
        not_tokens(command.amount, command.asset)
    }

    pub(super) fn bank_deposit(&self, command: &ConfirmBankDeposit) -> Option<&'static str> {
        let Some(account) = self.virtual_accounts.get(&command.account) else {
            return Some("UnknownVirtualAccount");
        };
        if let Some(word) = out_of_range(command.amount) {
            return Some(word);
        }
        match worth(command.amount.0, command.rate.0, account.currency, command.asset) {
            Some(worth) => not_tokens(Amount(worth), command.asset),
            None => Some("AmountOutOfRange"),
        }
    }

    pub(super) fn transfer(&self, command: &CreateTransfer) -> Option<&'static str> {
        let Some(person) = self.wallets.get(&command.wallet) else { return Some("UnknownWallet") };
        let (amount, asset) = (command.money.amount, command.money.asset);
        let refused = self.unapproved(*person).or_else(|| not_tokens(amount, asset));
        if refused.is_some() {
            return refused;
        }
        if amount <= command.fee {
            return Some("NothingLeftAfterFee");
        }
        let there = self.available_in(command.wallet.holder(), asset);
        (there < amount.0).then_some("InsufficientFunds")
    }

    pub(in crate::books) fn transfer_step(
        &self,
        command: &AdvanceTransfer,
        now: Timestamp,
    ) -> Option<&'static str> {
        let Some(transfer) = self.transfers.get(&command.transaction) else {
            return Some("UnknownTransaction");
        };
        if let Some((at, _)) = transfer.completed {
            let is_over = at.plus_ms(90 * DAY_MS) <= now;
            return match (transfer.status, &command.step) {
                (TransferStatus::Completed, _) if is_over => Some("UnknownTransaction"),
                (TransferStatus::Completed, Step::Return { .. }) => None,
                (TransferStatus::Completed, _) => Some("TransferIs"),
                _ => Some("UnknownTransaction"),
            };
        }
        if TransferStatus::Completed < transfer.status {
            return Some("UnknownTransaction");
        }
        match &command.step {
            Step::Progress(status) => {
                let is_ahead = transfer.status < *status && *status < TransferStatus::Completed;
                (!is_ahead).then_some("TransferIs")
            }
            Step::Complete(completion) => completion_refusal(transfer, completion),
            Step::Fail { .. } => None,
            Step::Return { .. } => Some("TransferIs"),
        }
    }

    pub(super) fn conversion(&self, command: &ConvertTreasury) -> Option<&'static str> {
        let (sold, bought) = (command.sold, command.bought);
        if sold.asset == bought.asset {
            return Some("SameAsset");
        }
        let is_wrong = [sold, bought].into_iter().any(|money| {
            let coins = money.asset.kind() == AssetKind::Coin;
            let most = if coins { COIN_MAX } else { AMOUNT_MAX };
            money.amount.0 == 0 || most < money.amount.0
        });
        if is_wrong {
            return Some("AmountOutOfRange");
        }
        let place = match sold.asset.kind() {
            AssetKind::Currency => Account::Bank,
            AssetKind::Token | AssetKind::Coin => Account::Custody,
        };
        (self.debit(place, sold.asset) < sold.amount.0).then_some("InsufficientFunds")
    }
}

fn completion_refusal(transfer: &Transfer, completion: &Completion) -> Option<&'static str> {
    let from = transfer.money.asset;
    let rate = transfer.rate(completion.rate);
    match worth(transfer.sent(), rate.0, from, transfer.asset) {
        Some(worth) if out_of_range(Amount(worth)).is_some() => return Some("AmountOutOfRange"),
        None => return Some("AmountOutOfRange"),
        Some(_) => {}
    }
    let gas = completion.gas?;
    if gas.asset.kind() != AssetKind::Coin {
        return Some("NotACoin");
    }
    (COIN_MAX < gas.amount.0).then_some("AmountOutOfRange")
}

/// Wallets hold tokens, and some of them.
pub(super) fn not_tokens(amount: Amount, asset: Asset) -> Option<&'static str> {
    let is_token = asset.kind() == AssetKind::Token;
    out_of_range(amount).or((!is_token).then_some("NotAToken"))
}

/// So many minor units of one asset in minor units of another, rounded down; `None` beyond 128 bits.
fn worth(amount: u128, billionths: u64, from: Asset, to: Asset) -> Option<u128> {
    let product = amount.checked_mul(billionths.into())?.checked_mul(10_u128.pow(to.scale()))?;
    Some(product / 1_000_000_000 / 10_u128.pow(from.scale()))
}
