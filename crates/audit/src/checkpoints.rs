//! Whether signed statements of what a journal was are true of what it is.

use std::collections::BTreeMap;
use std::mem;

use journal::checkpoint::{self, Origin, VerifyingKey};
use journal::tree::Tree;
use journal::{Hash, Reader};
use ledger::{BookId, Position};

use crate::acts::{Acts, Recovery};
use crate::findings::Findings;

/// The statements that are still to be compared, and the tree over the entries that were read.
pub(crate) struct Checkpoints {
    tree: Tree,
    /// What the journal is called now, if that is known.
    origin: Option<Origin>,
    /// By the size that they speak of.
    said: BTreeMap<u64, Vec<Said>>,
    /// The shortest journal that one of this origin speaks of.
    shortest: Option<(u64, &'static str)>,
    /// Those of other origins, the size that they speak of, and whether they are true.
    others: Vec<(u64, Said, bool)>,
    are_any: bool,
    /// How far the journal's own reach, and those of this origin that were kept: a journal with a key is signed up to its end.
    signed: Option<u64>,
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
        let mut notes: Vec<_> = kept.iter().map(|note| (None, note.clone())).collect();
        if let Err(error) =
            journal.checkpoints(&mut |size, note| notes.push((Some(size), note.to_owned())))
        {
            findings.unreadable_journal(end, error);
        }
        Self::new(notes, keys, Some((origin, end)), findings)
    }

    /// Takes those that the auditor has kept. Which incarnation the journal is of now is not known before its end, if at all.
    pub(crate) fn kept(
        (keys, kept): (&[VerifyingKey], &[String]),
        findings: &mut Findings,
    ) -> Self {
        let notes = kept.iter().map(|note| (None, note.clone())).collect();
        Self::new(notes, keys, None, findings)
    }

    /// Takes notes, and what those are filed under that are the journal's own.
    fn new(
        notes: Vec<(Option<u64>, String)>,
        keys: &[VerifyingKey],
        journal: Option<(Origin, Position)>,
        findings: &mut Findings,
    ) -> Self {
        let are_any = !notes.is_empty();
        let (origin, end) = journal.unzip();
        let (tree, said, shortest, others) = (Tree::default(), BTreeMap::new(), None, Vec::new());
        let mut found = Self { tree, origin, said, shortest, others, are_any, signed: None };
        for (filed, note) in notes {
            // What can't be believed, or is of something else, is wrong by itself.
            found.signed = found.signed.max(filed);
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
            match end.filter(|end| end.0 < size) {
                _ if filed.is_some_and(|filed| filed != size) => {
                    findings.wrong(format!("{whose}{} speaks of `{size}` entries", of(filed)));
                }
                Some(_) if Some(&said.origin) != found.origin.as_ref() => {
                    found.others.push((size, said, false));
                }
                Some(end) if filed.is_none() => findings.wrong_at(end.next(), missing(whose, size)),
                _ => found.add(size, said),
            }
        }
        if keys.is_empty() && are_any {
            findings.note("no key is trusted: no checkpoint can be believed");
        }
        found
    }

    fn add(&mut self, size: u64, said: Said) {
        if Some(&said.origin) == self.origin.as_ref() {
            let this = (size, said.whose);
            self.shortest = Some(self.shortest.map_or(this, |shortest| shortest.min(this)));
            self.signed = self.signed.max(Some(size));
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
            if Some(&said.origin) != self.origin.as_ref() {
                self.others.push((size, said, is_true));
            } else if !is_true {
                result = Err(untrue(said.whose));
            }
        }
        result
    }

