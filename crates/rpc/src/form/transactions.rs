//! Card transactions, presentments and settlement.

use journal::Undecodable;
use ledger::authorizations::{Authorize, Confirm, ExpireAuthorization, Increment, Mode, Reverse};
use ledger::clearings::{Clear, Correct, ForceClear};
use ledger::presentments::{AssignPresentment, RecordPresentment, WriteOffPresentment};
use ledger::refunds::{RecordUnlinkedRefund, Refund, ReleaseRefund, ReverseRefund};
use ledger::settlement::SettleNetwork;

use super::Form;
use crate::proto;

records! {
    Increment { transaction amount network_id }
    Confirm { transaction amount network_id }
    Reverse { transaction amount network_id }
    ExpireAuthorization { transaction }
    Clear { transaction amount is_final network_id }
    ForceClear { card terms awaits }
    Correct { transaction amount network_id }
    Refund { transaction amount network_id }
    ReverseRefund { transaction amount network_id }
    RecordUnlinkedRefund { card terms }
    ReleaseRefund { transaction }
    RecordPresentment { terms }
    AssignPresentment { transaction card }
    WriteOffPresentment { transaction }
}

impl Form<proto::Authorize> for Authorize {
    fn write(&self) -> proto::Authorize {
        let Self { card, terms, mode, accepts_part } = self;
        let mode = match mode {
            Mode::Hold => proto::Mode::Hold,
            Mode::Purchase => proto::Mode::Purchase,
            Mode::Advice => proto::Mode::Advice,
        };
        proto::Authorize {
            card: card.write(),
            terms: terms.write(),
            mode: mode.into(),
            accepts_part: *accepts_part,
        }
    }

    fn read(message: &proto::Authorize, _: &'static str) -> Result<Self, Undecodable> {
        let field = "mode";
        Ok(Self {
            card: Form::read(&message.card, "card")?,
            terms: Form::read(&message.terms, "terms")?,
            mode: match proto::Mode::try_from(message.mode) {
                Ok(proto::Mode::Hold) => Mode::Hold,
                Ok(proto::Mode::Purchase) => Mode::Purchase,
                Ok(proto::Mode::Advice) => Mode::Advice,
                Ok(proto::Mode::Unspecified) => return Err(Undecodable::Invalid { field }),
                Err(_) => return Err(Undecodable::Unknown { field }),
            },
            accepts_part: message.accepts_part,
        })
    }
}

impl Form<proto::SettleNetwork> for SettleNetwork {
    fn write(&self) -> proto::SettleNetwork {
        let Self { scheme, day, fees } = self;
        proto::SettleNetwork { scheme: scheme.write(), day_ms: day.write(), fees: fees.write() }
    }

    fn read(message: &proto::SettleNetwork, _: &'static str) -> Result<Self, Undecodable> {
        Ok(Self {
            scheme: Form::read(&message.scheme, "scheme")?,
            day: Form::read(&message.day_ms, "day_ms")?,
            fees: Form::read(&message.fees, "fees")?,
        })
    }
}
