//! Webhooks.

use ledger::keys::Family;
use ledger::webhooks::*;

use super::*;

const WEBHOOK: WebhookId = WebhookId([0x60; 16]);

pub(super) fn all() -> Vec<Sample> {
    let (webhook, url, secret) = (WEBHOOK, sealed(), sealed());
    vec![
        memo("webhook_registered", registered(Family::LedgerApi, Topics::All)),
        memos(
            "webhook_registered_with_every_topic",
            [Family::LedgerApi, Family::LedgerOs].map(|family| {
                let own = Topic::ALL.into_iter().filter(|topic| topic.belongs_to(family));
                registered(family, Topics::new(own.collect()).unwrap())
            }),
        ),
        memo(
            "webhook_changed",
            Event::WebhookChanged(WebhookChanged {
                webhook,
                family: Family::LedgerOs,
                topics: Topics::new([Topic::CardCreated, Topic::IntentMatched].into()).unwrap(),
                url,
                status: WebhookStatus::Disabled,
            }),
        ),
        memo(
            "webhook_changed_with_all_topics",
            Event::WebhookChanged(WebhookChanged {
                webhook,
                family: Family::LedgerApi,
                topics: Topics::All,
                url,
                status: WebhookStatus::Enabled,
            }),
        ),
        memo("webhook_removed", Event::WebhookRemoved(WebhookRemoved { webhook })),
        memo(
            "webhook_secret_rotated",
            Event::WebhookSecretRotated(WebhookSecretRotated {
                webhook,
                secret,
                before_until: later(),
            }),
        ),
        memo("webhook_tested", Event::WebhookTested(WebhookTested { webhook })),
        memo(
            "webhook_replayed",
            Event::WebhookReplayed(WebhookReplayed { webhook, from: Position(999_000) }),
        ),
    ]
}

fn registered(family: Family, topics: Topics) -> Event {
    let (url, secret) = (sealed(), sealed());
    Event::WebhookRegistered(WebhookRegistered { webhook: WEBHOOK, family, topics, url, secret })
}
