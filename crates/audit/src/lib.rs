//! Verification of a journal and of everything that is derived from it, and its export.
//!
//! Written for those who have to rely on the books without relying on the program that keeps them.
//!
//! # Promises
//!
//! - Nothing is changed: all that an audit is given is [`Evidence`], which can only be read.
//! - Every entry is read. What is wrong is told with the position at which it is wrong ([`Discrepancy`]); what was not
//!   checked because of that is told, too. Not being able to tell is neither sound nor wrong ([`CouldNotTell`]).
//! - The book is replayed by its own rules, and then compared with sums that share no code with them. Each read model is
//!   compared, row by row, with a fold that shares no code with the projectors.
//! - A book may be written while it is verified: each part is verified at the position at which it was found.
//! - Memory holds what is still open in the books, eight bytes for each id that counts once, and no more of the history
//!   than some pages.
//!
//! # Map
//!
//! [`verify`] reads the journal on one thread, in pages (`pages`), scans each read model on another (`models`), and
//! walks over the entries on its own (`walk`): the chain and the anchor, operators' `acts`, `checkpoints`, `sums`, `amounts`,
//! `replay`, `references`, and a fold for each read model (`models`). [`verify_read_model`] does the last alone, with any set of its tables;
//! [`compare_with_next`] says where two sets differ. [`export`] writes the journal in forms that other programs
//! judge, a module a form; one of them can be read again ([`Exported`]), and [`verify_export`] walks over it in the same way.

mod acts;
mod amounts;
mod checkpoints;
mod export;
mod exported;
mod findings;
mod models;
mod pages;
mod proof;
mod read_model;
mod references;
mod replay;
mod report;
mod sums;
mod verify;
mod verify_export;
mod walk;

pub use export::{ExportError, Format, export, rfc3339};
pub use exported::{Exported, NotExported};
pub use models::{RowDifference, compare_with_next};
pub use proof::{EntryProof, InvalidEntryProof, NoProof, Shown, prove, prove_consistency};
pub use read_model::{ROWS_TOLD_MAX, verify_read_model};
pub use report::{CouldNotTell, Discrepancy, Progress, Report};
pub use verify::{Evidence, verify};
pub use verify_export::verify_export;
