//! Fields of a body, and what can be wrong with each.

use serde_json::Value;

/// What is done to a field.
pub(super) enum Change {
    /// Other JSON stands there, or what is none.
    Put(Vec<u8>),
    Remove,
    Double,
    /// An unknown one stands beside it.
    Beside,
}

/// A field: its JSON pointer, and what messages call it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) pointer: String,
    pub(super) name: String,
}

/// Every field of a body, those in objects and lists included.
pub(super) fn places(body: &Value) -> Vec<Place> {
    fn walk(value: &Value, place: &Place, found: &mut Vec<Place>) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    let pointer = format!("{}/{member}", place.pointer);
                    let name = match place.name.as_str() {
                        "" => member.clone(),
                        name => format!("{name}.{member}"),
                    };
                    let inner = Place { pointer, name };
                    found.push(inner.clone());
                    walk(value, &inner, found);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let pointer = format!("{}/{index}", place.pointer);
                    let inner = Place { pointer, name: format!("{}[{index}]", place.name) };
                    found.push(inner.clone());
                    walk(value, &inner, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(body, &Place { pointer: String::new(), name: String::new() }, &mut found);
    found
}

/// What stands beside a field.
pub(super) fn sibling(name: &str, other: &str) -> String {
    match name.rsplit_once('.') {
        Some((object, _)) => format!("{object}.{other}"),
        None => other.to_owned(),
    }
}

/// What can be wrong with a field, and what that is called.
pub(super) fn changes(
    template: &Value,
    body: &Value,
    place: &Place,
) -> Vec<(&'static str, Change)> {
    let value = body.pointer(&place.pointer).unwrap();
    let meant = template.pointer(&place.pointer).unwrap().as_str();
    let is_id = meant.is_some_and(|text| text.starts_with('$'));
    let texts: Vec<(&'static str, String)> = match value {
        Value::Null => Vec::new(),
        Value::Bool(_) => [
            ("a text", "\"true\""),
            ("a number", "1"),
            ("zero", "0"),
            ("a list", "[]"),
            ("an object", "{}"),
        ]
        .map(|(what, text)| (what, text.to_owned()))
        .into(),
        Value::Number(_) => [
            ("a text", "\"1\""),
            ("true", "true"),
            ("a list", "[1]"),
            ("an object", "{}"),
            ("minus one", "-1"),
            ("minus zero", "-0"),
            ("zero", "0"),
            ("a point", "1.0"),
            ("a fraction", "1.5"),
            ("an exponent", "1e3"),
            ("2^53", "9007199254740992"),
            ("2^64 - 1", "18446744073709551615"),
            ("2^64", "18446744073709551616"),
            ("10^400", "1e400"),
            ("no number", "NaN"),
        ]
        .map(|(what, text)| (what, text.to_owned()))
        .into(),
        Value::String(text) => {
            let mut wrong: Vec<_> = [
                ("a number", "1"),
                ("true", "true"),
                ("a list", "[\"a\"]"),
                ("an object", "{}"),
                ("nothing in it", "\"\""),
                ("white space", "\"   \""),
                ("a control character", "\"a\\u0000b\""),
                ("a line break", "\"a\\nb\""),
                ("half a character", "\"\\ud800\""),
                ("a bad escape", "\"\\x\""),
                match text.starts_with("0x") && text.len() == 42 {
                    true => ("no address", "\"0x12\""),
                    false => ("a word", "\"nothing\""),
                },
            ]
            .map(|(what, text)| (what, text.to_owned()))
            .into();
            wrong.push(("too long", format!("\"{}\"", "ä".repeat(1_001))));
            if text.parse::<f64>().is_ok() {
                let amounts =
                    ["0", "-1", "1e3", "1,5", ".5", "1.", "+1", "0x1", "1.0000000000000000001"];
                wrong.extend(amounts.map(|amount| ("no amount", format!("\"{amount}\""))));
                wrong.push(("too much", format!("\"{}\"", "9".repeat(400))));
            }
            if is_id {
                wrong.push(("another kind's id", "\"book_01h455vb4pex5vsknk084sn02q\"".to_owned()));
            }
            wrong
        }
        Value::Array(items) => {
            let first = items[0].to_string();
            vec![
                ("a text", "\"a\"".to_owned()),
                ("a number", "1".to_owned()),
                ("an object", "{}".to_owned()),
                ("nothing in it", "[]".to_owned()),
                ("null in it", "[null]".to_owned()),
                ("a list in it", "[[]]".to_owned()),
                ("too long", format!("[{}]", vec![first; 1_001].join(","))),
            ]
        }
        Value::Object(_) => {
            [("a text", "\"a\""), ("a number", "1"), ("true", "true"), ("a list", "[]")]
                .map(|(what, text)| (what, text.to_owned()))
                .into()
        }
    };
    let mut all: Vec<_> =
        texts.into_iter().map(|(what, text)| (what, Change::Put(text.into_bytes()))).collect();
    if value.is_string() {
        all.push(("bad UTF-8", Change::Put(b"\"\xff\"".to_vec())));
    }
    all.push(("null", Change::Put(b"null".to_vec())));
    // Lists may be longer and shorter.
    if !place.name.ends_with(']') {
        all.push(("missing", Change::Remove));
        all.push(("twice", Change::Double));
        all.push(("unknown beside it", Change::Beside));
    }
    all
}

/// The body as text, changed at the pointer.
pub(super) fn changed(body: &Value, pointer: &str, change: &Change) -> Vec<u8> {
    let mut text = Vec::new();
    write(body, pointer, change, &mut text);
    text
}

fn write(value: &Value, pointer: &str, change: &Change, text: &mut Vec<u8>) {
    let Some((here, rest)) = step_into(pointer) else {
        match change {
            Change::Put(bytes) => text.extend(bytes),
            Change::Remove | Change::Double | Change::Beside => {
                text.extend(value.to_string().bytes())
            }
        }
        return;
    };
    let is_last = rest.is_empty();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let mut part = format!("\"{name}\":").into_bytes();
                if name != here {
                    part.extend(value.to_string().bytes());
                    parts.push(part);
                    continue;
                }
                write(value, rest, change, &mut part);
                match change {
                    Change::Remove if is_last => {}
                    Change::Double if is_last => parts.extend([part.clone(), part]),
                    Change::Beside if is_last => parts.extend([part, b"\"colour\":1".to_vec()]),
                    _ => parts.push(part),
                }
            }
            text.extend([b"{", parts.join(&b","[..]).as_slice(), b"}"].concat());
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let mut part = Vec::new();
                match index.to_string() == here {
                    true => write(value, rest, change, &mut part),
                    false => part.extend(value.to_string().bytes()),
                }
                parts.push(part);
            }
            text.extend([b"[", parts.join(&b","[..]).as_slice(), b"]"].concat());
        }
        other => panic!("nothing is in {other}"),
    }
}

/// The first part of a pointer, and what follows it.
fn step_into(pointer: &str) -> Option<(&str, &str)> {
    let rest = pointer.strip_prefix('/')?;
    Some(rest.find('/').map_or((rest, ""), |at| rest.split_at(at)))
}
