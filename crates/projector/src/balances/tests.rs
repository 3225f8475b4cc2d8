use ledger::cards::CardKind;
use ledger::deposits::ReverseDeposit;
use ledger::holders::VerificationStatus;
use ledger::intents::{CancelIntent, DeclareIntent};
use ledger::transfers::TransferStatus;
use ledger::{Command, Side};
use proptest::prelude::*;

use super::*;
use crate::testing::{Home, Play, Store, declaration, history, holds, on_each_store};

mod ledgers;
mod past;

on_each_store! {
    a_balance_follows_a_purchase
    what_can_not_be_refused_is_overdrawn_and_new_money_repays_it
    a_deposit_waits_for_approval_but_is_deposited
    someone_unknown_has_no_balance
    an_account_of_one_authorization_leaves_with_it
    what_an_intent_has_set_aside_is_reserved_until_it_is_spent_or_given_back
    a_wallet_has_a_balance_in_each_asset_that_came_to_it
    a_deposit_that_was_taken_back_is_not_deposited
    one_account_has_its_totals
    the_accounts_are_those_of_the_book
    a_balance_is_that_of_the_holders_accounts
}

fn project(play: &Play) -> (Home, Balances) {
    let home = play.home();
    play.project::<BalancesModel>(&home);
    let balances = play.balances(&home);
    (home, balances)
}

/// Available, held, incoming, overdrawn, deposited, in US dollars.
fn parts_of_person(play: &Play, holder: HolderId) -> [u128; 5] {
    let (_home, balances) = project(play);
    let At { position, value } = balances.holder(holder).unwrap();
    assert_eq!(position, play.book().position());
    let HolderBalance { available, held, incoming, overdrawn, deposited, .. } = value.unwrap();
    [available.0, held.0, incoming.0, overdrawn.0, deposited.0]
}

fn a_balance_follows_a_purchase(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(500_00, CardKind::Multi);
    assert_eq!(parts_of_person(&play, holder), [500_00, 0, 0, 0, 500_00]);
    let transaction = play.authorize(card, 349_99, "Amazon");
    assert_eq!(parts_of_person(&play, holder), [150_01, 349_99, 0, 0, 500_00]);
    play.clear(transaction, 349_99, true);
    assert_eq!(parts_of_person(&play, holder), [150_01, 0, 0, 0, 500_00]);
    play.refund(transaction, 49_99);
    assert_eq!(parts_of_person(&play, holder), [200_00, 0, 0, 0, 500_00]);
}

fn what_can_not_be_refused_is_overdrawn_and_new_money_repays_it(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let transaction = play.authorize(card, 100_00, "Bistro");
    play.clear(transaction, 120_00, true);
    assert_eq!(parts_of_person(&play, holder), [0, 0, 0, 20_00, 100_00]);
    play.deposit(holder, 50_00);
    assert_eq!(parts_of_person(&play, holder), [30_00, 0, 0, 0, 150_00]);
}

fn a_deposit_waits_for_approval_but_is_deposited(store: Store) {
    let mut play = Play::new(store);
    let holder = play.holder();
    assert_eq!(parts_of_person(&play, holder), [0; 5]);
    play.deposit(holder, 10_00);
    assert_eq!(parts_of_person(&play, holder), [0, 0, 10_00, 0, 10_00]);
    play.verify(holder, VerificationStatus::Approved);
    assert_eq!(parts_of_person(&play, holder), [10_00, 0, 0, 0, 10_00]);
}

fn someone_unknown_has_no_balance(store: Store) {
    let (_home, balances) = project(&Play::new(store));
    assert_eq!(balances.holder(HolderId([1; 16])).unwrap().value, None);
}

fn an_account_of_one_authorization_leaves_with_it(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let transaction = play.authorize(card, 60_00, "Bistro");
    let held = |play: &Play| {
        let (_home, balances) = project(play);
        let accounts = balances.accounts().unwrap().value;
        accounts.iter().any(|row| row.account == Account::Held(holder, transaction))
    };
    assert!(held(&play));
    play.reverse(transaction, 60_00);
    assert!(!held(&play));
}

fn what_an_intent_has_set_aside_is_reserved_until_it_is_spent_or_given_back(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let reserve = |play: &mut Play, amount| {
        play.declare(DeclareIntent { reserves: true, ..declaration(card, amount, "Bistro") })
    };
    let split = |play: &Play| {
        let row = project(play).1.holder(holder).unwrap().value.unwrap();
        [row.available.0, row.reserved.0, row.held.0]
    };
    let spent = reserve(&mut play, 60_00);
    let canceled = reserve(&mut play, 30_00);
    assert_eq!(split(&play), [10_00, 90_00, 0]);
    play.authorize(card, 58_00, "Bistro");
    assert_eq!(split(&play), [12_00, 30_00, 58_00]);
    play.act(Command::CancelIntent(CancelIntent { intent: canceled }));
    assert_eq!(split(&play), [42_00, 0, 58_00]);
    let accounts = project(&play).1.accounts().unwrap().value;
    for intent in [spent, canceled] {
        assert!(accounts.iter().all(|row| row.account != Account::Reserved(holder, intent)));
    }
}

