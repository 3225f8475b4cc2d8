//! Fixed entries: one for each kind of event, and some more for what it may carry besides.

use ledger::authorizations::Terms;
use ledger::limits::{ExceededLimit, Limit, Window};
use ledger::matching::{Mcc, Merchant};
use ledger::*;

mod acts;
mod cards;
mod clearings;
mod deposits;
mod holders;
mod ledgers;
mod transactions;
mod transfers;
mod webhooks;
mod words;

const HOLDER: HolderId = HolderId([0x10; 16]);
const AGENT: AgentId = AgentId([0x11; 16]);
const CARD: CardId = CardId([0x12; 16]);
const INTENT: IntentId = IntentId([0x13; 16]);
const ATTESTATION: AttestationId = AttestationId([0x14; 16]);
const TRANSACTION: TransactionId = TransactionId([0x15; 16]);
const NETWORK_ID: [u8; 16] = [0x16; 16];
const WALLET: WalletId = WalletId([0x50; 16]);

/// An entry and its name: that of its event in `proto/`, and `_with_` something where it is not the plain one.
pub(crate) type Sample = (&'static str, Entry);

pub(crate) fn all() -> Vec<Sample> {
    [
        holders::all(),
        cards::all(),
        transactions::all(),
        clearings::all(),
        deposits::all(),
        transfers::all(),
        ledgers::all(),
        webhooks::all(),
        words::all(),
        acts::all(),
    ]
    .concat()
}

fn memo(name: &'static str, event: Event) -> Sample {
    entry(name, event, Vec::new())
}

/// More than one event.
fn memos(name: &'static str, events: impl Into<Vec<Event>>) -> Sample {
    several(name, events, Vec::new())
}

fn entry(name: &'static str, event: Event, postings: Vec<Posting>) -> Sample {
    several(name, [event], postings)
}

fn several(name: &'static str, events: impl Into<Vec<Event>>, postings: Vec<Posting>) -> Sample {
    let entry = Entry {
        position: Position(1_000_000),
        at: Timestamp::from_millis(1_800_000_000_000),
        command: CommandId([0x20; 16]),
        origin: Origin {
            route: 12,
            fingerprint: [0x21; 16],
            request: [0x22; 16],
            actor: Some(KeyId([0x23; 16])),
        },
        events: events.into(),
        postings: Postings::new(postings).unwrap(),
    };
    (name, entry)
}

/// Nobody called.
fn by_itself((name, entry): Sample) -> Sample {
    (name, Entry { origin: Origin::LEDGER, ..entry })
}

/// An amount moves from the account that is debited to the one that is credited.
fn pair(debit: Account, credit: Account, asset: Asset, amount: u128) -> Vec<Posting> {
    vec![posting(Side::Debit, debit, asset, amount), posting(Side::Credit, credit, asset, amount)]
}

fn posting(side: Side, account: Account, asset: Asset, amount: u128) -> Posting {
    Posting { side, account, asset, amount: Amount(amount) }
}

fn terms() -> Terms {
    Terms {
        amount: Amount(2_999),
        asset: Asset::Usd,
        merchant: Merchant {
            name: text("BUCHHANDLUNG*42"),
            mcc: Some(mcc(5_942)),
            city: Some(text("Wien")),
            country: Some(text("AT")),
        },
        network_id: Some(NETWORK_ID),
        original: None,
    }
}

fn money(amount: u128, asset: Asset) -> Money {
    Money { amount: Amount(amount), asset }
}

fn exceeded() -> ExceededLimit {
    let limit = Limit { window: Window::Month, amount: Amount(10_000) };
    ExceededLimit { limit, left: Amount(500) }
}

fn sealed() -> Sealed {
    Sealed { subject: [0x30; 16], reference: [0x31; 16], commitment: [0x32; 32] }
}

fn mcc(code: u16) -> Mcc {
    Mcc::new(code).unwrap()
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn later() -> Timestamp {
    Timestamp::from_millis(1_800_003_600_000)
}
