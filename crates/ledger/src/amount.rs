//! Assets, amounts and rates.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// A currency or token with a fixed scale.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum Asset {
    /// United States dollar, in cents.
    Usd,
    /// Euro, in cents.
    Eur,
    /// Pound sterling, in pence.
    Gbp,
    /// Mexican peso, in centavos.
    Mxn,
    /// USD Coin, in millionths.
    Usdc,
    /// Tether, in millionths.
    Usdt,
    /// PayPal USD, in millionths.
    Pyusd,
    /// Euro Coin, in millionths.
    Eurc,
    /// Ether, in wei. This one and those below pay for gas only.
    Eth,
    /// SOL, in lamports.
    Sol,
    /// POL, in wei.
    Pol,
    /// AVAX, in wei.
    Avax,
    /// TRX, in sun.
    Trx,
}

impl Asset {
    /// Every asset, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::Usd,
        Self::Eur,
        Self::Gbp,
        Self::Mxn,
        Self::Usdc,
        Self::Usdt,
        Self::Pyusd,
        Self::Eurc,
        Self::Eth,
        Self::Sol,
        Self::Pol,
        Self::Avax,
        Self::Trx,
    ];

    /// Number of decimals of the minor unit.
    pub fn scale(self) -> u32 {
        match self {
            Self::Usd | Self::Eur | Self::Gbp | Self::Mxn => 2,
            Self::Usdc | Self::Usdt | Self::Pyusd | Self::Eurc | Self::Trx => 6,
            Self::Sol => 9,
            Self::Eth | Self::Pol | Self::Avax => 18,
        }
    }

    /// ISO 4217 code, or the token's ticker.
    pub fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Mxn => "MXN",
            Self::Usdc => "USDC",
            Self::Usdt => "USDT",
            Self::Pyusd => "PYUSD",
            Self::Eurc => "EURC",
            Self::Eth => "ETH",
            Self::Sol => "SOL",
            Self::Pol => "POL",
            Self::Avax => "AVAX",
            Self::Trx => "TRX",
        }
    }

    /// Which kind of money it is.
    pub fn kind(self) -> AssetKind {
        match self {
            Self::Usd | Self::Eur | Self::Gbp | Self::Mxn => AssetKind::Currency,
            Self::Usdc | Self::Usdt | Self::Pyusd | Self::Eurc => AssetKind::Token,
            Self::Eth | Self::Sol | Self::Pol | Self::Avax | Self::Trx => AssetKind::Coin,
        }
    }

    /// The asset with this code, whatever its case.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.code().eq_ignore_ascii_case(code))
    }

    /// Reads a decimal such as `12.30` exactly: digits, at most one point, no more decimals than the scale.
    /// `None` for anything else, also when it does not fit 128 bits.
    pub fn parse(self, decimal: &str) -> Option<Amount> {
        let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, "0"));
        let scale = self.scale() as usize;
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || scale < fraction.len() {
            return None;
        }
        format!("{whole}{fraction:0<scale$}").parse().ok().map(Amount)
    }

    /// Writes an amount as a decimal with all digits of the scale.
    pub fn format(self, amount: Amount) -> String {
        let unit = 10_u128.pow(self.scale());
        let width = self.scale() as usize;
        format!("{}.{:0width$}", amount.0 / unit, amount.0 % unit)
    }
}

/// What an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetKind {
    /// Money of a state, at the bank.
    Currency,
    /// A claim on such money, in custody.
    Token,
    /// What a chain is paid in, in custody.
    Coin,
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A number of minor units of some asset.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct Amount(pub u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, unless it exceeds 128 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left after taking `other` away; nothing if that is more.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many hundredths of a per cent of it, rounded down.
    ///
    /// # Panics
    ///
    /// When the product exceeds 128 bits: amounts are sums of at most [`AMOUNT_MAX`] each.
    pub fn basis_points(self, points: u32) -> Self {
        let product = self.0.checked_mul(u128::from(points)).expect("sums of bounded amounts");
        Self(product / 10_000)
    }

    /// The distance between two amounts.
    pub fn abs_diff(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }
}

impl std::ops::Add for Amount {
    type Output = Self;

    /// # Panics
    ///
    /// When the sum exceeds 128 bits: requests carry at most [`AMOUNT_MAX`], so that takes 2^75 of them.
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect("sums of bounded amounts fit 128 bits")
    }
}

impl std::ops::Sub for Amount {
    type Output = Self;

    /// # Panics
    ///
    /// When `other` is larger.
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("what is taken away is there"))
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::ops::SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, std::ops::Add::add)
    }
}

/// So much of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Money {
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub asset: Asset,
}

/// The most of a chain's own coin that a request may name: a million ether.
pub const COIN_AMOUNT_MAX: Amount = Amount(10_u128.pow(24));

/// The largest amount that a request may name: the largest integer that JSON carries exactly, 2^53 − 1.
pub const AMOUNT_MAX: Amount = Amount((1 << 53) - 1);

/// The price of one whole unit of an asset in whole units of another, in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rate(pub u64);

impl Rate {
    /// One for one.
    pub const ONE: Self = Self(1_000_000_000);

    /// What `amount` of `from` is worth in whole minor units of `to`, rounded down.
    ///
    /// `None` when it does not fit 128 bits.
    pub fn convert(self, amount: Amount, from: Asset, to: Asset) -> Option<Amount> {
        let scaled =
            amount.0.checked_mul(u128::from(self.0))?.checked_mul(10_u128.pow(to.scale()))?;
        Some(Amount(scaled / 10_u128.pow(from.scale() + 9)))
    }
}

#[cfg(test)]
mod tests;
