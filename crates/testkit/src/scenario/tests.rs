use ledger::Timestamp;

use super::*;
use crate::depth::Core;

fn play(text: &str) -> Result<(), String> {
    let scenario = Scenario::parse("some.scenario", text).map_err(|failure| failure.to_string())?;
    let mut core = Core::new(Timestamp::of_month(2026, 11));
    scenario.play(&mut core).map_err(|failure| failure.to_string())
}

const TIP: &str = "
# A tip: clearing above the hold takes the rest from available.
deposit   alice 200.00 USD                        => available 200.00 held 0.00
authorize a1 alice 100.00 USD \"Bistro\" mcc 5812   => approved available 100.00 held 100.00
clear     a1 120.00 final                         => settled  available 80.00 held 0.00
trial                                             => 0
";

#[test]
fn a_scenario_that_is_right_passes() {
    assert_eq!(play(TIP), Ok(()));
}

#[test]
fn a_line_that_is_wrong_is_shown_with_what_was_expected_and_found() {
    let wrong = TIP.replace("available 80.00", "available 80.01");
    let told = play(&wrong).unwrap_err();
    assert_eq!(
        told,
        "some.scenario:5: clear     a1 120.00 final                         \
         => settled  available 80.01 held 0.00\n  \
         expected  available 80.01\n  got       available 80.00"
    );
}

#[test]
fn each_kind_of_expectation_can_fail() {
    for (right, wrong) in [
        ("=> approved", "=> declined insufficient_funds"),
        ("=> approved", "=> rejected not_pending"),
        ("=> approved", "=> replayed"),
        ("=> settled ", "=> voided "),
        ("=> settled ", "=> told settled "),
        ("=> settled ", "=> left 1.00 settled "),
        ("=> settled ", "=> warned max settled "),
        ("=> settled ", "=> late settled "),
        ("=> settled ", "=> linked settled "),
        ("=> settled ", "=> a1 available 1.00 settled "),
        ("=> settled ", "=> alice settled 0.00 settled "),
        ("=> settled ", "=> reserved 1.00 settled "),
        ("=> settled ", "=> withdrawing 1.00 settled "),
        ("=> settled ", "=> available 80.00 USDC settled "),
        ("=> approved", "=> approved 99.99"),
        ("=> settled ", "=> a1 pending settled "),
        ("=> settled ", "=> incoming 1.00 settled "),
        ("=> settled ", "=> overdrawn 1.00 settled "),
        ("=> settled ", "=> settled 0.00 settled "),
        ("held 0.00\ntrial", "held 0.00 memo\ntrial"),
        ("held 0.00\ntrial", "held 0.00 debit held 120.00 credit payable 120.00\ntrial"),
    ] {
        let scenario = TIP.replace(right, wrong);
        assert_ne!(scenario, TIP, "{right}");
        assert!(
            play(&scenario).is_err_and(|told| told.contains("expected") || told.contains("told")),
            "{wrong}"
        );
    }
}

#[test]
fn a_line_without_an_outcome_expects_that_it_is_done() {
    let told = play("authorize a1 alice 1.00 \"Bistro\"").unwrap_err();
    assert!(told.contains("got       declined insufficient_funds"), "{told}");
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (line, reason) in [
        ("pay alice 1.00", "`pay` is no verb"),
        ("deposit alice 1.00", "an asset is missing"),
        ("deposit alice 1.000 EUR", "`1.000` is no amount of it"),
        ("freeze c1 now", "`now` is not understood"),
        ("freeze c1 => frosty", "a state is missing"),
        ("freeze c1 => c1 frosty", "`c1 frosty` is not understood"),
        ("clock 5x", "`5x` is not a duration"),
        ("clock to next 24:00", "`24:00` is not a time"),
        ("card c1 bot multi max 1.00 hours 09:00-09:00", "`09:00-09:00` is not hours of a day"),
        ("card c1 bot multi max 1.00 blocked", "a category is missing"),
        ("policy bot limit 1.00", "a window is missing"),
        ("increment a1", "an amount is missing"),
        ("wire v1 1.005 EUR", "`1.005` is no amount of EUR"),
        ("transfer t1 w1 1.00 USDC to mars", "`mars` is not a rail"),
        ("journal debit l1", "an amount is missing"),
        ("settle => debit payable", "an amount is missing"),
        ("authorize a1 c1 1.00 Bistro", "`Bistro` is not quoted"),
        ("authorize a1 c1 1.00 \"Bistro", "a quotation mark is missing"),
        ("intent i1 c1 1 \"Bistro\"", "`1` is no amount in dollars and cents"),
    ] {
        let failure = Scenario::parse("some.scenario", &format!("\n{line}")).unwrap_err();
        let expected = Failure {
            place: "some.scenario:2".to_owned(),
            text: line.to_owned(),
            reason: reason.to_owned(),
        };
        assert_eq!(failure, expected);
    }
}

#[test]
fn a_name_that_is_not_bound_is_told() {
    let told = play("clear a1").unwrap_err();
    assert_eq!(told, "some.scenario:1: clear a1\nnothing is named `a1`");
}

#[test]
fn a_ledgers_balance_and_lines_are_compared() {
    let story = "
ledger  a1 asset EUR
ledger  l1 liability EUR
journal debit a1 5.00 credit l1 5.00 => l1 balance 5.00 debit a1 5.00 credit l1 5.00
";
    assert_eq!(play(story), Ok(()));
    for (right, wrong) in [("balance 5.00", "balance 5.01"), ("=> l1", "=> a1 closed l1")] {
        assert!(play(&story.replace(right, wrong)).is_err_and(|told| told.contains("expected")));
    }
    let wrong = story.replace("credit l1 5.00\n", "credit a1 5.00\n");
    assert!(play(&wrong).is_err_and(|told| told.contains("got       debit a1 5.00 EUR")));
}
