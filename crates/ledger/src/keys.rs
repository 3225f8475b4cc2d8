//! API keys. The book records them, and refuses what a revoked one asks for; the gateway, which checks their secrets, is told
//! by its read model.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::book::{Book, Effects};
use crate::entry::CommandId;
use crate::{AgentId, Event, KeyId, Rejection, Timestamp};

/// What a key may be used for. Each level includes the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Reading.
    Read,
    /// Reading and everything that platforms do every day.
    Write,
    /// All of it, and keys.
    Admin,
}

/// The surface whose dialect a key speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Family {
    /// `ld_`.
    LedgerApi,
    /// `lk_`.
    LedgerOs,
}

/// A key that the gateway has made, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The surface.
    pub family: Family,
    /// What it may be used for.
    pub scope: Scope,
    /// What the key is found by: the part of it that is no secret.
    pub prefix: [u8; 8],
    /// SHA-256 of the secret part, which has 256 random bits.
    pub digest: [u8; 32],
}

/// Makes a key for the whole book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateKey(pub NewKey);

/// A key can be used from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCreated {
    /// Its id.
    pub key: KeyId,
    /// What the gateway made.
    pub new: NewKey,
    /// The agent that it is bound to.
    pub agent: Option<AgentId>,
}

/// Takes a key out of use, for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeKey {
    /// Which.
    pub key: KeyId,
}

/// A key can't be used any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRevoked {
    /// Which.
    pub key: KeyId,
}

/// What the rules need to know of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Key {
    is_revoked: bool,
}

impl Book {
    /// Nothing is done for a key once its revocation is written, however far behind the gateways' read models are.
    pub(crate) fn require_usable(&self, caller: Option<KeyId>) -> Result<(), Rejection> {
        match caller.and_then(|key| self.keys.get(key)) {
            Some(Key { is_revoked: true }) => Err(Rejection::CallerIsRevoked),
            _ => Ok(()),
        }
    }

    pub(crate) fn create_key(
        &self,
        command: &CreateKey,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Effects, Rejection> {
        let key = KeyId::derive(now, id, 0);
        Ok(Effects::memo([Event::KeyCreated(KeyCreated {
            key,
            new: command.0.clone(),
            agent: None,
        })]))
    }

    /// Any key may go, also the last one: whoever has the folder can make another.
    pub(crate) fn revoke_key(&self, command: &RevokeKey) -> Result<Effects, Rejection> {
        let key = command.key;
        match self.keys.get(key) {
            None => Err(Rejection::UnknownKey(key)),
            Some(Key { is_revoked: true }) => Err(Rejection::KeyIsRevoked),
            Some(Key { is_revoked: false }) => {
                Ok(Effects::memo([Event::KeyRevoked(KeyRevoked { key })]))
            }
        }
    }

    pub(crate) fn apply_revoked(&mut self, event: &KeyRevoked) {
        let key = self.keys.get_mut(event.key).expect("the event names a key");
        assert!(!key.is_revoked, "a key is revoked once");
        key.is_revoked = true;
    }
}
