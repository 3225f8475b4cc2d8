use ledger::BookId;

use super::*;

#[test]
fn a_url_that_can_not_be_read_is_not_shown() {
    let url = "postgre://ledger:secret@db/books?connect_timeout=5";
    let place = Place::Postgres { url: url.to_owned(), book: BookId([7; 16]) };
    for refused in [
        Connection::open(&place).map(drop).unwrap_err(),
        Connection::open_reader(&place).map(drop).unwrap_err(),
    ] {
        let told = "the courier's database failed: the database's URL can't be read";
        assert_eq!(refused.chain(), told);
    }
}
