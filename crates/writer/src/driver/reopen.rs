//! What a writer does when it has lost sight of its journal.

use std::error::Error;
use std::time::Duration;

use journal::WriterId;
use ledger::Position;
use rpc::{Publisher, Refusal, Submission};
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tracing::warn;

use super::inbox::Inbox;
use super::{Reply, send};
use crate::machine::{Batch, Machine};
use crate::measures::Outcomes;
use crate::start::{self, Home, StartError, Started};

/// How long to wait before a journal that failed is opened again. Commands are refused meanwhile.
pub const REOPEN_AFTER: Duration = Duration::from_millis(200);
/// How long who waits for an answer is left in doubt: longer than a database takes to come back after a crash, shorter than
/// people wait.
pub const DOUBT_MAX: Duration = Duration::from_secs(2);

/// Followers have missed what turned out to be committed: one entry is enough to make them look.
fn publish_missed(started: &mut Started, publisher: &Publisher) -> Result<(), StartError> {
    if started.head.position != Position::START {
        publisher.publish(started.reader.read(started.head.position, 1)?.into());
    }
    Ok(())
}

/// Opens the journal again, as often as it takes, and refuses commands meanwhile. Says whether the batch is in it. `None`
/// when no more commands will come. A journal that is not what was acknowledged is not tried again. Whom the machine owes
/// an answer waits no longer than [`DOUBT_MAX`].
pub(super) fn reopen(
    home: &mut dyn FnMut() -> Result<Home, StartError>,
    writer: WriterId,
    (machine, batch): (&mut Option<Machine<Reply>>, &Batch),
    publisher: &Publisher,
    runtime: &Runtime,
    inbox: &mut Inbox,
    outcomes: &Outcomes,
) -> Result<Option<(Started, bool)>, StartError> {
    let in_doubt_until = Instant::now() + DOUBT_MAX;
    loop {
        let reopened = home().and_then(|home| {
            let (mut started, is_stored) = start::start_again(home, writer, batch)?;
            publish_missed(&mut started, publisher)?;
            Ok((started, is_stored))
        });
        match reopened {
            Ok(reopened) => return Ok(Some(reopened)),
            Err(error) if !error.is_passing() => return Err(error),
            Err(error) => {
                warn!(error = &error as &dyn Error, "the journal does not open");
            }
        }
        if in_doubt_until <= Instant::now() {
            drop(machine.take());
        }
        let is_over = runtime.block_on(async {
            let again_at = Instant::now() + REOPEN_AFTER;
            loop {
                match tokio::time::timeout_at(again_at, inbox.recv()).await {
                    Ok(Some(Submission { reply, .. })) => {
                        send(outcomes, reply, Err(Refusal::Unavailable));
                    }
                    Ok(None) => return true,
                    Err(_) => return false,
                }
            }
        });
        if is_over {
            return Ok(None);
        }
    }
}
