//! Money that leaves wallets, and the programme's own exchanges.

use ledger::deposits::Chain;
use ledger::transfers::*;
use ledger::treasury::TreasuryConverted;

use super::*;

const COINS: [Asset; 5] = [Asset::Eth, Asset::Sol, Asset::Pol, Asset::Avax, Asset::Trx];

pub(super) fn all() -> Vec<Sample> {
    let transaction = TRANSACTION;
    let available = Account::Available(WALLET.holder());
    let withdrawing = Account::Withdrawing(WALLET.holder());
    let left = |home| {
        vec![
            posting(Side::Debit, withdrawing, Asset::Usdc, 50_000_000),
            posting(Side::Credit, home, Asset::Usdc, 49_500_000),
            posting(Side::Credit, Account::Income(Income::Transfers), Asset::Usdc, 500_000),
        ]
    };
    vec![
        entry(
            "transfer_created",
            created(
                Asset::Usdc,
                Asset::Eurc,
                Rail::Chain(Chain::Solana),
                Some(text("rent, March")),
            ),
            pair(available, withdrawing, Asset::Usdc, 50_000_000),
        ),
        memos(
            "transfer_created_with_every_rail",
            [
                created(Asset::Usdt, Asset::Usdt, Rail::Chain(Chain::Tron), None),
                created(Asset::Usdc, Asset::Usd, Rail::Ach, None),
                created(Asset::Pyusd, Asset::Usd, Rail::Wire, None),
                created(Asset::Eurc, Asset::Eur, Rail::Sepa, None),
                created(Asset::Usdc, Asset::Gbp, Rail::FasterPayments, None),
                created(Asset::Usdc, Asset::Mxn, Rail::Spei, None),
            ],
        ),
        memo(
            "transfer_created_with_client_reference",
            Event::TransferCreated(TransferCreated {
                transaction,
                wallet: WALLET,
                holder: HOLDER,
                money: money(50_000_000, Asset::Usdc),
                fee: Amount(500_000),
                destination: Destination { asset: Asset::Usd, rail: Rail::Ach, address: sealed() },
                reference: None,
                client_reference: Some(text("order-7")),
            }),
        ),
        memo(
            "transfer_advanced",
            Event::TransferAdvanced(TransferAdvanced {
                transaction,
                status: TransferStatus::FundsReceived,
            }),
        ),
        memos(
            "transfer_advanced_with_every_status",
            [
                TransferStatus::InReview,
                TransferStatus::FundsReceived,
                TransferStatus::PaymentSubmitted,
                TransferStatus::PaymentProcessed,
                TransferStatus::Completed,
                TransferStatus::Failed,
                TransferStatus::Returned,
                TransferStatus::Refunded,
            ]
            .map(|status| Event::TransferAdvanced(TransferAdvanced { transaction, status })),
        ),
        entry(
            "transfer_completed",
            Event::TransferCompleted(TransferCompleted {
                transaction,
                delivered: money(4_455, Asset::Gbp),
                completion: Completion {
                    rate: Rate(900_000_000),
                    rate_source: text("sandbox"),
                    gas: None,
                    transaction_hash: None,
                },
            }),
            [left(Account::Exchange), pair(Account::Exchange, Account::Bank, Asset::Gbp, 4_455)]
                .concat(),
        ),
        entry(
            "transfer_completed_with_gas",
            completed_on_chain(Asset::Trx),
            [
                left(Account::Custody),
                pair(Account::Expense(Expense::Gas), Account::Custody, Asset::Trx, 345_000),
            ]
            .concat(),
        ),
        several(
            "transfer_completed_with_every_coin",
            COINS.map(completed_on_chain),
            COINS
                .map(|coin| pair(Account::Expense(Expense::Gas), Account::Custody, coin, 345_000))
                .concat(),
        ),
        entry(
            "transfer_failed",
            Event::TransferFailed(TransferFailed {
                transaction,
                status: TransferStatus::Refunded,
                released: money(50_000_000, Asset::Usdc),
                reason: Some(text("account closed")),
            }),
            pair(withdrawing, available, Asset::Usdc, 50_000_000),
        ),
        entry(
            "transfer_returned",
            Event::TransferReturned(TransferReturned {
                transaction,
                returned: money(4_455, Asset::Eur),
                credited: money(49_400_000, Asset::Eurc),
                reason: Some(text("no such account")),
            }),
            [
                pair(Account::Bank, Account::Exchange, Asset::Eur, 4_455),
                pair(Account::Exchange, available, Asset::Eurc, 49_400_000),
            ]
            .concat(),
        ),
        entry(
            "treasury_converted",
            Event::TreasuryConverted(TreasuryConverted {
                sold: money(1_000_000_000_000_000_000, Asset::Eth),
                bought: money(300_000, Asset::Usd),
                source: text("a bank"),
            }),
            [
                pair(Account::Exchange, Account::Custody, Asset::Eth, 1_000_000_000_000_000_000),
                pair(Account::Bank, Account::Exchange, Asset::Usd, 300_000),
            ]
            .concat(),
        ),
    ]
}

/// 50.00 leave the wallet, and 0.50 of them stay.
fn created(asset: Asset, arrives: Asset, rail: Rail, reference: Option<Text<140>>) -> Event {
    Event::TransferCreated(TransferCreated {
        transaction: TRANSACTION,
        wallet: WALLET,
        holder: HOLDER,
        money: money(50_000_000, asset),
        fee: Amount(500_000),
        destination: Destination { asset: arrives, rail, address: sealed() },
        reference,
        client_reference: None,
    })
}

/// Tokens have left custody, and coins have paid for it.
fn completed_on_chain(coin: Asset) -> Event {
    Event::TransferCompleted(TransferCompleted {
        transaction: TRANSACTION,
        delivered: money(49_500_000, Asset::Usdc),
        completion: Completion {
            rate: Rate::ONE,
            rate_source: text("sandbox"),
            gas: Some(money(345_000, coin)),
            transaction_hash: Some(text("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb")),
        },
    })
}
