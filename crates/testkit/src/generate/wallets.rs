//! What happens to wallets, their transfers and the treasury.

use ledger::deposits::Chain;
use ledger::transfers::{
    AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step, TransferStatus,
};
use ledger::treasury::ConvertTreasury;
use ledger::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use ledger::{Account, Asset, Command, Money, Rate, TransactionId, VirtualAccountId, WalletId};
use proptest::prelude::*;

use super::pick::{Outside, Pick, Scene, Size, amount, nth, outside, pick, size};
use crate::requests;

/// Something that happens to a wallet, a transfer or the treasury.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum Wallets {
    Create(Pick),
    Open { user: Pick, wallet: Option<Pick>, currency: Asset },
    Deposit { wallet: Pick, asset: Asset, size: Size, outside: Outside },
    BankDeposit { account: Pick, asset: Asset, size: Size, rate: Rate, outside: Outside },
    Transfer { wallet: Pick, asset: Asset, size: Size, fee: Size, to: Asset },
    Advance { transfer: Pick, move_to: Move, rate: Rate, gas: Option<(Asset, Size)> },
    Convert { sold: (Asset, Size), bought: (Asset, Size) },
}

/// Where a transfer goes on to.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the words of the ledger")]
pub enum Move {
    Progress(TransferStatus),
    Complete,
    Fail(TransferStatus),
    Return,
}

pub(super) fn wallets() -> impl Strategy<Value = Wallets> {
    let step = prop_oneof![
        3 => prop::sample::select(vec![
            TransferStatus::InReview,
            TransferStatus::FundsReceived,
            TransferStatus::PaymentSubmitted,
            TransferStatus::PaymentProcessed,
            TransferStatus::Completed,
        ]).prop_map(Move::Progress),
        4 => Just(Move::Complete),
        1 => prop::sample::select(vec![TransferStatus::Failed, TransferStatus::Refunded])
            .prop_map(Move::Fail),
        2 => Just(Move::Return),
    ];
    let gas_asset = prop::sample::select(vec![Asset::Eth, Asset::Sol, Asset::Trx, Asset::Usdc]);
    let gas = prop::option::of((gas_asset, size()));
    prop_oneof![
        1 => pick().prop_map(Wallets::Create),
        1 => (pick(), prop::option::of(pick()), asset())
            .prop_map(|(user, wallet, currency)| Wallets::Open { user, wallet, currency }),
        4 => (pick(), asset(), size(), outside()).prop_map(|(wallet, asset, size, outside)| {
            Wallets::Deposit { wallet, asset, size, outside }
        }),
        3 => (pick(), asset(), size(), rate(), outside()).prop_map(
            |(account, asset, size, rate, outside)| {
                Wallets::BankDeposit { account, asset, size, rate, outside }
            }
        ),
        6 => (pick(), asset(), size(), size(), asset()).prop_map(
            |(wallet, asset, size, fee, to)| Wallets::Transfer { wallet, asset, size, fee, to }
        ),
        8 => (pick(), step, rate(), gas).prop_map(|(transfer, move_to, rate, gas)| {
            Wallets::Advance { transfer, move_to, rate, gas }
        }),
        2 => ((any_asset(), size()), (any_asset(), size()))
            .prop_map(|(sold, bought)| Wallets::Convert { sold, bought }),
    ]
}

fn asset() -> impl Strategy<Value = Asset> + Clone {
    prop_oneof![
        6 => Just(Asset::Usdc),
        2 => Just(Asset::Eurc),
        2 => Just(Asset::Usd),
        1 => Just(Asset::Mxn),
    ]
}

fn any_asset() -> impl Strategy<Value = Asset> {
    prop::sample::select(vec![Asset::Usdc, Asset::Usd, Asset::Eth, Asset::Mxn])
}

fn rate() -> impl Strategy<Value = Rate> + Clone {
    prop::sample::select(vec![
        Rate::ONE,
        Rate(1_080_000_000),
        Rate(50_000_000),
        Rate(333_333_333),
        Rate(0),
    ])
}

