//! The book itself, its keys and its clock.

use journal::Undecodable;
use ledger::book::OpenBook;
use ledger::clock::AdvanceClock;
use ledger::keys::{CreateKey, NewKey, RevokeKey};
use ledger::recovery::RecoverJournal;

use super::Form;
use crate::proto;

records! {
    OpenBook { book environment }
    RecoverJournal { from to anchored approval }
    NewKey { family scope prefix digest }
    RevokeKey { key }
    AdvanceClock { by_ms }
}

impl Form<proto::CreateKey> for CreateKey {
    fn write(&self) -> proto::CreateKey {
        proto::CreateKey { key: self.0.write() }
    }

    fn read(message: &proto::CreateKey, _: &'static str) -> Result<Self, Undecodable> {
        Form::read(&message.key, "key").map(Self)
    }
}
