//! What messages say that the entry does not: whose a card is, what waits for an approval.
//!
//! Facts never change: an entry that is told of again, years later, is told of in the same words. What depends on the time
//! is kept under the position at which it was so.

use std::collections::BTreeMap;

use ledger::{Amount, Position};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The facts, as far as entries have made them.
pub(crate) struct Facts<'a> {
    load: &'a dyn Fn(&str) -> Result<Option<String>, Error>,
    /// Not written yet.
    changed: BTreeMap<String, String>,
    is_replay: bool,
}

/// Whose a card is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) agent: String,
    pub(crate) user: String,
}

/// A card transaction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Purchase {
    pub(crate) user: String,
    pub(crate) agent: String,
    pub(crate) card: String,
    pub(crate) intent: Option<String>,
    /// Where it first cleared.
    pub(crate) cleared: Option<u64>,
    /// Where corrections had taken all of that, and where something cleared again, by turns.
    #[serde(default)]
    pub(crate) turned: Vec<u64>,
    /// How much has cleared on balance, in cents. Nobody knows where the first was kept by a program that kept no amounts: it
    /// counts as cleared for good.
    #[serde(default)]
    pub(crate) on_balance: Option<u128>,
}

/// A person's deposit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deposit {
    pub(crate) user: String,
    /// In cents.
    pub(crate) amount: u128,
    pub(crate) chain: String,
    pub(crate) asset: String,
    pub(crate) asset_amount: String,
}

/// A wallet's deposit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WalletDeposit {
    pub(crate) customer: String,
    pub(crate) wallet: String,
    pub(crate) account: Option<String>,
    pub(crate) amount: String,
    pub(crate) currency: String,
}

/// A transfer from a wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) customer: String,
    pub(crate) wallet: String,
    pub(crate) amount: String,
    pub(crate) fee: String,
    pub(crate) source_currency: String,
    pub(crate) destination_currency: String,
    pub(crate) client_reference: Option<String>,
}

/// Money that arrives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Arrival {
    User(Deposit),
    Wallet(WalletDeposit),
}

impl Purchase {
    /// Whether something had cleared before an entry, on balance.
    pub(crate) fn has_cleared(&self, before: Position) -> bool {
        let turns = self.cleared.iter().chain(&self.turned);
        turns.filter(|turned| **turned < before.0).count() % 2 == 1
    }

    /// Something clears.
    pub(crate) fn clear(&mut self, amount: Amount, at: Position) {
        match (self.cleared, self.on_balance) {
            (None, _) => (self.cleared, self.on_balance) = (Some(at.0), Some(amount.0)),
            (Some(_), Some(before)) => {
                if before == 0 {
                    self.turned.push(at.0);
                }
                self.on_balance = Some(before + amount.0);
            }
            (Some(_), None) => {}
        }
    }

    /// Less has cleared. When that is told again, it may be more than what is there by now.
    pub(crate) fn correct(&mut self, amount: Amount, at: Position) {
        let Some(before) = self.on_balance else { return };
        let left = before.saturating_sub(amount.0);
        if left == 0 {
            self.turned.push(at.0);
        }
        self.on_balance = Some(left);
    }
}

impl<'a> Facts<'a> {
    /// Those of entries that are followed for the first time.
    pub(crate) fn of_live(load: &'a dyn Fn(&str) -> Result<Option<String>, Error>) -> Self {
        Self { load, changed: BTreeMap::new(), is_replay: false }
    }

    /// Those of entries that were followed before: all is known.
    pub(crate) fn of_replay(load: &'a dyn Fn(&str) -> Result<Option<String>, Error>) -> Self {
        Self { is_replay: true, ..Self::of_live(load) }
    }

    /// What has come to be known.
    pub(crate) fn into_changed(self) -> BTreeMap<String, String> {
        self.changed
    }

