//! How much the stream lacks, as a metric says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, StorageType};
use bus::{Relay, Stream};
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
use servers::Nats;
use tokio::time::{Duration, Instant};

use crate::stage::{Journal, PATIENCE, carried, connect};

/// The one gauge that a relay has.
#[derive(Default)]
struct Lag(Arc<AtomicU64>);

impl Lag {
    fn relay(&self, stream: &Stream, journal: &Journal) -> Relay {
        with_local_recorder(self, || journal.relay(stream))
    }

    async fn becomes(&self, entries: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lag = f64::from_bits(self.0.load(Ordering::Relaxed));
            if lag == entries as f64 {
                return;
            }
            assert!(Instant::now() < deadline, "`{lag}`, not `{entries}`");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Recorder for Lag {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        assert_eq!(key.name(), "ledgeros_relay_lag_entries");
        Gauge::from_arc(self.0.clone())
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_lacks_that_is_away_is_told() {
    let mut nats = Nats::start();
    nats.stop();
    let stream = connect(nats.port()).await;
    let (mut journal, lag) = (Journal::new(1), Lag::default());
    let relay = lag.relay(&stream, &journal);
    journal.grow(1_000);
    lag.becomes(1_001).await;
    nats.start_again();
    carried(&stream, &journal).await;
    lag.becomes(0).await;

    nats.stop();
    journal.grow(600);
    lag.becomes(600).await;
    journal.grow(50);
    lag.becomes(650).await;
    drop(relay);
    lag.becomes(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stream_lacks_that_can_not_be_used_is_told() {
    let nats = Nats::start();
    let context = jetstream::new(async_nats::connect(nats.url()).await.unwrap());
    let other = Config {
        name: "ledgeros".to_owned(),
        subjects: vec!["ledgeros.>".to_owned()],
        storage: StorageType::Memory,
        ..Config::default()
    };
    context.create_stream(other).await.unwrap();
    let stream = connect(nats.port()).await;
    let (mut journal, lag) = (Journal::new(1), Lag::default());
    let _relay = lag.relay(&stream, &journal);
    journal.grow(300);
    lag.becomes(301).await;
    journal.grow(50);
    lag.becomes(351).await;

    context.delete_stream("ledgeros").await.unwrap();
    carried(&stream, &journal).await;
    lag.becomes(0).await;
}
