use super::*;

fn expectation(tolerance: Tolerance) -> Expectation {
    let merchant = Text::new("Amazon").unwrap();
    Expectation { amount: Amount(1_000), merchant, mccs: Vec::new(), tolerance }
}

#[test]
fn an_amount_matches_up_to_the_tolerance_and_no_further() {
    let percent = expectation(Tolerance::Percent(10));
    let fixed = expectation(Tolerance::Amount(Amount(5)));
    let within = |expectation: &Expectation, amount| {
        expectation.compare(Amount(amount), "Amazon", None).amount
    };
    assert!(within(&percent, 900) && within(&percent, 1_100));
    assert!(!within(&percent, 899) && !within(&percent, 1_101));
    assert!(within(&fixed, 995) && within(&fixed, 1_005));
    assert!(!within(&fixed, 994) && !within(&fixed, 1_006));
}

#[test]
fn names_match_whatever_their_case_punctuation_and_legal_form() {
    for same in ["AMAZON.COM*MK1AB", "Amazon, Inc.", "amazon", "www.amazon.de", "A m a z o n"] {
        assert!(is_same_merchant("Amazon", same), "`{same}`");
    }
    assert!(is_same_merchant("Wal-Mart Stores Inc.", "WALMART"));
    assert!(is_same_merchant("Macy's", "MACYS"));
    for other in ["Ebay", "Inc.", "***", ""] {
        assert!(!is_same_merchant("Amazon Inc.", other), "`{other}`");
    }
}

#[test]
fn a_declared_category_must_be_met() {
    let mut expectation = expectation(Tolerance::DEFAULT);
    let mcc = |code| Some(Mcc::new(code).unwrap());
    assert!(expectation.compare(Amount(1_000), "Amazon", None).mcc);
    expectation.mccs = vec![Mcc(5_942), Mcc(5_999)];
    assert!(expectation.compare(Amount(1_000), "Amazon", mcc(5_999)).mcc);
    assert!(!expectation.compare(Amount(1_000), "Amazon", mcc(5_998)).mcc);
    assert!(!expectation.compare(Amount(1_000), "Amazon", None).mcc);
}
