//! What became of a command.

use bytes::Bytes;
use journal::{Hash, Head, Undecodable};
use ledger::Position;

use super::Form;
use crate::proto::{self, Failure, outcome::Outcome};
use crate::{Answer, Refusal};

/// Stands in answers for the hash of the entry before, which is that of no entry: an answer is no evidence, and what was
/// only tried out follows nothing.
const UNLINKED: Hash = Hash([0xff; 32]);

/// The message of an answer or a refusal.
pub(crate) fn outcome(result: &Result<Answer, Refusal>) -> proto::Outcome {
    let outcome = match result {
        Ok(Answer { entry, is_replay }) => {
            let is_first = entry.position == Position::START.next();
            let previous = if is_first { Head::EMPTY.hash } else { UNLINKED };
            let entry = Bytes::from(journal::encode(entry.clone(), previous).bytes);
            Outcome::Answer(proto::Answer { entry, replay: *is_replay })
        }
        Err(Refusal::Rejected(rejection)) => Outcome::Rejected(rejection.write()),
        Err(Refusal::Reused { route }) => Outcome::Reused((*route).into()),
        Err(Refusal::Busy) => Outcome::Failed(Failure::Busy.into()),
        Err(Refusal::Unavailable) => Outcome::Failed(Failure::Unavailable.into()),
        Err(Refusal::Unknown) => Outcome::Failed(Failure::Unknown.into()),
    };
    proto::Outcome { outcome: Some(outcome) }
}

/// The answer or the refusal of a message, which must be there.
pub(crate) fn read_outcome(
    message: &Option<proto::Outcome>,
) -> Result<Result<Answer, Refusal>, Undecodable> {
    let field = "outcome";
    let message = message.as_ref().ok_or(Undecodable::Invalid { field })?;
    Ok(match message.outcome.as_ref().ok_or(Undecodable::Unknown { field })? {
        Outcome::Answer(proto::Answer { entry, replay }) => {
            let stored = journal::decode(entry.to_vec())?;
            Ok(Answer { entry: stored.entry, is_replay: *replay })
        }
        Outcome::Rejected(rejection) => Err(Refusal::Rejected(Form::read(rejection, "rejected")?)),
        Outcome::Reused(route) => Err(Refusal::Reused { route: Form::read(route, "reused")? }),
        Outcome::Failed(failure) => match Failure::try_from(*failure) {
            Ok(Failure::Busy) => Err(Refusal::Busy),
            Ok(Failure::Unavailable) => Err(Refusal::Unavailable),
            Ok(Failure::Unknown) => Err(Refusal::Unknown),
            Ok(Failure::Unspecified) => return Err(Undecodable::Invalid { field: "failed" }),
            Err(_) => return Err(Undecodable::Unknown { field: "failed" }),
        },
    })
}
