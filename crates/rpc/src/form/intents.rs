//! Intents and attestations.

use journal::Undecodable;
use ledger::intents::{
    ApproveIntent, Attest, CancelIntent, DeclareIntent, ExpireIntent, RejectIntent, Statement,
};
use ledger::matching::{Expectation, Tolerance};

use super::Form;
use crate::proto::{self, expectation::Tolerance as Sent};

records! {
    DeclareIntent { card summary expectation reserves enforcement ttl_minutes }
    ApproveIntent { intent }
    RejectIntent { intent }
    CancelIntent { intent }
    ExpireIntent { intent }
    Attest { card intent statement }
    Statement { summary amount merchant }
}

impl Form<proto::Expectation> for Expectation {
    fn write(&self) -> proto::Expectation {
        let Self { amount, merchant, mccs, tolerance } = self;
        proto::Expectation {
            amount: amount.write(),
            merchant: merchant.write(),
            mccs: mccs.write(),
            tolerance: Some(match tolerance {
                Tolerance::Amount(amount) => Sent::ToleranceAmount(amount.write()),
                Tolerance::Percent(percent) => Sent::TolerancePercent(percent.write()),
            }),
        }
    }

    fn read(message: &proto::Expectation, _: &'static str) -> Result<Self, Undecodable> {
        let tolerance = message.tolerance.as_ref();
        Ok(Self {
            amount: Form::read(&message.amount, "amount")?,
            merchant: Form::read(&message.merchant, "merchant")?,
            mccs: Form::read(&message.mccs, "mccs")?,
            tolerance: match tolerance.ok_or(Undecodable::Invalid { field: "tolerance" })? {
                Sent::ToleranceAmount(amount) => {
                    Tolerance::Amount(Form::read(amount, "tolerance_amount")?)
                }
                Sent::TolerancePercent(percent) => {
                    Tolerance::Percent(Form::read(percent, "tolerance_percent")?)
                }
            },
        })
    }
}

required!(Expectation as proto::Expectation);