    /// Says which statements about earlier incarnations are not true, or are about what was lost. Without an origin of the
    /// journal, that is every statement; without its incarnation, any of the book's will do for the one of today.
    pub(crate) fn compare(
        &mut self,
        acts: &Acts,
        (book, incarnation): (BookId, Option<[u8; 16]>),
        findings: &mut Findings,
    ) {
        if self.origin.is_none() {
            let beyond = mem::take(&mut self.said).into_iter();
            let beyond =
                beyond.flat_map(|(size, all)| all.into_iter().map(move |said| (size, said)));
            self.others.extend(beyond.map(|(size, said)| (size, said, false)));
        }
        let lives = acts.lives(incarnation);
        let begun = lives.last().map_or(Position::START, |life| life.first);
        if let Some((size, whose)) = self.shortest.filter(|(size, _)| *size < begun.0) {
            findings.wrong(older(whose, size));
        }
        let end = self.tree.size();
        for (size, said, is_true) in &self.others {
            let (size, whose) = (*size, said.whose);
            let is_its = |incarnation| match incarnation {
                Some(incarnation) => Origin::new(book, incarnation) == said.origin,
                None => said.origin.is_of(book),
            };
            let life = lives.iter().find(|life| is_its(life.incarnation));
            let named = |lost: &&Recovery| {
                lost.event.anchored.is_some_and(|anchored| is_its(Some(anchored.incarnation)))
            };
            let lost_with = acts.recoveries().iter().find(named);
            match (life.map(|life| (life.first, life.ended)), lost_with) {
                (Some((first, _)), _) if size < first.0 => findings.wrong(older(whose, size)),
                (Some((_, None)), _) if end < size => {
                    findings.wrong_at(Position(end).next(), missing(whose, size));
                }
                (Some((_, None)), _) if !is_true => {
                    findings.wrong_at(Position(size), untrue(whose));
                }
                (Some((_, None)), _) => {}
                (Some((_, Some(lost))), _) if size < lost.position.0 && *is_true => {}
                (Some((_, Some(lost))), _) if size < lost.position.0 && !lost.is_of_a_fork() => {
                    findings.wrong_at(Position(size), untrue(whose));
                }
                // What the journal itself keeps was lost together with the entries.
                (Some((_, Some(lost))), _) | (None, Some(lost)) if whose == KEPT => {
                    findings.note(format!(
                        "{whose} speaks of `{size}` entries of `{}`: not all of them are here, they \
                         were lost with the recovery of entry `{}`, signed by {}",
                        said.origin, lost.position, lost.operators
                    ));
                }
                _ => findings.wrong(format!("{whose} is of `{}`", said.origin)),
            }
        }
    }

    /// Compares the tree that was kept with the one over all entries, and says what the journal itself says to be missing, and
    /// whether its end is signed.
    pub(crate) fn finish(self, journal: &mut dyn Reader, findings: &mut Findings) {
        if !self.are_any {
            findings
                .note("nothing is signed: history that was rewritten as a whole is not noticed");
        }
        if let Some(signed) = self.signed.filter(|signed| *signed < self.tree.size()) {
            findings.wrong_at(Position(signed).next(), UNSIGNED);
        }
        let kept = journal.tree();
        // What stands beside the entries is committed with them: a writer at work has added these, too.
        let kept_size = kept.as_ref().map_or(0, Tree::size);
        let said_size = self.said.last_key_value().map_or(0, |(size, _)| *size);
        match journal.head() {
            Ok(head) if head.position.0 < said_size => {
                findings.wrong_at(head.position.next(), missing(OWN, said_size));
            }
            Ok(head) if head.position.0 < kept_size => {
                findings.wrong_at(head.position.next(), missing(TREE, kept_size));
            }
            Ok(_) => {}
            Err(error) => findings.unreadable_journal(Position(self.tree.size()), error),
        }
        match kept {
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
const TREE: &str = "the tree that is kept";
const UNSIGNED: &str = "no trusted key has signed the journal from here to its end";

fn missing(whose: &str, size: u64) -> String {
    format!("the entry is missing: {whose} says that there were `{size}`")
}

fn older(whose: &str, size: u64) -> String {
    format!("{whose} of `{size}` entries is older than its incarnation")
}

fn of(filed: Option<u64>) -> String {
    filed.map(|size| format!(" of `{size}` entries")).unwrap_or_default()
}
