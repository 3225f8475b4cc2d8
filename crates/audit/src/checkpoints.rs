//! Whether signed statements of what a journal was are true of what it is.

use std::collections::BTreeMap;

use journal::checkpoint::{self, Origin, VerifyingKey};
use journal::tree::Tree;
use journal::{Hash, Reader};
use ledger::{BookId, Position};

use crate::findings::Findings;

/// The statements that are still to be compared, and the tree over the entries that were read.
pub(crate) struct Checkpoints {
    tree: Tree,
    /// By the size that they speak of: the root, and who says so.
    roots: BTreeMap<u64, Vec<(Hash, &'static str)>>,
    are_any: bool,
}

impl Checkpoints {
    /// Reads those of the journal, and takes those that the auditor has kept. One that no trusted key has signed, or that
    /// speaks of another journal or of more entries than there are, is wrong by itself.
    pub(crate) fn collect(
        journal: &mut dyn Reader,
        incarnation: [u8; 16],
        end: Position,
        (keys, kept): (&[VerifyingKey], &[String]),
        findings: &mut Findings,
    ) -> Self {
        let origin = Origin::new(journal.book(), incarnation);
        let mut notes: Vec<_> = kept.iter().map(|note| (None, note.clone())).collect();
        if let Err(error) =
            journal.checkpoints(&mut |size, note| notes.push((Some(size), note.to_owned())))
        {
            findings.unreadable_journal(end, error);
        }
        Self::new(notes, keys, Some(end), |found| *found == origin, findings)
    }

    /// Takes those that the auditor has kept of a book. Which incarnation of its journal they are of, only they say.
    pub(crate) fn of_book(
        book: BookId,
        (keys, kept): (&[VerifyingKey], &[String]),
        findings: &mut Findings,
    ) -> Self {
        let notes = kept.iter().map(|note| (None, note.clone())).collect();
        Self::new(notes, keys, None, |found| found.is_of(book), findings)
    }

    /// Takes notes, and what those are filed under that are the journal's own. `end` is where the journal ends, if that is
    /// known already.
    fn new(
        notes: Vec<(Option<u64>, String)>,
        keys: &[VerifyingKey],
        end: Option<Position>,
        is_ours: impl Fn(&Origin) -> bool,
        findings: &mut Findings,
    ) -> Self {
        let are_any = !notes.is_empty();
        let mut roots: BTreeMap<u64, Vec<(Hash, &'static str)>> = BTreeMap::new();
        for (filed, note) in notes {
            let whose = if filed.is_some() { OWN } else { KEPT };
            let checkpoint = match checkpoint::open(keys, &note) {
                Ok(checkpoint) => checkpoint,
                Err(invalid) => {
                    findings.wrong(format!("{whose}{} can't be believed: {invalid}", of(filed)));
                    continue;
                }
            };
            let size = checkpoint.size;
            if !is_ours(&checkpoint.origin) {
                findings.wrong(format!("{whose} is of `{}`", checkpoint.origin));
            } else if filed.is_some_and(|filed| filed != size) {
                findings.wrong(format!("{whose}{} speaks of `{size}` entries", of(filed)));
            } else if let Some(end) = end.filter(|end| end.0 < size && filed.is_none()) {
                findings.wrong_at(end.next(), missing(size));
            } else {
                roots.entry(size).or_default().push((checkpoint.root, whose));
            }
        }
        if keys.is_empty() && are_any {
            findings.note("no key is trusted: no checkpoint can be believed");
        }
        Self { tree: Tree::default(), roots, are_any }
    }

    /// Adds the next entry, and says which statement about the journal up to it is not true.
    pub(crate) fn entry(&mut self, hash: Hash) -> Result<(), String> {
        self.tree.push(hash);
        let Some(said) = self.roots.remove(&self.tree.size()) else { return Ok(()) };
        let root = self.tree.root();
        match said.into_iter().find(|(expected, _)| *expected != root) {
            Some((_, whose)) => {
                Err(format!("the entries up to here are not those that {whose} was signed for"))
            }
            None => Ok(()),
        }
    }

    /// Misses the entries that are spoken of, when there are no more.
    pub(crate) fn end(self, findings: &mut Findings) {
        if let Some((size, _)) = self.roots.last_key_value() {
            findings.wrong_at(Position(self.tree.size()).next(), missing(*size));
        }
    }

    /// Compares the tree that was kept with the one over all entries.
    pub(crate) fn finish(self, journal: &mut dyn Reader, findings: &mut Findings) {
        if !self.are_any {
            findings
                .note("nothing is signed: history that was rewritten as a whole is not noticed");
        }
        match journal.tree() {
            // A writer may be at work.
            Ok(kept) if self.tree.size() < kept.size() => {}
            Ok(kept) if kept == self.tree => {}
            // Where an entry is wrong the tree is, too: that says nothing more.
            Ok(_) if !findings.are_none() => {}
            Ok(_) => findings.wrong("the tree that is kept is not that of the entries"),
            Err(error) => {
                findings.unreadable_journal(Position(self.tree.size()), error);
            }
        }
    }
}

const OWN: &str = "the journal's checkpoint";
const KEPT: &str = "the checkpoint that was handed in";

fn missing(size: u64) -> String {
    format!("the entry is missing: {KEPT} says that there were `{size}`")
}

fn of(filed: Option<u64>) -> String {
    filed.map(|size| format!(" of `{size}` entries")).unwrap_or_default()
}
