//! Ledgers of the platform.

use journal::Undecodable;
use ledger::ledgers::{
    ChangeLedger, CreateLedger, PostJournal, ReverseJournal, ReversedPart, TransferBetweenLedgers,
};

use super::Form;
use crate::proto;

records! {
    CreateLedger { code name kind asset overdraft_limit }
    ChangeLedger { ledger status }
    TransferBetweenLedgers { source destination amount description metadata }
    ReverseJournal { journal parts description metadata }
    ReversedPart { line amount }
}

impl Form<proto::PostJournal> for PostJournal {
    fn write(&self) -> proto::PostJournal {
        let Self { lines, description, effective_at, metadata } = self;
        proto::PostJournal {
            lines: lines.write(),
            description: description.write(),
            effective_at_ms: effective_at.write(),
            metadata: metadata.write(),
        }
    }

    fn read(message: &proto::PostJournal, _: &'static str) -> Result<Self, Undecodable> {
        Ok(Self {
            lines: Form::read(&message.lines, "lines")?,
            description: Form::read(&message.description, "description")?,
            effective_at: Form::read(&message.effective_at_ms, "effective_at_ms")?,
            metadata: Form::read(&message.metadata, "metadata")?,
        })
    }
}

impl Form<proto::ReversedParts> for Vec<ReversedPart> {
    fn write(&self) -> proto::ReversedParts {
        proto::ReversedParts { parts: self.write() }
    }

    fn read(message: &proto::ReversedParts, _: &'static str) -> Result<Self, Undecodable> {
        Form::read(&message.parts, "parts")
    }
}
