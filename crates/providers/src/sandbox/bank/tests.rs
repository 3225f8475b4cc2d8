use std::collections::BTreeSet;

use super::*;

const SEED: [u8; 32] = [1; 32];

fn of(byte: u8, currency: Asset) -> Instructions {
    instructions(&SEED, VirtualAccountId([byte; 16]), currency).unwrap()
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().map(|digit| digit.to_digit(10).unwrap()).collect()
}

/// From the text of ISO 13616: the first four characters behind the others, letters as two digits, mod 97 is 1.
fn is_iban(iban: &str) -> bool {
    let moved = format!("{}{}", &iban[4..], &iban[..4]);
    let remainder = moved.chars().fold(0, |remainder, letter| {
        let value = letter.to_digit(36).unwrap();
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    });
    remainder == 1
}

#[test]
fn the_checks_are_those_of_known_numbers() {
    assert_eq!(with_routing_checksum("02100002"), "021000021");
    assert_eq!(with_clabe_checksum("03218000011835971"), "032180000118359719");
    assert_eq!(german_iban("370400440532013000"), "DE89370400440532013000");
    assert!(is_iban("GB82WEST12345698765432"));
}

#[test]
fn every_number_has_its_check_digits() {
    for byte in 0..=255 {
        let Instructions::UnitedStates { routing_number, account_number } = of(byte, Asset::Usd)
        else {
            panic!("dollars");
        };
        let [a, b, c, d, e, f, g, h, i] = digits(&routing_number).try_into().unwrap();
        assert_eq!((3 * (a + d + g) + 7 * (b + e + h) + c + f + i) % 10, 0);
        assert_eq!(digits(&account_number).len(), 12);

        let Instructions::Euro { iban, bic } = of(byte, Asset::Eur) else { panic!("euros") };
        assert!(is_iban(&iban) && iban.len() == 22, "{iban}");
        assert!(bic.len() == 8 && &bic[4..6] == "DE");

        let Instructions::Mexico { clabe } = of(byte, Asset::Mxn) else { panic!("pesos") };
        let clabe = digits(&clabe);
        let weights = [3, 7, 1].into_iter().cycle();
        let sum: u32 = clabe[..17].iter().zip(weights).map(|(d, weight)| d * weight % 10).sum();
        assert_eq!((clabe.len(), (sum + clabe[17]) % 10), (18, 0));

        let Instructions::UnitedKingdom { sort_code, account_number } = of(byte, Asset::Gbp) else {
            panic!("pounds");
        };
        assert_eq!((digits(sort_code).len(), digits(&account_number).len()), (6, 8));
    }
}

#[test]
fn an_account_has_its_own_numbers() {
    for currency in [Asset::Usd, Asset::Eur, Asset::Mxn, Asset::Gbp] {
        let all: BTreeSet<_> = (0..=255).map(|byte| format!("{:?}", of(byte, currency))).collect();
        assert_eq!(all.len(), 256, "{currency}");
    }
    let account = VirtualAccountId([7; 16]);
    assert_ne!(instructions(&[2; 32], account, Asset::Eur), Some(of(7, Asset::Eur)));
    assert_eq!(instructions(&SEED, account, Asset::Usdc), None);
}

#[test]
fn numbers_stay_what_they_are() {
    assert_eq!(
        of(2, Asset::Usd),
        Instructions::UnitedStates {
            routing_number: "800000006".to_owned(),
            account_number: "963962703004".to_owned(),
        }
    );
}
