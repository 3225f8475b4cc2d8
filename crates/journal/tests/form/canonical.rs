//! What could be said in two ways is taken in one.

use std::sync::Arc;

use journal::{Stored, Undecodable, decode, encode};

use crate::wire::{entry, field, number, varint};
use crate::{PREVIOUS, invalid, samples, unknown};

fn event(kind: u64, fields: &[Vec<u8>]) -> Result<Stored, Undecodable> {
    decode(entry(&field(kind, &fields.concat()), &[]))
}

fn refused(kind: u64, fields: &[Vec<u8>]) -> &'static str {
    invalid(event(kind, fields).expect_err("the bytes are no entry"))
}

fn id(number: u64) -> Vec<u8> {
    field(number, &[1; 16])
}

fn amount(field_number: u64, cents: u64) -> Vec<u8> {
    field(field_number, &if cents == 0 { Vec::new() } else { number(1, cents) })
}

fn sealed(number: u64) -> Vec<u8> {
    field(number, &[id(1), id(2), field(3, &[1; 32])].concat())
}

/// Transaction, card, agent, holder and terms of 29.99.
fn purchase() -> Vec<u8> {
    let terms = [amount(1, 2_999), number(2, 1), field(3, b"shop")].concat();
    [id(1), id(2), id(3), id(4), field(5, &terms)].concat()
}

#[test]
fn a_field_that_is_left_out_or_doubled_is_noticed() {
    let mut changed = 0;
    for (name, entry) in samples::all() {
        let written = encode(Arc::new(entry), PREVIOUS);
        for bytes in changes(&written.bytes).unwrap() {
            changed += 1;
            if let Ok(read) = decode(bytes.clone()) {
                let differs = read.entry != written.entry || read.previous != written.previous;
                assert!(differs, "{name}");
                assert_eq!(encode(read.entry, read.previous).bytes, bytes, "{name}");
            }
        }
    }
    assert!(1_000 < changed);
}

/// A message with each of its fields, and each field of those that look like messages, left out and doubled. `None`
/// for what is no message.
fn changes(message: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut changes = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = message.len() - rest.len();
        let tag = take_varint(&mut rest)?;
        let mut content = None;
        match tag & 7 {
            0 => _ = take_varint(&mut rest)?,
            2 => {
                let length = take_varint(&mut rest)?.try_into().ok()?;
                content = Some(rest.split_off(..length)?);
            }
            _ => return None,
        }
        let (before, after) = (&message[..start], rest);
        let whole = &message[start..message.len() - rest.len()];
        changes.push([before, after].concat());
        changes.push([before, whole, whole, after].concat());
        for inner in content.and_then(changes_within).into_iter().flatten() {
            changes.push([before, &field(tag >> 3, &inner), after].concat());
        }
    }
    Some(changes)
}

