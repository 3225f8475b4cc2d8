//! Rows and accounts, which say the same.

use std::collections::BTreeMap;

use ledger::transfers::TransferStatus;
use ledger::{Account, Asset};
use proptest::prelude::*;

use super::*;
use crate::testing::{history, holds};

on_each_store! {
    what_is_held_waits_or_is_on_its_way_is_that_of_the_accounts
}

/// What is held, waits or is on its way, by account.
type Pending = BTreeMap<(Account, Asset), Amount>;

fn by_rows(play: &Play) -> Pending {
    let (home, _transactions) = project(play);
    let mut pending = Pending::new();
    let mut add = |account, asset, amount| {
        *pending.entry((account, asset)).or_default() += amount;
    };
    crate::read(ReadModel::Transactions, home.place(), |snapshot| {
        snapshot.each(|row: CardTransaction| {
            add(Account::Held(row.holder, row.id), row.asset, row.held);
            if row.kind == Kind::UnlinkedRefund && row.state == State::Pending {
                add(Account::Incoming(row.holder), row.asset, row.refunded);
            }
        })?;
        snapshot.each(|row: Deposit| {
            if row.state == State::Waiting {
                add(Account::Incoming(row.holder), Asset::Usd, row.credited);
            }
        })?;
        snapshot.each(|row: WalletDeposit| {
            if row.state == State::Waiting {
                add(Account::Incoming(row.wallet.holder()), row.credited_asset, row.credited);
            }
        })?;
        snapshot.each(|row: Transfer| {
            if row.status < TransferStatus::Completed {
                add(Account::Withdrawing(row.wallet.holder()), row.asset, row.amount);
            }
        })
    })
    .unwrap();
    pending.retain(|_, amount| !amount.is_zero());
    pending
}

fn by_accounts(play: &Play) -> Pending {
    let accounts = play.book().accounts().into_iter();
    let pending = accounts.filter_map(|(account, asset, balance)| {
        let is_pending =
            matches!(account, Account::Held(..) | Account::Incoming(_) | Account::Withdrawing(_));
        let amount = is_pending.then(|| balance.on(account.normal_side()).unwrap())?;
        (!amount.is_zero()).then_some(((account, asset), amount))
    });
    pending.collect()
}

fn what_is_held_waits_or_is_on_its_way_is_that_of_the_accounts(store: Store) {
    let choices = prop::collection::vec(any::<(u8, u8, u16)>(), 1..120);
    holds(store, 48, choices, |choices| {
        let play = history(store, &choices);
        assert_eq!(by_rows(&play), by_accounts(&play));
    });
}
