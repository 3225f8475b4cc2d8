//! Single values, and those that entries have, too.

use bytes::Bytes;
use journal::{Undecodable, Word};
use ledger::authorizations::Terms;
use ledger::cards::{CardControls, Setting};
use ledger::ledgers::JournalLine;
use ledger::limits::Limit;
use ledger::matching::Mcc;
use ledger::recovery::Anchored;
use ledger::{
    AgentId, Amount, Approval, BookId, CardId, CommandId, HolderId, IntentId, JournalId, KeyId,
    LedgerId, Metadata, Money, Origin, Position, Rate, Sealed, Text, Timestamp, TransactionId,
    VirtualAccountId, WalletId, WebhookId,
};

use super::Form;
use crate::proto::{AmountSetting, CountSetting};

/// Values that are what stands for them.
macro_rules! plain {
    ($($name:ty)*) => {$(
        impl Form<$name> for $name {
            fn write(&self) -> $name {
                *self
            }

            fn read(message: &$name, _: &'static str) -> Result<Self, Undecodable> {
                Ok(*message)
            }
        }
    )*};
}
plain! { bool u32 u64 }

/// Smaller numbers than those that messages have.
macro_rules! numbers {
    ($($name:ty as $number:ty;)*) => {$(
        impl Form<$number> for $name {
            fn write(&self) -> $number {
                <$number>::try_from(*self).expect("the message has the wider number")
            }

            fn read(message: &$number, field: &'static str) -> Result<Self, Undecodable> {
                (*message).try_into().map_err(|_| Undecodable::Invalid { field })
            }
        }
    )*};
}
numbers! { u8 as u32; u16 as u32; usize as u64; }

/// Ids, and other values with a field that stands for them.
macro_rules! wrapped {
    ($($name:ident as $message:ty;)*) => {$(
        impl Form<$message> for $name {
            fn write(&self) -> $message {
                self.0.write()
            }

            fn read(message: &$message, field: &'static str) -> Result<Self, Undecodable> {
                Form::read(message, field).map(Self)
            }
        }
    )*};
}
wrapped! {
    AgentId as Bytes;
    BookId as Bytes;
    CardId as Bytes;
    CommandId as Bytes;
    HolderId as Bytes;
    IntentId as Bytes;
    JournalId as Bytes;
    KeyId as Bytes;
    LedgerId as Bytes;
    Position as u64;
    Rate as u64;
    TransactionId as Bytes;
    VirtualAccountId as Bytes;
    WalletId as Bytes;
    WebhookId as Bytes;
}

/// Messages of the stored form.
macro_rules! stored {
    (@copied $value:ident) => { (*$value).into() };
    (@lent $value:ident) => { $value.into() };
    ($($how:ident: $($name:ident)*;)*) => {$($(
        impl Form<journal::proto::$name> for $name {
            fn write(&self) -> journal::proto::$name {
                stored!(@$how self)
            }

            fn read(message: &journal::proto::$name, _: &'static str) -> Result<Self, Undecodable> {
                message.try_into()
            }
        }

        required!($name as journal::proto::$name);
    )*)*};
}
stored! {
    copied: Anchored Limit Money Origin Sealed;
    lent: CardControls JournalLine Terms;
}

impl Form<journal::proto::Amount> for Amount {
    fn write(&self) -> journal::proto::Amount {
        (*self).into()
    }

    fn read(message: &journal::proto::Amount, _: &'static str) -> Result<Self, Undecodable> {
        Ok(message.into())
    }
}

required!(Amount as journal::proto::Amount);

/// A value from a closed list.
impl<W: Word + Copy> Form<i32> for W {
    fn write(&self) -> i32 {
        self.number()
    }

    fn read(message: &i32, field: &'static str) -> Result<Self, Undecodable> {
        Word::read(*message, field)
    }
}

impl<const N: usize> Form<Bytes> for [u8; N] {
    fn write(&self) -> Bytes {
        Bytes::copy_from_slice(self)
    }

