use super::*;

fn refusal(digits: &str) -> Option<InvalidCardNumber> {
    CardNumber::parse(digits).err()
}

#[test]
fn well_known_test_numbers_are_valid() {
    for digits in ["4111111111111111", "378282246310005", "5555555555554444", "6759649826438453"] {
        let number = CardNumber::parse(digits).unwrap();
        assert_eq!(number.expose(), digits);
        assert_eq!(number.last4(), &digits[digits.len() - 4..]);
    }
}

#[test]
fn what_is_no_card_number_is_refused() {
    use InvalidCardNumber::*;
    assert_eq!(refusal("4111 1111 1111 1111"), Some(NotDigits));
    assert_eq!(refusal("٤١١١١١١١١١١١"), Some(NotDigits));
    assert_eq!(refusal(""), Some(Length { digits: 0 }));
    assert_eq!(refusal(&"0".repeat(11)), Some(Length { digits: 11 }));
    assert_eq!(refusal(&"0".repeat(12)), None);
    assert_eq!(refusal(&"0".repeat(19)), None);
    assert_eq!(refusal(&"0".repeat(20)), Some(Length { digits: 20 }));
}

#[test]
fn any_single_wrong_digit_is_noticed() {
    let right = "4111111111111111";
    for place in 0..right.len() {
        for wrong in '0'..='9' {
            let mut digits = right.to_owned();
            digits.replace_range(place..=place, wrong.encode_utf8(&mut [0; 4]));
            let expected = (digits != right).then_some(InvalidCardNumber::CheckDigit);
            assert_eq!(refusal(&digits), expected, "{digits}");
        }
    }
}

#[test]
fn random_numbers_are_valid_and_of_their_issuer() {
    for _ in 0..1_000 {
        let number = CardNumber::random("411111");
        assert!(CardNumber::parse(number.expose()).is_ok());
        assert_eq!(number.expose().len(), 16);
        assert!(number.expose().starts_with("411111"));
    }
    assert_ne!(CardNumber::random("411111").expose(), CardNumber::random("411111").expose());
}

#[test]
fn a_cvv_keeps_its_leading_zeros() {
    assert_eq!(Cvv::from_mac(&[0; 32]).expose(), "000");
}
