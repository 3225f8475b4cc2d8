//! What happens to the tokens of wallets.

use ledger::deposits::{Chain, ReverseDeposit};
use ledger::holders::VerificationStatus;
use ledger::transfers::TransferStatus;
use ledger::{Asset, Command, HolderId, Money, Rate, WalletId};

use super::*;
use crate::testing::sealed;

on_each_store! {
    tokens_come_to_a_wallet_by_chain
    money_comes_to_a_wallet_by_its_account_at_the_bank
    the_deposits_of_a_wallet_wait_for_its_holder
    a_deposit_that_its_chain_took_back_is_reversed_and_not_released
    a_transfer_goes_its_way_and_comes_back
    a_transfer_fails_or_is_refunded
}

fn holder_of_wallet(store: Store) -> (Play, HolderId, WalletId) {
    let mut play = Play::new(store);
    let holder = play.holder();
    play.verify(holder, VerificationStatus::Approved);
    let wallet = play.wallet(holder);
    (play, holder, wallet)
}

fn find(play: &Play, id: TransactionId) -> (WalletTransaction, Vec<(StepKind, u128, Asset)>) {
    let (_home, transactions) = project(play);
    assert_eq!(transactions.transaction(id).unwrap().value, None, "it is a wallet's");
    let At { position, value } = transactions.wallet_transaction(id).unwrap();
    assert_eq!(position, play.book().position());
    let History { transaction, steps } = value.unwrap();
    let steps = steps.iter().map(|step| (step.kind, step.amount.0, step.asset)).collect();
    (transaction, steps)
}

fn deposit(play: &Play, id: TransactionId) -> WalletDeposit {
    match find(play, id).0 {
        WalletTransaction::Deposit(deposit) => deposit,
        other => panic!("{other:?}"),
    }
}

fn transfer(play: &Play, id: TransactionId) -> Transfer {
    match find(play, id).0 {
        WalletTransaction::Transfer(transfer) => transfer,
        other => panic!("{other:?}"),
    }
}

fn tokens_come_to_a_wallet_by_chain(store: Store) {
    let (mut play, holder, wallet) = holder_of_wallet(store);
    let id = play.wallet_deposit(wallet, 5_000_000);
    let row = deposit(&play, id);
    assert_eq!((row.holder, row.wallet, row.account), (holder, wallet, None));
    assert_eq!((row.chain, row.state), (Some(Chain::Solana), State::Completed));
    assert_eq!((row.amount, row.asset), (Amount(5_000_000), Asset::Usdc));
    assert_eq!((row.credited, row.credited_asset), (Amount(5_000_000), Asset::Usdc));
    assert_eq!((row.rate, row.rate_source), (None, None));
    assert_eq!(find(&play, id).1, [(StepKind::Deposit, 5_000_000, Asset::Usdc)]);
}

fn money_comes_to_a_wallet_by_its_account_at_the_bank(store: Store) {
    let (mut play, holder, _) = holder_of_wallet(store);
    let (account, wallet) = play.virtual_account(holder);
    let id = play.bank_deposit(account, 10_00);
    let row = deposit(&play, id);
    assert_eq!((row.wallet, row.account, row.chain), (wallet, Some(account), None));
    assert_eq!((row.amount, row.asset), (Amount(10_00), Asset::Usd));
    assert_eq!((row.credited, row.credited_asset), (Amount(9_000_000), Asset::Eurc));
    assert_eq!((row.rate, row.rate_source.unwrap().as_str()), (Some(Rate(900_000_000)), "sandbox"));
    assert_eq!(find(&play, id).1, [(StepKind::Deposit, 9_000_000, Asset::Eurc)]);
}

fn the_deposits_of_a_wallet_wait_for_its_holder(store: Store) {
    let (mut play, holder, wallet) = holder_of_wallet(store);
    play.verify(holder, VerificationStatus::Locked);
    let id = play.wallet_deposit(wallet, 1_000);
    assert_eq!(deposit(&play, id).state, State::Waiting);
    play.pass(1_000);
    play.verify(holder, VerificationStatus::Approved);
    let row = deposit(&play, id);
    assert_eq!((row.state, row.updated_at), (State::Completed, play.now));
    let (deposited, released) = (StepKind::Deposit, StepKind::Release);
    let steps = [deposited, released].map(|kind| (kind, 1_000, Asset::Usdc));
    assert_eq!(find(&play, id).1, steps);
}

