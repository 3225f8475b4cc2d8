//! What a process has measured.
//!
//! Crates measure with the macros of `metrics`. Without an [`Exposition`] that costs next to nothing and goes nowhere; with one,
//! it is shown in Prometheus' text format. A crate describes each of its metrics once, in a function that its owner calls.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{self, MissedTickBehavior};

/// Limits of the buckets of durations, in seconds: from what a question of the memory takes to what a client waits at most.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Limits of the buckets of counts of entries: powers of two.
const ENTRIES: [f64; 13] =
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0, 2_048.0, 4_096.0];

/// How often observations are put into their buckets when nobody scrapes. Each takes eight bytes until then: of 100,000 in a second
/// it is a megabyte.
const UPKEEP: Duration = Duration::from_secs(1);

/// What is measured from its installation on. Clones are one.
#[derive(Debug, Clone)]
pub struct Exposition(PrometheusHandle);

/// Why a process measures nothing.
#[derive(Debug, thiserror::Error)]
#[error("metrics can't be recorded")]
pub struct ExpositionError(#[from] BuildError);

impl Exposition {
    /// Measures in this process from now on. For the beginning of a role: handles that were made before measure nothing.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn install() -> Result<Self, ExpositionError> {
        let handle = builder()?.install_recorder()?;
        tokio::spawn(keep_up(handle.clone()));
        Ok(Self(handle))
    }

    pub(crate) fn render(&self) -> String {
        self.0.render()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_entries".to_owned()), &ENTRIES)
}

async fn keep_up(handle: PrometheusHandle) {
    let mut ticks = time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

#[cfg(test)]
pub(crate) mod tests;
