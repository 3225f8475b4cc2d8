//! Verification of one set of a read model's tables, by itself.

use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

use journal::{Head, Reader};
use ledger::Position;
use projector::{Place, ReadModel, Set};

use crate::findings::Findings;
use crate::models::{self, Tables};
use crate::pages::{self, PAGES_WAITING};
use crate::sums::Sums;
use crate::{CouldNotTell, Progress, Report};

/// Rows that are told of, each with its key. Where there are more, that is said.
pub const ROWS_TOLD_MAX: usize = 20;

/// Compares a set of a read model's tables, row by row, with a fold of the journal up to the entry that it shows.
/// `progress` is told after each page of entries.
///
/// Nothing else of the journal is verified than that its entries follow each other: [`verify`](crate::verify) does that.
pub fn verify_read_model(
    model: ReadModel,
    set: Set,
    place: &Place,
    journal: &mut dyn Reader,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, CouldNotTell> {
    let book = journal.book();
    let mut findings = Findings::default();
    thread::scope(|scope| {
        let tables = Tables { model, set, rows_told_max: ROWS_TOLD_MAX };
        let Some(mut check) = models::start(scope, tables, place) else {
            findings.wrong(format!("{model}: there is no such read model"));
            return findings.report(book, 0, Head::EMPTY);
        };
        let end = match journal.head() {
            Ok(end) => end,
            Err(error) => {
                findings.unreadable_journal(Position::START.next(), error);
                return findings.report(book, 0, Head::EMPTY);
            }
        };
        let until = check.shown().position.min(end.position);
        let (sender, received) = mpsc::sync_channel(PAGES_WAITING);
        let reading = scope.spawn(move || {
            pages::send(pages::of(&mut *journal, until), &sender);
            journal
        });
        let (mut last, mut sums) = (Head::EMPTY, Sums::default());
        'pages: for page in received {
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    findings.unreadable_journal(last.position.next(), error);
                    break;
                }
            };
            for stored in page.iter() {
                let position = stored.entry.position;
                if stored.previous != last.hash {
                    let what = "no entry stands here that follows the one before it";
                    findings.wrong_at(position, what);
                    break 'pages;
                }
                last = Head { position, hash: stored.hash };
                if let Err(what) = sums.post(&stored.entry.postings) {
                    findings.wrong_at(position, what);
                    break 'pages;
                }
                check.follow(stored, &sums, &mut findings);
            }
            progress(Progress { entries: last.position.0, of: until.0 });
        }
        let journal = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        check.finish(end, place, &mut *journal, &mut findings);
        findings.report(book, last.position.0, last)
    })
}
