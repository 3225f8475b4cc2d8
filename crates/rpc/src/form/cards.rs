//! Cards.

use journal::Undecodable;
use ledger::Month;
use ledger::cards::{
    CardControls, CardLimits, CardNumber, CardTerms, ChangeCard, ChangeCardLimits, CreateCard,
};

use super::Form;
use crate::proto;

records! {
    CreateCard { agent terms number }
    CardLimits { total per_authorization per_day per_month }
    ChangeCard { card status }
    ChangeCardLimits { card total per_authorization per_day per_month }
}

impl Form<proto::CardTerms> for CardTerms {
    fn write(&self) -> proto::CardTerms {
        let Self { purpose, kind, limits, controls } = self;
        proto::CardTerms {
            purpose: purpose.write(),
            kind: kind.write(),
            limits: limits.write(),
            controls: (*controls != CardControls::default()).then(|| controls.into()),
        }
    }

    fn read(message: &proto::CardTerms, _: &'static str) -> Result<Self, Undecodable> {
        let controls: Option<CardControls> = Form::read(&message.controls, "controls")?;
        Ok(Self {
            purpose: Form::read(&message.purpose, "purpose")?,
            kind: Form::read(&message.kind, "kind")?,
            limits: Form::read(&message.limits, "limits")?,
            controls: controls.unwrap_or_default(),
        })
    }
}

required!(CardTerms as proto::CardTerms);

impl Form<proto::CardNumber> for CardNumber {
    fn write(&self) -> proto::CardNumber {
        let Self { sealed, last4, last_month } = self;
        proto::CardNumber {
            sealed: sealed.write(),
            last4: last4.write(),
            expiry_year: last_month.year().write(),
            expiry_month: last_month.number().write(),
        }
    }

    /// The parts that can be seen are what they are called: the journal would not take them otherwise.
    fn read(message: &proto::CardNumber, _: &'static str) -> Result<Self, Undecodable> {
        let year = Form::read(&message.expiry_year, "expiry_year")?;
        let month = Form::read(&message.expiry_month, "expiry_month")?;
        let number = Self {
            sealed: Form::read(&message.sealed, "sealed")?,
            last4: Form::read(&message.last4, "last4")?,
            last_month: Month::new(year, month)
                .ok_or(Undecodable::Invalid { field: "expiry_month" })?,
        };
        if !number.last4.iter().all(u8::is_ascii_digit) {
            return Err(Undecodable::Invalid { field: "last4" });
        }
        Ok(number)
    }
}

required!(CardNumber as proto::CardNumber);
