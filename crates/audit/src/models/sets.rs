//! Where two sets of a read model's tables differ.

use std::cmp::Ordering;
use std::fmt;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use projector::{Error, Field, Place, ReadModel, Row, Set, Snapshot};

use super::rows::{self, Half, Rows, Visit, name_of};

/// Rows handed from thread to thread at once, and how many such parts wait.
const PART: usize = 256;
const PARTS_WAITING: usize = 4;

/// A row that is not the same in two sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDifference {
    /// Its table, and its key.
    row: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    OnlyLive,
    OnlyNext,
    /// What stands in these columns.
    Columns(Vec<&'static str>),
}

impl fmt::Display for RowDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = &self.row;
        match &self.what {
            What::OnlyLive => write!(f, "{row} is in the live set only"),
            What::OnlyNext => write!(f, "{row} is in the new set only"),
            What::Columns(columns) => write!(f, "{row} differs in `{}`", columns.join("`, `")),
        }
    }
}

/// Compares the live set with the next one, which must show the same entry, and must have been verified: in full only when
/// the digests of the rows differ. At most `max` differences, in the order of tables and keys.
pub fn compare_with_next(
    model: ReadModel,
    live: &Snapshot<'_>,
    place: &Place,
    max: usize,
) -> Result<Vec<RowDifference>, Error> {
    let kept = projector::read_set(model, Set::Next, place, |next| Ok(next.digest()))?;
    if rows::scan(model, live, &mut Unheard)? == kept.value {
        return Ok(Vec::new());
    }
    thread::scope(|scope| {
        let (sender, rows) = mpsc::sync_channel(PARTS_WAITING);
        let sending = scope.spawn(move || {
            projector::read_set(model, Set::Next, place, |snapshot| {
                rows::visit(model, &mut Sending { snapshot, sender })
            })
        });
        let mut merging =
            Merging { live, rows, part: Vec::new().into_iter(), max, found: Vec::new() };
        let merged = rows::visit(model, &mut merging);
        let Merging { rows, found, .. } = merging;
        // Who sends to nobody ends.
        drop(rows);
        let sent = sending.join().unwrap_or_else(|panic| resume_unwind(panic));
        merged?;
        sent?;
        Ok(found)
    })
}

type OwnedRow = Vec<Field<'static>>;

/// Nobody wants the halves.
struct Unheard;

impl Rows for Unheard {
    fn add(&mut self, _: Half<'_>) {}
}

/// Hands over the rows of a set, in order. A part that is not full ends a table.
struct Sending<'a> {
    snapshot: &'a Snapshot<'a>,
    sender: SyncSender<Vec<OwnedRow>>,
}

impl Visit for Sending<'_> {
    fn table<R: Row>(&mut self) -> Result<(), Error> {
        let Self { snapshot, sender } = self;
        let mut part = Vec::with_capacity(PART);
        snapshot.each_raw_in_order::<R>(|fields| {
            part.push(fields.iter().map(Field::to_owned).collect());
            if part.len() == PART {
                let full = std::mem::replace(&mut part, Vec::with_capacity(PART));
                let _ = sender.send(full);
            }
        })?;
        let _ = sender.send(part);
        Ok(())
    }
}

/// Walks over the live set and, beside it, over what the other thread hands over.
struct Merging<'a> {
    live: &'a Snapshot<'a>,
    rows: Receiver<Vec<OwnedRow>>,
    part: std::vec::IntoIter<OwnedRow>,
    max: usize,
    found: Vec<RowDifference>,
}

impl Visit for Merging<'_> {
    fn table<R: Row>(&mut self) -> Result<(), Error> {
        let Self { live, rows, part, max, found } = self;
        let mut is_last = false;
        let mut next = || loop {
            if let Some(row) = part.next() {
                return Some(row);
            }
            if is_last {
                return None;
            }
            // Nothing more comes when the other set can't be read: its thread says why.
            let received = rows.recv().unwrap_or_default();
            is_last = received.len() < PART;
            *part = received.into_iter();
        };
        let mut tell = |key: &[Field<'_>], what| {
            if found.len() < *max {
                found.push(RowDifference { row: name_of(R::TABLE, key), what });
            }
        };
        let mut other = next();
        live.each_raw_in_order::<R>(|fields| {
            let key = &fields[..R::KEY_LENGTH];
            while let Some(row) = &other
                && order(&row[..R::KEY_LENGTH], key) == Ordering::Less
            {
                tell(&row[..R::KEY_LENGTH], What::OnlyNext);
                other = next();
            }
            match &other {
                Some(row) if row[..R::KEY_LENGTH] == *key => {
                    let columns = R::COLUMNS.iter().zip(fields).zip(row);
                    let columns: Vec<_> = columns
                        .filter_map(|((column, live), next)| (live != next).then_some(*column))
                        .collect();
                    if !columns.is_empty() {
                        tell(key, What::Columns(columns));
                    }
                    other = next();
                }
                _ => tell(key, What::OnlyLive),
            }
        })?;
        while let Some(row) = other {
            tell(&row[..R::KEY_LENGTH], What::OnlyNext);
            other = next();
        }
        Ok(())
    }
}

/// As the databases order keys: numbers by size, the rest byte by byte.
fn order(one: &[Field<'_>], other: &[Field<'_>]) -> Ordering {
    let fields = one.iter().zip(other).map(|pair| match pair {
        (Field::Integer(one), Field::Integer(other)) => one.cmp(other),
        (Field::Text(one), Field::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Field::Bytes(one), Field::Bytes(other)) => one.cmp(other),
        _ => Ordering::Equal,
    });
    fields.fold(Ordering::Equal, Ordering::then)
}
