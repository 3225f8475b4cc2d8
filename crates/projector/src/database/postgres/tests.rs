use servers::Postgres;

use super::*;

#[test]
fn of_several_hosts_one_that_takes_no_writes_is_not_used() {
    let servers = [Postgres::start(), Postgres::start()];
    let [behind, ahead] = servers.each_ref().map(Postgres::new_database);
    // As on a standby.
    let read_only =
        format!("alter database {} set default_transaction_read_only = on", behind.name);
    Client::connect(&behind.owner, NoTls).unwrap().batch_execute(&read_only).unwrap();
    let (first, _) = behind.owner.rsplit_once('/').unwrap();
    let (_, second) = ahead.owner.split_once('@').unwrap();
    let url = format!("{first},{second}");

    drop(Connection::open(ReadModel::Balances, &url, "balances").unwrap());
    drop(Connection::open_reader(&url, "balances").unwrap());
    assert!(exists(&ahead.owner, "balances").unwrap());
}

#[test]
fn the_url_may_say_how_long_a_server_may_take() {
    for (url, connect_max) in [
        ("postgresql://ledger@db/books", CONNECT_MAX),
        ("postgresql://ledger@db/books?connect_timeout=3", Duration::from_secs(3)),
    ] {
        let config = parse_url(url).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&connect_max), "{url}");
    }
}
