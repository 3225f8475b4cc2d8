//! What happens to people and their dollars.

use ledger::deposits::ReverseDeposit;
use ledger::holders::{AddDocument, DocumentKind, StartVerification, VerificationStatus};
use ledger::keys::{RevokeKey, Scope};
use ledger::{Amount, Asset, Command, KeyId, TransactionId};
use proptest::prelude::*;

use super::pick::{Outside, Pick, Scene, Size, amount, nth, outside, pick, size};
use crate::requests;

/// Something that happens to a person.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "they are the commands of the ledger")]
pub enum People {
    Open,
    User,
    Start(Pick),
    Verify(Pick, VerificationStatus),
    Document(Pick, DocumentKind),
    Deposit { user: Pick, asset: Asset, size: Size, outside: Outside },
    ReverseDeposit(Pick),
    Erase(Pick),
    Change(Pick),
    Key,
    Revoke(Pick),
    Recover,
}

pub(super) fn people() -> impl Strategy<Value = People> {
    let status = prop_oneof![
        40 => Just(VerificationStatus::Approved),
        1 => Just(VerificationStatus::NeedsInformation),
        1 => Just(VerificationStatus::Denied),
        1 => Just(VerificationStatus::Locked),
    ];
    let kind = prop_oneof![Just(DocumentKind::Selfie), Just(DocumentKind::ProofOfAddress)];
    let size = prop_oneof![1 => size(), 1 => Just(Size::Minor(u16::MAX))];
    let asset = prop_oneof![3 => Just(Asset::Usdc), 1 => Just(Asset::Usdt)];
    prop_oneof![
        1 => Just(People::Open),
        1 => Just(People::User),
        1 => pick().prop_map(People::Start),
        6 => (pick(), status).prop_map(|(user, status)| People::Verify(user, status)),
        2 => (pick(), kind).prop_map(|(user, kind)| People::Document(user, kind)),
        12 => (pick(), asset, size, outside())
            .prop_map(|(user, asset, size, outside)| People::Deposit { user, asset, size, outside }),
        2 => pick().prop_map(People::ReverseDeposit),
        1 => pick().prop_map(People::Erase),
        1 => Just(People::Recover),
        1 => pick().prop_map(People::Change),
        1 => Just(People::Key),
        1 => pick().prop_map(People::Revoke),
    ]
}

impl People {
    pub(super) fn command(self, scene: &Scene<'_>) -> Command {
        match self {
            Self::Open => requests::open_book(),
            Self::User => requests::create_holder(scene.number),
            Self::Start(user) => {
                Command::StartVerification(StartVerification { holder: scene.holder(user) })
            }
            Self::Verify(user, status) => {
                let wants = status == VerificationStatus::NeedsInformation;
                let required = if wants { vec![DocumentKind::Selfie] } else { Vec::new() };
                requests::verify(scene.holder(user), status, required)
            }
            Self::Document(user, kind) => {
                let (holder, content) = (scene.holder(user), requests::sealed(scene.number));
                Command::AddDocument(AddDocument { holder, kind, content })
            }
            Self::Deposit { user, asset, size, outside } => {
                let holder = scene.holder(user);
                let cents = amount(size, &[scene.books.overdrawn(holder)]);
                let tokens = Amount(cents.0.saturating_mul(10_000));
                let reference = scene.message(outside).unwrap_or([scene.number as u8; 16]);
                requests::deposit(holder, asset, tokens, reference)
            }
            Self::Erase(user) => requests::erase(scene.holder(user)),
            Self::Change(user) => {
                let holder = scene.holder(user);
                let before = match user {
                    // Somebody else was faster.
                    Pick::Nth(index) if index % 8 == 0 => None,
                    Pick::Nth(_) | Pick::Unknown => scene.books.profiles.get(&holder).copied(),
                };
                let before = before.unwrap_or(requests::sealed(scene.number));
                requests::change_holder(scene.number, holder, before)
            }
            Self::Key => requests::create_key(scene.number, Scope::Read),
            Self::Revoke(key) => {
                let key = nth(scene.books.keys.keys(), key).copied().unwrap_or(KeyId([9; 16]));
                Command::RevokeKey(RevokeKey { key })
            }
            Self::Recover => requests::recover(scene.number),
            Self::ReverseDeposit(deposit) => {
                let found = nth(scene.books.deposits.keys(), deposit).copied();
                let transaction = found.unwrap_or(TransactionId([9; 16]));
                Command::ReverseDeposit(ReverseDeposit { transaction })
            }
        }
    }
}
