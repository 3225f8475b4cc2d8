//! What a fold of the journal is.

use ledger::Entry;
use projector::ReadModel;

use super::rows::Rows;
use super::{balances, directory, intents, transactions};
use crate::sums::Sums;

/// The rows that follow from entries. Those that nothing can change any more are handed over at once, and forgotten.
pub(crate) trait Fold {
    /// Follows the next entry. Says what is wrong with it when it speaks of something that no entry before it has made.
    fn follow(&mut self, entry: &Entry, rows: &mut dyn Rows) -> Result<(), String>;

    /// Hands over what is left, after the last entry. `sums` are those of the same entries.
    fn finish(&mut self, sums: &Sums, rows: &mut dyn Rows);
}

/// The fold of a read model, before the first entry.
pub(crate) fn of(model: ReadModel) -> Box<dyn Fold> {
    match model {
        ReadModel::Balances => Box::new(balances::Balances::default()),
        ReadModel::Transactions => Box::new(transactions::Transactions::default()),
        ReadModel::Intents => Box::new(intents::Intents::default()),
        ReadModel::Directory => Box::new(directory::Directory::default()),
    }
}

/// What an entry speaks of, which must be there.
pub(super) fn known<T>(
    found: Option<&mut T>,
    what: impl std::fmt::Display,
) -> Result<&mut T, String> {
    found.ok_or_else(|| format!("the entry speaks of `{what}`, which no entry before it has made"))
}
