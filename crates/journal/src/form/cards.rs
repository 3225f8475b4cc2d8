//! Cards.

use ledger::cards::{CardCreated, CardLimits, CardNumber, CardStatusChanged, CardTerms};
use ledger::{AgentId, Amount, CardId, HolderId};

use super::Undecodable;
use super::fields::{amount, array, bytes, number, some, string, text};
use super::words::Word;
use crate::proto;

impl From<&CardCreated> for proto::CardCreated {
    /// # Panics
    ///
    /// When the number's visible parts are not what they are called: they would not be read back.
    fn from(event: &CardCreated) -> Self {
        let CardTerms { purpose, kind, limits } = &event.terms;
        let CardNumber { sealed, last4, expiry_year, expiry_month } = event.number;
        assert!(are_digits(last4), "the last four digits are digits");
        assert!(is_month(expiry_year, expiry_month), "a card's last month is one");
        Self {
            card: bytes(&event.card.0),
            agent: bytes(&event.agent.0),
            holder: bytes(&event.holder.0),
            purpose: string(purpose),
            kind: kind.number(),
            total_limit: Some(limits.total.into()),
            authorization_limit: limits.per_authorization.map(Into::into),
            day_limit: limits.per_day.map(Into::into),
            month_limit: limits.per_month.map(Into::into),
            number: Some(sealed.into()),
            last4: bytes(&last4),
            expiry_year: expiry_year.into(),
            expiry_month: expiry_month.into(),
        }
    }
}

impl TryFrom<&proto::CardCreated> for CardCreated {
    type Error = Undecodable;

    fn try_from(message: &proto::CardCreated) -> Result<Self, Undecodable> {
        Ok(Self {
            card: CardId(array(&message.card, "card")?),
            agent: AgentId(array(&message.agent, "agent")?),
            holder: HolderId(array(&message.holder, "holder")?),
            terms: CardTerms {
                purpose: text(&message.purpose, "purpose")?,
                kind: Word::read(message.kind, "kind")?,
                limits: CardLimits {
                    total: amount(&message.total_limit, "total_limit")?,
                    per_authorization: message.authorization_limit.as_ref().map(Amount::from),
                    per_day: message.day_limit.as_ref().map(Amount::from),
                    per_month: message.month_limit.as_ref().map(Amount::from),
                },
            },
            number: card_number(message)?,
        })
    }
}

impl From<&CardStatusChanged> for proto::CardStatusChanged {
    fn from(event: &CardStatusChanged) -> Self {
        Self { card: bytes(&event.card.0), status: event.status.number() }
    }
}

impl TryFrom<&proto::CardStatusChanged> for CardStatusChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::CardStatusChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            card: CardId(array(&message.card, "card")?),
            status: Word::read(message.status, "status")?,
        })
    }
}

fn card_number(message: &proto::CardCreated) -> Result<CardNumber, Undecodable> {
    let number = CardNumber {
        sealed: some(&message.number, "number")?.try_into()?,
        last4: array(&message.last4, "last4")?,
        expiry_year: number(message.expiry_year, "expiry_year")?,
        expiry_month: number(message.expiry_month, "expiry_month")?,
    };
    if !are_digits(number.last4) {
        return Err(Undecodable::Invalid { field: "last4" });
    }
    if !is_month(number.expiry_year, number.expiry_month) {
        return Err(Undecodable::Invalid { field: "expiry_month" });
    }
    Ok(number)
}

fn are_digits(last4: [u8; 4]) -> bool {
    last4.iter().all(u8::is_ascii_digit)
}

/// Whether the book's calendar has the month.
fn is_month(year: u16, month: u8) -> bool {
    1970 <= year && (1..=12).contains(&month)
}
