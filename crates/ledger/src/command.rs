//! What can be asked.

use crate::agents::{ChangeAgent, RegisterAgent};
use crate::authorizations::{Authorize, Clear, ExpireAuthorization, Refund, Reverse};
use crate::book::OpenBook;
use crate::cards::{ChangeCard, CreateCard};
use crate::clock::AdvanceClock;
use crate::deposits::ConfirmDeposit;
use crate::holders::{AddDocument, CreateHolder, RecordVerification, StartVerification};
use crate::intents::{Attest, CancelIntent, DeclareIntent, ExpireIntent};
use crate::keys::CreateKey;
use crate::{CommandId, Origin, Reference};

/// A command with its name and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Names the command: a repeated one has one effect.
    pub id: CommandId,
    /// Where it came from.
    pub origin: Origin,
    /// What is asked.
    pub command: Command,
}

impl Request {
    /// Every id that may have one effect only, in the order in which they are looked for.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        std::iter::once(Reference::Command(self.id)).chain(self.command.reference())
    }
}

/// Something asked of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum Command {
    OpenBook(OpenBook),
    CreateKey(CreateKey),
    AdvanceClock(AdvanceClock),
    CreateHolder(CreateHolder),
    StartVerification(StartVerification),
    RecordVerification(RecordVerification),
    AddDocument(AddDocument),
    ConfirmDeposit(ConfirmDeposit),
    RegisterAgent(RegisterAgent),
    ChangeAgent(ChangeAgent),
    CreateCard(CreateCard),
    ChangeCard(ChangeCard),
    DeclareIntent(DeclareIntent),
    CancelIntent(CancelIntent),
    ExpireIntent(ExpireIntent),
    Attest(Attest),
    Authorize(Authorize),
    Reverse(Reverse),
    ExpireAuthorization(ExpireAuthorization),
    Clear(Clear),
    Refund(Refund),
}

impl Command {
    /// The id from outside that counts once.
    pub fn reference(&self) -> Option<Reference> {
        match self {
            Self::ConfirmDeposit(command) => Some(Reference::Deposit(command.reference)),
            Self::RegisterAgent(command) => command.reference.map(Reference::Agent),
            Self::Authorize(command) => command.terms.network_id.map(Reference::Network),
            Self::Reverse(command) => command.network_id.map(Reference::Network),
            Self::Clear(command) => command.network_id.map(Reference::Network),
            Self::Refund(command) => command.network_id.map(Reference::Network),
            Self::OpenBook(_)
            | Self::CreateKey(_)
            | Self::AdvanceClock(_)
            | Self::CreateHolder(_)
            | Self::StartVerification(_)
            | Self::RecordVerification(_)
            | Self::AddDocument(_)
            | Self::ChangeAgent(_)
            | Self::CreateCard(_)
            | Self::ChangeCard(_)
            | Self::DeclareIntent(_)
            | Self::CancelIntent(_)
            | Self::ExpireIntent(_)
            | Self::Attest(_)
            | Self::ExpireAuthorization(_) => None,
        }
    }
}
