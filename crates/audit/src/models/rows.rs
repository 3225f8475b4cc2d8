//! Rows on their way into a comparison.

use std::hash::{BuildHasher, Hasher, RandomState};

use ledger::id;
use projector::{
    Digest, Field, ReadModel, Row, Snapshot, balances, canonical, directory, intents, transactions,
};

/// A half of a row: its key, and either what never changes of it or what does.
#[derive(Clone, Copy)]
pub(crate) struct Half<'a> {
    table: &'static str,
    key: &'a [Field<'a>],
    rest: &'a [Field<'a>],
    changes: bool,
}

/// Takes halves of rows, of any table and in any order.
pub(crate) trait Rows {
    /// Takes one.
    fn add(&mut self, half: Half<'_>);
}

impl dyn Rows + '_ {
    /// Takes a row that nothing will change any more.
    pub(crate) fn whole<R: Row>(&mut self, row: &R) {
        let fields = row.fields();
        self.add(fixed::<R>(&fields));
        self.add(changing::<R>(&fields));
    }

    /// Takes what never changes of a row.
    pub(crate) fn fixed<R: Row>(&mut self, row: &R) {
        self.add(fixed::<R>(&row.fields()));
    }

    /// Takes what a row has become, when [`fixed`](Self::fixed) has taken the rest of it.
    pub(crate) fn changing<R: Row>(&mut self, row: &R) {
        self.add(changing::<R>(&row.fields()));
    }
}

fn fixed<'a, R: Row>(fields: &'a [Field<'a>]) -> Half<'a> {
    let (key, rest) = fields[..R::FIXED].split_at(R::KEY_LENGTH);
    Half { table: R::TABLE, key, rest, changes: false }
}

fn changing<'a, R: Row>(fields: &'a [Field<'a>]) -> Half<'a> {
    let (key, rest) = (&fields[..R::KEY_LENGTH], &fields[R::FIXED..]);
    Half { table: R::TABLE, key, rest, changes: true }
}

impl Half<'_> {
    /// A hash under a random key. Nobody can choose rows whose hashes add up to the sum of others, as they could for a
    /// digest. `bytes` is room for those that are hashed: at once, since each piece takes the hasher as long as many bytes.
    pub(crate) fn hash(self, key: &RandomState, bytes: &mut Vec<u8>) -> u64 {
        bytes.clear();
        bytes.extend_from_slice(self.table.as_bytes());
        bytes.push(self.changes.into());
        for field in self.key.iter().chain(self.rest) {
            let (kind, content) = match field {
                Field::Absent => (0, &[][..]),
                Field::Integer(number) => (1, &number.to_be_bytes()[..]),
                Field::Text(text) => (2, text.as_bytes()),
                Field::Bytes(content) => (3, &content[..]),
            };
            // What tells every two sequences of fields apart.
            bytes.extend_from_slice(&((content.len() as u64) << 8 | kind).to_be_bytes());
            bytes.extend_from_slice(content);
        }
        let mut hasher = key.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    /// What it is called in a report. Sixteen bytes have the letters that ids have.
    pub(crate) fn name(self) -> String {
        let values: Vec<_> = self
            .key
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
        format!("the row `{}` of `{}`", values.join(" "), self.table)
    }
}

/// How many halves of rows there are, and the sum of their hashes: that of equal rows, in whatever order.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    key: RandomState,
    count: u64,
    sum: u64,
    /// Room for the bytes of one.
    bytes: Vec<u8>,
}

impl Tally {
    /// Of no rows. Only tallies under the same key can be compared.
    pub(crate) fn new(key: RandomState) -> Self {
        Self { key, count: 0, sum: 0, bytes: Vec::new() }
    }
}

impl PartialEq for Tally {
    fn eq(&self, other: &Self) -> bool {
        (self.count, self.sum) == (other.count, other.sum)
    }
}

impl Rows for Tally {
    fn add(&mut self, half: Half<'_>) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(half.hash(&self.key, &mut self.bytes));
    }
}

/// Hands over every row of a read model as it stands there, and returns the digest of all of them.
pub(crate) fn scan(
    model: ReadModel,
    snapshot: &Snapshot<'_>,
    rows: &mut dyn Rows,
) -> Result<Digest, projector::Error> {
    let mut scan = Scan { snapshot, rows, digest: Digest::default() };
    match model {
        ReadModel::Balances => {
            scan.table::<balances::HolderBalance>()?;
            scan.table::<balances::AccountTotals>()?;
            scan.table::<balances::ClosingTotals>()?;
            scan.table::<balances::Epoch>()?;
            scan.table::<balances::LedgerPosting>()?;
            scan.table::<balances::Journal>()?;
        }
        ReadModel::Transactions => {
            scan.table::<transactions::CardTransaction>()?;
            scan.table::<transactions::Deposit>()?;
            scan.table::<transactions::WalletDeposit>()?;
            scan.table::<transactions::Transfer>()?;
            scan.table::<transactions::Step>()?;
        }
        ReadModel::Intents => {
            scan.table::<intents::Intent>()?;
            scan.table::<intents::Attestation>()?;
        }
        ReadModel::Directory => {
            scan.table::<directory::Book>()?;
            scan.table::<directory::Holder>()?;
            scan.table::<directory::Document>()?;
            scan.table::<directory::Agent>()?;
            scan.table::<directory::Card>()?;
            scan.table::<directory::Key>()?;
            scan.table::<directory::Wallet>()?;
            scan.table::<directory::VirtualAccount>()?;
            scan.table::<directory::Ledger>()?;
            scan.table::<directory::Webhook>()?;
        }
    }
    Ok(scan.digest)
}

struct Scan<'a> {
    snapshot: &'a Snapshot<'a>,
    rows: &'a mut dyn Rows,
    digest: Digest,
}

impl Scan<'_> {
    fn table<R: Row>(&mut self) -> Result<(), projector::Error> {
        let Self { snapshot, rows, digest } = self;
        snapshot.each_raw::<R>(|fields| {
            *digest += Digest::of(&canonical(R::TABLE, fields));
            rows.add(fixed::<R>(fields));
            rows.add(changing::<R>(fields));
        })
    }
}
