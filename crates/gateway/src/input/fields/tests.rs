use ledger::Amount;

use super::*;
use crate::input::read::{cents, text};

fn read<T>(body: &str, read: impl FnOnce(&mut Fields) -> Result<T, Error>) -> Result<T, String> {
    Fields::of_body(body.as_bytes(), read).map_err(|error| error.to_string())
}

#[test]
fn what_was_asked_for_is_read_and_the_rest_is_refused() {
    let amount = |fields: &mut Fields| fields.required("amount", cents);
    assert_eq!(read(r#"{"amount": 12}"#, amount), Ok(Amount(12)));
    assert_eq!(read(r#"{}"#, amount), Err("`amount` is missing".to_owned()));
    assert_eq!(read("", amount), Err("`amount` is missing".to_owned()));
    let unknown = Err("`note` is not known here".to_owned());
    assert_eq!(read(r#"{"amount": 12, "note": 1}"#, amount), unknown);
    let doubled = Err("`amount` stands twice".to_owned());
    assert_eq!(read(r#"{"amount": 12, "amount": 12}"#, amount), doubled);
}

#[test]
fn a_field_of_an_object_or_list_is_named_by_its_path() {
    let name = |fields: &mut Fields| {
        fields
            .required("merchant", |field| field.object(|fields| fields.required("name", text::<9>)))
    };
    let found = read(r#"{"merchant": {"name": 1}}"#, name);
    assert_eq!(found, Err("`merchant.name` must be a string".to_owned()));
    let found = read(r#"{"merchant": {"name": "m", "a": 1}}"#, name);
    assert_eq!(found, Err("`merchant.a` is not known here".to_owned()));
    let found = read(r#"{"merchant": {"name": "m", "name": "n"}}"#, name);
    assert_eq!(found, Err("`merchant.name` stands twice".to_owned()));

    let amounts = |fields: &mut Fields| fields.optional("amounts", |field| field.list(2, cents));
    assert_eq!(read(r#"{"amounts": [1, 2]}"#, amounts), Ok(Some(vec![Amount(1), Amount(2)])));
    let found = read(r#"{"amounts": [1, 1.0]}"#, amounts);
    assert!(found.unwrap_err().starts_with("`amounts[1]` must be"));
    let found = read(r#"{"amounts": [1, 2, 3]}"#, amounts);
    assert_eq!(found, Err("`amounts` must have at most 2 items".to_owned()));
}

#[test]
fn null_is_not_the_same_as_nothing() {
    let note = |fields: &mut Fields| fields.optional("note", text::<9>).map(|note| note.is_some());
    assert_eq!(read("{}", note), Ok(false));
    assert_eq!(read(r#"{"note": null}"#, note), Err("`note` must be a string".to_owned()));
}

#[test]
fn an_amount_is_an_integer_that_json_carries_exactly() {
    let amount = |fields: &mut Fields| fields.required("a", cents);
    assert_eq!(read(r#"{"a": 9007199254740991}"#, amount), Ok(Amount(9_007_199_254_740_991)));
    for wrong in [
        "9007199254740992",
        "18446744073709551616",
        "1e2",
        "100.0",
        "0",
        "-0",
        "-1",
        "0.1e1",
        "\"1\"",
    ] {
        let found = read(&format!(r#"{{"a": {wrong}}}"#), amount);
        assert!(found.unwrap_err().starts_with("`a` must be an integer of cents"), "{wrong}");
    }
}
