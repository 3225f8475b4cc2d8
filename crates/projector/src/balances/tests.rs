use ledger::cards::CardKind;
use ledger::holders::VerificationStatus;
use proptest::prelude::*;

use super::*;
use crate::testing::{Play, history};

fn project(play: &Play) -> (tempfile::TempDir, Balances) {
    let folder = tempfile::tempdir().unwrap();
    play.project::<BalancesModel>(folder.path());
    let balances = Balances::open(folder.path()).unwrap();
    (folder, balances)
}

/// Available, held, incoming, overdrawn, deposited.
fn parts(play: &Play, holder: HolderId) -> [u128; 5] {
    let (_folder, balances) = project(play);
    let At { position, value } = balances.holder(holder).unwrap();
    assert_eq!(position, play.book().position());
    let HolderBalance { available, held, incoming, overdrawn, deposited, .. } = value.unwrap();
    [available.0, held.0, incoming.0, overdrawn.0, deposited.0]
}

#[test]
fn a_balance_follows_a_purchase() {
    let mut play = Play::new();
    let (holder, _, card) = play.spender(500_00, CardKind::Multi);
    assert_eq!(parts(&play, holder), [500_00, 0, 0, 0, 500_00]);
    let transaction = play.authorize(card, 349_99, "Amazon");
    assert_eq!(parts(&play, holder), [150_01, 349_99, 0, 0, 500_00]);
    play.clear(transaction, 349_99, true);
    assert_eq!(parts(&play, holder), [150_01, 0, 0, 0, 500_00]);
    play.refund(transaction, 49_99);
    assert_eq!(parts(&play, holder), [200_00, 0, 0, 0, 500_00]);
}

#[test]
fn what_can_not_be_refused_is_overdrawn_and_new_money_repays_it() {
    let mut play = Play::new();
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let transaction = play.authorize(card, 100_00, "Bistro");
    play.clear(transaction, 120_00, true);
    assert_eq!(parts(&play, holder), [0, 0, 0, 20_00, 100_00]);
    play.deposit(holder, 50_00);
    assert_eq!(parts(&play, holder), [30_00, 0, 0, 0, 150_00]);
}

#[test]
fn a_deposit_waits_for_approval_but_is_deposited() {
    let mut play = Play::new();
    let holder = play.holder();
    assert_eq!(parts(&play, holder), [0; 5]);
    play.deposit(holder, 10_00);
    assert_eq!(parts(&play, holder), [0, 0, 10_00, 0, 10_00]);
    play.verify(holder, VerificationStatus::Approved);
    assert_eq!(parts(&play, holder), [10_00, 0, 0, 0, 10_00]);
}

#[test]
fn someone_unknown_has_no_balance() {
    let (_folder, balances) = project(&Play::new());
    assert_eq!(balances.holder(HolderId([1; 16])).unwrap().value, None);
}

#[test]
fn an_account_of_one_authorization_leaves_with_it() {
    let mut play = Play::new();
    let (holder, _, card) = play.spender(100_00, CardKind::Multi);
    let transaction = play.authorize(card, 60_00, "Bistro");
    let held = |play: &Play| {
        let (_folder, balances) = project(play);
        let accounts = balances.accounts().unwrap().value;
        accounts.iter().any(|row| row.account == Account::Held(holder, transaction))
    };
    assert!(held(&play));
    play.reverse(transaction, 60_00);
    assert!(!held(&play));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_accounts_are_those_of_the_book(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 1..80),
    ) {
        let play = history(&choices);
        let (_folder, balances) = project(&play);
        let mut expected: Vec<_> = play
            .book()
            .accounts()
            .into_iter()
            .map(|(account, asset, Balance { debits, credits })| {
                AccountTotals { account, asset, debits, credits }
            })
            .collect();
        expected.sort_by_key(|row| (row.account.to_string(), row.asset.code()));
        prop_assert_eq!(balances.accounts().unwrap().value, expected);
        prop_assert_eq!(balances.trial_balance().unwrap().value, play.book().trial_balance());
    }

    #[test]
    fn a_balance_is_that_of_the_holders_accounts(
        choices in prop::collection::vec(any::<(u8, u8, u16)>(), 1..80),
    ) {
        let play = history(&choices);
        let (folder, _balances) = project(&play);
        let mut accounts = play.book().accounts();
        accounts.retain(|(account, ..)| account.holder().is_some());
        let sum = |holder, is_part: fn(Account) -> bool| -> Amount {
            let parts = accounts.iter().filter(|(account, ..)| {
                account.holder() == Some(holder) && is_part(*account)
            });
            parts.map(|(account, _, balance)| balance.on(account.normal_side()).unwrap()).sum()
        };
        crate::read(ReadModel::Balances, folder.path(), |snapshot| {
            snapshot.each(|row: HolderBalance| {
                let part = |is_part| sum(row.holder, is_part);
                assert_eq!(row.available, part(|account| matches!(account, Account::Available(_))));
                assert_eq!(row.held, part(|account| matches!(account, Account::Held(..))));
                assert_eq!(row.incoming, part(|account| matches!(account, Account::Incoming(_))));
                assert_eq!(row.overdrawn, part(|account| matches!(account, Account::Overdrawn(_))));
            })
        })
        .unwrap();
    }
}
