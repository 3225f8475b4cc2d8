//! Wallets, transfers, ledgers.

use ledger::deposits::Chain;
use ledger::ledgers::{CreateLedger, JournalLine, PostJournal, ReverseJournal};
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{
    Amount, Asset, Command, Event, HolderId, JournalId, LedgerId, LedgerKind, Metadata, Money,
    Rate, Sealed, Side, TransactionId, VirtualAccountId, WalletId,
};
use projector::balances::EPOCH_ENTRIES;

use super::{Play, text};

impl Play {
    pub(super) fn wallet(&mut self, holder: HolderId) -> WalletId {
        let entry = self.act(Command::CreateWallet(CreateWallet { holder }));
        match entry.events[..] {
            [Event::WalletCreated(ref event)] => event.wallet,
            ref events => panic!("{events:?}"),
        }
    }

    /// For euros, with a wallet of its own.
    pub(super) fn virtual_account(&mut self, holder: HolderId) -> VirtualAccountId {
        let (wallet, currency) = (None, Asset::Eur);
        let entry =
            self.act(Command::OpenVirtualAccount(OpenVirtualAccount { holder, wallet, currency }));
        match entry.events[..] {
            [Event::WalletCreated(_), Event::VirtualAccountOpened(ref event)] => event.account,
            ref events => panic!("{events:?}"),
        }
    }

    pub(super) fn ledger(&mut self, code: &str, kind: LedgerKind) -> LedgerId {
        let entry = self.act(Command::CreateLedger(CreateLedger {
            code: text(code),
            name: text("Reserve"),
            kind,
            asset: Asset::Usd,
            overdraft_limit: Amount(500_00),
        }));
        match entry.events[..] {
            [Event::LedgerCreated(ref event)] => event.ledger,
            ref events => panic!("{events:?}"),
        }
    }

    /// Millionths of a token come to a wallet.
    pub(super) fn tokens(&self, wallet: WalletId, asset: Asset, amount: u128) -> Command {
        Command::ConfirmWalletDeposit(ConfirmWalletDeposit {
            wallet,
            chain: Chain::Polygon,
            asset,
            amount: Amount(amount),
            reference: self.reference(),
        })
    }

    /// So many cents of euros come to a bank account.
    pub(super) fn euros(&self, account: VirtualAccountId, cents: u128) -> Command {
        Command::ConfirmBankDeposit(ConfirmBankDeposit {
            account,
            amount: Amount(cents),
            asset: Asset::Usdc,
            rate: Rate(1_081_234_567),
            rate_source: text("sandbox"),
            reference: self.reference(),
        })
    }
}

/// Sends millionths of USDC, by whatever way the last digit says.
pub(super) fn transfer(wallet: WalletId, amount: u128) -> Command {
    let (asset, rail) = match amount % 3 {
        0 => (Asset::Usdc, Rail::Chain(Chain::Arbitrum)),
        1 => (Asset::Gbp, Rail::FasterPayments),
        _ => (Asset::Mxn, Rail::Spei),
    };
    Command::CreateTransfer(CreateTransfer {
        wallet,
        money: Money { amount: Amount(amount), asset: Asset::Usdc },
        fee: Amount(amount / 100),
        destination: Destination { asset, rail, address: sealed(7) },
        reference: amount.is_multiple_of(2).then(|| text("Invoice 7")),
        client_reference: amount.is_multiple_of(5).then(|| text("order-7")),
    })
}

/// Brings a transfer to a status.
pub(super) fn advance(transaction: TransactionId, status: TransferStatus) -> Command {
    let reason = Some(text("account closed"));
    let step = match status {
        TransferStatus::InReview
        | TransferStatus::FundsReceived
        | TransferStatus::PaymentSubmitted
        | TransferStatus::PaymentProcessed => Step::Progress(status),
        TransferStatus::Completed => Step::Complete(Completion {
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            gas: Some(Money { amount: Amount(21_000), asset: Asset::Eth }),
            transaction_hash: Some(text("0xf00d")),
        }),
        TransferStatus::Failed | TransferStatus::Refunded => Step::Fail { status, reason },
        TransferStatus::Returned => Step::Return { reason },
    };
    Command::AdvanceTransfer(AdvanceTransfer { transaction, step })
}

/// So many cents of dollars for as many of USDC.
pub(super) fn conversion(cents: u128) -> Command {
    Command::ConvertTreasury(ConvertTreasury {
        sold: Money { amount: Amount(cents * 10_000), asset: Asset::Usdc },
        bought: Money { amount: Amount(cents), asset: Asset::Usd },
        source: text("desk"),
    })
}

/// A debit and a credit.
pub(super) fn posted(debit: LedgerId, credit: LedgerId, cents: u128) -> Command {
    let line = |ledger, side| JournalLine {
        ledger,
        side,
        amount: Amount(cents),
        description: Some(text("Share of March")),
    };
    Command::PostJournal(PostJournal {
        lines: vec![line(debit, Side::Debit), line(credit, Side::Credit)],
        description: None,
        effective_at: None,
        metadata: Metadata::default(),
    })
}

/// So many journals that the balances of the first are those of an epoch that is over.
pub(crate) fn longer_than_an_epoch() -> Play {
    let mut play = Play::new();
    let [cash, ada] = [("cash", LedgerKind::Asset), ("ada", LedgerKind::Liability)]
        .map(|(code, kind)| play.ledger(code, kind));
    while play.entries.len() as u64 <= EPOCH_ENTRIES + 10 {
        play.act(posted(cash, ada, 1));
    }
    play
}

/// All of a journal is taken back.
pub(super) fn reversed(journal: JournalId) -> Command {
    Command::ReverseJournal(ReverseJournal {
        journal,
        parts: None,
        description: None,
        metadata: Metadata::default(),
    })
}

pub(super) fn sealed(byte: u8) -> Sealed {
    Sealed { subject: [byte; 16], reference: [byte; 16], commitment: [byte; 32] }
}