fn a_deposit_that_its_chain_took_back_is_reversed_and_not_released(store: Store) {
    let (mut play, holder, wallet) = holder_of_wallet(store);
    let dollars = play.deposit(holder, 5_00);
    let tokens = play.wallet_deposit(wallet, 1_000);
    play.verify(holder, VerificationStatus::Locked);
    let waiting = play.wallet_deposit(wallet, 2_000);
    for transaction in [dollars, tokens, waiting] {
        play.act(Command::ReverseDeposit(ReverseDeposit { transaction }));
    }
    play.verify(holder, VerificationStatus::Approved);
    for id in [tokens, waiting] {
        assert_eq!(deposit(&play, id).state, State::Reversed);
        let amount = deposit(&play, id).credited.0;
        let (deposited, reversed) = (StepKind::Deposit, StepKind::DepositReversal);
        let steps = [deposited, reversed].map(|kind| (kind, amount, Asset::Usdc));
        assert_eq!(find(&play, id).1, steps);
    }
    let (_home, transactions) = project(&play);
    let History { transaction, steps } = transactions.transaction(dollars).unwrap().value.unwrap();
    let Transaction::Deposit(deposit) = transaction else { panic!("{transaction:?}") };
    assert_eq!(deposit.state, State::Reversed);
    let last = steps.last().unwrap();
    assert_eq!((last.kind, last.amount.0), (StepKind::DepositReversal, 5_00));
}

fn a_transfer_goes_its_way_and_comes_back(store: Store) {
    let (mut play, holder, wallet) = holder_of_wallet(store);
    play.wallet_deposit(wallet, 20_000_000);
    let id = play.transfer(wallet, 10_000_000);
    let row = transfer(&play, id);
    assert_eq!((row.holder, row.wallet, row.status), (holder, wallet, TransferStatus::InReview));
    assert_eq!((row.amount, row.fee), (Amount(10_000_000), Amount(300_000)));
    assert_eq!((row.address, row.reference.unwrap().as_str()), (sealed(6), "Rent"));
    assert_eq!(row.client_reference.unwrap().as_str(), "order-7");
    assert_eq!((row.delivered, row.rate), (None, None));

    use TransferStatus::{Completed, PaymentProcessed, PaymentSubmitted, Returned};
    play.advance(id, PaymentSubmitted);
    assert_eq!(transfer(&play, id).status, PaymentSubmitted);
    play.advance(id, PaymentProcessed);
    play.pass(1_000);
    play.advance(id, Completed);
    let row = transfer(&play, id);
    assert_eq!((row.status, row.updated_at), (Completed, play.now));
    assert_eq!((row.delivered, row.destination_asset), (Some(Amount(7_76)), Asset::Gbp));
    assert_eq!((row.rate, row.rate_source.unwrap().as_str()), (Some(Rate(800_000_000)), "sandbox"));
    assert_eq!(row.gas, Some(Money { amount: Amount(21_000), asset: Asset::Eth }));
    assert!(row.transaction_hash.is_some());
    assert_eq!(row.reason, None);

    play.advance(id, Returned);
    let row = transfer(&play, id);
    assert_eq!((row.status, row.reason.unwrap().as_str()), (Returned, "account closed"));
    assert_eq!(row.delivered, Some(Amount(7_76)));
    assert_eq!(
        find(&play, id).1,
        [
            (StepKind::Transfer, 10_000_000, Asset::Usdc),
            (StepKind::PaymentSubmitted, 10_000_000, Asset::Usdc),
            (StepKind::PaymentProcessed, 10_000_000, Asset::Usdc),
            (StepKind::Completion, 7_76, Asset::Gbp),
            (StepKind::Return, 9_700_000, Asset::Usdc),
        ]
    );
}

fn a_transfer_fails_or_is_refunded(store: Store) {
    let (mut play, _, wallet) = holder_of_wallet(store);
    play.wallet_deposit(wallet, 20_000_000);
    use TransferStatus::{Failed, Refunded};
    for (status, kind) in [(Failed, StepKind::Failure), (Refunded, StepKind::Refund)] {
        let id = play.transfer(wallet, 10_000_000);
        play.advance(id, status);
        let row = transfer(&play, id);
        assert_eq!((row.status, row.reason.unwrap().as_str()), (status, "account closed"));
        assert_eq!(row.delivered, None);
        let (_, steps) = find(&play, id);
        assert_eq!(steps[1..], [(kind, 10_000_000, Asset::Usdc)]);
    }
}
