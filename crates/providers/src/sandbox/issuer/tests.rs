use super::*;

#[test]
fn a_number_has_sixteen_digits_that_begin_as_test_numbers_do_and_check() {
    let (number, _) = issue(Timestamp::MAX);
    assert!(number.expose().starts_with(TEST_BIN));
    assert_eq!(number.expose().len(), 16);
    assert!(CardNumber::parse(number.expose()).is_ok());
}

#[test]
fn a_card_is_valid_to_the_end_of_the_month_three_years_ahead() {
    let month = |year, number| Month::new(year, number).unwrap();
    let first_of_november_2026 = Timestamp::of_month(2026, 11);
    let last_of_october_2026 = first_of_november_2026.minus_ms(1);
    assert_eq!(last_month(first_of_november_2026), month(2029, 11));
    assert_eq!(last_month(last_of_october_2026), month(2029, 10));
    assert_eq!(last_month(Timestamp::of_month(2026, 12)), month(2029, 12));
}
