//! Rejections.

use journal::Undecodable;
use ledger::erasure::Unsettled;
use ledger::{Amount, Posting, Rejection, Side};

use super::Form;
use crate::proto::{self, Plain, rejection::Kind, unsettled};

/// Every rejection, by what it says: nothing, one value, one value with a name, several values in a message of its name.
macro_rules! rejections {
    (
        plain: $($plain:ident)*;
        value: $($value:ident)*;
        named: $($named:ident.$name:ident)*;
        several: $($several:ident { $($field:ident as $sent:ident)* })*;
    ) => {
        impl Form<proto::Rejection> for Rejection {
            fn write(&self) -> proto::Rejection {
                let kind = match self {
                    $(Self::$plain => Kind::$plain(Plain {}),)*
                    $(Self::$value(value) => Kind::$value(value.write()),)*
                    $(Self::$named { $name } => Kind::$named($name.write()),)*
                    $(Self::$several { $($field),* } => {
                        Kind::$several(proto::$several { $($sent: $field.write()),* })
                    })*
                };
                proto::Rejection { kind: Some(kind) }
            }

            fn read(message: &proto::Rejection, field: &'static str) -> Result<Self, Undecodable> {
                match message.kind.as_ref().ok_or(Undecodable::Unknown { field })? {
                    $(Kind::$plain(Plain {}) => Ok(Self::$plain),)*
                    $(Kind::$value(value) => Form::read(value, field).map(Self::$value),)*
                    $(Kind::$named(value) => {
                        Ok(Self::$named { $name: Form::read(value, stringify!($name))? })
                    })*
                    $(Kind::$several(proto::$several { $($sent),* }) => Ok(Self::$several {
                        $($field: Form::read($sent, stringify!($sent))?),*
                    }),)*
                }
            }
        }
    };
}

// One that is missing here does not compile: both matches are exhaustive.
rejections! {
    plain:
        BookIsOpen NotASandbox KeyIsRevoked ProfileChanged AgentSuspended CardExpired NotPending
        NotAPurchase NotUnderReview NothingToSettle IntentAwaitsApproval IntentAwaitsNothing
        SameAsset SameLedger DifferentAssets DifferentSides JournalLength JournalIsReversal NotDue
        AmountOutOfRange WebhookDisabled IdTaken CallerIsRevoked;
    value:
        UnknownKey UnknownHolder UnknownAgent UnknownCard UnknownIntent UnknownTransaction
        HolderErased HolderNotSettled UnknownWallet UnknownVirtualAccount UnknownLedger
        LedgerNotEmpty UnknownJournal UnknownWebhook ForeignTopic;
    named:
        HolderNotApproved.status VerificationClosed.status TooManyCards.max CardNotActive.status
        TooManyWallets.max IntentRequired.card TooManyIntents.max ExceedsHold.held
        ExceedsCleared.left InsufficientFunds.available ExceedsRefunded.left
        CurrencyNotSupported.asset TransferIs.status LedgerCodeTaken.code JournalReversed.by
        NoSuchLine.place NotAToken.asset NotACurrency.asset NotACoin.asset NothingLeftAfterFee.fee
        TooManyWebhooks.max NoSuchPosition.last;
    several:
        DetailsTooOften { max as max retry_at as retry_at_ms }
        LedgerNotActive { ledger as ledger status as status }
        LedgerInsufficientFunds { ledger as ledger left as left }
        JournalUnbalanced { asset as asset difference as difference }
        ExceedsLine { place as place amount as amount };
}

required!(Rejection as proto::Rejection);

impl Form<proto::Unsettled> for Unsettled {
    fn write(&self) -> proto::Unsettled {
        let kind = match self {
            Self::Account(account, asset) => unsettled::Kind::Account(
                (&Posting {
                    side: Side::Debit,
                    account: *account,
                    asset: *asset,
                    amount: Amount::ZERO,
                })
                    .into(),
            ),
            Self::Authorization(transaction) => unsettled::Kind::Authorization(transaction.write()),
            Self::Intent(intent) => unsettled::Kind::Intent(intent.write()),
        };
        proto::Unsettled { kind: Some(kind) }
    }

    fn read(message: &proto::Unsettled, field: &'static str) -> Result<Self, Undecodable> {
        match message.kind.as_ref().ok_or(Undecodable::Unknown { field })? {
            unsettled::Kind::Account(posting) => match Posting::try_from(posting)? {
                Posting { side: Side::Debit, account, asset, amount: Amount::ZERO } => {
                    Ok(Self::Account(account, asset))
                }
                Posting { .. } => Err(Undecodable::Invalid { field: "account" }),
            },
            unsettled::Kind::Authorization(transaction) => {
                Form::read(transaction, "authorization").map(Self::Authorization)
            }
            unsettled::Kind::Intent(intent) => Form::read(intent, "intent").map(Self::Intent),
        }
    }
}
