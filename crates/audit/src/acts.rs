//! What operators did: whether it was approved, and which incarnation the journal was in when.

use journal::checkpoint::VerifyingKey;
use journal::note::Note;
use journal::statement::{Statement, approvers};
use journal::{Head, Stored};
use ledger::recovery::JournalRecovered;
use ledger::{Approval, BookId, Event, Position};

use crate::findings::Findings;

/// The acts up to an entry.
pub(crate) struct Acts {
    book: BookId,
    /// The keys of those who may approve, if the auditor has brought them.
    operators: Option<Vec<VerifyingKey>>,
    count: u64,
    /// The incarnations that statements before the first recovery speak of.
    before_recoveries: Vec<(Position, [u8; 16])>,
    recoveries: Vec<Recovery>,
}

/// An accepted loss.
pub(crate) struct Recovery {
    /// The entry.
    pub(crate) position: Position,
    pub(crate) event: JournalRecovered,
    /// Who has approved it, by the signatures' own word.
    pub(crate) operators: String,
}

/// A part of the journal, between one recovery and the next.
pub(crate) struct Life<'a> {
    /// Unknown of today's, where nothing but the entries is there.
    pub(crate) incarnation: Option<[u8; 16]>,
    /// Its first entry.
    pub(crate) first: Position,
    /// How it ended, unless it goes on.
    pub(crate) ended: Option<&'a Recovery>,
}

impl Acts {
    pub(crate) fn new(book: BookId, operators: Option<Vec<VerifyingKey>>) -> Self {
        let (before_recoveries, recoveries) = (Vec::new(), Vec::new());
        Self { book, operators, count: 0, before_recoveries, recoveries }
    }

    /// Looks at the next entry, which comes after `before`. Says why it was not approved.
    pub(crate) fn entry(&mut self, stored: &Stored, before: Head) -> Result<(), String> {
        for event in &stored.entry.events {
            let position = stored.entry.position;
            if let Event::HolderErased(erased) = event {
                self.approved(event, &erased.approval, position, before)?;
            } else if let Event::JournalRecovered(recovered) = event {
                let approved = self.approved(event, &recovered.approval, position, before);
                self.recovered(recovered, position);
                approved?;
            }
        }
        Ok(())
    }

    fn approved(
        &mut self,
        event: &Event,
        approval: &Approval,
        position: Position,
        before: Head,
    ) -> Result<(), String> {
        self.count += 1;
        let note = Note::parse(approval.as_str());
        let note = note.map_err(|invalid| format!("it is approved by nobody: {invalid}"))?;
        let statement = Statement::parse(note.text());
        let Statement { book, incarnation, head, .. } = statement
            .filter(|statement| statement.allows(event))
            .ok_or("what was approved is something else")?;
        if (book, head) != (self.book, before) {
            return Err("what was approved was for another moment or another book".to_owned());
        }
        match self.recoveries.last() {
            Some(last) if last.event.to != incarnation => {
                return Err("what was approved was for another incarnation".to_owned());
            }
            Some(_) => {}
            None => self.before_recoveries.push((position, incarnation)),
        }
        if let Some(operators) = &self.operators {
            approvers(&note, operators)
                .map_err(|refused| format!("it is not approved: {refused}"))?;
        }
        Ok(())
    }

    fn recovered(&mut self, event: &JournalRecovered, position: Position) {
        let note = Note::parse(event.approval.as_str()).ok();
        let signers = note.iter().flat_map(Note::signers).map(|name| format!("`{name}`"));
        let operators = signers.collect::<Vec<_>>().join(" and ");
        self.recoveries.push(Recovery { position, event: event.clone(), operators });
    }

    /// Every recovery.
    pub(crate) fn recoveries(&self) -> &[Recovery] {
        &self.recoveries
    }

    /// The parts of a journal that is of this incarnation now.
    pub(crate) fn lives(&self, incarnation: Option<[u8; 16]>) -> Vec<Life<'_>> {
        let mut first = Position::START.next();
        let mut lives = Vec::with_capacity(self.recoveries.len() + 1);
        for recovery in &self.recoveries {
            let incarnation = Some(recovery.event.from);
            lives.push(Life { incarnation, first, ended: Some(recovery) });
            first = recovery.position;
        }
        lives.push(Life { incarnation, first, ended: None });
        lives
    }

    /// Compares what the acts say with the incarnation that the journal has.
    pub(crate) fn finish(&self, incarnation: Option<[u8; 16]>, findings: &mut Findings) {
        if self.recoveries.last().is_some_and(|last| Some(last.event.to) != incarnation) {
            findings.wrong("the journal is of another incarnation than its last recovery began");
        }
        let first = self.recoveries.first().map_or(incarnation, |first| Some(first.event.from));
        for (position, said) in &self.before_recoveries {
            if first.is_some_and(|first| *said != first) {
                findings.wrong_at(*position, "what was approved was for another incarnation");
            }
        }
        if 0 < self.count && self.operators.is_none() {
            let count = self.count;
            findings.note(format!(
                "the approvals of operators' acts, `{count}` in all, were not checked: no operators' keys are given"
            ));
        }
    }
}

impl Recovery {
    /// Whether what had been acknowledged was not just more: the anchor named another entry than the one that is there.
    pub(crate) fn is_of_a_fork(&self) -> bool {
        self.event.anchored.is_some_and(|anchored| anchored.position < self.position)
    }
}
