//! The sponsor bank: where money for a virtual account is sent.

use ledger::{Asset, VirtualAccountId};

use super::derive;

/// What a sender's bank asks for. Each has the check digits that such a bank looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instructions {
    /// Dollars, by ACH or wire.
    UnitedStates {
        /// The bank: nine digits, the last a checksum.
        routing_number: String,
        /// Twelve digits.
        account_number: String,
    },
    /// Euros, in the single euro payments area.
    Euro {
        /// The account (ISO 13616).
        iban: String,
        /// The bank (ISO 9362).
        bic: &'static str,
    },
    /// Pesos, by SPEI.
    Mexico {
        /// Bank, place and account: eighteen digits, the last a checksum.
        clabe: String,
    },
    /// Pounds, by Faster Payments.
    UnitedKingdom {
        /// The bank: six digits.
        sort_code: &'static str,
        /// Eight digits.
        account_number: String,
    },
}

/// A routing number without its last digit. Banks have none that begins with 80: such stood on travellers' cheques.
const ROUTING_NUMBER: &str = "80000000";
/// German bank codes begin with 1 to 8, so this is no bank's.
const BANK_CODE: &str = "99900000";
const BIC: &str = "LDGRDEFF";
/// A bank and a place that Mexico has not given a number.
const CLABE_BANK: &str = "999000";
const SORT_CODE: &str = "990000";

/// Where `currency` is sent to reach the account; `None` for what no bank has. The sandbox keeps no register: the numbers
/// follow from the id. The shortest, of eight digits, is the same for two of 10,000 accounts with a chance of 40 %.
pub fn instructions(
    seed: &[u8; 32],
    account: VirtualAccountId,
    currency: Asset,
) -> Option<Instructions> {
    let digits = |count: u32| -> String {
        let derived = derive(seed, "bank account", account.0);
        let (number, _) = derived.split_first_chunk().expect("a hash has more than 16 bytes");
        let number = u128::from_be_bytes(*number) % 10_u128.pow(count);
        format!("{number:0width$}", width = count as usize)
    };
    match currency {
        Asset::Usd => Some(Instructions::UnitedStates {
            routing_number: with_routing_checksum(ROUTING_NUMBER),
            account_number: digits(12),
        }),
        Asset::Eur => Some(Instructions::Euro {
            iban: german_iban(&format!("{BANK_CODE}{}", digits(10))),
            bic: BIC,
        }),
        Asset::Mxn => Some(Instructions::Mexico {
            clabe: with_clabe_checksum(&format!("{CLABE_BANK}{}", digits(11))),
        }),
        Asset::Gbp => {
            Some(Instructions::UnitedKingdom { sort_code: SORT_CODE, account_number: digits(8) })
        }
        Asset::Usdc
        | Asset::Usdt
        | Asset::Pyusd
        | Asset::Eurc
        | Asset::Eth
        | Asset::Sol
        | Asset::Pol
        | Asset::Avax
        | Asset::Trx => None,
    }
}

/// The digit that makes the weighted sum of an ABA number a multiple of ten.
fn with_routing_checksum(digits: &str) -> String {
    let sum: u32 = weighted(digits).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// As an ABA number's, but of each product only the last digit counts.
fn with_clabe_checksum(digits: &str) -> String {
    let sum: u32 = weighted(digits).map(|product| product % 10).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Each digit times 3, 7 or 1, in turn.
fn weighted(digits: &str) -> impl Iterator<Item = u32> {
    digits.bytes().zip([3, 7, 1].into_iter().cycle()).map(|(digit, weight)| {
        let digit = u32::from(digit - b'0');
        digit * weight
    })
}

/// The country, two check digits, and the account (ISO 7064, mod 97-10).
fn german_iban(account: &str) -> String {
    // "DE00", as letters count in an IBAN, behind the account.
    let number: u128 = format!("{account}131400").parse().expect("the account is of digits");
    format!("DE{:02}{account}", 98 - number % 97)
}

#[cfg(test)]
mod tests;
