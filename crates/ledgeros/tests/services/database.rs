//! A database that others make slow, or have for themselves, for a while.

use std::time::Duration;

use postgres::{Client, NoTls};
use tokio::task::block_in_place;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::faults::{begin_on, end, lasting, rate, report};

/// How long each lasts.
const FAULT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_locked_crowded_or_stopped_for_a_while_costs_time_only() {
    let (cluster, spender, mut load) = begin_on(Cluster::start(&[])).await;
    let mut moments = Vec::new();

    // An analyst's lock on all entries.
    moments.push(Instant::now());
    let mut analyst = block_in_place(|| superuser(&cluster));
    block_in_place(|| {
        let lock = "begin; lock table journal.entry in access exclusive mode";
        analyst.batch_execute(lock).unwrap();
    });
    lasting(FAULT).await;
    block_in_place(|| drop(analyst));
    load.answers(u64::from(rate())).await;

    // No connection is left for anybody.
    moments.push(Instant::now());
    let crowd = block_in_place(|| {
        let url = cluster.postgres.new_database().owner;
        let crowd: Vec<_> = std::iter::from_fn(|| Client::connect(&url, NoTls).ok()).collect();
        assert!(Client::connect(&url, NoTls).is_err(), "the server is full");
        crowd
    });
    let connections = crowd.len();
    lasting(FAULT).await;
    block_in_place(|| drop(crowd));
    load.answers(u64::from(rate())).await;

    // It stands still, connections and all, as on a disk that does not answer.
    moments.push(Instant::now());
    servers::freeze(cluster.postgres.process());
    lasting(FAULT).await;
    cluster.postgres.thaw();
    load.answers(u64::from(rate())).await;

    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    let what = format!("a lock, {connections} more connections, a standstill");
    println!("{}", report(&what, &done, &moments));
}

/// Whoever may lock what is not theirs.
fn superuser(cluster: &Cluster) -> Client {
    let url = cluster.postgres.admin_url();
    let (server, _) = url.rsplit_once('/').unwrap();
    Client::connect(&format!("{server}/{}", cluster.database.name), NoTls).unwrap()
}
