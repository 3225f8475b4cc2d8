//! People: their verification, and the dollars they bring.

use ledger::deposits::ReverseDeposit;
use ledger::holders::{AddDocument, DocumentKind, StartVerification, VerificationStatus};
use ledger::keys::{RevokeKey, Scope};
use ledger::{AgentId, Asset, Command, KeyId, Money};

use super::names::Thing;
use super::play::Stage;
use super::tokens::Tokens;
use crate::books::Breach;
use crate::requests;

/// Something that concerns a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Case {
    User { name: String },
    Start { user: String },
    Verify { user: String, status: VerificationStatus, required: Vec<DocumentKind> },
    Document { user: String, kind: DocumentKind },
    Deposit { user: String, money: Money, tx: Option<String>, name: Option<String> },
    Reorganize { deposit: String },
    Erase { user: String },
    Change { user: String },
    Key { name: String, scope: Scope },
    Revoke { key: String },
}

impl Case {
    /// `None` when the verb is another family's.
    pub(super) fn parse(verb: &str, tokens: &mut Tokens) -> Result<Option<Self>, String> {
        Ok(Some(match verb {
            "user" => Self::User { name: tokens.word("a user")? },
            "start" => Self::Start { user: tokens.word("a user")? },
            "verify" => Self::Verify {
                user: tokens.word("a user")?,
                status: tokens.known("a status", status)?,
                required: std::iter::from_fn(|| tokens.take_if(document)).collect(),
            },
            "document" => Self::Document {
                user: tokens.word("a user")?,
                kind: tokens.known("a document", document)?,
            },
            "deposit" => Self::Deposit {
                user: tokens.word("a user")?,
                money: tokens_of(tokens)?,
                tx: tokens.after("tx")?,
                name: tokens.after("as")?,
            },
            "reorganize" => Self::Reorganize { deposit: tokens.word("a deposit")? },
            "erase" => Self::Erase { user: tokens.word("a user")? },
            "change" => Self::Change { user: tokens.word("a user")? },
            "key" => {
                Self::Key { name: tokens.word("a key")?, scope: tokens.known("a scope", scope)? }
            }
            "revoke" => Self::Revoke { key: tokens.word("a key")? },
            _ => return Ok(None),
        }))
    }
}

impl Stage<'_> {
    pub(super) fn see_to(&mut self, case: &Case) -> Result<(), Breach> {
        match case {
            Case::User { name } => {
                let command = requests::create_holder(self.number());
                self.make(name, command)
            }
            Case::Start { user } => {
                let holder = self.user(user)?;
                self.ask(Command::StartVerification(StartVerification { holder }))
            }
            Case::Verify { user, status, required } => {
                let holder = self.user(user)?;
                self.ask(requests::verify(holder, *status, required.clone()))
            }
            Case::Document { user, kind } => {
                let (holder, content) = (self.user(user)?, requests::sealed(self.number()));
                self.ask(Command::AddDocument(AddDocument { holder, kind: *kind, content }))
            }
            Case::Deposit { user, money: Money { amount, asset }, tx, name } => {
                let holder = self.user(user)?;
                let reference = self.reference(tx.as_deref());
                let command = requests::deposit(holder, *asset, *amount, reference);
                self.arrive(name.as_deref(), command)
            }
            Case::Erase { user } => {
                let holder = self.user(user)?;
                self.ask(requests::erase(holder))
            }
            Case::Change { user } => {
                let holder = self.user(user)?;
                let before = *self.books.profiles.get(&holder).ok_or("who is it?")?;
                self.ask(requests::change_holder(self.number(), holder, before))
            }
            Case::Key { name, scope } => {
                let command = requests::create_key(self.number(), *scope);
                self.make(name, command)
            }
            Case::Revoke { key } => {
                let key = match self.name(key)? {
                    Thing::Key(key) => key,
                    Thing::Agent(agent) => self.token(agent)?,
                    other => return Err(format!("`{key}` is no key but {other:?}")),
                };
                self.ask(Command::RevokeKey(RevokeKey { key }))
            }
            Case::Reorganize { deposit } => {
                let transaction = match self.name(deposit)? {
                    Thing::Deposit(transaction, _) => transaction,
                    other => return Err(format!("`{deposit}` is no deposit but {other:?}")),
                };
                self.ask(Command::ReverseDeposit(ReverseDeposit { transaction }))
            }
        }
    }

    /// The key of an agent.
    fn token(&self, agent: AgentId) -> Result<KeyId, Breach> {
        let mut keys = self.books.keys.iter();
        let found = keys.find(|(_, key)| key.agent == Some(agent));
        found.map(|(id, _)| *id).ok_or_else(|| format!("`{agent}` has no key"))
    }
}

/// An amount of what can be deposited. A dollar arrives as a token.
fn tokens_of(tokens: &mut Tokens) -> Result<Money, String> {
    let (amount, code) = (tokens.word("an amount")?, tokens.word("an asset")?);
    let asset = Asset::from_code(&code).ok_or_else(|| format!("`{code}` is no asset"))?;
    let asset = if asset == Asset::Usd { Asset::Usdc } else { asset };
    let amount = asset.parse(&amount).ok_or_else(|| format!("`{amount}` is no amount of it"))?;
    Ok(Money { amount, asset })
}

fn status(word: &str) -> Option<VerificationStatus> {
    use VerificationStatus::*;
    let all = [
        NotStarted,
        Pending,
        NeedsInformation,
        NeedsVerification,
        ManualReview,
        Approved,
        Denied,
        Locked,
    ];
    all.into_iter().find(|status| status.to_string() == word)
}

fn scope(word: &str) -> Option<Scope> {
    Some(match word {
        "read" => Scope::Read,
        "write" => Scope::Write,
        "admin" => Scope::Admin,
        _ => return None,
    })
}

fn document(word: &str) -> Option<DocumentKind> {
    Some(match word {
        "proofOfAddress" => DocumentKind::ProofOfAddress,
        "governmentIdFront" => DocumentKind::GovernmentIdFront,
        "governmentIdBack" => DocumentKind::GovernmentIdBack,
        "selfie" => DocumentKind::Selfie,
        "sourceOfFunds" => DocumentKind::SourceOfFunds,
        _ => return None,
    })
}
