//! What of JSON Schema the description of the API uses.

use serde_json::Value;

/// What in `value` is not as `schema` says; nothing, when all is. `document` is what references are looked up in.
pub(crate) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(document, schema, value, "", &mut faults);
    faults
}

/// What stands where a reference points.
pub(crate) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(to) => {
            let pointer = to.strip_prefix('#').unwrap();
            let found = document.pointer(pointer).unwrap_or_else(|| panic!("no `{to}`"));
            resolved(document, found)
        }
        None => schema,
    }
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let rules = match resolved(document, schema) {
        Value::Bool(true) => return,
        Value::Bool(false) => return faults.push(format!("`{at}` must not be there")),
        Value::Object(rules) => rules,
        other => panic!("no schema: {other}"),
    };
    for (rule, wanted) in rules {
        if let Some(fault) = broken(document, rule, wanted, rules, value, at, faults) {
            faults.push(format!("`{at}` {fault}: {value}"));
        }
    }
}

/// What is wrong by one rule. What is wrong further in is added to `faults`.
fn broken(
    document: &Value,
    rule: &str,
    wanted: &Value,
    rules: &serde_json::Map<String, Value>,
    value: &Value,
    at: &str,
    faults: &mut Vec<String>,
) -> Option<String> {
    let holds = |schema: &Value| self::faults(document, schema, value).is_empty();
    let number = value.as_f64();
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let items = value.as_array();
    let members = value.as_object();
    let is_kept = match rule {
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|of| is_a(value, of)),
            one => is_a(value, one),
        },
        "enum" => wanted.as_array().unwrap().contains(value),
        "const" => wanted == value,
        "oneOf" => wanted.as_array().unwrap().iter().filter(|schema| holds(schema)).count() == 1,
        "anyOf" => wanted.as_array().unwrap().iter().any(holds),
        "allOf" => wanted.as_array().unwrap().iter().all(holds),
        "if" => !holds(wanted) || rules.get("then").is_none_or(holds),
        "required" => members.is_none_or(|members| {
            wanted
                .as_array()
                .unwrap()
                .iter()
                .all(|name| members.contains_key(name.as_str().unwrap()))
        }),
        "dependentRequired" => members.is_none_or(|members| {
            wanted.as_object().unwrap().iter().all(|(name, others)| {
                let is_there = |other: &Value| members.contains_key(other.as_str().unwrap());
                !members.contains_key(name) || others.as_array().unwrap().iter().all(is_there)
            })
        }),
        "properties" => {
            for (name, schema) in wanted.as_object().unwrap() {
                if let Some(member) = members.and_then(|members| members.get(name)) {
                    check(document, schema, member, &format!("{at}/{name}"), faults);
                }
            }
            true
        }
        "additionalProperties" => {
            let known = rules.get("properties").and_then(Value::as_object);
            for (name, member) in members.into_iter().flatten() {
                if known.is_none_or(|known| !known.contains_key(name)) {
                    check(document, wanted, member, &format!("{at}/{name}"), faults);
                }
            }
            true
        }
        "propertyNames" => members.is_none_or(|all| {
            all.keys().all(|name| self::faults(document, wanted, &name.as_str().into()).is_empty())
        }),
        "items" => {
            for (index, item) in items.into_iter().flatten().enumerate() {
                check(document, wanted, item, &format!("{at}/{index}"), faults);
            }
            true
        }
        "minimum" => number.is_none_or(|number| wanted.as_f64().unwrap() <= number),
        "maximum" => number.is_none_or(|number| number <= wanted.as_f64().unwrap()),
        "minLength" => length.is_none_or(|length| wanted.as_u64().unwrap() <= length),
        "maxLength" => length.is_none_or(|length| length <= wanted.as_u64().unwrap()),
        "minItems" => items.is_none_or(|items| wanted.as_u64().unwrap() <= items.len() as u64),
        "maxItems" => items.is_none_or(|items| items.len() as u64 <= wanted.as_u64().unwrap()),
        "minProperties" => members.is_none_or(|all| wanted.as_u64().unwrap() <= all.len() as u64),
        "maxProperties" => members.is_none_or(|all| all.len() as u64 <= wanted.as_u64().unwrap()),
        "format" => value.as_str().is_none_or(|text| has_format(text, wanted.as_str().unwrap())),
        // Texts are tried by `deploy/openapi`; the rest says nothing of a value.
        "pattern" | "description" | "then" | "contentMediaType" | "default" | "example"
        | "examples" | "title" | "$ref" => true,
        other => panic!("the rule `{other}` is not known here"),
    };
    (!is_kept).then(|| format!("breaks `{rule}` {wanted}"))
}

fn is_a(value: &Value, of: &Value) -> bool {
    match of.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called `{other}`"),
    }
}

fn has_format(text: &str, format: &str) -> bool {
    let like = |form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
                form => byte == form,
            })
    };
    match format {
        "date-time" => like("0000-00-00T00:00:00.000Z") || like("0000-00-00T00:00:00Z"),
        "date" => like("0000-00-00"),
        "uuid" => like("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
        "email" => text.contains('@'),
        "uri" => text.contains("://"),
        "int32" | "int64" | "double" => true,
        other => panic!("no format is called `{other}`"),
    }
}

#[test]
fn what_is_not_as_a_schema_says_is_found() {
    let document = serde_json::json!({ "s": {
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {
            "a": { "type": ["integer", "null"], "minimum": 1 },
            "b": { "type": "array", "items": { "enum": ["x"] } },
            "c": { "oneOf": [{ "type": "string" }, { "const": 1 }] },
            "d": { "type": "string", "format": "date-time" },
        },
    }});
    let schema = serde_json::json!({ "$ref": "#/s" });
    for (text, count) in [
        (r#"{"a":1}"#, 0),
        (r#"{"a":null,"b":["x"],"c":"y","d":"2026-11-30T00:00:00.000Z"}"#, 0),
        (r#"{}"#, 1),
        (r#"[]"#, 1),
        (r#"{"a":0}"#, 1),
        (r#"{"a":"1"}"#, 1),
        (r#"{"a":1,"b":["x","y"]}"#, 1),
        (r#"{"a":1,"c":2}"#, 1),
        (r#"{"a":1,"d":"yesterday"}"#, 1),
        (r#"{"a":1,"e":1}"#, 1),
    ] {
        let found = faults(&document, &schema, &serde_json::from_str(text).unwrap());
        assert_eq!(found.len(), count, "{text}: {found:?}");
    }
}
