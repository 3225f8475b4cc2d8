//! `ledgeros projector`: keeps a read model of each book.

use anyhow::{Context, Result};
use bus::{Follower, Stream};
use daemon::{Checks, Shutdown};
use projector::{Projector, ReadModel};
use rpc::Publisher;
use tokio::task::spawn_blocking;

use super::config::Config;
use super::roster::{Duty, Roster, Troubles};
use super::{connect, standing};
use crate::site::SiteBook;

/// Keeps the read model, or waits for who does, until `shutdown`.
pub(crate) async fn run(
    model: ReadModel,
    config: Config,
    shutdown: &Shutdown,
    checks: &Checks,
) -> Result<()> {
    let troubles = Troubles::default();
    let told = troubles.clone();
    checks.add("books", move || told.told().map_or(Ok(()), Err));
    let bus = connect(config.bus.as_ref()).await?;
    let duty = ProjectorDuty { model, bus, checks: checks.clone() };
    let mut roster = Roster::join(&config.data, troubles, duty)?;
    roster.look().await?;
    roster.run_until(shutdown).await
}

struct ProjectorDuty {
    model: ReadModel,
    bus: Option<Stream>,
    checks: Checks,
}

/// A read model that is kept, and what brings its entries.
struct Kept {
    projector: Projector,
    /// Without it nobody would hold the feed open.
    _publisher: Publisher,
    _follower: Option<Follower>,
}

impl Duty for ProjectorDuty {
    type Running = Kept;

    async fn begin(&self, book: &SiteBook) -> Result<Kept> {
        let (site, model) = (book.clone(), self.model);
        let start = move || {
            let publisher = Publisher::new(site.head()?.position);
            let (place, feed) = (site.read_models(), publisher.subscribe());
            let projector = Projector::start_waiting(model, &place, site.reader()?, feed)?;
            anyhow::Ok((projector, publisher, site.reader()?))
        };
        let (projector, publisher, reader) =
            spawn_blocking(start).await?.with_context(|| format!("the read model `{model}`"))?;
        let progress = projector.progress();
        let follower = self.bus.as_ref().map(|bus| {
            let (progress, publisher) = (progress.clone(), publisher.clone());
            Follower::start(bus, model.name(), reader, publisher, progress, |it| {
                (!it.is_waiting).then_some(it.position)
            })
        });
        self.checks.add(format!("{model} of {}", book.code), move || {
            standing(&progress, |it| {
                it.stopped.as_ref().or(it.interrupted.as_ref()).map(ToString::to_string)
            })
        });
        Ok(Kept { projector, _publisher: publisher, _follower: follower })
    }

    async fn end(&self, kept: Kept) -> Result<()> {
        Ok(spawn_blocking(move || drop(kept.projector)).await?)
    }
}
