//! Entries for the tests of stores.

use std::sync::Arc;

use journal::{Head, Stored, encode};
use ledger::deposits::{Chain, DepositConfirmed};
use ledger::refunds::Refunded;
use ledger::wallets::WalletDepositConfirmed;
use ledger::{
    Account, Amount, Asset, CommandId, Entry, Event, HolderId, Money, Origin, Position, Posting,
    Postings, Rate, Side, Text, Timestamp, TransactionId, WalletId,
};

/// So many entries after `head`, each with ids of its own.
pub(crate) fn batch(head: Head, count: u64) -> Vec<Stored> {
    let first = head.position.next().0;
    chain(head, (first..first + count).map(|number| (number, deposit(number))))
}

/// An entry for each pair of a command's number and an event, after `head`.
pub(crate) fn chain(
    mut head: Head,
    entries: impl IntoIterator<Item = (u64, Event)>,
) -> Vec<Stored> {
    let mut batch = Vec::new();
    for (command, event) in entries {
        let entry = entry(head.position.next(), command, vec![event]);
        batch.push(encode(Arc::new(entry), head.hash));
        head = end(&batch);
    }
    batch
}

pub(crate) fn entry(position: Position, command: u64, events: Vec<Event>) -> Entry {
    Entry {
        position,
        at: Timestamp::from_millis(1_800_000_000_000 + position.0),
        command: CommandId(hash(command)),
        origin: Origin { route: 1, fingerprint: [1; 16], request: [2; 16], actor: None },
        events,
        postings: Postings::new(vec![
            posting(Side::Debit, Account::Custody),
            posting(Side::Credit, Account::Exchange),
        ])
        .unwrap(),
    }
}

/// An event with an id that counts once.
pub(crate) fn deposit(number: u64) -> Event {
    Event::DepositConfirmed(DepositConfirmed {
        transaction: TransactionId(hash(number)),
        holder: HolderId([3; 16]),
        chain: Chain::Base,
        asset: Asset::Usdc,
        amount: Amount(5_000_000),
        credited: Amount(500),
        rate: Rate::ONE,
        rate_source: Text::new("sandbox").unwrap(),
        released: true,
        reference: hash(number),
    })
}

/// Another event with an id of the same kind.
pub(crate) fn wallet_deposit(number: u64) -> Event {
    Event::WalletDepositConfirmed(WalletDepositConfirmed {
        transaction: TransactionId(hash(number)),
        wallet: WalletId([5; 16]),
        holder: HolderId([3; 16]),
        chain: Chain::Base,
        money: Money { amount: Amount(5_000_000), asset: Asset::Usdc },
        released: true,
        reference: hash(number),
    })
}

/// An event with an id of another kind.
pub(crate) fn refund(number: u64) -> Event {
    Event::Refunded(Refunded {
        transaction: TransactionId([4; 16]),
        amount: Amount(500),
        network_id: Some(hash(number)),
    })
}

/// Where the last entry of a batch stands.
pub(crate) fn end(batch: &[Stored]) -> Head {
    let last = batch.last().expect("a batch has entries");
    Head { position: last.entry.position, hash: last.hash }
}

/// Sixteen bytes that differ by number and are in no order.
pub(crate) fn hash(number: u64) -> [u8; 16] {
    let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    spread.to_le_bytes()
}

fn posting(side: Side, account: Account) -> Posting {
    Posting { side, account, asset: Asset::Usdc, amount: Amount(5_000_000) }
}
