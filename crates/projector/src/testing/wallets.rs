//! Wallets, transfers and ledgers.

use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{Money, VirtualAccountId, WalletId};

use super::*;

impl Play {
    pub(crate) fn wallet(&mut self, holder: HolderId) -> WalletId {
        let entry = self.act(Command::CreateWallet(CreateWallet { holder }));
        match entry.events[..] {
            [Event::WalletCreated(ref event)] => event.wallet,
            ref events => panic!("{events:?}"),
        }
    }

    /// For dollars, and the wallet that was made for it.
    pub(crate) fn virtual_account(&mut self, holder: HolderId) -> (VirtualAccountId, WalletId) {
        let (wallet, currency) = (None, Asset::Usd);
        let command = OpenVirtualAccount { holder, wallet, currency };
        let entry = self.act(Command::OpenVirtualAccount(command));
        match entry.events[..] {
            [Event::WalletCreated(_), Event::VirtualAccountOpened(ref event)] => {
                (event.account, event.wallet)
            }
            ref events => panic!("{events:?}"),
        }
    }

    /// Deposits so many millionths of USDC.
    pub(crate) fn wallet_deposit(&mut self, wallet: WalletId, amount: u128) -> TransactionId {
        let (chain, asset, amount) = (Chain::Solana, Asset::Usdc, Amount(amount));
        let reference = self.reference();
        let command = ConfirmWalletDeposit { wallet, chain, asset, amount, reference };
        let entry = self.act(Command::ConfirmWalletDeposit(command));
        match entry.events[..] {
            [Event::WalletDepositConfirmed(ref event)] => event.transaction,
            ref events => panic!("{events:?}"),
        }
    }

    /// Deposits so many cents, credited in EURC at 0.90.
    pub(crate) fn bank_deposit(&mut self, account: VirtualAccountId, cents: u128) -> TransactionId {
        let entry = self.act(Command::ConfirmBankDeposit(ConfirmBankDeposit {
            account,
            amount: Amount(cents),
            asset: Asset::Eurc,
            rate: Rate(900_000_000),
            rate_source: text("sandbox"),
            reference: self.reference(),
        }));
        match entry.events[..] {
            [Event::BankDepositConfirmed(ref event)] => event.transaction,
            ref events => panic!("{events:?}"),
        }
    }

    /// Sends so many millionths of USDC to a bank account in pounds, 3 hundredths of it for the programme.
    pub(crate) fn transfer(&mut self, wallet: WalletId, amount: u128) -> TransactionId {
        let entry = self.act(Command::CreateTransfer(payout(wallet, amount)));
        match entry.events[..] {
            [Event::TransferCreated(ref event)] => event.transaction,
            ref events => panic!("{events:?}"),
        }
    }

    pub(crate) fn advance(&mut self, transaction: TransactionId, status: TransferStatus) {
        self.act(Command::AdvanceTransfer(advance(transaction, status)));
    }
}

pub(super) fn payout(wallet: WalletId, amount: u128) -> CreateTransfer {
    let (asset, rail, address) = (Asset::Gbp, Rail::FasterPayments, sealed(6));
    CreateTransfer {
        wallet,
        money: Money { amount: Amount(amount), asset: Asset::Usdc },
        fee: Amount(amount * 3 / 100),
        destination: Destination { asset, rail, address },
        reference: Some(text("Rent")),
        client_reference: amount.is_multiple_of(2).then(|| text("order-7")),
    }
}

/// What brings a transfer to a status.
pub(super) fn advance(transaction: TransactionId, status: TransferStatus) -> AdvanceTransfer {
    let reason = Some(text("account closed"));
    let step = match status {
        TransferStatus::InReview
        | TransferStatus::FundsReceived
        | TransferStatus::PaymentSubmitted
        | TransferStatus::PaymentProcessed => Step::Progress(status),
        TransferStatus::Completed => Step::Complete(Completion {
            rate: Rate(800_000_000),
            rate_source: text("sandbox"),
            gas: Some(Money { amount: Amount(21_000), asset: Asset::Eth }),
            transaction_hash: Some(text("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb")),
        }),
        TransferStatus::Failed | TransferStatus::Refunded => Step::Fail { status, reason },
        TransferStatus::Returned => Step::Return { reason },
    };
    AdvanceTransfer { transaction, step }
}
