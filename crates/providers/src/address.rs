//! Addresses on blockchains.

use std::fmt;

use ledger::deposits::Chain;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

/// The longest address: 32 bytes of 255 in base 58.
const LENGTH_MAX: usize = 44;

/// An address in the one form in which it is stored and compared: with the EIP-55 checksum on Ethereum and
/// chains like it, in base 58 on Solana and Tron.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    form: Form,
    text: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It has the form of no chain.
    #[error("this is not an address of any chain")]
    Form,
    /// A character is wrong, or a letter has the wrong case.
    #[error("the checksum of the address is wrong")]
    Checksum,
}

impl Address {
    /// Reads an address of any chain.
    ///
    /// Hexadecimal letters all in lower or all in upper case carry no checksum, as EIP-55 has it; mixed ones
    /// are checked.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if LENGTH_MAX < text.len() {
            return Err(InvalidAddress::Form);
        }
        match text.strip_prefix("0x") {
            Some(digits) => Self::parse_hex(digits),
            None => Self::parse_base58(text),
        }
    }

    /// Whether `chain` has addresses of this form. Chains like Ethereum share one.
    pub fn is_of(&self, chain: Chain) -> bool {
        self.form == Form::of(chain)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes that it is made of, without checksum.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self.form {
            Form::Solana => unbase58(&self.text),
            Form::Ethereum => unhex(&self.text[2..]),
            Form::Tron => unbase58(&self.text)[1..21].to_vec(),
        }
    }

    /// An address of `chain` made of the first bytes that it needs.
    pub(crate) fn from_bytes(chain: Chain, bytes: [u8; 32]) -> Self {
        let form = Form::of(chain);
        let text = match form {
            Form::Solana => base58(&bytes),
            Form::Ethereum => checksummed(&hex(&bytes[..20])),
            Form::Tron => {
                let payload = [&[TRON_PREFIX], &bytes[..20]].concat();
                base58(&[payload.as_slice(), &tron_checksum(&payload)].concat())
            }
        };
        Self { form, text }
    }

    fn parse_hex(digits: &str) -> Result<Self, InvalidAddress> {
        let (lower, upper) = (digits.to_ascii_lowercase(), digits.to_ascii_uppercase());
        if digits.len() != 40 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidAddress::Form);
        }
        let text = checksummed(&lower);
        if digits != lower && digits != upper && digits != &text[2..] {
            return Err(InvalidAddress::Checksum);
        }
        Ok(Self { form: Form::Ethereum, text })
    }

    fn parse_base58(text: &str) -> Result<Self, InvalidAddress> {
        let bytes = bs58::decode(text).into_vec().map_err(|_| InvalidAddress::Form)?;
        let form = match bytes.len() {
            32 => Form::Solana,
            25 if bytes[0] == TRON_PREFIX => {
                let (payload, checksum) = bytes.split_at(21);
                if checksum != tron_checksum(payload) {
                    return Err(InvalidAddress::Checksum);
                }
                Form::Tron
            }
            _ => return Err(InvalidAddress::Form),
        };
        Ok(Self { form, text: text.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A public key of 32 bytes, in base 58.
    Solana,
    /// 20 bytes in hexadecimal, the case of whose letters is a checksum (EIP-55).
    Ethereum,
    /// [`TRON_PREFIX`], 20 bytes and a checksum of four, in base 58.
    Tron,
}

impl Form {
    fn of(chain: Chain) -> Self {
        match chain {
            Chain::Solana => Self::Solana,
            Chain::Ethereum
            | Chain::Arbitrum
            | Chain::Base
            | Chain::Optimism
            | Chain::Polygon
            | Chain::Avalanche => Self::Ethereum,
            Chain::Tron => Self::Tron,
        }
    }
}

/// What makes an address of Tron's main network begin with `T`.
const TRON_PREFIX: u8 = 0x41;

fn tron_checksum(payload: &[u8]) -> [u8; 4] {
    let hash = Sha256::digest(Sha256::digest(payload));
    [hash[0], hash[1], hash[2], hash[3]]
}

/// `0x` and the digits, in upper case where the same digit of their hash is 8 or more (EIP-55).
fn checksummed(lower: &str) -> String {
    let hash = hex(&Keccak256::digest(lower));
    let digits = lower.chars().zip(hash.chars()).map(|(digit, of_hash)| match of_hash {
        '8'.. => digit.to_ascii_uppercase(),
        _ => digit,
    });
    "0x".chars().chain(digits).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("an address is checked") as u8;
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn unbase58(text: &str) -> Vec<u8> {
    bs58::decode(text).into_vec().expect("an address is checked")
}

fn base58(bytes: &[u8]) -> String {
    bs58::encode(bytes).into_string()
}

#[cfg(test)]
mod tests;
