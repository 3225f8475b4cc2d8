//! PostgreSQL is put back to older moments, while the anchors of writers and the bus are ahead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bus::Stream;
use journal::Head;
use journal::anchor::Mark;
use ledgeros::site::{Site, SiteBook};
use postgres::{Client, NoTls};
use servers::{Postgres, Random};
use tokio::task::{block_in_place, spawn_blocking};
use writer::{StartError, Witness, Writer};

use crate::cluster::{Cluster, approve};
use crate::faults::{begin_on, end, rate};
use crate::load::{Spender, is_long};
use crate::role::DEADLINE;

/// A server that can be put back to any moment since a copy of its files was made.
struct Past {
    data: PathBuf,
    /// A copy of its files at rest, and its whole log at the end.
    base: PathBuf,
    newest: PathBuf,
}

impl Past {
    /// Begins to keep what a server that is at rest has.
    fn begin(server: &Postgres) -> Self {
        let data = server.data_folder();
        // Beside the server's own files, where its user may read.
        let (base, newest) = (data.with_file_name("base"), data.with_file_name("newest"));
        copy(&data, &base);
        Self { data, base, newest }
    }

    /// Ends the time that can be gone back in. The server is at rest.
    fn end(&self) {
        fs::rename(&self.data, &self.newest).unwrap();
    }

    /// Gives the server, which is at rest, what it had at a place of its log, as `recovery_target_lsn` does.
    fn go_back(&self, server: &mut Postgres, place: u64) {
        let _ = fs::remove_dir_all(&self.data);
        copy(&self.base, &self.data);
        let log = self.newest.join("pg_wal");
        server.add_settings(&format!(
            "restore_command = 'cp {}/%f %p'
             recovery_target_lsn = '{:X}/{:X}'
             recovery_target_action = 'promote'
             hot_standby = off",
            log.display(),
            place >> 32,
            place & 0xffff_ffff,
        ));
        fs::write(self.data.join("recovery.signal"), "").unwrap();
        server.start_again();
    }

    /// Gives it back what it had at the end.
    fn go_on(&self, server: &mut Postgres) {
        fs::remove_dir_all(&self.data).unwrap();
        fs::rename(&self.newest, &self.data).unwrap();
        server.start_again();
    }
}