fn a_wallet_has_a_balance_in_each_asset_that_came_to_it(store: Store) {
    let mut play = Play::new(store);
    let holder = play.holder();
    play.verify(holder, VerificationStatus::Approved);
    let (account, wallet) = play.virtual_account(holder);
    let balances = |play: &Play| project(play).1.balances(wallet.holder()).unwrap().value;
    assert_eq!(balances(&play), []);
    play.wallet_deposit(wallet, 20_000_000);
    play.bank_deposit(account, 10_00);
    let transfer = play.transfer(wallet, 5_000_000);
    let parts =
        |row: &HolderBalance| (row.asset, [row.available.0, row.withdrawing.0, row.deposited.0]);
    let rows: Vec<_> = balances(&play).iter().map(parts).collect();
    let euros = (Asset::Eurc, [9_000_000, 0, 9_000_000]);
    assert_eq!(rows, [euros, (Asset::Usdc, [15_000_000, 5_000_000, 20_000_000])]);
    play.advance(transfer, TransferStatus::Completed);
    let rows: Vec<_> = balances(&play).iter().map(parts).collect();
    assert_eq!(rows, [euros, (Asset::Usdc, [15_000_000, 0, 20_000_000])]);
    assert_eq!(parts_of_person(&play, holder), [0; 5], "its holder's dollars are others");
}

fn a_deposit_that_was_taken_back_is_not_deposited(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let wallet = play.wallet(holder);
    play.wallet_deposit(wallet, 7);
    let dollars = play.deposit(holder, 40_00);
    let tokens = play.wallet_deposit(wallet, 1_000);
    play.authorize(card, 120_00, "Bistro");
    for transaction in [dollars, tokens] {
        play.act(Command::ReverseDeposit(ReverseDeposit { transaction }));
    }
    assert_eq!(parts_of_person(&play, holder), [0, 120_00, 0, 20_00, 100_00]);
    let rows = project(&play).1.balances(wallet.holder()).unwrap().value;
    assert_eq!((rows[0].available, rows[0].deposited), (Amount(7), Amount(7)));
}

fn one_account_has_its_totals(store: Store) {
    let mut play = Play::new(store);
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    play.authorize(card, 60_00, "Bistro");
    let (_home, balances) = project(&play);
    let account = Account::Available(holder);
    let row = balances.account(account, Asset::Usd).unwrap().value.unwrap();
    assert_eq!((row.debits, row.credits), (Amount(60_00), Amount(100_00)));
    assert_eq!(balances.account(account, Asset::Eur).unwrap().value, None);
    assert_eq!(balances.account(Account::Bank, Asset::Usd).unwrap().value, None);
}

fn the_accounts_are_those_of_the_book(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..80);
    holds(store, 24, choices, |choices| {
        let play = history(store, &choices);
        let (_home, balances) = project(&play);
        let mut expected = play.book().accounts();
        expected.sort_by_key(|(account, asset, _)| (account.to_string(), asset.code()));
        let found = balances.accounts().unwrap().value.into_iter();
        let found: Vec<_> = found.map(|row| (row.account, row.asset, row.balance)).collect();
        assert_eq!(found, expected);
        assert_eq!(balances.trial_balance().unwrap().value, play.book().trial_balance());
    });
}

fn a_balance_is_that_of_the_holders_accounts(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..80);
    holds(store, 24, choices, |choices| {
        let play = history(store, &choices);
        let (home, _balances) = project(&play);
        let mut accounts = play.book().accounts();
        accounts.retain(|(account, ..)| account.holder().is_some());
        let sum = |holder, asset, is_part: fn(Account) -> bool| -> Amount {
            let parts = accounts.iter().filter(|(account, of, _)| {
                account.holder() == Some(holder) && *of == asset && is_part(*account)
            });
            parts.map(|(account, _, balance)| balance.on(account.normal_side()).unwrap()).sum()
        };
        crate::read(ReadModel::Balances, home.place(), |snapshot| {
            snapshot.each(|row: HolderBalance| {
                let part = |is_part| sum(row.holder, row.asset, is_part);
                assert_eq!(row.available, part(|account| matches!(account, Account::Available(_))));
                assert_eq!(row.held, part(|account| matches!(account, Account::Held(..))));
                assert_eq!(row.reserved, part(|account| matches!(account, Account::Reserved(..))));
                assert_eq!(row.incoming, part(|account| matches!(account, Account::Incoming(_))));
                assert_eq!(
                    row.withdrawing,
                    part(|account| matches!(account, Account::Withdrawing(_)))
                );
                assert_eq!(row.overdrawn, part(|account| matches!(account, Account::Overdrawn(_))));
            })
        })
        .unwrap();
    });
}
