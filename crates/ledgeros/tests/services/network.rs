//! Ways between the processes that are cut, silent, deaf or slow, by a seed.

use std::collections::BTreeMap;
use std::time::Duration;

use servers::{Passing, Random};

use crate::cluster::Cluster;
use crate::faults::{begin_on, end, lasting, rate, report};
use crate::load::is_long;

/// What becomes of a way.
const FAULTS: [Passing; 4] =
    [Passing::Nothing, Passing::Silence, Passing::Questions, Passing::Slowly];

/// How long, at most.
const FAULT_MAX: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn whichever_way_is_cut_or_silent_or_slow_nothing_is_lost_and_it_goes_on() {
    let mut random = Random::for_test("ledgeros --test services", "whichever_way");
    let (cluster, spender, mut load) = begin_on(Cluster::start_gated()).await;
    let (mut moments, mut counts) = (Vec::new(), BTreeMap::new());
    let rounds = servers::times("LEDGEROS_CUTS", if is_long() { 200 } else { 10 });
    for _ in 0..rounds {
        let (target, gate) = random.one_of(&cluster.gates);
        let fault = *random.one_of(&FAULTS);
        *counts.entry(format!("{fault:?} to {target}")).or_insert(0) += 1;
        moments.push(tokio::time::Instant::now());
        gate.set(fault);
        lasting(FAULT_MAX.mul_f64(0.05 + random.below(95) as f64 / 100.0)).await;
        // What was lost on the way is noticed by those who wait for it.
        if fault != Passing::Slowly {
            gate.set(Passing::Nothing);
        }
        gate.set(Passing::All);
        load.answers(u64::from(rate()) / 2).await;
    }
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");
    println!("{}; {counts:?}", report("ways cut, silent, deaf or slow", &done, &moments));
}
