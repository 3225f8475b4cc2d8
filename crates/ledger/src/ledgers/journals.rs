//! Journals: any number of lines that are posted together, and taken back together.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects, require_in_range};
use crate::posting::{Balance, POSTINGS_MAX};
use crate::{
    Account, Amount, Asset, CommandId, Event, JournalId, LedgerId, Metadata, Posting, Postings,
    Rejection, Side, Text, Timestamp,
};

/// Posts lines that balance in each asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostJournal {
    /// The lines.
    pub lines: Vec<JournalLine>,
    /// What for.
    pub description: Option<Text<500>>,
    /// When it took place, as the platform sees it. No rule looks at it.
    pub effective_at: Option<Timestamp>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// A debit or a credit of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// The ledger.
    pub ledger: LedgerId,
    /// The side.
    pub side: Side,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub description: Option<Text<200>>,
}

/// Lines were posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPosted {
    /// The new id.
    pub journal: JournalId,
    /// The lines, in the order of the postings.
    pub lines: Vec<JournalLine>,
    /// What for.
    pub description: Option<Text<500>>,
    /// When it took place, as the platform sees it.
    pub effective_at: Option<Timestamp>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// Takes a journal back, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseJournal {
    /// Which.
    pub journal: JournalId,
    /// What of it; all of it, if not said.
    pub parts: Option<Vec<ReversedPart>>,
    /// What for.
    pub description: Option<Text<500>>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// So much of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReversedPart {
    /// Which of the journal's lines, counted from zero.
    pub line: u16,
    /// How much of its amount.
    pub amount: Amount,
}

/// Row 39a: lines of a journal were posted again, on the opposite sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalReversed {
    /// The new id.
    pub journal: JournalId,
    /// The journal that is taken back.
    pub of: JournalId,
    /// The lines, in the order of the postings.
    pub lines: Vec<JournalLine>,
    /// What for.
    pub description: Option<Text<500>>,
    /// What the platform notes.
    pub metadata: Metadata,
}

/// What the rules need to know of a journal. Every one that was posted is kept in memory, as card transactions are: with
/// its lines, 40 bytes each, until it is reversed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Journal {
    /// It stands.
    Posted(Vec<Line>),
    /// This one has taken it back.
    Reversed(JournalId),
    /// It has taken another one back.
    Reversal,
}

/// A line without its description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Line {
    ledger: LedgerId,
    side: Side,
    amount: Amount,
}

impl Line {
    /// What takes so much of it back.
    fn opposite(self, amount: Amount) -> JournalLine {
        let side = self.side.opposite();
        JournalLine { ledger: self.ledger, side, amount, description: None }
    }
}

impl Book {
    pub(crate) fn post_journal(
        &self,
        command: &PostJournal,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let postings = self.journal_postings(&command.lines)?;
        let event = JournalPosted {
            journal: JournalId::derive(now, id, 0),
            lines: command.lines.clone(),
            description: command.description.clone(),
            effective_at: command.effective_at,
            metadata: command.metadata.clone(),
        };
        Ok(Effects { events: vec![Event::JournalPosted(event)], postings })
    }

    /// Row 39a.
    pub(crate) fn reverse_journal(
        &self,
        command: &ReverseJournal,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let of = command.journal;
        let posted = match self.journals.get(of) {
            Some(Journal::Posted(lines)) => lines,
            Some(Journal::Reversed(by)) => return Err(Rejection::JournalReversed { by: *by }),
            Some(Journal::Reversal) => return Err(Rejection::JournalIsReversal),
            None => return Err(Rejection::UnknownJournal(of)),
        };
        let lines = match &command.parts {
            None => posted.iter().map(|line| line.opposite(line.amount)).collect(),
            Some(parts) => reversed(posted, parts)?,
        };
        let postings = self.journal_postings(&lines)?;
        let event = JournalReversed {
            journal: JournalId::derive(now, id, 0),
            of,
            lines,
            description: command.description.clone(),
            metadata: command.metadata.clone(),
        };
        Ok(Effects { events: vec![Event::JournalReversed(event)], postings })
    }

    /// The postings of lines that may be posted.
    fn journal_postings(&self, lines: &[JournalLine]) -> Result<Postings, Rejection> {
        if !(2..=POSTINGS_MAX).contains(&lines.len()) {
            return Err(Rejection::JournalLength);
        }
        let mut postings = Vec::with_capacity(lines.len());
        let mut totals: BTreeMap<Asset, Balance> = BTreeMap::new();
        for JournalLine { ledger: id, side, amount, .. } in lines {
            let ledger = self.active_ledger(*id)?;
            require_in_range(*amount)?;
            let total = totals.entry(ledger.asset).or_default();
            total.checked_add(*side, *amount).expect("sums of bounded amounts fit 128 bits");
            let account = Account::Ledger(ledger.kind, *id);
            postings.push(Posting { side: *side, account, asset: ledger.asset, amount: *amount });
        }
        if let Some((asset, total)) = totals.into_iter().find(|(_, t)| t.debits != t.credits) {
            let difference = total.debits.abs_diff(total.credits);
            return Err(Rejection::JournalUnbalanced { asset, difference });
        }
        let postings = Postings::new(postings).expect("lines that balance are postings");
        self.require_ledger_funds(&postings)?;
        Ok(postings)
    }

    pub(crate) fn apply_journal(&mut self, event: &JournalPosted) {
        let line = |line: &JournalLine| {
            let JournalLine { ledger, side, amount, .. } = *line;
            Line { ledger, side, amount }
        };
        let lines = event.lines.iter().map(line).collect();
        self.journals.insert(event.journal, Journal::Posted(lines));
    }

    pub(crate) fn apply_journal_reversed(&mut self, event: &JournalReversed) {
        let journal = self.journals.get_mut(event.of).expect("the event names a journal");
        assert!(matches!(journal, Journal::Posted(_)), "a journal is reversed once");
        *journal = Journal::Reversed(event.journal);
        self.journals.insert(event.journal, Journal::Reversal);
    }
}

/// What takes parts of lines back, in the order of the parts.
fn reversed(posted: &[Line], parts: &[ReversedPart]) -> Result<Vec<JournalLine>, Rejection> {
    let mut named = BTreeSet::new();
    let mut lines = Vec::with_capacity(parts.len());
    for (place, ReversedPart { line, amount }) in parts.iter().enumerate() {
        let found = posted.get(usize::from(*line)).filter(|_| named.insert(*line));
        let found = found.ok_or(Rejection::NoSuchLine { place })?;
        if found.amount < *amount {
            return Err(Rejection::ExceedsLine { place, amount: found.amount });
        }
        lines.push(found.opposite(*amount));
    }
    Ok(lines)
}
