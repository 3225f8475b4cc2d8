//! Whatever is killed, stopped or cut off: nothing that was acknowledged is lost, nothing is done twice, and it goes on.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::cluster::{Cluster, MODELS};
use crate::load::{Done, Load, Spender, check, gaps_ms, get, is_long};
use crate::role::Role;

/// Commands a second, and how many are answered between two faults.
pub(crate) fn rate() -> u32 {
    if is_long() { 2_000 } else { 200 }
}

fn times(quick: usize, long: usize) -> usize {
    if is_long() { long } else { quick }
}

/// Lets time pass in which a fault lasts: it is not waited for anything.
pub(crate) async fn lasting(time: Duration) {
    tokio::time::sleep(time).await;
}

async fn begin() -> (Cluster, Spender, Load) {
    begin_on(Cluster::start(&[])).await
}

/// Load on a service.
pub(crate) async fn begin_on(cluster: Cluster) -> (Cluster, Spender, Load) {
    let spender = Spender::new(&mut cluster.client(0, "default").await).await;
    let mut load = Load::start(&cluster, &spender, rate());
    load.answers(u64::from(rate())).await;
    (cluster, spender, load)
}

/// All is answered, there once, and what is shown agrees with it. The judge has the last word, which is returned too.
pub(crate) async fn end(cluster: &Cluster, spender: &Spender, load: Load) -> (Vec<Done>, String) {
    let done = load.stop().await;
    check(&cluster.data(), &done);
    for gateway in 0..2 {
        let mut client = cluster.client(gateway, "default").await;
        let balance = get(&mut client, &format!("/v1/balances/{}", spender.user)).await;
        assert_eq!(balance["pending"], json!(100 * done.len()));
    }
    cluster.verify("default");
    let verdict = spender.diary.judge(&cluster.data());
    (done, verdict)
}

pub(crate) fn report(what: &str, done: &[Done], moments: &[Instant]) -> String {
    let mut gaps = gaps_ms(done, moments);
    gaps.sort_unstable();
    let mut waits: Vec<_> = done.iter().map(|it| (it.answered - it.sent).as_millis()).collect();
    waits.sort_unstable();
    let p99 = waits[waits.len() * 99 / 100];
    format!(
        "{what}: {} times, {} commands, each there once; time without an answer after each, ms: {gaps:?}; \
         p99 of all answers {p99} ms",
        moments.len(),
        done.len(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_killed_is_replaced() {
    let (mut cluster, spender, mut load) = begin().await;
    let mut moments = Vec::new();
    for _ in 0..servers::times("LEDGEROS_LEADER_KILLS", times(3, 20)) {
        let leader = cluster.leader();
        moments.push(Instant::now());
        cluster.writers[leader].kill();
        load.answers(u64::from(rate())).await;
        cluster.writers[leader].start_again();
        cluster.writers[leader].wait_until_ready();
    }
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!("{}", report("leader killed", &done, &moments));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_was_stopped_is_replaced_and_answers_nothing_when_it_goes_on() {
    let (cluster, spender, mut load) = begin().await;
    let mut moments = Vec::new();
    for _ in 0..times(1, 5) {
        let leader = cluster.leader();
        moments.push(Instant::now());
        cluster.writers[leader].freeze();
        load.answers(u64::from(rate())).await;
        lasting(Duration::from_secs(if is_long() { 30 } else { 3 })).await;
        cluster.writers[leader].thaw();
        load.answers(u64::from(rate())).await;
        assert_ne!(cluster.leader(), leader, "it knows that it was replaced");
    }
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!("{}", report("leader stopped", &done, &moments));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_costs_time_only() {
    let (mut cluster, spender, mut load) = begin().await;
    let mut moments = Vec::new();
    for _ in 0..servers::times("LEDGEROS_DATABASE_KILLS", times(2, 10)) {
        moments.push(Instant::now());
        cluster.postgres.kill();
        cluster.postgres.start_again();
        load.answers(u64::from(rate())).await;
    }
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!("{}", report("PostgreSQL killed", &done, &moments));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_the_bus_no_command_fails_and_read_models_follow() {
    let (mut cluster, spender, mut load) = begin().await;
    let (mut moments, mut agreed_after_ms) = (Vec::new(), Vec::new());
    cluster.nats.stop();
    let old = cluster.nats.keep();
    cluster.nats.start_again();
    for fault in 0..4 {
        load.answers(u64::from(rate())).await;
        moments.push(Instant::now());
        match fault {
            0 => {
                cluster.nats.kill();
                cluster.nats.start_again();
            }
            1 => {
                cluster.nats.kill();
                cluster.nats.wipe();
                cluster.nats.start_again();
            }
            2 => {
                cluster.nats.kill();
                cluster.nats.put_back(&old);
                cluster.nats.start_again();
            }
            _ => {
                cluster.nats.freeze();
                lasting(Duration::from_secs(if is_long() { 60 } else { 3 })).await;
                cluster.nats.thaw();
            }
        }
        let back = Instant::now();
        cluster.wait_until_read_models_agree();
        agreed_after_ms.push(back.elapsed().as_millis());
    }
    load.answers(u64::from(rate())).await;
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!(
        "{}; read models agree after its return, ms: {agreed_after_ms:?}",
        report("NATS killed, wiped, put back, cut off", &done, &moments)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn projectors_that_are_killed_agree_with_the_journal() {
    let (mut cluster, spender, mut load) = begin().await;
    let mut seconds: Vec<Role> =
        MODELS.iter().map(|model| cluster.second_projector(model)).collect();
    let mut moments = Vec::new();
    for round in 0..times(2, 20) {
        for (first, second) in cluster.projectors.iter_mut().zip(&mut seconds) {
            moments.push(Instant::now());
            // Now the one, now the other of the two: each has its turn to work and to wait.
            let victim = if round % 2 == 0 { first } else { second };
            victim.kill();
            load.answers(u64::from(rate()) / 10).await;
            victim.start_again();
        }
    }
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!("{}", report("projectors killed", &done, &moments));
}
