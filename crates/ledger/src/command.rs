//! What can be asked.

use crate::agents::{ChangeAgent, ChangeAgentPolicy, RegisterAgent};
use crate::authorizations::{Authorize, Confirm, ExpireAuthorization, Increment, Reverse};
use crate::book::OpenBook;
use crate::cards::{ChangeCard, ChangeCardLimits, CreateCard};
use crate::clearings::{Clear, Correct, ForceClear};
use crate::clock::AdvanceClock;
use crate::deposits::{ConfirmDeposit, ReverseDeposit};
use crate::erasure::EraseHolder;
use crate::holders::{
    AddDocument, ChangeHolder, CreateHolder, RecordVerification, StartVerification,
};
use crate::intents::{
    ApproveIntent, Attest, CancelIntent, DeclareIntent, ExpireIntent, RejectIntent,
};
use crate::keys::{CreateKey, RevokeKey};
use crate::ledgers::{
    ChangeLedger, CreateLedger, PostJournal, ReverseJournal, TransferBetweenLedgers,
};
use crate::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use crate::recovery::RecoverJournal;
use crate::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use crate::settlement::SettleNetwork;
use crate::transfers::{AdvanceTransfer, CreateTransfer};
use crate::treasury::ConvertTreasury;
use crate::wallets::{ConfirmBankDeposit, ConfirmWalletDeposit, CreateWallet, OpenVirtualAccount};
use crate::webhooks::{
    ChangeWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook,
};
use crate::{CommandId, Origin, Reference, Sealed};

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
    RecoverJournal(RecoverJournal),
    CreateKey(CreateKey),
    RevokeKey(RevokeKey),
    AdvanceClock(AdvanceClock),
    CreateHolder(CreateHolder),
    ChangeHolder(ChangeHolder),
    StartVerification(StartVerification),
    RecordVerification(RecordVerification),
    AddDocument(AddDocument),
    EraseHolder(EraseHolder),
    ConfirmDeposit(ConfirmDeposit),
    ReverseDeposit(ReverseDeposit),
    CreateWallet(CreateWallet),
    OpenVirtualAccount(OpenVirtualAccount),
    ConfirmWalletDeposit(ConfirmWalletDeposit),
    ConfirmBankDeposit(ConfirmBankDeposit),
    CreateTransfer(CreateTransfer),
    AdvanceTransfer(AdvanceTransfer),
    ConvertTreasury(ConvertTreasury),
    CreateLedger(CreateLedger),
    ChangeLedger(ChangeLedger),
    TransferBetweenLedgers(TransferBetweenLedgers),
    PostJournal(PostJournal),
    ReverseJournal(ReverseJournal),
    RegisterAgent(RegisterAgent),
    ChangeAgent(ChangeAgent),
    ChangeAgentPolicy(ChangeAgentPolicy),
    CreateCard(CreateCard),
    ChangeCard(ChangeCard),
    ChangeCardLimits(ChangeCardLimits),
    DeclareIntent(DeclareIntent),
    ApproveIntent(ApproveIntent),
    RejectIntent(RejectIntent),
    CancelIntent(CancelIntent),
    ExpireIntent(ExpireIntent),
    Attest(Attest),
    Authorize(Authorize),
    Increment(Increment),
    Confirm(Confirm),
    Reverse(Reverse),
    ExpireAuthorization(ExpireAuthorization),
    Clear(Clear),
    ForceClear(ForceClear),
    Correct(Correct),
    Refund(Refund),
    ReverseRefund(ReverseRefund),
    RecordUnlinkedRefund(RecordUnlinkedRefund),
    ReleaseRefund(ReleaseRefund),
    RecordPresentment(RecordPresentment),
    AssignPresentment(AssignPresentment),
    WriteOffPresentment(WriteOffPresentment),
    SettleNetwork(SettleNetwork),
    RegisterWebhook(RegisterWebhook),
    ChangeWebhook(ChangeWebhook),
    RemoveWebhook(RemoveWebhook),
    RotateWebhookSecret(RotateWebhookSecret),
    TestWebhook(TestWebhook),
    ReplayWebhook(ReplayWebhook),
}

