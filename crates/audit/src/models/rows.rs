//! Rows on their way into a comparison.

use std::hash::{BuildHasher, RandomState};

use ledger::id;
use projector::{Field, ReadModel, Row, Snapshot, balances, directory, intents, transactions};

/// Takes rows, of any table and in any order.
pub(crate) trait Rows {
    /// Takes a row in the form in which it is in a digest. `key` says what it is found by.
    fn add(&mut self, table: &'static str, canonical: &[u8], key: &dyn Fn() -> String);
}

impl dyn Rows + '_ {
    /// Takes a row.
    pub(crate) fn row<R: Row>(&mut self, row: &R) {
        self.add(R::TABLE, &row.canonical(), &|| key_text::<R>(&row.key()));
    }
}

/// Hands over every row of a read model.
pub(crate) fn each(
    model: ReadModel,
    snapshot: &Snapshot<'_>,
    rows: &mut dyn Rows,
) -> Result<(), projector::Error> {
    match model {
        ReadModel::Balances => {
            snapshot.each(|row: balances::HolderBalance| rows.row(&row))?;
            snapshot.each(|row: balances::AccountTotals| rows.row(&row))
        }
        ReadModel::Transactions => {
            snapshot.each(|row: transactions::CardTransaction| rows.row(&row))?;
            snapshot.each(|row: transactions::Deposit| rows.row(&row))?;
            snapshot.each(|row: transactions::Step| rows.row(&row))
        }
        ReadModel::Intents => {
            snapshot.each(|row: intents::Intent| rows.row(&row))?;
            snapshot.each(|row: intents::Attestation| rows.row(&row))
        }
        ReadModel::Directory => {
            snapshot.each(|row: directory::Book| rows.row(&row))?;
            snapshot.each(|row: directory::Holder| rows.row(&row))?;
            snapshot.each(|row: directory::Document| rows.row(&row))?;
            snapshot.each(|row: directory::Agent| rows.row(&row))?;
            snapshot.each(|row: directory::Card| rows.row(&row))?;
            snapshot.each(|row: directory::Key| rows.row(&row))
        }
    }
}

/// How many rows there are, and a sum of hashes of them under a random key: nobody can choose other rows with the same
/// sum, as they could for a digest.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    key: RandomState,
    count: u64,
    sum: u64,
}

impl Tally {
    /// Of no rows. Only tallies under the same key can be compared.
    pub(crate) fn new(key: RandomState) -> Self {
        Self { key, count: 0, sum: 0 }
    }
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        (self.count, self.sum) == (other.count, other.sum)
    }
}

impl Rows for Tally {
    fn add(&mut self, _: &'static str, canonical: &[u8], _: &dyn Fn() -> String) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(self.key.hash_one(canonical));
    }
}

/// The values of a key, with 16 bytes in the letters that ids have.
fn key_text<R: Row>(key: &R::Key) -> String {
    let fields = R::key_fields(key);
    let texts: Vec<_> = fields
        .iter()
        .map(|field| match field {
            Field::Absent => String::new(),
            Field::Integer(number) => number.to_string(),
            Field::Text(text) => text.to_string(),
            Field::Bytes(bytes) => match <[u8; 16]>::try_from(&bytes[..]) {
                Ok(bytes) => id::encode(bytes),
                Err(_) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            },
        })
        .collect();
    texts.join(" ")
}
