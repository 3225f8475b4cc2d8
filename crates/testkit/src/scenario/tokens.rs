//! Words, amounts and quoted names of a line.

use std::iter::Peekable;
use std::vec::IntoIter;

use ledger::matching::Mcc;
use ledger::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use ledger::{Amount, Asset, Money};

/// What is left of a line to be read.
#[derive(Debug)]
pub(super) struct Tokens(Peekable<IntoIter<String>>);

impl Tokens {
    /// Splits at white space; what stands between quotation marks is one word, with the first mark kept.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let end = match rest.strip_prefix('"') {
                Some(quoted) => 1 + quoted.find('"').ok_or("a quotation mark is missing")?,
                None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
            };
            words.push(rest[..end].to_owned());
            rest = rest[end..].trim_start_matches('"').trim_start();
        }
        Ok(Self(words.into_iter().peekable()))
    }

    pub(super) fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    pub(super) fn word(&mut self, what: &str) -> Result<String, String> {
        self.next().ok_or_else(|| format!("{what} is missing"))
    }

    pub(super) fn take(&mut self, word: &str) -> bool {
        self.0.next_if(|next| next == word).is_some()
    }

    /// The next word, if it means something.
    pub(super) fn take_if<T>(&mut self, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = self.0.peek().and_then(|next| meaning(next))?;
        self.0.next();
        Some(found)
    }

    pub(super) fn amount(&mut self) -> Result<Amount, String> {
        let word = self.word("an amount")?;
        amount(&word).ok_or_else(|| format!("`{word}` is no amount in dollars and cents"))
    }

    /// An amount of some asset: of US dollars, if none is named.
    pub(super) fn money(&mut self) -> Result<Money, String> {
        let written = self.word("an amount")?;
        let asset = self.take_if(Asset::from_code).unwrap_or(Asset::Usd);
        let amount = asset.parse(&written).filter(|_| written.contains('.'));
        let amount = amount.ok_or_else(|| format!("`{written}` is no amount of {asset}"))?;
        Ok(Money { amount, asset })
    }

    /// The next word, which must mean something.
    pub(super) fn known<T>(
        &mut self,
        what: &str,
        meaning: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let word = self.word(what)?;
        meaning(&word).ok_or_else(|| format!("`{word}` is not {what}"))
    }

    /// What follows a word, if that stands here.
    pub(super) fn known_after<T>(
        &mut self,
        word: &str,
        what: &str,
        meaning: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        if self.take(word) { self.known(what, meaning).map(Some) } else { Ok(None) }
    }

    pub(super) fn quoted(&mut self) -> Result<String, String> {
        let word = self.word("a quoted name")?;
        let name = word.strip_prefix('"').ok_or_else(|| format!("`{word}` is not quoted"))?;
        Ok(name.to_owned())
    }

    /// `mcc` and one or more codes, if they stand here.
    pub(super) fn mccs(&mut self) -> Result<Vec<Mcc>, String> {
        if self.take("mcc") { self.codes() } else { Ok(Vec::new()) }
    }

    /// One or more category codes.
    pub(super) fn codes(&mut self) -> Result<Vec<Mcc>, String> {
        let code = |word: &str| word.parse().ok().and_then(Mcc::new);
        let mut codes = vec![self.take_if(code).ok_or("a category is missing")?];
        codes.extend(std::iter::from_fn(|| self.take_if(code)));
        Ok(codes)
    }

    /// A word that follows another one, if that stands here.
    pub(super) fn after(&mut self, word: &str) -> Result<Option<String>, String> {
        if self.take(word) { self.word(word).map(Some) } else { Ok(None) }
    }

    /// # Errors
    ///
    /// When something is left.
    pub(super) fn end(mut self) -> Result<(), String> {
        self.next().map_or(Ok(()), |word| Err(format!("`{word}` is not understood")))
    }
}

/// Dollars and cents.
pub(super) fn amount(word: &str) -> Option<Amount> {
    Asset::Usd.parse(word).filter(|_| word.contains('.'))
}

/// `6d23h59m`: days, hours, minutes, seconds.
pub(super) fn duration(word: &str) -> Option<u64> {
    let parts = word.split_inclusive(|letter: char| !letter.is_ascii_digit());
    let lengths = parts.map(|part| {
        let (number, unit) = part.split_at_checked(part.len() - 1)?;
        let unit_ms = match unit {
            "d" => DAY_MS,
            "h" => HOUR_MS,
            "m" => MINUTE_MS,
            "s" => SECOND_MS,
            _ => return None,
        };
        Some(number.parse::<u64>().ok()? * unit_ms)
    });
    lengths.sum()
}

/// `30m` or `2h`, in minutes.
pub(super) fn minutes(word: &str) -> Option<u32> {
    u32::try_from(duration(word)? / MINUTE_MS).ok()
}

/// `09:30`, in minutes of the day.
pub(super) fn time_of_day(word: &str) -> Option<u16> {
    let (hour, minute) = word.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(60 * hour + minute)
}
