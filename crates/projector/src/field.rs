//! Values as a database holds them, and how the domain's are written and read.

use std::borrow::Cow;

use ledger::matching::Mcc;
use ledger::{
    AgentId, Amount, AttestationId, BookId, CardId, DocumentId, HolderId, IntentId, JournalId,
    KeyId, LedgerId, Position, Rate, Sealed, Text, Timestamp, TransactionId, VirtualAccountId,
    WalletId, WebhookId,
};

use crate::words::Word;

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<'a> {
    /// Nothing.
    Absent,
    /// A number.
    Integer(u64),
    /// Words, and numbers that may have more than 63 bits.
    Text(Cow<'a, str>),
    /// Ids, hashes.
    Bytes(Cow<'a, [u8]>),
}

impl Field<'_> {
    /// Appends a form that tells every two sequences of fields apart: what it is, and how long, before what it says.
    pub(crate) fn write_canonical(&self, bytes: &mut Vec<u8>) {
        let mut write = |kind: u8, content: &[u8]| {
            let length = u32::try_from(content.len()).expect("a field has less than 4 GiB");
            bytes.push(kind);
            bytes.extend(length.to_be_bytes());
            bytes.extend(content);
        };
        match self {
            Self::Absent => write(0, &[]),
            Self::Integer(number) => write(1, &number.to_be_bytes()),
            Self::Text(text) => write(2, text.as_bytes()),
            Self::Bytes(content) => write(3, content),
        }
    }

    /// The same, borrowing nothing.
    pub(crate) fn to_owned(&self) -> Field<'static> {
        match self {
            Self::Absent => Field::Absent,
            Self::Integer(number) => Field::Integer(*number),
            Self::Text(text) => Field::Text(text.clone().into_owned().into()),
            Self::Bytes(bytes) => Field::Bytes(bytes.clone().into_owned().into()),
        }
    }

    fn as_integer(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A value of the domain that fits one column.
pub(crate) trait Column: Sized {
    fn field(&self) -> Field<'_>;

    /// `None` unless [`Column::field`] writes it.
    fn read(field: &Field<'_>) -> Option<Self>;
}

impl<T: Column> Column for Option<T> {
    fn field(&self) -> Field<'_> {
        self.as_ref().map_or(Field::Absent, T::field)
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        match field {
            Field::Absent => Some(None),
            present => T::read(present).map(Some),
        }
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Column for $integer {
            fn field(&self) -> Field<'_> {
                Field::Integer((*self).into())
            }

            fn read(field: &Field<'_>) -> Option<Self> {
                field.as_integer()?.try_into().ok()
            }
        }
    )*};
}
integers! { u64 u32 u16 u8 }

impl Column for bool {
    fn field(&self) -> Field<'_> {
        Field::Integer((*self).into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        match field.as_integer()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Column for Position {
    fn field(&self) -> Field<'_> {
        Field::Integer(self.0)
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        field.as_integer().map(Self)
    }
}

impl Column for Timestamp {
    fn field(&self) -> Field<'_> {
        Field::Integer(self.as_millis())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        field.as_integer().map(Self::from_millis)
    }
}

impl Column for Mcc {
    fn field(&self) -> Field<'_> {
        Field::Integer(self.code().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        u16::read(field).and_then(Self::new)
    }
}

impl<const N: usize> Column for [u8; N] {
    fn field(&self) -> Field<'_> {
        Field::Bytes(self.into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        field.as_bytes()?.try_into().ok()
    }
}

macro_rules! ids {
    ($($id:ty)*) => {$(
        impl Column for $id {
            fn field(&self) -> Field<'_> {
                self.0.field()
            }

            fn read(field: &Field<'_>) -> Option<Self> {
                Column::read(field).map(Self)
            }
        }
    )*};
}
ids! {
    BookId HolderId DocumentId KeyId AgentId CardId IntentId AttestationId TransactionId WalletId
    VirtualAccountId LedgerId JournalId WebhookId
}

impl Column for Sealed {
    fn field(&self) -> Field<'_> {
        Field::Bytes([&self.subject[..], &self.reference, &self.commitment].concat().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        let (subject, rest) = field.as_bytes()?.split_first_chunk()?;
        let (reference, commitment) = rest.split_first_chunk()?;
        let commitment = commitment.try_into().ok()?;
        Some(Self { subject: *subject, reference: *reference, commitment })
    }
}

impl<const MAX: usize> Column for Text<MAX> {
    fn field(&self) -> Field<'_> {
        Field::Text(self.as_str().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        Self::new(field.as_text()?).ok()
    }
}

impl Column for Amount {
    fn field(&self) -> Field<'_> {
        // Most are zero, and that takes no memory.
        Field::Text(if self.is_zero() { "0".into() } else { self.0.to_string().into() })
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        read_amount(field.as_text()?)
    }
}

impl Column for Rate {
    fn field(&self) -> Field<'_> {
        Field::Text(self.0.to_string().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        field.as_text()?.parse().ok().map(Self)
    }
}

impl<T: Word> Column for T {
    fn field(&self) -> Field<'_> {
        Field::Text(self.word().into())
    }

    fn read(field: &Field<'_>) -> Option<Self> {
        T::from_word(field.as_text()?)
    }
}

/// Digits only: `parse` would also take a sign.
fn read_amount(digits: &str) -> Option<Amount> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain).map(Amount)
}

mod account;
mod composed;
mod postgres;
mod sqlite;

pub(crate) use postgres::Cell;

#[cfg(test)]
mod tests;
