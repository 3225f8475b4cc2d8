//! What is checked of each entry, in order.

use journal::anchor::Mark;
use journal::{Head, ReadError, Stored};
use ledger::{BookId, Entry, Position, Timestamp};

use crate::acts::Acts;
use crate::amounts;
use crate::checkpoints::Checkpoints;
use crate::exported::Fault;
use crate::findings::Findings;
use crate::models::Check;
use crate::references::References;
use crate::replay::{Failed, Replayed};
use crate::sums::Sums;

/// The checks, and what they have found so far.
pub(crate) struct Walk<'a, 'scope> {
    /// The anchor, if it is one of this journal.
    anchor: Option<Mark>,
    /// The last entry that follows those before it.
    pub(crate) last: Head,
    at: Timestamp,
    /// The first entry that can't be relied on, although the chain goes on after it.
    doubtful: Option<Position>,
    acts: Acts,
    checkpoints: Checkpoints,
    references: References,
    sums: Sums,
    models: &'a mut [Check<'scope>],
    findings: &'a mut Findings,
}

/// What is left of the walk: comparisons with what is no entry.
pub(crate) struct Walked {
    /// The last entry that follows those before it.
    pub(crate) last: Head,
    /// Whether all entries were read, and can be relied on.
    pub(crate) is_whole: bool,
    pub(crate) acts: Acts,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) references: References,
}

impl<'a, 'scope> Walk<'a, 'scope> {
    /// Before the first entry.
    pub(crate) fn new(
        anchor: Option<Mark>,
        acts: Acts,
        checkpoints: Checkpoints,
        models: &'a mut [Check<'scope>],
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            anchor,
            last: Head::EMPTY,
            at: Timestamp::default(),
            doubtful: None,
            acts,
            checkpoints,
            references: References::default(),
            sums: Sums::default(),
            models,
            findings,
        }
    }

    /// Checks the next entry. Nothing can be said of those after one that does not follow: `false`.
    pub(crate) fn entry(&mut self, stored: &Stored) -> bool {
        let (entry, expected) = (&stored.entry, self.last.position.next());
        if entry.position != expected || stored.previous != self.last.hash {
            self.findings.wrong_at(expected, "no entry stands here that follows the one before it");
            return false;
        }
        let before = self.last;
        self.last = Head { position: entry.position, hash: stored.hash };
        self.references.add(entry);
        if let Err(what) = self.acts.entry(stored, before) {
            self.findings.wrong_at(entry.position, what);
        }
        if let Err(what) = self.checkpoints.entry(stored.hash) {
            self.findings.wrong_at(entry.position, what);
        }
        if self.doubtful.is_none()
            && let Err(what) = self.meaning(entry)
        {
            self.findings.wrong_at(entry.position, what);
            self.doubtful = Some(entry.position);
        }
        if self.doubtful.is_none() {
            for model in &mut *self.models {
                model.follow(stored, &self.sums, self.findings);
            }
        }
        true
    }

    /// Says why the entry can't be what was written, or written at all.
    fn meaning(&mut self, entry: &Entry) -> Result<(), String> {
        if let Some(Mark { head, .. }) = self.anchor
            && head.position == self.last.position
            && head.hash != self.last.hash
        {
            return Err("the anchor names another entry here".to_owned());
        }
        if entry.at < self.at {
            return Err("its time is before that of the entry before it".to_owned());
        }
        self.at = entry.at;
        self.sums.post(&entry.postings)?;
        amounts::compare(entry)
    }

    /// The journal, which ends at `end`, can't be read after the last entry.
    pub(crate) fn unreadable(&mut self, error: ReadError, end: Head) {
        let error = match error {
            // Of the last two entries no third one tells which was changed; the anchor does.
            ReadError::Changed { position, .. }
                if position.next() == end.position && self.is_not_anchored(end) =>
            {
                ReadError::Changed { position: end.position, named_by: "the anchor" }
            }
            error => error,
        };
        self.findings.unreadable_journal(self.last.position.next(), error);
    }

    /// The export is none any more after the last entry.
    pub(crate) fn faulty(&mut self, fault: Fault) {
        self.findings.faulty_export(fault);
    }

    /// Checks what can be checked when no further entry comes, and the entries of `book` were replayed. `is_over` when there
    /// are no more.
    pub(crate) fn finish(
        self,
        book: BookId,
        is_over: bool,
        replayed: Result<Replayed, Failed>,
    ) -> Walked {
        let Self { last, doubtful, acts, checkpoints, references, sums, findings, .. } = self;
        if !is_over {
            findings.note(format!("nothing was checked after entry `{}`", last.position));
        }
        if let Some(position) = doubtful {
            findings.note(format!("only the chain was checked from entry `{position}` on"));
        }
        let is_whole = is_over && doubtful.is_none();
        match replayed {
            Ok(replayed) if is_whole => {
                if let Err(what) = replayed.compare(book, &sums) {
                    findings.wrong(what);
                }
            }
            // An entry that is wrong already need not follow.
            Err(Failed { position, what })
                if position <= last.position
                    && doubtful.is_none_or(|doubtful| position < doubtful) =>
            {
                findings.wrong_at(position, what);
                findings.note(format!("nothing was replayed from entry `{position}` on"));
            }
            Ok(_) | Err(_) => {}
        }
        Walked { last, is_whole, acts, checkpoints, references }
    }

    fn is_not_anchored(&self, end: Head) -> bool {
        self.anchor
            .is_some_and(|Mark { head, .. }| head.position == end.position && head.hash != end.hash)
    }
}