    fn read(message: &Bytes, field: &'static str) -> Result<Self, Undecodable> {
        message.as_ref().try_into().map_err(|_| Undecodable::Invalid { field })
    }
}

/// A text exactly as [`Text`] keeps it: one that it would trim is refused.
impl<const MAX: usize> Form<String> for Text<MAX> {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(message: &String, field: &'static str) -> Result<Self, Undecodable> {
        let text = Text::new(message).ok().filter(|kept| kept.as_str().len() == message.len());
        text.ok_or(Undecodable::Invalid { field })
    }
}

impl Form<String> for Approval {
    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    fn read(message: &String, field: &'static str) -> Result<Self, Undecodable> {
        Self::new(message).map_err(|_| Undecodable::Invalid { field })
    }
}

impl Form<u64> for Timestamp {
    fn write(&self) -> u64 {
        self.as_millis()
    }

    fn read(message: &u64, field: &'static str) -> Result<Self, Undecodable> {
        let time = Self::from_millis(*message);
        if time.as_millis() == *message { Ok(time) } else { Err(Undecodable::Invalid { field }) }
    }
}

impl Form<u32> for Mcc {
    fn write(&self) -> u32 {
        self.code().into()
    }

    fn read(message: &u32, field: &'static str) -> Result<Self, Undecodable> {
        Self::new(Form::read(message, field)?).ok_or(Undecodable::Invalid { field })
    }
}

/// Members in the one order in which they are written.
impl Form<Vec<journal::proto::MetadataMember>> for Metadata {
    fn write(&self) -> Vec<journal::proto::MetadataMember> {
        let member = |(name, text): (&Text<40>, &Text<500>)| journal::proto::MetadataMember {
            name: name.write(),
            text: text.write(),
        };
        self.iter().map(member).collect()
    }

    fn read(
        message: &Vec<journal::proto::MetadataMember>,
        field: &'static str,
    ) -> Result<Self, Undecodable> {
        let is_sorted = message.is_sorted_by(|one, other| one.name < other.name);
        let member = |member: &journal::proto::MetadataMember| {
            Ok((Form::read(&member.name, field)?, Form::read(&member.text, field)?))
        };
        let members: Vec<_> = message.iter().map(member).collect::<Result<_, Undecodable>>()?;
        Self::new(members).filter(|_| is_sorted).ok_or(Undecodable::Invalid { field })
    }
}

impl<T: Form<M>, M> Form<Option<M>> for Option<T> {
    fn write(&self) -> Option<M> {
        self.as_ref().map(T::write)
    }

    fn read(message: &Option<M>, field: &'static str) -> Result<Self, Undecodable> {
        message.as_ref().map(|message| T::read(message, field)).transpose()
    }
}

impl<T: Form<M>, M> Form<Vec<M>> for Vec<T> {
    fn write(&self) -> Vec<M> {
        self.iter().map(T::write).collect()
    }

    fn read(message: &Vec<M>, field: &'static str) -> Result<Self, Undecodable> {
        message.iter().map(|message| T::read(message, field)).collect()
    }
}

/// What is to stay is missing.
impl<T: Form<M>, M> Form<Option<M>> for Setting<T> {
    fn write(&self) -> Option<M> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value.write()),
        }
    }

    fn read(message: &Option<M>, field: &'static str) -> Result<Self, Undecodable> {
        match message {
            None => Ok(Self::Keep),
            Some(message) => T::read(message, field).map(Self::Set),
        }
    }
}

/// What a setting sets, where nothing is a value, too.
macro_rules! settings {
    ($($value:ty as $message:ident;)*) => {$(
        impl Form<$message> for Option<$value> {
            fn write(&self) -> $message {
                $message { value: Form::write(self) }
            }

            fn read(message: &$message, field: &'static str) -> Result<Self, Undecodable> {
                Form::read(&message.value, field)
            }
        }
    )*};
}
settings! { u32 as CountSetting; Amount as AmountSetting; }
