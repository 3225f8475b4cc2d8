//! A request, and the list of commands.

use bytes::Bytes;
use journal::Undecodable;
use ledger::{BookId, Command, Origin, Request};

use super::Form;
use crate::proto::{self, command::Kind};

/// The message of a request.
pub(crate) fn request(request: &Request) -> proto::Request {
    let Request { id, origin, command } = request;
    proto::Request {
        id: id.write(),
        origin: (*origin != Origin::LEDGER).then(|| (*origin).into()),
        command: command.write(),
    }
}

/// The request of a message, which must be there.
pub(crate) fn read_request(message: &Option<proto::Request>) -> Result<Request, Undecodable> {
    let message = message.as_ref().ok_or(Undecodable::Invalid { field: "request" })?;
    let origin: Option<Origin> = Form::read(&message.origin, "origin")?;
    Ok(Request {
        id: Form::read(&message.id, "id")?,
        origin: origin.unwrap_or(Origin::LEDGER),
        command: Form::read(&message.command, "command")?,
    })
}

/// The book that a message names.
pub(crate) fn book(message: &Bytes) -> Result<BookId, Undecodable> {
    Form::read(message, "book")
}

macro_rules! commands {
    ($($name:ident)*) => {
        impl Form<proto::Command> for Command {
            fn write(&self) -> proto::Command {
                let kind = match self {
                    $(Self::$name(command) => Kind::$name(command.write()),)*
                };
                proto::Command { kind: Some(kind) }
            }

            /// A kind that this build does not know leaves a command without one.
            fn read(message: &proto::Command, field: &'static str) -> Result<Self, Undecodable> {
                match message.kind.as_ref().ok_or(Undecodable::Unknown { field })? {
                    $(Kind::$name(message) => Form::read(message, field).map(Self::$name),)*
                }
            }
        }
    };
}

// One that is missing here does not compile: both matches are exhaustive.
commands! {
    OpenBook RecoverJournal CreateKey RevokeKey AdvanceClock
    CreateHolder ChangeHolder StartVerification RecordVerification AddDocument EraseHolder
    ConfirmDeposit ReverseDeposit
    CreateWallet OpenVirtualAccount ConfirmWalletDeposit ConfirmBankDeposit
    CreateTransfer AdvanceTransfer ConvertTreasury
    CreateLedger ChangeLedger TransferBetweenLedgers PostJournal ReverseJournal
    RegisterAgent ChangeAgent ChangeAgentPolicy
    CreateCard ChangeCard ChangeCardLimits
    DeclareIntent ApproveIntent RejectIntent CancelIntent ExpireIntent Attest
    Authorize Increment Confirm Reverse ExpireAuthorization
    Clear ForceClear Correct
    Refund ReverseRefund RecordUnlinkedRefund ReleaseRefund
    RecordPresentment AssignPresentment WriteOffPresentment SettleNetwork
    RegisterWebhook ChangeWebhook RemoveWebhook RotateWebhookSecret TestWebhook ReplayWebhook
}

required!(Command as proto::Command);
