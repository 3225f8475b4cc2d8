//! The whole of an audit of a journal.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use journal::anchor::Mark;
use journal::checkpoint::VerifyingKey;
use journal::{Head, Reader};
use ledger::Position;
use projector::Place;

use crate::acts::Acts;
use crate::checkpoints::Checkpoints;
use crate::findings::Findings;
use crate::models;
use crate::pages::{self, PAGES_WAITING, Page};
use crate::replay::Replay;
use crate::walk::{Walk, Walked};
use crate::{CouldNotTell, Progress, Report};

/// What there is of one book.
pub struct Evidence {
    /// What the anchor says, where there is one. Look at it before the rest: the journal goes ahead of the anchor, and
    /// never the other way round.
    pub anchor: Option<Mark>,
    /// The journal.
    pub journal: Box<dyn Reader>,
    /// What tells the journal from any other of the same book.
    pub incarnation: [u8; 16],
    /// The keys that checkpoints are believed of.
    pub keys: Vec<VerifyingKey>,
    /// The keys of the operators who may approve recoveries and erasures, if they are known.
    pub operators: Option<Vec<VerifyingKey>>,
    /// Checkpoints that were kept elsewhere.
    pub checkpoints: Vec<String>,
    /// Where the read models are. They may be deleted, so one that is not there is not missed.
    pub read_models: Place,
}

/// Verifies a book. `progress` is told after each page of entries.
///
/// Keeps two cores busy while it reads all there is: the journal once, each read model once. Where something is wrong,
/// the part concerned is read once or twice more, to say what.
pub fn verify(
    evidence: Evidence,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, CouldNotTell> {
    let Evidence { anchor, mut journal, incarnation, keys, operators, checkpoints, read_models } =
        evidence;
    let book = journal.book();
    let acts = Acts::new(book, operators);
    let mut findings = Findings::default();
    thread::scope(|scope| {
        // What a read model shows now is in the journal as it is found afterwards: it follows the journal.
        let mut models = models::start_all(scope, &read_models, &mut findings);
        let end = match journal.head() {
            Ok(end) => end,
            Err(error) => {
                findings.unreadable_journal(Position::START.next(), error);
                return findings.report(book, 0, Head::EMPTY);
            }
        };
        let anchor = compare_anchor(anchor, &*journal, incarnation, end, &mut findings);

        let statements = (&*keys, &*checkpoints);
        let checkpoints = Checkpoints::collect(
            &mut *journal,
            incarnation,
            end.position,
            statements,
            &mut findings,
        );

        let (sender, pages) = mpsc::sync_channel(PAGES_WAITING);
        let reading = scope.spawn(move || {
            pages::send(pages::of(&mut *journal, end.position), &sender);
            journal
        });
        let replay = Replay::start(scope);
        let mut walk = Walk::new(anchor, acts, checkpoints, &mut models, &mut findings);
        let fault = follow(pages, &replay, &mut walk, |entries| {
            progress(Progress { entries, of: end.position.0 });
        });
        if let Some(error) = fault {
            walk.unreadable(error, end);
        }
        let mut journal = reading.join().unwrap_or_else(|panic| resume_unwind(panic));

        let is_over = walk.last.position == end.position;
        let Walked { last, is_whole, acts, mut checkpoints, mut references } =
            walk.finish(book, is_over, replay.finish());
        if is_whole {
            let compared = references
                .check_once(pages::of(&mut *journal, end.position), &mut findings)
                .and_then(|()| {
                    references.check_look_ups(&mut *journal, end.position, &mut findings)
                });
            if let Err(error) = compared {
                findings.unreadable_journal(last.position, error);
            }
        } else {
            findings.note("the look-ups were not compared with the entries");
        }
        if is_over {
            acts.finish(Some(incarnation), &mut findings);
            checkpoints.compare(&acts, (book, Some(incarnation)), &mut findings);
            checkpoints.finish(&mut *journal, &mut findings);
        }
        for model in models {
            model.finish(end, &read_models, &mut *journal, &mut findings);
        }
        findings.report(book, last.position.0, end)
    })
}

/// Lets the walk and the replay follow the pages. Returns why there are no more, where that is not their end.
pub(crate) fn follow<E>(
    pages: Receiver<Result<Page, E>>,
    replay: &Replay<'_>,
    walk: &mut Walk<'_, '_>,
    mut progress: impl FnMut(u64),
) -> Option<E> {
    for page in pages {
        match page {
            Ok(page) => {
                replay.send(Arc::clone(&page));
                if !page.iter().all(|stored| walk.entry(stored)) {
                    break;
                }
            }
            Err(error) => return Some(error),
        }
        progress(walk.last.position.0);
    }
    None
}

/// The anchor, unless something is wrong with the journal as a whole. What stands at the anchor's position is seen when
/// that is reached.
fn compare_anchor(
    anchor: Option<Mark>,
    journal: &dyn Reader,
    incarnation: [u8; 16],
    end: Head,
    findings: &mut Findings,
) -> Option<Mark> {
    let Some(mark) = anchor else {
        findings.note("there is no anchor: entries that are missing at the end are not missed");
        return None;
    };
    if mark.book != journal.book() {
        findings.wrong(format!("the anchor is of `{}`", mark.book));
        return None;
    }
    if mark.incarnation != incarnation {
        findings.wrong("the anchor is of another incarnation of the journal");
        return None;
    }
    if end.position < mark.head.position {
        let reached = mark.head.position;
        let what = format!(
            "the entry is missing: the anchor says that the journal had reached `{reached}`"
        );
        findings.wrong_at(end.position.next(), what);
    }
    anchor
}
