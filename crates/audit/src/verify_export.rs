//! The audit of an export.

use std::io::{Read, Seek};
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

use journal::checkpoint::VerifyingKey;

use crate::acts::Acts;
use crate::checkpoints::Checkpoints;
use crate::exported::Exported;
use crate::findings::Findings;
use crate::pages::{self, PAGES_WAITING};
use crate::replay::Replay;
use crate::verify::follow;
use crate::walk::{Walk, Walked};
use crate::{CouldNotTell, Report};

const NOT_THERE: &str =
    "an export has no look-ups, no tree and no read models: they were not checked";
const NOT_ANCHORED: &str =
    "an export has no anchor: what is missing at its end is noticed as far as checkpoints reach";
const NOT_SIGNED: &str = "no checkpoint was handed in: neither what is missing at the end is \
    noticed, nor history that was rewritten as a whole, nor of which incarnation the journal was";

/// Verifies an export: what it says itself, what those checkpoints say of it that were kept elsewhere, and, with the keys of
/// `operators`, whether they have approved what was done in their name. `progress` is told after each page how many entries
/// were checked.
///
/// Keeps two cores busy, and reads the file once; once more where an id that counts once stands twice.
pub fn verify_export<R: Read + Seek + Send>(
    mut export: Exported<R>,
    keys: &[VerifyingKey],
    operators: Option<Vec<VerifyingKey>>,
    checkpoints: &[String],
    progress: &mut dyn FnMut(u64),
) -> Result<Report, CouldNotTell> {
    let book = export.book();
    let mut findings = Findings::default();
    findings.note(NOT_THERE);
    findings.note(if checkpoints.is_empty() { NOT_SIGNED } else { NOT_ANCHORED });
    thread::scope(|scope| {
        let checkpoints = Checkpoints::kept((keys, checkpoints), &mut findings);
        let acts = Acts::new(book, operators);
        let (sender, pages) = mpsc::sync_channel(PAGES_WAITING);
        let reading = scope.spawn(move || {
            pages::send(export.pages(), &sender);
            export
        });
        let replay = Replay::start(scope);
        let mut walk = Walk::new(None, acts, checkpoints, &mut [], &mut findings);
        let fault = follow(pages, &replay, &mut walk, progress);
        // An entry that does not follow is one, too.
        let is_over = fault.is_none();
        if let Some(fault) = fault {
            walk.faulty(fault);
        }
        let mut export = reading.join().unwrap_or_else(|panic| resume_unwind(panic));

        let Walked { last, is_whole, acts, mut checkpoints, mut references } =
            walk.finish(book, is_over, replay.finish());
        if is_whole {
            if let Err(fault) = references.check_once(export.pages(), &mut findings) {
                findings.faulty_export(fault);
            }
        } else {
            findings.note("whether an id that counts once stands twice was not checked");
        }
        if is_over {
            let incarnation = acts.recoveries().last().map(|last| last.event.to);
            acts.finish(incarnation, &mut findings);
            checkpoints.compare(&acts, (book, incarnation), &mut findings);
        }
        findings.report(book, last.position.0, last)
    })
}
