//! What happens is told, at least once and in order, while the courier is killed and the receiver fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use courier::{Cursor, Deliveries, Delivery, State};
use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use ledger::WebhookId;
use ledgeros::client::Client;
use ledgeros::folder;
use ledgeros::site::{Site, SiteBook};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::cluster::{Cluster, run};
use crate::load::{post, text};

/// How long until all is delivered: a few failures in a row wait for five seconds, then ten, then twenty.
const DEADLINE: Duration = Duration::from_secs(180);

const KILLS: usize = 10;

/// What the demo makes on LedgerOS, and on the Ledger API.
const TOLD: [&[&str]; 2] = [
    &[
        "user.application.approved",
        "user.approved",
        "deposit.completed",
        "agent.created",
        "card.created",
        "transaction.created",
        "intent.matched",
        "transaction.settled",
        "card.closed",
        "transaction.refunded",
        "transaction.declined",
    ],
    &[
        "customer.created",
        "customer.updated",
        "wallet.created",
        "wallet.updated",
        "transaction.created",
        "transaction.completed",
    ],
];

/// A request as the receiver got it, and whether it took it.
#[derive(Debug, Clone)]
struct Received {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    was_taken: bool,
}

type Log = Arc<Mutex<Vec<Received>>>;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_demo_is_told_at_least_once_and_in_order() {
    let mut cluster = Cluster::start(&[]);
    let (address, log) = receiver().await;
    let keys = folder::keys_of(&cluster.data()).unwrap().unwrap();
    let mut webhooks = Vec::new();
    for (key, path) in [(&keys.ledger_os, "/os"), (&keys.ledger_api, "/api")] {
        let mut client = Client::connect(&cluster.authorities[0], key).await.unwrap();
        let asked = json!({ "url": format!("http://{address}{path}"), "events": ["*"] });
        let made = post(&mut client, "/v1/webhooks", asked).await;
        let made = if made["data"].is_object() { &made["data"] } else { &made };
        webhooks.push((text(made, "id"), text(made, "secret")));
    }

    let (url, data) = (format!("http://{}", cluster.authorities[1]), cluster.data());
    let demo =
        spawn_blocking(move || run(&["demo", "--against", &url, "--data", data.to_str().unwrap()]));
    for _ in 0..KILLS {
        let before = log.lock().unwrap().len();
        let until = Instant::now() + Duration::from_secs(2);
        // It is killed at work, if there is some left.
        while log.lock().unwrap().len() < before + 2 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cluster.courier.kill();
        cluster.courier.start_again();
        cluster.courier.wait_until_ready();
    }
    let said = String::from_utf8(demo.await.unwrap().stdout).unwrap();
    assert!(said.contains("All as expected"), "{said}");

    let mut attempts = 0;
    for (surface, (webhook, secret)) in webhooks.iter().enumerate() {
        let deliveries = delivered(&cluster, webhook).await;
        let received: Vec<_> = log.lock().unwrap().clone();
        let path = ["/os", "/api"][surface];
        let received: Vec<_> = received.into_iter().filter(|it| it.path == path).collect();
        received.iter().for_each(|received| verify(surface, secret, received));
        check_order(&deliveries, &received);
        let topics: BTreeSet<_> = deliveries.iter().map(|it| it.topic.as_str()).collect();
        let missing: Vec<_> = TOLD[surface].iter().filter(|it| !topics.contains(**it)).collect();
        assert!(missing.is_empty(), "not told of: {missing:?}; of {topics:?}");
        attempts += received.len();
        println!("{path}: {} messages of {} types", deliveries.len(), topics.len());
    }
    println!(
        "courier killed {KILLS} times, every third request refused: {attempts} requests, each message taken at least once, in \
         order for each resource, each signature verified"
    );
}

/// A message's log has every attempt that the receiver answered, and what was taken first of a resource came in order.
fn check_order(deliveries: &[Delivery], received: &[Received]) {
    let mut taken: BTreeMap<&str, Vec<Cursor>> = BTreeMap::new();
    let by_id: BTreeMap<_, _> = deliveries.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut seen = BTreeSet::new();
    for request in received {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let delivery = by_id[body["id"].as_str().unwrap()];
        assert_eq!(body["type"], json!(delivery.topic));
        if request.was_taken && seen.insert(&delivery.id) {
            taken.entry(&delivery.resource).or_default().push(delivery.cursor);
        }
    }
    assert_eq!(seen.len(), deliveries.len(), "each was taken");
    for (resource, cursors) in taken {
        assert!(cursors.is_sorted(), "`{resource}`: {cursors:?}");
    }
    for delivery in deliveries {
        let last = delivery.attempts.last().unwrap();
        assert_eq!(last.status, Some(200), "{delivery:?}");
    }
}

fn verify(surface: usize, secret: &str, received: &Received) {
    let Received { headers, body, .. } = received;
    if surface == 0 {
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        webhook.verify(body, headers).unwrap();
        return;
    }
    let signature = headers["x-ledger-signature"].to_str().unwrap();
    let (time, signature) = signature.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    let expected: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature, expected);
    let said: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(headers["x-ledger-event-id"], said["id"].as_str().unwrap());
    assert_eq!(headers["x-ledger-event-type"], said["type"].as_str().unwrap());
}

/// The messages of a webhook, once all are delivered.
async fn delivered(cluster: &Cluster, webhook: &str) -> Vec<Delivery> {
    let data = cluster.data();
    let webhook: WebhookId = WebhookId::parse(webhook).unwrap();
    spawn_blocking(move || {
        let site = Site::join(&data).unwrap();
        let (code, path) = site.places().unwrap().remove(0);
        let book = SiteBook::open(code, path).unwrap();
        let place = book.messages();
        let until = std::time::Instant::now() + DEADLINE;
        loop {
            let list = Deliveries::open(&place).list(webhook, None, 1_000).unwrap().deliveries;
            let left = list.iter().filter(|it| it.state != State::Delivered).count();
            if left == 0 {
                return list;
            }
            assert!(std::time::Instant::now() < until, "{left} of {} are left", list.len());
            std::thread::park_timeout(Duration::from_millis(200));
        }
    })
    .await
    .unwrap()
}

/// A receiver that refuses every third request.
async fn receiver() -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let log = Log::default();
    let theirs = log.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let log = theirs.clone();
            tokio::spawn(async move { receive(stream, &log).await });
        }
    });
    (address, log)
}

/// Takes one request of a connection. One that is cut short was none.
async fn receive(mut stream: TcpStream, log: &Log) -> Option<()> {
    let mut bytes = Vec::new();
    let head = loop {
        stream.read_buf(&mut bytes).await.ok().filter(|read| 0 < *read)?;
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HeaderMap = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, value.parse::<HeaderValue>().unwrap())
        })
        .collect();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        stream.read_buf(&mut body).await.ok().filter(|read| 0 < *read)?;
    }
    let was_taken = {
        let mut log = log.lock().unwrap();
        let was_taken = log.len() % 3 != 2;
        log.push(Received { path, headers, body, was_taken });
        was_taken
    };
    let status = if was_taken { "200 OK" } else { "500 Internal Server Error" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()
}
