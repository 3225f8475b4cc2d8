//! Cards.

use ledger::cards::{CardCreated, CardKind, CardStatus};
use ledger::{Entry, Event, TransactionId};

use crate::books::{Books, Breach, Card};

impl Books {
    pub(super) fn fold_card(&mut self, event: &CardCreated, entry: &Entry) -> Result<(), Breach> {
        let agent = self.agents.get_mut(&event.agent).ok_or("whose card?")?;
        require!(agent.holder == event.holder, "`{}` spends for somebody else", event.card);
        agent.cards.push(event.card);
        let subject = event.number.sealed.subject;
        self.subjects.entry(event.holder).or_default().insert(subject);
        let last_month = event.number.last_month;
        let card = Card {
            agent: event.agent,
            holder: event.holder,
            kind: event.terms.kind,
            limits: event.terms.limits,
            controls: event.terms.controls.clone(),
            made_at: entry.at,
            valid_until: (last_month.year().into(), last_month.number().into()),
            status: CardStatus::Active,
            read_at: Vec::new(),
            intents: Vec::new(),
            purchases: Vec::new(),
        };
        require!(self.cards.insert(event.card, card).is_none(), "`{}` is made twice", event.card);
        Ok(())
    }

    /// A card for one purchase is closed by the entry after which nothing more of the purchase is expected.
    pub(super) fn closes_a_single_card(
        &self,
        id: TransactionId,
        entry: &Entry,
        is_last: bool,
    ) -> Result<(), Breach> {
        let purchase = &self.purchases[&id];
        let card = &self.cards[&purchase.card];
        let is_open_single = card.kind == CardKind::Single && card.status != CardStatus::Closed;
        let expected = is_last && 0 < purchase.cleared && is_open_single;
        let closes = entry.events.iter().any(|event| {
            matches!(event, Event::CardStatusChanged(event) if event.status == CardStatus::Closed)
        });
        require!(closes == expected, "`{id}` closes its card: {expected}");
        Ok(())
    }
}
