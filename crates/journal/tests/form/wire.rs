//! Bytes that are protobuf, but not of this version's stored form: put together by hand.

use journal::{Undecodable, decode};

use crate::{PREVIOUS, invalid, unknown};

/// A field of a message: its number and its bytes.
pub(super) fn field(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

pub(super) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

pub(super) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while 0x80 <= value {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// An entry by hand: position 2, and what is given.
pub(super) fn entry(event: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    let head = [number(1, 2), field(2, &PREVIOUS.0), number(3, 5), field(4, &[1; 16])].concat();
    [&head, &field(6, event)[..], &rest.concat()].concat()
}

/// `IntentClosed` of one intent.
pub(super) fn closed(reason: u64) -> Vec<u8> {
    field(11, &[field(1, &[2; 16]), number(2, reason)].concat())
}

pub(super) fn refused(bytes: Vec<u8>) -> Undecodable {
    decode(bytes).expect_err("the bytes are no entry")
}

/// A posting of custody in US dollars, and more of its fields.
pub(super) fn posting(side: u64, account: u64, more: &[u8]) -> Vec<u8> {
    let fields = [number(1, side), number(2, account), more.to_vec(), number(6, 1), number(7, 9)];
    field(7, &fields.concat())
}

#[test]
fn what_is_put_together_by_hand_is_an_entry() {
    let debit = posting(1, 7, &[]);
    let credit = posting(2, 8, &[]);
    let read = decode(entry(&closed(1), &[&debit, &credit])).unwrap();
    assert_eq!(read.entry.position.0, 2);
    assert_eq!(read.entry.postings.iter().count(), 2);
}

#[test]
fn an_unknown_event_is_refused() {
    assert_eq!(unknown(refused(entry(&field(999, &[]), &[]))), "events");
    assert_eq!(unknown(refused(entry(&[], &[]))), "events");
}

#[test]
fn an_unknown_value_of_an_enum_is_refused() {
    assert_eq!(unknown(refused(entry(&closed(4), &[]))), "reason");
    assert_eq!(invalid(refused(entry(&closed(0), &[]))), "reason");
    assert_eq!(unknown(refused(entry(&closed(1), &[&posting(3, 7, &[])]))), "side");
    assert_eq!(unknown(refused(entry(&closed(1), &[&posting(1, 24, &[])]))), "account");
}

#[test]
fn topics_stand_in_order_and_each_once() {
    let sealed = [field(1, &[3; 16]), field(2, &[4; 16]), field(3, &[5; 32])].concat();
    let changed = |topics: &[u8]| {
        let (url, status) = (field(4, &sealed), number(5, 1));
        let fields = [field(1, &[2; 16]), number(2, 1), field(3, topics), url, status];
        decode(entry(&field(64, &fields.concat()), &[]))
    };
    assert!(changed(&[1, 2]).is_ok());
    assert_eq!(invalid(changed(&[2, 1]).unwrap_err()), "topics");
    assert_eq!(invalid(changed(&[1, 1]).unwrap_err()), "topics");
    assert_eq!(invalid(changed(&[0]).unwrap_err()), "topics");
    assert_eq!(unknown(changed(&[100]).unwrap_err()), "topics");
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands() {
    let unknown_number = number(999, 1);
    let in_entry = entry(&closed(1), &[&unknown_number]);
    let in_event_list = entry(&[closed(1), unknown_number.clone()].concat(), &[]);
    let in_event = field(11, &[field(1, &[2; 16]), number(2, 1), unknown_number.clone()].concat());
    let in_postings = [posting(1, 7, &unknown_number), posting(2, 8, &[])].concat();
    assert_eq!(unknown(refused(in_entry)), "entry");
    assert_eq!(unknown(refused(in_event_list)), "entry");
    assert_eq!(unknown(refused(entry(&in_event, &[]))), "entry");
    assert_eq!(unknown(refused(entry(&closed(1), &[&in_postings]))), "entry");
}

#[test]
fn an_account_has_exactly_the_ids_of_its_kind() {
    let holder = field(3, &[1; 16]);
    let subject = field(4, &[1; 16]);
    let scheme = number(5, 1);
    let [nobody, held, ledger]: [&[&[u8]]; 3] = [&[], &[&holder, &subject], &[&subject]];
    let (owned, network): (&[&[u8]], &[&[u8]]) = (&[&holder], &[&scheme]);
    let mixed: [&[&[u8]]; 3] =
        [&[&holder, &scheme], &[&subject, &scheme], &[&holder, &subject, &scheme]];
    let all = [&[nobody, owned, held, ledger, network][..], &mixed].concat();
    for account in 0..24 {
        let own = match account {
            1 | 3 | 4 | 10 => Some(owned),
            2 | 9 => Some(held),
            5 | 6 => Some(network),
            7 | 8 | 11..=18 => Some(nobody),
            19..=23 => Some(ledger),
            _ => None,
        };
        for &ids in &all {
            let named = format!("{account} with {ids:?}");
            let debit = posting(1, account, &ids.concat());
            let credit = posting(2, account, &ids.concat());
            let read = decode(entry(&closed(1), &[&debit, &credit]));
            if own == Some(ids) {
                assert!(read.is_ok(), "{named}");
            } else {
                assert_eq!(invalid(read.unwrap_err()), "account", "{named}");
            }
        }
    }
    let short = entry(&closed(1), &[&posting(1, 1, &field(3, &[1; 15]))]);
    assert_eq!(invalid(refused(short)), "holder");
}

#[test]
fn postings_that_do_not_balance_are_refused() {
    let bytes = entry(&closed(1), &[&posting(1, 7, &[])]);
    assert!(matches!(refused(bytes), Undecodable::Postings(_)));
}

#[test]
fn a_missing_field_is_named() {
    let full = [number(1, 2), field(2, &PREVIOUS.0), field(4, &[1; 16]), field(6, &closed(1))];
    decode(full.concat()).unwrap();
    for (left_out, name) in ["position", "previous", "command_id", "events"].iter().enumerate() {
        let mut fields = full.to_vec();
        fields.remove(left_out);
        assert_eq!(invalid(refused(fields.concat())), *name);
    }
    assert_eq!(invalid(refused(Vec::new())), "position");
}

#[test]
fn only_the_first_entry_follows_nothing() {
    let at = |position, previous: [u8; 32]| {
        let head = [number(1, position), field(2, &previous), field(4, &[1; 16])].concat();
        decode([head, field(6, &closed(1))].concat())
    };
    assert!(at(1, [0; 32]).is_ok());
    assert!(at(2, [1; 32]).is_ok());
    assert_eq!(invalid(at(1, [1; 32]).unwrap_err()), "previous");
    assert_eq!(invalid(at(2, [0; 32]).unwrap_err()), "previous");
}

#[test]
fn values_out_of_range_are_refused() {
    let late = [number(1, 2), field(2, &PREVIOUS.0), number(3, 1 << 48), field(4, &[1; 16])];
    let late = [&late.concat()[..], &field(6, &closed(1))].concat();
    assert_eq!(invalid(refused(late)), "at_ms");

    let origin =
        |route| field(5, &[number(1, route), field(2, &[1; 16]), field(3, &[1; 16])].concat());
    assert!(decode(entry(&closed(1), &[&origin(0xffff)])).is_ok());
    assert_eq!(invalid(refused(entry(&closed(1), &[&origin(0x1_0000)]))), "route");

    // Card: the month, the year and the digits that the book's calendar and people can read.
    let card = |last4: &[u8], year, month| {
        let sealed = [field(1, &[1; 16]), field(2, &[1; 16]), field(3, &[1; 32])].concat();
        let fields = [
            field(1, &[1; 16]),
            field(2, &[1; 16]),
            field(3, &[1; 16]),
            field(4, b"books"),
            number(5, 1),
            field(6, &number(1, 5)),
            field(10, &sealed),
            field(11, last4),
            number(12, year),
            number(13, month),
        ];
        decode(entry(&field(12, &fields.concat()), &[]))
    };
    assert!(card(b"0019", 2029, 12).is_ok());
    assert_eq!(invalid(card(b"001x", 2029, 12).unwrap_err()), "last4");
    assert_eq!(invalid(card(b"019", 2029, 12).unwrap_err()), "last4");
    assert_eq!(invalid(card(b"0019", 1969, 12).unwrap_err()), "expiry_month");
    assert_eq!(invalid(card(b"0019", 2029, 13).unwrap_err()), "expiry_month");
    assert_eq!(invalid(card(b"0019", 0x1_0000, 12).unwrap_err()), "expiry_year");
}

#[test]
fn texts_are_taken_as_the_domain_keeps_them_or_not_at_all() {
    let declared = |summary: &[u8], mcc, percent| {
        let fields = [
            field(1, &[1; 16]),
            field(2, &[1; 16]),
            field(3, summary),
            field(4, &number(1, 5)),
            field(5, b"shop"),
            field(6, &varint(mcc)),
            number(8, percent),
            number(10, 5),
        ];
        decode(entry(&field(7, &fields.concat()), &[]))
    };
    assert!(declared(b"a book", 9_999, 255).is_ok());
    let too_long = [b'x'; 501];
    for text in [&b""[..], b" a book", b"a\nbook", &too_long] {
        assert_eq!(invalid(declared(text, 1, 1).unwrap_err()), "summary");
    }
    assert!(matches!(declared(b"\xff", 1, 1), Err(Undecodable::Malformed(_))));
    assert_eq!(invalid(declared(b"a book", 10_000, 1).unwrap_err()), "mccs");
    assert_eq!(invalid(declared(b"a book", 1, 256).unwrap_err()), "tolerance_percent");
}

#[test]
fn an_error_says_nothing_of_what_the_bytes_hold() {
    let secret = field(3, b"a secret\n");
    let event = field(7, &[field(1, &[1; 16]), field(2, &[1; 16]), secret].concat());
    let error = refused(entry(&event, &[]));
    assert!(!format!("{error} {error:?}").contains("secret"));
    let malformed = refused(entry(&field(7, &field(3, b"a secret\xff")), &[]));
    assert!(!format!("{malformed} {malformed:?}").contains("secret"));
}
