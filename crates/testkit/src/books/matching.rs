//! Whether a purchase is the one that was declared: amount, merchant, category.

use ledger::matching::{Comparison, Expectation, Merchant, Tolerance};

/// Words that say what kind of company it is.
const FORMS: [&str; 14] = [
    "ag",
    "bv",
    "co",
    "com",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "limited",
    "llc",
    "ltd",
    "plc",
    "sa",
];

/// How a purchase of `amount` at a merchant compares with what was expected.
pub fn compare(expectation: &Expectation, amount: u128, merchant: &Merchant) -> Comparison {
    let expected = expectation.amount.0;
    let difference = expected.max(amount) - expected.min(amount);
    let amount = match expectation.tolerance {
        Tolerance::Amount(allowed) => difference <= allowed.0,
        Tolerance::Percent(percent) => difference * 100 <= expected * u128::from(percent),
    };
    let is_same = is_same(expectation.merchant.as_str(), merchant.name.as_str());
    let mcc = match merchant.mcc {
        _ if expectation.mccs.is_empty() => true,
        Some(mcc) => expectation.mccs.contains(&mcc),
        None => false,
    };
    Comparison { amount, merchant: is_same, mcc }
}

/// Whether one name is a part of the other.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (core(one), core(other));
    let is_part = one.contains(&other) || other.contains(&one);
    !one.is_empty() && !other.is_empty() && is_part
}

/// The letters and digits of a name without the legal form at its end.
fn core(name: &str) -> String {
    let name = name.replace('\'', "").to_lowercase();
    let mut words: Vec<&str> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has_a_name = words.iter().any(|word| !FORMS.contains(word));
    while has_a_name && words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    words.concat()
}
