//! Money that arrives and money that leaves.

use ledger::deposits::*;
use ledger::transfers::*;
use ledger::treasury::TreasuryConverted;
use ledger::wallets::*;
use ledger::*;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

fn transaction() -> impl Strategy<Value = TransactionId> {
    id().prop_map(TransactionId)
}

fn wallet() -> impl Strategy<Value = (WalletId, HolderId)> {
    (id(), id()).prop_map(|(wallet, holder)| (WalletId(wallet), HolderId(holder)))
}

fn price() -> impl Strategy<Value = (Rate, Text<32>)> {
    (any::<u64>(), text()).prop_map(|(rate, source)| (Rate(rate), source))
}

fn chain() -> impl Strategy<Value = Chain> {
    select(&Chain::ALL[..])
}

pub(super) fn deposit_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (transaction(), id(), chain(), money(), amount(), price(), any::<bool>(), id()).prop_map(
            |(transaction, holder, chain, money, credited, price, released, reference)| {
                let (rate, rate_source) = price;
                Event::DepositConfirmed(DepositConfirmed {
                    transaction,
                    holder: HolderId(holder),
                    chain,
                    asset: money.asset,
                    amount: money.amount,
                    credited,
                    rate,
                    rate_source,
                    released,
                    reference,
                })
            }
        ),
        (transaction(), money(), money()).prop_map(|(transaction, arrived, credited)| {
            Event::DepositReversed(DepositReversed { transaction, arrived, credited })
        }),
        wallet()
            .prop_map(|(wallet, holder)| Event::WalletCreated(WalletCreated { wallet, holder })),
        (id(), wallet(), asset()).prop_map(|(account, (wallet, holder), currency)| {
            let account = VirtualAccountId(account);
            Event::VirtualAccountOpened(VirtualAccountOpened { account, holder, wallet, currency })
        }),
        (transaction(), wallet(), chain(), money(), any::<bool>(), id()).prop_map(
            |(transaction, (wallet, holder), chain, money, released, reference)| {
                Event::WalletDepositConfirmed(WalletDepositConfirmed {
                    transaction,
                    wallet,
                    holder,
                    chain,
                    money,
                    released,
                    reference,
                })
            }
        ),
        (transaction(), id(), wallet(), money(), money(), price(), any::<bool>(), id()).prop_map(
            |(transaction, account, wallet, arrived, credited, price, released, reference)| {
                let ((wallet, holder), (rate, rate_source)) = (wallet, price);
                Event::BankDepositConfirmed(BankDepositConfirmed {
                    transaction,
                    account: VirtualAccountId(account),
                    wallet,
                    holder,
                    arrived,
                    credited,
                    rate,
                    rate_source,
                    released,
                    reference,
                })
            }
        ),
    ]
}

pub(super) fn transfer_event() -> impl Strategy<Value = Event> {
    let completion = (price(), of(money()), of(text())).prop_map(
        |((rate, rate_source), gas, transaction_hash)| Completion {
            rate,
            rate_source,
            gas,
            transaction_hash,
        },
    );
    prop_oneof![
        (transaction(), wallet(), money(), amount(), destination(), of(text()), of(text()))
            .prop_map(
                |(
                    transaction,
                    (wallet, holder),
                    money,
                    fee,
                    destination,
                    reference,
                    client_reference,
                )| {
                    Event::TransferCreated(TransferCreated {
                        transaction,
                        wallet,
                        holder,
                        money,
                        fee,
                        destination,
                        reference,
                        client_reference,
                    })
                }
            ),
        (transaction(), status()).prop_map(|(transaction, status)| Event::TransferAdvanced(
            TransferAdvanced { transaction, status }
        )),
        (transaction(), money(), completion).prop_map(|(transaction, delivered, completion)| {
            Event::TransferCompleted(TransferCompleted { transaction, delivered, completion })
        }),
        (transaction(), status(), money(), of(text())).prop_map(
            |(transaction, status, released, reason)| {
                Event::TransferFailed(TransferFailed { transaction, status, released, reason })
            }
        ),
        (transaction(), money(), money(), of(text())).prop_map(
            |(transaction, returned, credited, reason)| {
                Event::TransferReturned(TransferReturned {
                    transaction,
                    returned,
                    credited,
                    reason,
                })
            }
        ),
        (money(), money(), text()).prop_map(|(sold, bought, source)| Event::TreasuryConverted(
            TreasuryConverted { sold, bought, source }
        )),
    ]
}

fn destination() -> impl Strategy<Value = Destination> {
    let rail = prop_oneof![
        chain().prop_map(Rail::Chain),
        select(&[Rail::Ach, Rail::Wire, Rail::Sepa, Rail::FasterPayments, Rail::Spei][..]),
    ];
    (asset(), rail, sealed()).prop_map(|(asset, rail, address)| Destination {
        asset,
        rail,
        address,
    })
}

fn status() -> impl Strategy<Value = TransferStatus> {
    select(
        &[
            TransferStatus::InReview,
            TransferStatus::FundsReceived,
            TransferStatus::PaymentSubmitted,
            TransferStatus::PaymentProcessed,
            TransferStatus::Completed,
            TransferStatus::Failed,
            TransferStatus::Returned,
            TransferStatus::Refunded,
        ][..],
    )
}
