//! `ledgeros bench`: figures, never verdicts.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::audit_command;
use crate::audit_command::Statements;
use crate::client::Client;
use crate::embedded::Embedded;

/// How to load the HTTP gateway.
#[derive(Debug, clap::Args)]
pub(crate) struct HttpOptions {
    /// How many connections, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// How many users, each with a card.
    #[arg(long, default_value_t = 100)]
    cards: usize,
    /// How long to measure, after a warm-up of a fifth of it.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Starts a ledger of its own, and asks it for authorizations from as many connections as it is told.
pub(crate) fn http(options: &HttpOptions) -> Result<ExitCode> {
    ensure!(0 < options.cards && 0 < options.connections, "there is nothing to measure");
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let server = tokio::runtime::Runtime::new()?;
    let ledger = server.block_on(Embedded::start(folder.path(), "127.0.0.1:0".parse()?))?;
    let (authority, key) = (ledger.address().to_string(), ledger.keys().ledger_os.clone());

    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let samples = thread::scope(|scope| {
        let load = scope.spawn(|| clients.block_on(load(&authority, &key, options)));
        load.join().expect("the load does not panic")
    })?;
    report("authorizations over HTTP", options.connections, &samples);

    server.block_on(ledger.stop())?;
    let began = Instant::now();
    let report = audit_command::report(folder.path(), Statements::default())?;
    let rate = report.entries as f64 / began.elapsed().as_secs_f64();
    ensure!(report.sound(), "the books are not sound: {:?}", report.discrepancies);
    say(&format!("audit verify: {} entries, sound, {rate:.0} entries/s", report.entries));
    Ok(ExitCode::SUCCESS)
}

/// Latencies of the requests of the measured time, and how long that was.
struct Samples {
    latencies: Vec<Duration>,
    measured: Duration,
}

async fn load(authority: &str, key: &str, options: &HttpOptions) -> Result<Samples> {
    let mut client = Client::connect(authority, key).await?;
    let mut paths = Vec::with_capacity(options.cards);
    for _ in 0..options.cards {
        let card = card(&mut client).await?;
        paths.push(format!("/v1/sandbox/cards/{card}/authorizations"));
    }
    let measured = Duration::from_secs(options.seconds);
    let from = Instant::now() + measured / 5;
    let until = from + measured;

    let mut connections = Vec::with_capacity(options.connections);
    for first in 0..options.connections {
        let client = Client::connect(authority, key).await?;
        let paths = paths.iter().cycle().skip(first % paths.len()).take(paths.len());
        let paths: Vec<String> = paths.cloned().collect();
        connections.push(tokio::spawn(authorize(client, paths, from, until)));
    }
    let mut latencies = Vec::new();
    for connection in connections {
        latencies.extend(connection.await??);
    }
    latencies.sort_unstable();
    Ok(Samples { latencies, measured })
}

async fn authorize(
    mut client: Client,
    paths: Vec<String>,
    from: Instant,
    until: Instant,
) -> Result<Vec<Duration>> {
    let body = json!({ "amount": 100, "merchant": { "name": "Bench", "mcc": "5732" } });
    let body = Bytes::from(serde_json::to_vec(&body)?);
    let mut latencies = Vec::new();
    for path in paths.iter().cycle() {
        let began = Instant::now();
        if until <= began {
            break;
        }
        let answer = client.post_bytes(path, body.clone()).await?;
        ensure!(answer.status == StatusCode::OK, "{}: {}", answer.status, answer.json());
        if from <= began {
            latencies.push(began.elapsed());
        }
    }
    Ok(latencies)
}

/// A card of a user of its own, with money for the whole run.
async fn card(client: &mut Client) -> Result<String> {
    let user = json!({ "firstName": "B", "lastName": "B", "email": "bench@example.com" });
    let user = created(client, "/v1/users", &user).await?;
    let path = format!("/v1/sandbox/verifications/{user}");
    accepted(client, &path, &json!({ "outcome": "approved" })).await?;
    let funding = client.get(&format!("/v1/users/{user}/funding")).await?.json();
    let usdc = funding["addresses"].as_array().into_iter().flatten();
    let usdc = usdc.into_iter().find(|address| address["asset"] == "USDC");
    let address = usdc.context("no address for USDC")?["address"].clone();
    let deposit = json!({ "address": address, "asset": "USDC", "amount": "1000000000.00" });
    accepted(client, "/v1/sandbox/deposits", &deposit).await?;
    let agent = json!({
        "userId": user, "name": "bench", "spendingLimit": 100_000_000_000_u64,
        "spendingLimitFrequency": "allTime",
    });
    let agent = created(client, "/v1/agents/register", &agent).await?;
    let card = json!({ "purpose": "bench", "type": "multi", "maxAmount": 100_000_000_000_u64 });
    created(client, &format!("/v1/agents/{agent}/cards"), &card).await
}

async fn created(client: &mut Client, path: &str, body: &Value) -> Result<String> {
    let answer = accepted(client, path, body).await?;
    Ok(answer["id"].as_str().with_context(|| format!("`{path}` gave no id"))?.to_owned())
}

async fn accepted(client: &mut Client, path: &str, body: &Value) -> Result<Value> {
    let answer = client.post(path, body).await?;
    ensure!(answer.status.is_success(), "`{path}` answered {}: {}", answer.status, answer.json());
    Ok(answer.json())
}

fn report(what: &str, connections: usize, samples: &Samples) {
    let count = samples.latencies.len();
    let rate = count as f64 / samples.measured.as_secs_f64();
    let quantile = |of: f64| {
        let index = ((count as f64 * of) as usize).min(count.saturating_sub(1));
        samples.latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    };
    let (p50, p99, p999) = (quantile(0.50), quantile(0.99), quantile(0.999));
    say(&format!(
        "{what}: {connections} connections, {count} requests, {rate:.0}/s, \
         p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms"
    ));
}

#[expect(clippy::print_stdout, reason = "the figures")]
fn say(line: &str) {
    println!("{line}");
}
