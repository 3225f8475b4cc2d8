//! Values of several parts that fit one column.

use ledger::authorizations::Original;
use ledger::cards::ActiveHours;
use ledger::holders::DocumentKind;
use ledger::limits::{ExceededLimit, Limit, Window};
use ledger::matching::{Comparison, Mcc, Tolerance};
use ledger::webhooks::{Topic, Topics};
use ledger::{Asset, Money, Rate, Text};

use super::{Column, Field, read_amount};
use crate::words::Word;

/// Words with spaces between them.
macro_rules! lists {
    ($($item:ty)*) => {$(
        impl Column for Vec<$item> {
            fn field(&self) -> Field<'_> {
                let words: Vec<_> = self.iter().map(|item| item.word()).collect();
                Field::Text(words.join(" ").into())
            }

            fn read(field: &Field<'_>) -> Option<Self> {
                field.as_text()?.split_ascii_whitespace().map(<$item>::from_word).collect()
            }
        }
    )*};
}
lists! { DocumentKind Window }

impl Column for Vec<Mcc> {
    fn field(&self) -> Field<'_> {
        let codes: Vec<_> = self.iter().map(|mcc| mcc.code().to_string()).collect();
        Field::Text(codes.join(" ").into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let codes = field.as_text()?.split_ascii_whitespace();
        codes.map(|code| Mcc::new(code.parse().ok()?)).collect()
    }
}

/// Names with spaces between them; `*` for all.
impl Column for Topics {
    fn field(&self) -> Field<'_> {
        match self {
            Self::All => Field::Text("*".into()),
            Self::Some(set) => {
                let names: Vec<_> = set.iter().map(Topic::name).collect();
                Field::Text(names.join(" ").into())
            }
        }
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        match field.as_text()? {
            "*" => Some(Self::All),
            names => {
                let topics = names.split_ascii_whitespace().map(Topic::from_name);
                Self::new(topics.collect::<Option<_>>()?)
            }
        }
    }
}

/// `percent 10` or `amount 500`.
impl Column for Tolerance {
    fn field(&self) -> Field<'_> {
        Field::Text(match self {
            Self::Amount(amount) => format!("amount {}", amount.0).into(),
            Self::Percent(percent) => format!("percent {percent}").into(),
        })
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        match field.as_text()?.split_once(' ')? {
            ("amount", amount) => read_amount(amount).map(Self::Amount),
            ("percent", percent) => percent.parse().ok().map(Self::Percent),
            _ => None,
        }
    }
}

/// What differs, of `amount merchant mcc`; nothing when all agrees.
impl Column for Comparison {
    fn field(&self) -> Field<'_> {
        let aspects = [(self.amount, "amount"), (self.merchant, "merchant"), (self.mcc, "mcc")];
        let different: Vec<_> =
            aspects.iter().filter(|(agrees, _)| !agrees).map(|(_, aspect)| *aspect).collect();
        Field::Text(different.join(" ").into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let mut comparison = Self { amount: true, merchant: true, mcc: true };
        for aspect in field.as_text()?.split_ascii_whitespace() {
            match aspect {
                "amount" => comparison.amount = false,
                "merchant" => comparison.merchant = false,
                "mcc" => comparison.mcc = false,
                _ => return None,
            }
        }
        Some(comparison)
    }
}

/// Window, limit and what was left of it: `day 5000 120`.
impl Column for ExceededLimit {
    fn field(&self) -> Field<'_> {
        let Limit { window, amount } = self.limit;
        Field::Text(format!("{} {} {}", window.word(), amount.0, self.left.0).into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let words: Vec<_> = field.as_text()?.split(' ').collect();
        let [window, amount, left] = words[..] else { return None };
        let limit = Limit { window: Window::from_word(window)?, amount: read_amount(amount)? };
        Some(Self { limit, left: read_amount(left)? })
    }
}

/// Asset and amount: `ETH 21000`.
impl Column for Money {
    fn field(&self) -> Field<'_> {
        Field::Text(format!("{} {}", self.asset.word(), self.amount.0).into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let (asset, amount) = field.as_text()?.split_once(' ')?;
        Some(Self { amount: read_amount(amount)?, asset: Asset::from_word(asset)? })
    }
}

/// Asset, amount, rate in billionths and who said so: `EUR 5000 1080000000 sandbox`.
impl Column for Original {
    fn field(&self) -> Field<'_> {
        let Self { amount, asset, rate, rate_source } = self;
        let source = rate_source.as_str();
        Field::Text(format!("{} {} {} {source}", asset.word(), amount.0, rate.0).into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let parts: Vec<_> = field.as_text()?.splitn(4, ' ').collect();
        let [asset, amount, rate, source] = parts[..] else { return None };
        Some(Self {
            amount: read_amount(amount)?,
            asset: Asset::from_word(asset)?,
            rate: Rate(rate.parse().ok()?),
            rate_source: Text::new(source).ok()?,
        })
    }
}

/// The first minute of the day, and the first one after: `540 1050`.
impl Column for ActiveHours {
    fn field(&self) -> Field<'_> {
        Field::Text(format!("{} {}", self.from_minute(), self.until_minute()).into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let (from, until) = field.as_text()?.split_once(' ')?;
        Self::new(from.parse().ok()?, until.parse().ok()?)
    }
}
