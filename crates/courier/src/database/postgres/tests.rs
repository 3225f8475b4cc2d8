use servers::{Postgres, free_port};

use super::*;

#[test]
fn a_server_soon_notices_that_who_writes_has_vanished() {
    let mut server = Postgres::start();
    let (name, port) = (server.new_database().name, free_port());
    server.stop_fast();
    server.add_settings(&format!("listen_addresses = '127.0.0.1'\nport = {port}"));
    server.start_again();
    let url = format!("postgresql://postgres@127.0.0.1:{port}/{name}");

    let db = Connection::open(&url, "courier").unwrap();
    let sql = "select setting from pg_settings where name like 'tcp%' order by name";
    let found = db.query(sql, &[]).unwrap().into_iter();
    let found: Vec<String> = found.map(|mut row| row.take().unwrap()).collect();
    // Count, idle and interval of keepalives, and milliseconds.
    assert_eq!(found, ["3", "10", "5", "25000"]);
}
