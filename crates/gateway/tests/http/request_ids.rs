//! A request has one name, wherever it is spoken of.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;

use crate::world::World;

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_answer_the_log_and_the_entry_name_a_request_alike() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: what another one meets first is else taken as logged by nobody.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let world = World::new().await;
    let user = json!({ "firstName": "Zebulon", "lastName": "B", "email": "a@example.com" });
    let reply = world.post("/v1/users", &user).await;
    let name = reply.header("request-id").unwrap();

    let entry = world.entry(reply.position());
    let id = name.strip_prefix("req_").unwrap();
    assert_eq!(ledger::id::decode(id), Some(entry.origin.request));

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(name)).collect();
    let [line] = lines[..] else { panic!("{lines:?}") };
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["message"], "request answered");
    assert_eq!(
        (&line["span"]["request"], &line["span"]["path"]),
        (&json!(name), &json!("/v1/users"))
    );
    assert!(line["span"]["book"].as_str().unwrap().starts_with("book_"), "it is known whose it is");
    assert!(!log.contains("Zebulon") && !log.contains(&world.lk));
}
