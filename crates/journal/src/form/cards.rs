//! Cards.

use ledger::cards::{
    ActiveHours, CardControls, CardCreated, CardLimits, CardLimitsChanged, CardNumber,
    CardStatusChanged, CardTerms,
};
use ledger::intents::Enforcement;
use ledger::matching::Mcc;
use ledger::{AgentId, Amount, CardId, HolderId, Month};

use super::Undecodable;
use super::fields::{
    amount, array, bytes, number, optional_string, optional_text, some, string, text,
};
use super::intents::mcc;
use super::words::Word;
use crate::proto;

impl From<&CardCreated> for proto::CardCreated {
    /// # Panics
    ///
    /// Unless the last four digits are digits: others would not be read back.
    fn from(event: &CardCreated) -> Self {
        let CardTerms { purpose, kind, limits, controls } = &event.terms;
        let CardNumber { sealed, last4, last_month } = event.number;
        assert!(are_digits(last4), "the last four digits are digits");
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
            expiry_year: last_month.year().into(),
            expiry_month: last_month.number().into(),
            controls: (*controls != CardControls::default()).then(|| controls.into()),
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
                controls: message
                    .controls
                    .as_ref()
                    .map_or(Ok(CardControls::default()), CardControls::try_from)?,
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

impl From<&CardLimitsChanged> for proto::CardLimitsChanged {
    fn from(event: &CardLimitsChanged) -> Self {
        let CardLimits { total, per_authorization, per_day, per_month } = event.limits;
        Self {
            card: bytes(&event.card.0),
            total_limit: Some(total.into()),
            authorization_limit: per_authorization.map(Into::into),
            day_limit: per_day.map(Into::into),
            month_limit: per_month.map(Into::into),
        }
    }
}

impl TryFrom<&proto::CardLimitsChanged> for CardLimitsChanged {
    type Error = Undecodable;

    fn try_from(message: &proto::CardLimitsChanged) -> Result<Self, Undecodable> {
        Ok(Self {
            card: CardId(array(&message.card, "card")?),
            limits: CardLimits {
                total: amount(&message.total_limit, "total_limit")?,
                per_authorization: message.authorization_limit.as_ref().map(Amount::from),
                per_day: message.day_limit.as_ref().map(Amount::from),
                per_month: message.month_limit.as_ref().map(Amount::from),
            },
        })
    }
}

impl From<&CardControls> for proto::CardControls {
    fn from(controls: &CardControls) -> Self {
        let codes = |mccs: &[Mcc]| mccs.iter().map(|mcc| mcc.code().into()).collect();
        Self {
            authorizations_max: controls.authorizations_max,
            ttl_days: controls.ttl_days.map(Into::into),
            mccs_allowed: codes(&controls.mccs_allowed),
            mccs_blocked: codes(&controls.mccs_blocked),
            merchant: optional_string(&controls.merchant),
            active_hours: controls.active_hours.map(|hours| proto::ActiveHours {
                from_minute: hours.from_minute().into(),
                until_minute: hours.until_minute().into(),
            }),
            cooldown_minutes: controls.cooldown_minutes,
            attestation_window_minutes: controls.attestation_window_minutes,
            intent_required: controls.intent_required,
            declines_mismatches: controls.enforcement == Enforcement::Decline,
            approval_above: controls.approval_above.map(Into::into),
        }
    }
}

impl TryFrom<&proto::CardControls> for CardControls {
    type Error = Undecodable;

    /// The controls, of which at least one is set.
    fn try_from(message: &proto::CardControls) -> Result<Self, Undecodable> {
        let ttl_days = message.ttl_days.map(|days| number(days, "ttl_days"));
        let controls = CardControls {
            authorizations_max: message.authorizations_max,
            ttl_days: ttl_days.transpose()?,
            mccs_allowed: mccs(&message.mccs_allowed, "mccs_allowed")?,
            mccs_blocked: mccs(&message.mccs_blocked, "mccs_blocked")?,
            merchant: optional_text(&message.merchant, "merchant")?,
            active_hours: message.active_hours.as_ref().map(active_hours).transpose()?,
            cooldown_minutes: message.cooldown_minutes,
            attestation_window_minutes: message.attestation_window_minutes,
            intent_required: message.intent_required,
            enforcement: match message.declines_mismatches {
                false => Enforcement::Inform,
                true => Enforcement::Decline,
            },
            approval_above: message.approval_above.as_ref().map(Amount::from),
        };
        if controls == CardControls::default() {
            return Err(Undecodable::Invalid { field: "controls" });
        }
        Ok(controls)
    }
}

fn mccs(codes: &[u32], field: &'static str) -> Result<Vec<Mcc>, Undecodable> {
    codes.iter().map(|code| mcc(*code, field)).collect()
}

fn active_hours(message: &proto::ActiveHours) -> Result<ActiveHours, Undecodable> {
    let from = number(message.from_minute, "from_minute")?;
    let until = number(message.until_minute, "until_minute")?;
    ActiveHours::new(from, until).ok_or(Undecodable::Invalid { field: "active_hours" })
}

fn card_number(message: &proto::CardCreated) -> Result<CardNumber, Undecodable> {
    let year = number(message.expiry_year, "expiry_year")?;
    let month = number(message.expiry_month, "expiry_month")?;
    let number = CardNumber {
        sealed: some(&message.number, "number")?.try_into()?,
        last4: array(&message.last4, "last4")?,
        last_month: Month::new(year, month)
            .ok_or(Undecodable::Invalid { field: "expiry_month" })?,
    };
    if !are_digits(number.last4) {
        return Err(Undecodable::Invalid { field: "last4" });
    }
    Ok(number)
}

fn are_digits(last4: [u8; 4]) -> bool {
    last4.iter().all(u8::is_ascii_digit)
}