/// Copies a folder as it is, with the owners of its files: a server insists on them.
fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// Where a server's log ends.
fn log_end(server: &Postgres) -> u64 {
    let mut admin = Client::connect(&server.admin_url(), NoTls).unwrap();
    let sql = "select (pg_current_wal_lsn() - '0/0')::int8";
    admin.query_one(sql, &[]).unwrap().get::<_, i64>(0).cast_unsigned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_put_back_to_any_older_moment_is_refused() {
    let mut random = Random::for_test("ledgeros --test services", "any_older_moment");
    let points = servers::times("LEDGEROS_RESTORES", if is_long() { 1_000 } else { 20 });
    let (mut cluster, spender, mut load) = begin_on(Cluster::start(&[])).await;
    cluster.postgres.add_settings("wal_keep_size = 4GB");
    cluster.postgres.stop_fast();
    let past = Past::begin(&cluster.postgres);
    cluster.postgres.start_again();
    load.answers(1).await;
    let from = block_in_place(|| log_end(&cluster.postgres));
    load.answers(3 * u64::from(rate())).await;
    let to = block_in_place(|| log_end(&cluster.postgres));
    load.answers(1).await;
    let (done, verdict) = end(&cluster, &spender, load).await;
    println!("the judge: {verdict}");

    let leader = cluster.leader();
    let state = cluster.state(leader);
    cluster.end_roles();
    let (site, book) = book_of(&cluster);
    let reached = block_in_place(|| book.head().unwrap());
    let bus = Stream::connect(&bus::Options::new(cluster.nats.url())).await.unwrap();
    let seen = last(&bus, &book).await.head;
    assert_eq!(seen, reached, "the bus has all of it");
    cluster.postgres.stop_fast();
    past.end();

    let (mut by_anchor, mut by_bus) = (0, 0);
    let mut lost = Vec::new();
    for number in 0..points {
        let place = from + random.number() % (to - from);
        block_in_place(|| past.go_back(&mut cluster.postgres, place));
        let found = block_in_place(|| book.head().unwrap());
        assert!(found.position < reached.position, "it is older");
        lost.push(reached.position.0 - found.position.0);
        // Either of the two alone.
        let (scratch, witness) =
            (tempfile::tempdir().unwrap(), Witness { name: "the bus".to_owned(), head: seen });
        let asks_anchor = number % 2 == 0;
        let (state, witnesses) = match asks_anchor {
            true => (state.clone(), Vec::new()),
            false => (scratch.path().to_owned(), vec![witness]),
        };
        let book = book.clone();
        let refused = spawn_blocking(move || {
            let mut home = book.home(&state).unwrap();
            Writer::start(move || {
                home().map(|home| writer::Home { witnesses: witnesses.clone(), ..home })
            })
            .map(drop)
        });
        match refused.await.unwrap() {
            Err(StartError::Mismatch(_)) if asks_anchor => by_anchor += 1,
            Err(StartError::Witness { .. }) if !asks_anchor => by_bus += 1,
            Err(other) => panic!("at {place}: {other}"),
            Ok(()) => panic!("at {place}: it starts with entry `{}`", found.position),
        }
        cluster.postgres.stop_immediate();
    }
    block_in_place(|| past.go_on(&mut cluster.postgres));
    assert_eq!(block_in_place(|| book.head().unwrap()), reached);
    drop((book, site));
    cluster.verify("default");
    lost.sort_unstable();
    println!(
        "{points} older moments of {} commands, of which {} to {} entries were missing: {by_anchor} refused by a writer's \
         anchor, {by_bus} by the bus alone",
        done.len(),
        lost[0],
        lost[lost.len() - 1],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_whose_loss_was_accepted_is_led_and_carried() {
    let mut cluster = Cluster::start(&[]);
    Spender::new(&mut cluster.client(0, "default").await).await;
    cluster.end_roles();
    cluster.postgres.stop_fast();
    let data = cluster.postgres.data_folder();
    let older = data.with_file_name("older");
    copy(&data, &older);
    cluster.postgres.start_again();
    cluster.start_roles_again();
    Spender::new(&mut cluster.client(0, "default").await).await;

    let bus = Stream::connect(&bus::Options::new(cluster.nats.url())).await.unwrap();
    let lost = carried(&bus, &cluster).await;
    let leader = cluster.leader();
    cluster.end_roles();
    cluster.postgres.stop_fast();
    fs::remove_dir_all(&data).unwrap();
    copy(&older, &data);
    cluster.postgres.start_again();
    block_in_place(|| {
        let known = cluster.state(leader).join(book_of(&cluster).1.id().to_string()).join("anchor");
        fs::copy(known, cluster.data().join("anchor")).unwrap();
        accept_loss(&cluster.data());
    });

    cluster.start_roles_again();
    cluster.leader();
    Spender::new(&mut cluster.client(0, "default").await).await;
    assert_ne!(carried(&bus, &cluster).await, lost);
    cluster.end_roles();
    cluster.verify("default");
}

/// The only book, and a share of its folder.
pub(crate) fn book_of(cluster: &Cluster) -> (Site, SiteBook) {
    let site = Site::join(&cluster.data()).unwrap();
    let (code, path) = site.places().unwrap().remove(0);
    let book = block_in_place(|| SiteBook::open(code, path).unwrap());
    (site, book)
}

/// Waits until the bus has seen all of the only book.
async fn carried(bus: &Stream, cluster: &Cluster) -> Head {
    let (_site, book) = book_of(cluster);
    let (id, incarnation) = (book.id(), book.incarnation());
    let head = block_in_place(|| book.head().unwrap());
    let until = Instant::now() + DEADLINE;
    while last(bus, &book).await != (Mark { book: id, incarnation, head }) {
        assert!(Instant::now() < until, "the bus is not at `{}`", head.position);
    }
    head
}

/// What the bus has seen of a book. It is connected to in its own time.
async fn last(bus: &Stream, book: &SiteBook) -> Mark {
    loop {
        if let Ok(Some(seen)) = bus.last(book.id()).await {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

/// What two operators do when the journal that the folder's anchor knows is gone for good.
pub(crate) fn accept_loss(data: &Path) {
    approve(data, &["recover"], "--accept-loss");
}
