//! What the journal names and only the vault knows.

use ledger::{HolderId, Rejection, Sealed};
use vault::{Kind, Plaintext, Reference, Subject};

use crate::call::{Call, Write};
use crate::clock;
use crate::error::Error;
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

impl Call<Write> {
    /// Keeps an item under the key of a person's name. Of who is erased nothing is kept: the writer answers what it was asked
    /// before the erasure, and refuses the rest.
    pub(crate) async fn seal_beside(
        &self,
        holder: HolderId,
        profile: Sealed,
        kind: Kind,
        content: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<Sealed, Error> {
        let put = move |gateway: &Gateway| gateway.seal_beside(profile, kind, content.as_ref());
        match self.blocking(put).await? {
            Some(kept) => Ok(kept),
            None => self.erased_name(holder).await,
        }
    }

    /// The name of somebody who is erased, which nobody can read: a command names it where it would name what it keeps.
    pub(crate) async fn erased_name(&self, holder: HolderId) -> Result<Sealed, Error> {
        let found = self.ask(|models| &models.directory, move |d| d.holder(holder)).await?.value;
        match found.filter(|found| found.erased_at.is_some()) {
            Some(erased) => Ok(erased.profile),
            // Of an erasure that the journal has lost, only the vault knows: the rules would take the command.
            None => Err(Error::Rejected(Rejection::HolderErased(holder))),
        }
    }
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
