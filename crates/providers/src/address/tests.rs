use InvalidAddress::{Checksum, Form as NoForm};

use super::*;

/// From the text of EIP-55.
const EIP_55: [&str; 8] = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];

/// The contracts of USDC and USDT on Solana, and its system program: 32 bytes of zero.
const SOLANA: [&str; 3] = [
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB",
    "11111111111111111111111111111111",
];

/// The contract of USDT on Tron.
const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";

#[track_caller]
fn check(text: &str, expect: Result<&str, InvalidAddress>) {
    let address = Address::parse(text);
    assert_eq!(address.as_ref().map(Address::as_str), expect.as_ref().copied(), "{text}");
}

#[test]
fn an_ethereum_address_gets_the_checksum_of_eip_55() {
    for address in EIP_55 {
        check(address, Ok(address));
        check(&address.to_ascii_lowercase(), Ok(address));
        check(&format!("0x{}", address[2..].to_ascii_uppercase()), Ok(address));
    }
}

#[test]
fn an_ethereum_address_with_a_letter_in_the_other_case_is_refused() {
    for address in &EIP_55[4..] {
        for (place, letter) in address.bytes().enumerate().skip(2) {
            let mut changed = address.as_bytes().to_vec();
            changed[place] ^= 0x20;
            if letter.is_ascii_alphabetic() {
                check(std::str::from_utf8(&changed).unwrap(), Err(Checksum));
            }
        }
    }
}

#[test]
fn a_tron_address_is_the_base_58_of_prefix_bytes_and_checksum() {
    let mut bytes = [0; 32];
    bytes[..20].copy_from_slice(
        b"\x88\x40\xe6\xc5\x5b\x9a\xda\x32\x6d\x21\x1d\x81\x8c\x34\xa9\x94\xae\xce\xd8\x08",
    );
    let address = Address::from_bytes(Chain::Tron, bytes);
    assert_eq!(address.as_str(), "TNPeeaaFB7K9cmo4uQpcU32zGK8G1NYqeL");
    check(address.as_str(), Ok(address.as_str()));
    check(TRON, Ok(TRON));
}

#[test]
fn a_tron_address_with_a_letter_changed_is_refused() {
    for place in 1..TRON.len() {
        let mut changed = TRON.as_bytes().to_vec();
        changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
        let refused = Address::parse(std::str::from_utf8(&changed).unwrap());
        assert!(matches!(refused, Err(Checksum | NoForm)), "place {place}");
    }
    check(&TRON.replace("Lj6t", "LJ6t"), Err(Checksum));
}

#[test]
fn a_solana_address_is_the_base_58_of_32_bytes() {
    for address in SOLANA {
        check(address, Ok(address));
    }
    let largest = Address::from_bytes(Chain::Solana, [0xff; 32]);
    assert_eq!(largest.as_str().len(), LENGTH_MAX);
    check(largest.as_str(), Ok(largest.as_str()));
}

#[test]
fn what_has_the_form_of_no_chain_is_refused() {
    let bitcoin = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let (short, long) = (&EIP_55[0][..41], format!("{}0", EIP_55[0]));
    let upper_prefix = EIP_55[0].replace("0x", "0X");
    let no_hex = EIP_55[0].replace('E', "G");
    for text in ["", "0x", "T", "0xé", "1OIl", bitcoin, short, &long, &upper_prefix, &no_hex] {
        check(text, Err(NoForm));
    }
    check(&"1".repeat(31), Err(NoForm));
    check(&"1".repeat(33), Err(NoForm));
    check(&"z".repeat(1 << 20), Err(NoForm));
}

#[test]
fn a_space_around_an_address_is_refused() {
    for address in [EIP_55[0], SOLANA[0], TRON] {
        check(&format!(" {address}"), Err(NoForm));
        check(&format!("{address}\n"), Err(NoForm));
    }
}

#[test]
fn an_address_is_of_the_chains_that_have_its_form() {
    let chains = |text: &str| -> Vec<Chain> {
        let address = Address::parse(text).unwrap();
        Chain::ALL.into_iter().filter(|chain| address.is_of(*chain)).collect()
    };
    assert_eq!(chains(SOLANA[0]), [Chain::Solana]);
    assert_eq!(chains(TRON), [Chain::Tron]);
    assert_eq!(chains(EIP_55[0]), Chain::ALL[1..7]);
}