fn changes_within(content: &[u8]) -> Option<Vec<Vec<u8>>> {
    changes(content).filter(|changes| !changes.is_empty())
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[test]
fn controls_say_something_or_are_missing() {
    let card = |controls: Option<&[Vec<u8>]>| {
        let plain = [id(1), id(2), id(3), field(4, b"books"), number(5, 1), amount(6, 5)];
        let number = [sealed(10), field(11, b"0019"), number(12, 2029), number(13, 12)];
        let controls = controls.map(|fields| field(14, &fields.concat())).unwrap_or_default();
        event(12, &[plain.concat(), number.concat(), controls])
    };
    let hours = |from, until| vec![field(6, &[number(1, from), number(2, until)].concat())];
    let refused = |fields: &[Vec<u8>]| invalid(card(Some(fields)).unwrap_err());

    assert!(card(None).is_ok());
    assert!(card(Some(&[number(9, 1)])).is_ok());
    assert!(card(Some(&[amount(11, 0)])).is_ok());
    assert!(card(Some(&hours(1_320, 1_439))).is_ok());
    assert_eq!(refused(&[]), "controls");
    assert_eq!(refused(&[number(7, 0), number(9, 0), number(10, 0)]), "controls");
    let zero = card(Some(&[number(7, 0), number(9, 1)])).unwrap_err();
    assert_eq!(unknown(zero), "entry");

    assert_eq!(refused(&hours(540, 540)), "active_hours");
    assert_eq!(refused(&hours(540, 1_440)), "active_hours");
    assert_eq!(refused(&hours(1_440, 540)), "active_hours");
    assert_eq!(refused(&hours(0x1_0000, 540)), "from_minute");
    assert_eq!(refused(&hours(540, 0x1_0000)), "until_minute");
    assert_eq!(refused(&[field(6, &[])]), "active_hours");
    assert_eq!(refused(&[number(2, 0x1_0000)]), "ttl_days");
    assert_eq!(refused(&[field(3, &varint(10_000))]), "mccs_allowed");
    assert_eq!(refused(&[field(4, &varint(10_000))]), "mccs_blocked");
    assert_eq!(refused(&[field(5, b" shop")]), "merchant");
}

#[test]
fn what_is_approved_is_said_where_it_is_not_all() {
    let approved = |cents| event(1, &[purchase(), amount(9, cents)]);
    let purchased = |cents| event(15, &[purchase(), amount(6, cents)]);
    for cents in [0, 1, 2_998, 3_000] {
        assert!(approved(cents).is_ok());
        assert!(purchased(cents).is_ok());
    }
    assert_eq!(invalid(approved(2_999).unwrap_err()), "approved");
    assert_eq!(invalid(purchased(2_999).unwrap_err()), "approved");
}

#[test]
fn a_fee_is_not_zero() {
    let cleared = [id(1), amount(2, 5), amount(3, 5), amount(4, 0)].concat();
    for (kind, fields, fee) in [(5, cleared, 8), (15, purchase(), 7), (34, purchase(), 6)] {
        assert!(event(kind, std::slice::from_ref(&fields)).is_ok());
        assert!(event(kind, &[fields.clone(), amount(fee, 1)]).is_ok());
        assert_eq!(refused(kind, &[fields, amount(fee, 0)]), "fee");
    }
}

#[test]
fn a_chain_stands_with_the_rail_that_is_one() {
    let created = |rail, chain: Option<u64>| {
        let money = field(4, &[amount(1, 50), number(2, 5)].concat());
        let start = [id(1), id(2), id(3), money, amount(5, 0), number(6, 5), number(7, rail)];
        let chain = chain.map(|chain| number(8, chain)).unwrap_or_default();
        event(48, &[start.concat(), chain, sealed(9)])
    };
    assert!(created(1, Some(8)).is_ok());
    assert_eq!(invalid(created(1, None).unwrap_err()), "rail");
    assert_eq!(invalid(created(1, Some(0)).unwrap_err()), "chain");
    assert_eq!(unknown(created(1, Some(9)).unwrap_err()), "chain");
    for rail in 2..=6 {
        assert!(created(rail, None).is_ok());
        assert_eq!(invalid(created(rail, Some(1)).unwrap_err()), "rail");
    }
    assert_eq!(unknown(created(7, None).unwrap_err()), "rail");
}

#[test]
fn an_enforcement_is_one_or_missing() {
    let declared = |enforcement: &[u8]| {
        let start = [id(1), id(2), field(3, b"a book"), amount(4, 5), field(5, b"shop")];
        event(7, &[start.concat(), number(8, 10), enforcement.to_vec()])
    };
    assert!(declared(&[]).is_ok());
    assert!(declared(&number(12, 2)).is_ok());
    assert_eq!(invalid(declared(&number(12, 0)).unwrap_err()), "enforcement");
    assert_eq!(unknown(declared(&number(12, 3)).unwrap_err()), "enforcement");
}

#[test]
fn a_day_is_a_time_of_the_book() {
    let amounts: Vec<Vec<u8>> = (3..8).map(|number| amount(number, 0)).collect();
    let settled = |day| event(39, &[number(1, 1), number(2, day), amounts.concat()]);
    assert!(settled((1 << 48) - 1).is_ok());
    assert_eq!(invalid(settled(1 << 48).unwrap_err()), "day_ms");
}

#[test]
fn metadata_is_sorted_and_a_name_stands_once() {
    let member = |name: &[u8], text: &[u8]| field(6, &[field(1, name), field(2, text)].concat());
    let transferred = |members: &[Vec<u8>]| {
        let start = [id(1), id(2), id(3), amount(4, 5)].concat();
        event(56, &[start, members.concat()])
    };
    assert!(transferred(&[]).is_ok());
    assert!(transferred(&[member(b"a", b"1"), member(b"b", b"1")]).is_ok());
    for members in [
        [member(b"b", b"1"), member(b"a", b"1")],
        [member(b"a", b"1"), member(b"a", b"2")],
        [member(b"a", b"1"), member(b"b", b"")],
        [member(b"", b"1"), member(b"b", b"1")],
        [member(&[b'a'; 41], b"1"), member(b"b", b"1")],
    ] {
        assert_eq!(invalid(transferred(&members).unwrap_err()), "metadata");
    }
    let many: Vec<_> =
        (0..51).map(|number| member(format!("{number:02}").as_bytes(), b"1")).collect();
    assert!(transferred(&many[1..]).is_ok());
    assert_eq!(invalid(transferred(&many).unwrap_err()), "metadata");
}
