use std::thread;

use ledger::keys::Family;
use ledger::{Position, WebhookId};
use servers::{Gate, Passing};

use crate::testing::{Platform, WAIT_MAX as PATIENCE, pause};
use crate::{Deliveries, Error};

use super::*;

#[test]
fn behind_a_silent_server_one_waits_and_the_others_are_told_so() {
    let server = servers::shared();
    let gate = Gate::before_postgres(server);
    let (port, name) = (gate.port(), server.new_database().name);
    let mut platform = Platform::on(format!("postgresql://postgres@127.0.0.1:{port}/{name}"));
    let webhook: WebhookId = platform.webhook(Family::LedgerOs, "http://127.0.0.1/");
    let courier = platform.courier();
    platform.wait_for(&courier);
    drop(courier);
    let deliveries = Deliveries::open(&platform.place);
    let list = || deliveries.list(webhook, None, 1).map(|list| list.position);

    gate.set(Passing::Silence);
    thread::scope(|scope| {
        let lists: Vec<_> = (0..20).map(|_| scope.spawn(list)).collect();
        let left = || lists.iter().filter(|list| !list.is_finished()).count();
        let until = Instant::now() + PATIENCE;
        while 1 < left() && Instant::now() < until {
            pause();
        }
        let left = left();
        // Waiting for the connection each, a hundred would not be told so until then.
        let until = Instant::now() + PATIENCE;
        let told: Vec<_> =
            (0..100).take_while(|_| left == 1 && Instant::now() < until).map(|_| list()).collect();
        // All that wait are to end, whatever was found.
        gate.set(Passing::Nothing);
        let ends: Vec<_> = lists.into_iter().map(|list| list.join().unwrap()).collect();
        assert_eq!(left, 1);
        assert!(ends.iter().all(Result::is_err), "{ends:?}");
        assert!(told.iter().all(|told| matches!(told, Err(Error::Silent))), "{told:?}");
        assert_eq!(told.len(), 100);
    });
    gate.set(Passing::All);
    let until = Instant::now() + PATIENCE;
    let position: Position = loop {
        match list() {
            Ok(position) => break position,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        pause();
    };
    assert_eq!(position, platform.head());
}
