//! Money that arrives.

use ledger::deposits::*;
use ledger::wallets::*;

use super::*;

pub(super) fn all() -> Vec<Sample> {
    let (transaction, holder, wallet) = (TRANSACTION, HOLDER, WALLET);
    let account = VirtualAccountId([0x51; 16]);
    vec![
        entry(
            "deposit_confirmed",
            Event::DepositConfirmed(DepositConfirmed {
                transaction,
                holder,
                chain: Chain::Solana,
                asset: Asset::Usdc,
                amount: Amount(50_000_000),
                credited: Amount(5_000),
                rate: Rate::ONE,
                rate_source: text("sandbox"),
                released: true,
                reference: [0x1b; 16],
            }),
            vec![
                posting(Side::Debit, Account::Custody, Asset::Usdc, 50_000_000),
                posting(Side::Credit, Account::Exchange, Asset::Usdc, 50_000_000),
                posting(Side::Debit, Account::Exchange, Asset::Usd, 5_000),
                posting(Side::Credit, Account::Overdrawn(holder), Asset::Usd, 1_000),
                posting(Side::Credit, Account::Available(holder), Asset::Usd, 4_000),
            ],
        ),
        entry(
            "deposit_reversed",
            Event::DepositReversed(DepositReversed {
                transaction,
                arrived: money(50_000_000, Asset::Usdc),
                credited: money(5_000, Asset::Usd),
            }),
            [
                pair(Account::Exchange, Account::Custody, Asset::Usdc, 50_000_000),
                pair(Account::Available(holder), Account::Exchange, Asset::Usd, 5_000),
            ]
            .concat(),
        ),
        memo("wallet_created", Event::WalletCreated(WalletCreated { wallet, holder })),
        memo(
            "virtual_account_opened",
            Event::VirtualAccountOpened(VirtualAccountOpened {
                account,
                holder,
                wallet,
                currency: Asset::Gbp,
            }),
        ),
        entry(
            "wallet_deposit_confirmed",
            Event::WalletDepositConfirmed(WalletDepositConfirmed {
                transaction,
                wallet,
                holder,
                chain: Chain::Ethereum,
                money: money(25_000_000, Asset::Pyusd),
                released: true,
                reference: [0x1b; 16],
            }),
            pair(Account::Custody, Account::Available(wallet.holder()), Asset::Pyusd, 25_000_000),
        ),
        entry(
            "bank_deposit_confirmed",
            Event::BankDepositConfirmed(BankDepositConfirmed {
                transaction,
                account,
                wallet,
                holder,
                arrived: money(10_000, Asset::Gbp),
                credited: money(125_000_000, Asset::Usdt),
                rate: Rate(1_250_000_000),
                rate_source: text("sandbox"),
                released: false,
                reference: [0x1b; 16],
            }),
            [
                pair(Account::Bank, Account::Exchange, Asset::Gbp, 10_000),
                pair(
                    Account::Exchange,
                    Account::Incoming(wallet.holder()),
                    Asset::Usdt,
                    125_000_000,
                ),
            ]
            .concat(),
        ),
        entry(
            "bank_deposit_confirmed_with_release",
            Event::BankDepositConfirmed(BankDepositConfirmed {
                transaction,
                account,
                wallet,
                holder,
                arrived: money(200_000, Asset::Mxn),
                credited: money(100_000_000, Asset::Usdc),
                rate: Rate(50_000_000),
                rate_source: text("sandbox"),
                released: true,
                reference: [0x1b; 16],
            }),
            [
                pair(Account::Bank, Account::Exchange, Asset::Mxn, 200_000),
                pair(
                    Account::Exchange,
                    Account::Available(wallet.holder()),
                    Asset::Usdc,
                    100_000_000,
                ),
            ]
            .concat(),
        ),
    ]
}
