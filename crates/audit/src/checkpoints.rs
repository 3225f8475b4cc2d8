//! Whether signed statements of what a journal was are true of what it is.

use std::collections::BTreeMap;

use journal::checkpoint::{self, Origin, VerifyingKey};
use journal::tree::Tree;
use journal::{Hash, Reader};
use ledger::{BookId, Position};

use crate::acts::{Acts, Recovery};
use crate::findings::Findings;

/// The statements that are still to be compared, and the tree over the entries that were read.
pub(crate) struct Checkpoints {
    tree: Tree,
    /// What the journal is called now.
    origin: Origin,
    /// By the size that they speak of.
    said: BTreeMap<u64, Vec<Said>>,
    /// The shortest journal that one of this origin speaks of.
    shortest: Option<(u64, &'static str)>,
    /// Those of other origins, the size that they speak of, and whether they are true.
    others: Vec<(u64, Said, bool)>,
    are_any: bool,
}

/// A statement.
struct Said {
    origin: Origin,
    root: Hash,
    whose: &'static str,
}

impl Checkpoints {
    /// Reads those of the journal, and takes those that the auditor has kept. One that no trusted key has signed, or that
    /// speaks of more entries than there are, is wrong by itself. What is to be thought of one under another origin is not
    /// known before the end: the journal may have been called so before a recovery.
    pub(crate) fn collect(
        journal: &mut dyn Reader,
        incarnation: [u8; 16],
        end: Position,
        (keys, kept): (&[VerifyingKey], &[String]),
        findings: &mut Findings,
    ) -> Self {
        let origin = Origin::new(journal.book(), incarnation);
        let mut notes: Vec<(Option<u64>, String)> =
            kept.iter().map(|note| (None, note.clone())).collect();
        if let Err(error) =
            journal.checkpoints(&mut |size, note| notes.push((Some(size), note.to_owned())))
        {
            findings.unreadable_journal(end, error);
        }
        let are_any = !notes.is_empty();
        let (tree, said, shortest, others) = (Tree::default(), BTreeMap::new(), None, Vec::new());
        let mut found = Self { tree, origin, said, shortest, others, are_any };
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
            let said = Said { origin: checkpoint.origin, root: checkpoint.root, whose };
            if filed.is_some_and(|filed| filed != size) {
                findings.wrong(format!("{whose}{} speaks of `{size}` entries", of(filed)));
            } else if said.origin != found.origin && end.0 < size {
                found.others.push((size, said, false));
            } else if end.0 < size && filed.is_none() {
                let what = format!("the entry is missing: {whose} says that there were `{size}`");
                findings.wrong_at(end.next(), what);
            } else {
                found.add(size, said);
            }
        }
        if keys.is_empty() && are_any {
            findings.note("no key is trusted: no checkpoint can be believed");
        }
        found
    }

    fn add(&mut self, size: u64, said: Said) {
        if said.origin == self.origin {
            let this = (size, said.whose);
            self.shortest = Some(self.shortest.map_or(this, |shortest| shortest.min(this)));
        }
        self.said.entry(size).or_default().push(said);
    }

    /// Adds the next entry, and says which statement about the journal up to it is not true.
    pub(crate) fn entry(&mut self, hash: Hash) -> Result<(), String> {
        self.tree.push(hash);
        let size = self.tree.size();
        let Some(all) = self.said.remove(&size) else { return Ok(()) };
        let root = self.tree.root();
        let mut result = Ok(());
        for said in all {
            let is_true = said.root == root;
            if said.origin != self.origin {
                self.others.push((size, said, is_true));
            } else if !is_true {
                result = Err(untrue(said.whose));
            }
        }
        result
    }

    /// Says which statements about earlier incarnations are not true, or are about what was lost.
    pub(crate) fn compare_incarnations(
        &self,
        acts: &Acts,
        (book, incarnation): (BookId, [u8; 16]),
        findings: &mut Findings,
    ) {
        let lives = acts.lives(incarnation);
        let begun = lives.last().map_or(Position::START, |life| life.first);
        if let Some((size, whose)) = self.shortest.filter(|(size, _)| *size < begun.0) {
            findings.wrong(format!("{whose} of `{size}` entries is older than its incarnation"));
        }
        for (size, said, is_true) in &self.others {
            let (size, whose) = (*size, said.whose);
            let is_its = |incarnation| Origin::new(book, incarnation) == said.origin;
            let life = lives.iter().find(|life| is_its(life.incarnation));
            let ended = life.and_then(|life| Some((life.first, life.ended?)));
            let named = |lost: &&Recovery| {
                lost.event.anchored.is_some_and(|anchored| is_its(anchored.incarnation))
            };
            match (ended, acts.recoveries().iter().find(named)) {
                (Some((first, _)), _) if size < first.0 => {
                    findings.wrong(format!("{whose} of `{size}` entries is older than its incarnation"));
                }
                (Some((_, lost)), _) if size < lost.position.0 && *is_true => {}
                (Some((_, lost)), _) if size < lost.position.0 && !lost.is_of_a_fork() => {
                    findings.wrong_at(Position(size), untrue(whose));
                }
                // What the journal itself keeps was lost together with the entries.
                (Some((_, lost)), _) | (None, Some(lost)) if whose == KEPT => findings.note(format!(
                    "{whose} speaks of `{size}` entries of `{}`: not all of them are here, they were lost with the \
                     recovery of entry `{}`, signed by {}",
                    said.origin, lost.position, lost.operators
                )),
                _ => findings.wrong(format!("{whose} is of `{}`", said.origin)),
            }
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

fn untrue(whose: &str) -> String {
    format!("the entries up to here are not those that {whose} was signed for")
}

const OWN: &str = "the journal's checkpoint";
const KEPT: &str = "the checkpoint that was handed in";

fn of(filed: Option<u64>) -> String {
    filed.map(|size| format!(" of `{size}` entries")).unwrap_or_default()
}
