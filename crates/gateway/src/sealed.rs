//! What the journal names and only the vault knows.

use ledger::Sealed;
use vault::{Kind, Plaintext, Reference, Subject};

use crate::clock;
use crate::gateway::Gateway;

/// Why the vault's content can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealedError {
    /// The vault said no.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// What is in the vault is no card number.
    #[error(transparent)]
    CardNumber(#[from] vault::InvalidCardNumber),
    /// What is in the vault is not what the entry was about.
    #[error("item `{0}` of the vault is not what the journal has a commitment to")]
    OtherContent(Reference),
}

impl Gateway {
    /// Keeps an item under the key of a person's name: who erases one erases the other. `None` when the name is erased.
    /// Blocks.
    pub(crate) fn seal_beside(
        &self,
        profile: Sealed,
        kind: Kind,
        content: &[u8],
    ) -> Result<Option<Sealed>, vault::Error> {
        match self.vault.put(Subject(profile.subject), kind, content, clock::wall_ms()) {
            Err(vault::Error::UnknownSubject) => Ok(None),
            put => put.map(recorded).map(Some),
        }
    }

    /// What an entry is about; `None` when it was erased. Blocks.
    pub(crate) fn unseal(
        &self,
        kind: Kind,
        sealed: Sealed,
    ) -> Result<Option<Plaintext>, SealedError> {
        let reference = Reference(sealed.reference);
        match self.vault.get(kind, reference)? {
            Some(content) if content.opens(&sealed.commitment) => Ok(Some(content)),
            Some(_) => Err(SealedError::OtherContent(reference)),
            None => Ok(None),
        }
    }
}

/// What the journal holds of an item.
pub(crate) fn recorded(item: vault::Sealed) -> Sealed {
    let vault::Sealed { subject, reference, commitment } = item;
    Sealed { subject: subject.0, reference: reference.0, commitment }
}