impl Command {
    /// What the vault was given for it.
    pub fn sealed(&self) -> Vec<Sealed> {
        match self {
            Self::CreateHolder(command) => vec![command.profile],
            Self::ChangeHolder(command) => vec![command.profile],
            Self::AddDocument(command) => vec![command.content],
            Self::CreateTransfer(command) => vec![command.destination.address],
            Self::CreateCard(command) => vec![command.number.sealed],
            Self::RegisterWebhook(command) => vec![command.url, command.secret],
            Self::ChangeWebhook(command) => command.url.into_iter().collect(),
            Self::RotateWebhookSecret(command) => vec![command.secret],
            _ => Vec::new(),
        }
    }

    /// The id from outside that counts once.
    pub fn reference(&self) -> Option<Reference> {
        match self {
            Self::ConfirmDeposit(command) => Some(Reference::Deposit(command.reference)),
            Self::ConfirmWalletDeposit(command) => Some(Reference::Deposit(command.reference)),
            Self::ConfirmBankDeposit(command) => Some(Reference::Deposit(command.reference)),
            Self::RegisterAgent(command) => command.reference.map(Reference::Agent),
            Self::Authorize(command) => command.terms.network_id.map(Reference::Network),
            Self::Increment(command) => command.network_id.map(Reference::Network),
            Self::Confirm(command) => command.network_id.map(Reference::Network),
            Self::Reverse(command) => command.network_id.map(Reference::Network),
            Self::Clear(command) => command.network_id.map(Reference::Network),
            Self::ForceClear(command) => command.terms.network_id.map(Reference::Network),
            Self::Correct(command) => command.network_id.map(Reference::Network),
            Self::Refund(command) => command.network_id.map(Reference::Network),
            Self::ReverseRefund(command) => command.network_id.map(Reference::Network),
            Self::RecordUnlinkedRefund(command) => command.terms.network_id.map(Reference::Network),
            Self::RecordPresentment(command) => command.terms.network_id.map(Reference::Network),
            Self::OpenBook(_)
            | Self::RecoverJournal(_)
            | Self::CreateKey(_)
            | Self::RevokeKey(_)
            | Self::AdvanceClock(_)
            | Self::CreateHolder(_)
            | Self::ChangeHolder(_)
            | Self::StartVerification(_)
            | Self::RecordVerification(_)
            | Self::AddDocument(_)
            | Self::EraseHolder(_)
            | Self::ReverseDeposit(_)
            | Self::CreateWallet(_)
            | Self::OpenVirtualAccount(_)
            | Self::CreateTransfer(_)
            | Self::AdvanceTransfer(_)
            | Self::ConvertTreasury(_)
            | Self::CreateLedger(_)
            | Self::ChangeLedger(_)
            | Self::TransferBetweenLedgers(_)
            | Self::PostJournal(_)
            | Self::ReverseJournal(_)
            | Self::ChangeAgent(_)
            | Self::ChangeAgentPolicy(_)
            | Self::CreateCard(_)
            | Self::ChangeCard(_)
            | Self::ChangeCardLimits(_)
            | Self::DeclareIntent(_)
            | Self::ApproveIntent(_)
            | Self::RejectIntent(_)
            | Self::CancelIntent(_)
            | Self::ExpireIntent(_)
            | Self::Attest(_)
            | Self::ExpireAuthorization(_)
            | Self::ReleaseRefund(_)
            | Self::AssignPresentment(_)
            | Self::WriteOffPresentment(_)
            | Self::SettleNetwork(_)
            | Self::RegisterWebhook(_)
            | Self::ChangeWebhook(_)
            | Self::RemoveWebhook(_)
            | Self::RotateWebhookSecret(_)
            | Self::TestWebhook(_)
            | Self::ReplayWebhook(_) => None,
        }
    }
}
