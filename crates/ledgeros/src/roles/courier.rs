//! `ledgeros courier`: delivers webhooks.

use std::sync::Arc;

use anyhow::{Context, Result};
use bus::{Follower, Stream};
use courier::{Courier, Options};
use daemon::{Checks, Shutdown};
use rpc::Publisher;
use tokio::task::spawn_blocking;

use super::config::Config;
use super::roster::{Duty, Roster, Troubles};
use super::{connect, standing};
use crate::running::allowed;
use crate::site::SiteBook;

/// Delivers, or waits for who does, until `shutdown`.
pub(crate) async fn run(config: Config, shutdown: &Shutdown, checks: &Checks) -> Result<()> {
    let troubles = Troubles::default();
    let told = troubles.clone();
    checks.add("books", move || told.told().map_or(Ok(()), Err));
    let bus = connect(config.bus.as_ref()).await?;
    let options =
        Options { allows_private: config.courier.allow_private_addresses, ..Options::default() };
    let duty = CourierDuty { bus, options, checks: checks.clone() };
    let mut roster = Roster::join(&config.data, troubles, duty)?;
    roster.look().await?;
    roster.run_until(shutdown).await
}

struct CourierDuty {
    bus: Option<Stream>,
    options: Options,
    checks: Checks,
}

/// A courier, and what brings its entries.
struct Sent {
    courier: Courier,
    /// Without it nobody would hold the feed open.
    _publisher: Publisher,
    _follower: Option<Follower>,
}

impl Duty for CourierDuty {
    type Running = Sent;

    async fn begin(&self, book: &SiteBook) -> Result<Sent> {
        let options = allowed(self.options.clone(), book.opening.environment);
        let site = book.clone();
        let start = move || {
            let publisher = Publisher::new(site.head()?.position);
            let (vault, feed) = (Arc::new(site.vault()?), publisher.subscribe());
            let courier = Courier::start(&site.messages(), site.reader()?, feed, vault, options)?;
            anyhow::Ok((courier, publisher, site.reader()?))
        };
        let (courier, publisher, reader) =
            spawn_blocking(start).await?.context("the courier does not start")?;
        let progress = courier.progress();
        let follower = self.bus.as_ref().map(|bus| {
            let (progress, publisher) = (progress.clone(), publisher.clone());
            Follower::start(bus, "courier", reader, publisher, progress, |it| {
                it.is_working.then_some(it.position)
            })
        });
        self.checks.add(format!("courier of {}", book.code), move || {
            standing(&progress, |it| it.stopped.as_ref().map(ToString::to_string))
        });
        Ok(Sent { courier, _publisher: publisher, _follower: follower })
    }

    async fn end(&self, sent: Sent) -> Result<()> {
        Ok(spawn_blocking(move || drop(sent.courier)).await?)
    }
}