impl Wallets {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        let books = scene.books;
        match self {
            Self::Create(user) => {
                Command::CreateWallet(CreateWallet { holder: scene.holder(user) })
            }
            Self::Open { user, wallet, currency } => {
                let holder = scene.holder(user);
                let own = books.wallets.iter().filter(|(_, person)| **person == holder);
                let own: Vec<_> = own.map(|(id, _)| *id).collect();
                let wallet = wallet.map(|wallet| {
                    nth(own.into_iter(), wallet).unwrap_or_else(|| any_wallet(scene, wallet))
                });
                Command::OpenVirtualAccount(OpenVirtualAccount { holder, wallet, currency })
            }
            Self::Deposit { wallet, asset, size, outside } => {
                let wallet = any_wallet(scene, wallet);
                let edges = [books.overdrawn_in(wallet.holder(), asset), 1_000_000];
                Command::ConfirmWalletDeposit(ConfirmWalletDeposit {
                    wallet,
                    chain: Chain::Solana,
                    asset,
                    amount: amount(size, &edges),
                    reference: reference(scene, outside),
                })
            }
            Self::BankDeposit { account, asset, size, rate, outside } => {
                let account = nth(books.virtual_accounts.keys(), account).copied();
                Command::ConfirmBankDeposit(ConfirmBankDeposit {
                    account: account.unwrap_or(VirtualAccountId([9; 16])),
                    amount: amount(size, &[100]),
                    asset,
                    rate,
                    rate_source: requests::text("sandbox"),
                    reference: reference(scene, outside),
                })
            }
            Self::Transfer { wallet, asset, size, fee, to } => {
                let wallet = any_wallet(scene, wallet);
                let there = books.available_in(wallet.holder(), asset);
                let leaves = amount(size, &[there]);
                Command::CreateTransfer(CreateTransfer {
                    wallet,
                    money: Money { amount: leaves, asset },
                    fee: amount(fee, &[0, leaves.0, leaves.0 / 100]),
                    destination: Destination {
                        asset: to,
                        rail: Rail::Chain(Chain::Solana),
                        address: requests::sealed(scene.number),
                    },
                    reference: None,
                    client_reference: None,
                })
            }
            Self::Advance { transfer, move_to, rate, gas } => {
                let transaction = any_transfer(scene, transfer, move_to);
                let step = match move_to {
                    Move::Progress(status) => Step::Progress(status),
                    Move::Complete => Step::Complete(completion(rate, gas)),
                    Move::Fail(status) => Step::Fail { status, reason: None },
                    Move::Return => Step::Return { reason: None },
                };
                Command::AdvanceTransfer(AdvanceTransfer { transaction, step })
            }
            Self::Convert { sold: (sold, much), bought: (bought, more) } => {
                let (bank, custody) = (Account::Bank, Account::Custody);
                let there = books.debit(bank, sold).max(books.debit(custody, sold));
                Command::ConvertTreasury(ConvertTreasury {
                    sold: Money { amount: amount(much, &[there]), asset: sold },
                    bought: Money { amount: amount(more, &[1_000]), asset: bought },
                    source: requests::text("desk"),
                })
            }
        }
    }
}

fn completion(rate: Rate, gas: Option<(Asset, Size)>) -> Completion {
    Completion {
        rate,
        rate_source: requests::text("sandbox"),
        gas: gas.map(|(asset, size)| Money {
            amount: amount(size, &[10_u128.pow(15), 10_u128.pow(24)]),
            asset,
        }),
        transaction_hash: None,
    }
}

fn any_wallet(scene: &Scene<'_>, pick: Pick) -> WalletId {
    nth(scene.books.wallets.keys(), pick).copied().unwrap_or(WalletId([9; 16]))
}

/// Mostly one that can go on.
fn any_transfer(scene: &Scene<'_>, pick: Pick, move_to: Move) -> TransactionId {
    let transfers = &scene.books.transfers;
    let fits = |status: TransferStatus| match move_to {
        Move::Return => status == TransferStatus::Completed,
        Move::Progress(_) | Move::Complete | Move::Fail(_) => status < TransferStatus::Completed,
    };
    let fitting: Vec<_> =
        transfers.iter().filter(|(_, one)| fits(one.status)).map(|(id, _)| id).collect();
    let found = match pick {
        Pick::Nth(index) if !fitting.is_empty() && index % 8 != 0 => nth(fitting.into_iter(), pick),
        pick => nth(transfers.keys(), pick),
    };
    found.copied().unwrap_or(TransactionId([9; 16]))
}

fn reference(scene: &Scene<'_>, outside: Outside) -> [u8; 16] {
    scene.message(outside).unwrap_or_else(|| requests::sealed(scene.number).reference)
}
