//! Reads journals from the processes that have them, and believes only what fits.

use bytes::Bytes;
use journal::{Hash, Head, Stored, Undecodable};
use ledger::{BookId, Position};
use tonic::{Status, Streaming};

use super::writers::{ConnectError, Writers};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::proto::journal_client::JournalClient;
use crate::proto::{HeadRequest, ReadRequest, ReadResponse};

/// Why a journal can't be read from another process.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The process can't be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It has said no, or nothing.
    #[error("the process says no")]
    Call(#[from] Status),
    /// What it has sent is no entry, or no hash.
    #[error("what was sent after entry `{after}` can't be read")]
    Undecodable {
        /// The last entry that could be.
        after: Position,
        /// Why not.
        source: Undecodable,
    },
    /// What it has sent does not follow what was there before.
    #[error("what was sent after entry `{after}` does not follow it")]
    Unlinked {
        /// That entry.
        after: Position,
    },
}

/// The end of a book's journal, as the process at `address` has it.
pub async fn head(writers: &Writers, address: &str, book: BookId) -> Result<Head, JournalError> {
    let mut client = JournalClient::new(writers.channel(address)?);
    let request = HeadRequest { book: Bytes::copy_from_slice(&book.0) };
    let response = client.head(request).await?.into_inner();
    let hash = response.hash.as_ref().try_into().map_err(|_| JournalError::Undecodable {
        after: Position::START,
        source: Undecodable::Invalid { field: "hash" },
    })?;
    Ok(Head { position: Position(response.position), hash: Hash(hash) })
}

/// The entries of a book that follow `after`, from the process at `address`; those that come later, too, when `follow`.
pub async fn read(
    writers: &Writers,
    address: &str,
    book: BookId,
    after: Head,
    follow: bool,
) -> Result<Entries, JournalError> {
    let mut client =
        JournalClient::new(writers.channel(address)?).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let book = Bytes::copy_from_slice(&book.0);
    let request = ReadRequest { book, from: after.position.next().0, follow };
    Ok(Entries { messages: client.read(request).await?.into_inner(), head: after })
}

/// Entries as they come, each of which follows the one before.
#[derive(Debug)]
pub struct Entries {
    messages: Streaming<ReadResponse>,
    head: Head,
}

impl Entries {
    /// The next ones; none, when there are no more. After an error there is nothing more to be had.
    pub async fn next(&mut self) -> Result<Option<Vec<Stored>>, JournalError> {
        let Some(message) = self.messages.message().await? else { return Ok(None) };
        let entries = message.entries.into_iter().map(|bytes| self.check(bytes));
        entries.collect::<Result<_, _>>().map(Some)
    }

    fn check(&mut self, bytes: Bytes) -> Result<Stored, JournalError> {
        let after = self.head.position;
        let stored = journal::decode(bytes.into())
            .map_err(|source| JournalError::Undecodable { after, source })?;
        if (stored.entry.position, stored.previous) != (after.next(), self.head.hash) {
            return Err(JournalError::Unlinked { after });
        }
        self.head = Head { position: stored.entry.position, hash: stored.hash };
        Ok(stored)
    }
}
