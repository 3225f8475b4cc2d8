//! Transfers and the treasury.

use journal::proto::Rail as Way;
use journal::{Undecodable, Word};
use ledger::transfers::{AdvanceTransfer, Completion, CreateTransfer, Destination, Rail, Step};
use ledger::treasury::ConvertTreasury;

use super::Form;
use crate::proto::{self, step::Kind};

records! {
    CreateTransfer { wallet money fee destination reference client_reference }
    AdvanceTransfer { transaction step }
    Completion { rate rate_source gas transaction_hash }
    ConvertTreasury { sold bought source }
}

impl Form<proto::Destination> for Destination {
    fn write(&self) -> proto::Destination {
        let (rail, chain) = match self.rail {
            Rail::Chain(chain) => (Way::Chain, Some(chain)),
            Rail::Ach => (Way::Ach, None),
            Rail::Wire => (Way::Wire, None),
            Rail::Sepa => (Way::Sepa, None),
            Rail::FasterPayments => (Way::FasterPayments, None),
            Rail::Spei => (Way::Spei, None),
        };
        proto::Destination {
            asset: self.asset.write(),
            rail: rail.into(),
            chain: chain.map(Word::number),
            address: self.address.write(),
        }
    }

    fn read(message: &proto::Destination, _: &'static str) -> Result<Self, Undecodable> {
        Ok(Self {
            asset: Form::read(&message.asset, "asset")?,
            rail: rail(message)?,
            address: Form::read(&message.address, "address")?,
        })
    }
}

required!(Destination as proto::Destination);

/// The rail, with a chain where it is one.
fn rail(message: &proto::Destination) -> Result<Rail, Undecodable> {
    let field = "rail";
    let way = Way::try_from(message.rail).map_err(|_| Undecodable::Unknown { field })?;
    match (way, Form::read(&message.chain, "chain")?) {
        (Way::Chain, Some(chain)) => Ok(Rail::Chain(chain)),
        (Way::Ach, None) => Ok(Rail::Ach),
        (Way::Wire, None) => Ok(Rail::Wire),
        (Way::Sepa, None) => Ok(Rail::Sepa),
        (Way::FasterPayments, None) => Ok(Rail::FasterPayments),
        (Way::Spei, None) => Ok(Rail::Spei),
        (Way::Unspecified | Way::Chain, _)
        | (Way::Ach | Way::Wire | Way::Sepa | Way::FasterPayments | Way::Spei, Some(_)) => {
            Err(Undecodable::Invalid { field })
        }
    }
}

impl Form<proto::Step> for Step {
    fn write(&self) -> proto::Step {
        let kind = match self {
            Self::Progress(status) => Kind::Progress(status.write()),
            Self::Complete(completion) => Kind::Complete(completion.write()),
            Self::Fail { status, reason } => Kind::Fail(proto::TransferFailure {
                status: status.write(),
                reason: reason.write(),
            }),
            Self::Return { reason } => {
                Kind::Return(proto::TransferReturn { reason: reason.write() })
            }
        };
        proto::Step { kind: Some(kind) }
    }

    fn read(message: &proto::Step, _: &'static str) -> Result<Self, Undecodable> {
        match message.kind.as_ref().ok_or(Undecodable::Unknown { field: "step" })? {
            Kind::Progress(status) => Form::read(status, "progress").map(Self::Progress),
            Kind::Complete(completion) => Form::read(completion, "complete").map(Self::Complete),
            Kind::Fail(proto::TransferFailure { status, reason }) => Ok(Self::Fail {
                status: Form::read(status, "status")?,
                reason: Form::read(reason, "reason")?,
            }),
            Kind::Return(proto::TransferReturn { reason }) => {
                Ok(Self::Return { reason: Form::read(reason, "reason")? })
            }
        }
    }
}

required!(Step as proto::Step);
