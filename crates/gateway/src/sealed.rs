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
            Err(vault::Error::Erased { .. }) => Ok(None),
            put => put.map(recorded).map(Some),
        }
    }

    /// What an entry is about; `None` when it was erased. Blocks.
    pub(crate) fn unseal(
        &self,
        kind: Kind,
        sealed: Sealed,
    ) -> Result<Option<Plaintext>, vault::Error> {
        let Sealed { subject, reference, commitment } = sealed;
        let (subject, reference) = (Subject(subject), Reference(reference));
        self.vault.get(kind, &vault::Sealed { subject, reference, commitment })
    }
}

/// What the journal holds of an item.
pub(crate) fn recorded(item: vault::Sealed) -> Sealed {
    let vault::Sealed { subject, reference, commitment } = item;
    Sealed { subject: subject.0, reference: reference.0, commitment }
}
