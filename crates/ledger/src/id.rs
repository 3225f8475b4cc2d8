//! Ids of created things: a registry of their kinds and their text form.
//!
//! An id is a UUIDv7 (RFC 9562): the time of the entry that created it, then bits of the command that asked for it.
//! A retry of a command therefore names the same things. As text it is a prefix and 26 characters of lower-case
//! Crockford base 32, the form known as TypeID.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{CommandId, Timestamp};

/// Length of an id's text after its prefix: 128 bits in groups of five.
const SUFFIX_LENGTH: usize = 26;
/// How many ids one command makes at most; a power of two.
const ORDINALS: u8 = 2;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// What its text begins with, before the underscore.
            pub const PREFIX: &str = $prefix;

            /// The `ordinal`th id of this kind that a command makes.
            pub fn derive(at: Timestamp, command: CommandId, ordinal: u8) -> Self {
                Self(derive(at, command, ordinal))
            }

            /// Reads the text form. `None` when it is not one of this kind.
            pub fn parse(text: &str) -> Option<Self> {
                let suffix = text.strip_prefix($prefix)?.strip_prefix('_')?;
                decode(suffix).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, encode(self.0))
            }
        }
    )*};
}

ids! {
    /// A book.
    BookId "book";
    /// A person who holds money: `user_` on LedgerOS, `cus_` with the same suffix on the Ledger API.
    HolderId "user";
    /// A document handed in for verification.
    DocumentId "doc";
    /// An API key.
    KeyId "key";
    /// A program that spends for a holder.
    AgentId "agent";
    /// A card.
    CardId "card";
    /// A declared purchase.
    IntentId "int";
    /// An access to card details.
    AttestationId "evt";
    /// A card transaction, a deposit, a transfer.
    TransactionId "txn";
    /// A wallet for tokens. Its money stands in the accounts under [`WalletId::holder`].
    WalletId "wal";
    /// An account number at the sponsor bank that leads to a wallet.
    VirtualAccountId "va";
    /// An account that the platform has opened itself.
    LedgerId "led";
    /// A transfer between ledgers, or a journal of the platform.
    JournalId "jrn";
    /// A place where a platform is told of what happens.
    WebhookId "whk";
}

impl WalletId {
    /// The name under which the wallet holds money.
    pub fn holder(self) -> HolderId {
        HolderId(self.0)
    }
}

/// 26 characters of base 32 for 16 bytes; the first stands for three bits only.
pub fn encode(bytes: [u8; 16]) -> String {
    let mut number = u128::from_be_bytes(bytes);
    let mut text = [0; SUFFIX_LENGTH];
    for letter in text.iter_mut().rev() {
        *letter = ALPHABET[number as usize & 31];
        number >>= 5;
    }
    str::from_utf8(&text).expect("the alphabet is ASCII").to_owned()
}

/// Reads what [`encode`] writes. `None` for any other text.
pub fn decode(suffix: &str) -> Option<[u8; 16]> {
    if suffix.len() != SUFFIX_LENGTH || b'7' < suffix.as_bytes()[0] {
        return None;
    }
    let mut number = 0_u128;
    for byte in suffix.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        number = number << 5 | digit as u128;
    }
    Some(number.to_be_bytes())
}

/// What the ids that a command makes have in common, but for their time: two commands of one millisecond that agree in
/// it would name things alike. It is 73 of the command's 128 bits, few enough for somebody to look for such a pair.
pub(crate) fn common(command: CommandId) -> [u8; 16] {
    let mut bits = derive(Timestamp::default(), command, 0);
    bits[15] &= !(ORDINALS - 1);
    bits
}

fn derive(at: Timestamp, command: CommandId, ordinal: u8) -> [u8; 16] {
    debug_assert!(ordinal < ORDINALS, "no command makes so many of a kind");
    let mut bytes = command.0;
    bytes[..6].copy_from_slice(&at.as_millis().to_be_bytes()[2..]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    bytes[15] ^= ordinal;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_text() {
        for seed in [0, 1, 0x7f, 0xff] {
            let id = CardId([seed; 16]);
            assert_eq!(CardId::parse(&id.to_string()), Some(id));
        }
    }

    #[test]
    fn the_text_of_another_kind_or_form_is_refused() {
        let text = CardId([7; 16]).to_string();
        assert_eq!(AgentId::parse(&text), None);
        assert_eq!(CardId::parse(&text.to_uppercase()), None);
        assert_eq!(CardId::parse(&text[..text.len() - 1]), None);
        assert_eq!(CardId::parse("card_8zzzzzzzzzzzzzzzzzzzzzzzzz"), None);
        assert_eq!(CardId::parse("card_"), None);
        assert_eq!(CardId::parse("card_ééééééééééééé"), None);
    }

    #[test]
    fn ids_of_one_command_differ_and_begin_with_its_time() {
        let at = Timestamp::from_millis(0x0123_4567_89ab);
        let command = CommandId([0xff; 16]);
        let first = HolderId::derive(at, command, 0);
        let second = HolderId::derive(at, command, 1);
        assert_eq!((first.0[15], second.0[15]), (0xff, 0xfe));
        assert_eq!(first.0[..6], [0x01, 0x23, 0x45, 0x67, 0x89, 0xab]);
        assert_eq!((first.0[6] >> 4, first.0[8] >> 6), (7, 2));
    }
}