    /// What is known under a name.
    pub(crate) fn find<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let found = match self.changed.get(name) {
            Some(fact) => Some(fact.clone()),
            None => (self.load)(name)?,
        };
        let unreadable = |_| Error::Unreadable { table: "fact" };
        found.map(|fact| serde_json::from_str(&fact).map_err(unreadable)).transpose()
    }

    /// What an earlier entry has made known.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        name: &str,
        position: Position,
    ) -> Result<T, Error> {
        self.find(name)?.ok_or_else(|| Error::NoSuchFact { position, name: name.to_owned() })
    }

    /// Makes something known.
    pub(crate) fn set(&mut self, name: String, fact: &impl Serialize) {
        if !self.is_replay {
            let fact = serde_json::to_string(fact).expect("facts are texts and numbers");
            self.changed.insert(name, fact);
        }
    }

    /// Lets a deposit wait for a person's approval.
    pub(crate) fn wait(&mut self, holder: &str, deposit: String) -> Result<(), Error> {
        let mut waiting = self.waiting(holder)?;
        waiting.push(deposit);
        self.set(waiting_of(holder), &waiting);
        Ok(())
    }

    /// A deposit that was taken back waits no more.
    pub(crate) fn unwait(&mut self, holder: &str, deposit: &str) -> Result<(), Error> {
        let mut waiting = self.waiting(holder)?;
        waiting.retain(|other| other != deposit);
        self.set(waiting_of(holder), &waiting);
        Ok(())
    }

    /// The deposits that an approval at `position` releases.
    pub(crate) fn release(
        &mut self,
        holder: &str,
        position: Position,
    ) -> Result<Vec<String>, Error> {
        let name = format!("released {position}");
        if self.is_replay {
            return Ok(self.find(&name)?.unwrap_or_default());
        }
        let waiting = self.waiting(holder)?;
        if !waiting.is_empty() {
            self.set(name, &waiting);
            self.set(waiting_of(holder), &Vec::<String>::new());
        }
        Ok(waiting)
    }

    fn waiting(&self, holder: &str) -> Result<Vec<String>, Error> {
        Ok(self.find(&waiting_of(holder))?.unwrap_or_default())
    }

    /// Keeps the word for a person's status, and says the last one that was no lock.
    pub(crate) fn status(
        &mut self,
        holder: &str,
        position: Position,
        status: Option<&str>,
    ) -> Result<String, Error> {
        let (now, locked) = (format!("status {holder}"), format!("locked {position}"));
        if let Some(status) = status {
            self.set(now, &status);
            return Ok(status.to_owned());
        }
        if self.is_replay {
            return self.get(&locked, position);
        }
        let before: String = self.get(&now, position)?;
        self.set(locked, &before);
        Ok(before)
    }
}

fn waiting_of(holder: &str) -> String {
    format!("waiting {holder}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A purchase as programs kept it that kept no amounts.
    fn kept_before(cleared: &str) -> Purchase {
        let (whose, intent) = (r#""user":"u","agent":"a","card":"c""#, r#""intent":null"#);
        serde_json::from_str(&format!(r#"{{{whose},{intent},"cleared":{cleared}}}"#)).unwrap()
    }

    #[test]
    fn a_purchase_that_was_kept_without_amounts_is_told_of_as_before() {
        let mut cleared = kept_before("5");
        cleared.correct(Amount(40), Position(7));
        cleared.clear(Amount(2), Position(8));
        cleared.correct(Amount(2), Position(9));
        let said = [5, 6, 8, 10].map(|before| cleared.has_cleared(Position(before)));
        assert_eq!(said, [false, true, true, true]);
    }

    #[test]
    fn what_clears_from_now_on_counts_by_its_amount() {
        let mut purchase = kept_before("null");
        assert!(!purchase.has_cleared(Position(9)));
        purchase.clear(Amount(40), Position(5));
        purchase.correct(Amount(10), Position(6));
        purchase.correct(Amount(30), Position(7));
        purchase.clear(Amount(2), Position(9));
        let said = [5, 6, 7, 8, 9, 10].map(|before| purchase.has_cleared(Position(before)));
        assert_eq!(said, [false, true, true, false, false, true]);
    }
}
