//! Webhooks.

use ledger::keys::Family;
use ledger::webhooks::*;
use ledger::*;
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

pub(super) fn webhook_event() -> impl Strategy<Value = Event> {
    let webhook = || id().prop_map(WebhookId);
    let family = || select(&[Family::LedgerApi, Family::LedgerOs][..]);
    let status = select(&[WebhookStatus::Enabled, WebhookStatus::Disabled][..]);
    prop_oneof![
        (webhook(), family(), topics(), sealed(), sealed()).prop_map(
            |(webhook, family, topics, url, secret)| {
                let registered = WebhookRegistered { webhook, family, topics, url, secret };
                Event::WebhookRegistered(registered)
            }
        ),
        (webhook(), family(), topics(), sealed(), status).prop_map(
            |(webhook, family, topics, url, status)| {
                Event::WebhookChanged(WebhookChanged { webhook, family, topics, url, status })
            }
        ),
        webhook().prop_map(|webhook| Event::WebhookRemoved(WebhookRemoved { webhook })),
        (webhook(), sealed(), time()).prop_map(|(webhook, secret, before_until)| {
            Event::WebhookSecretRotated(WebhookSecretRotated { webhook, secret, before_until })
        }),
        webhook().prop_map(|webhook| Event::WebhookTested(WebhookTested { webhook })),
        (webhook(), position()).prop_map(|(webhook, from)| {
            Event::WebhookReplayed(WebhookReplayed { webhook, from })
        }),
    ]
}

fn topics() -> impl Strategy<Value = Topics> {
    btree_set(select(&Topic::ALL[..]), 0..5)
        .prop_map(|topics| Topics::new(topics).unwrap_or(Topics::All))
}
