//! PostgreSQL is put back to older moments, while the anchors of writers and the bus are ahead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bus::Stream;
use journal::Head;
use journal::anchor::{self, Mark};
use ledgeros::site::{Site, SiteBook};
use postgres::{Client, NoTls};
use servers::{Postgres, Random};
use tokio::task::{block_in_place, spawn_blocking};
use writer::{StartError, Witness, Writer};

use crate::cluster::{Cluster, approve, command};
use crate::faults::{begin_on, end, rate};
use crate::load::{Spender, is_long};
use crate::role::{DEADLINE, wait_until};

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

/// Keeps what a server has, and starts it again.
fn keep(server: &mut Postgres) -> PathBuf {
    server.stop_fast();
    let data = server.data_folder();
    let older = data.with_file_name("older");
    copy(&data, &older);
    server.start_again();
    older
}

/// Gives it back what was kept.
fn put_back(server: &mut Postgres, older: &Path) {
    server.stop_fast();
    let data = server.data_folder();
    fs::remove_dir_all(&data).unwrap();
    copy(older, &data);
    server.start_again();
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
    let folders = cluster.data().join("anchor");
    let begun = fs::read(&folders).unwrap();
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

    let ended = fs::read(&folders).unwrap();
    let (mut by_anchor, mut by_folders, mut by_bus) = (0, 0, 0);
    let mut lost = Vec::new();
    for number in 0..points {
        let place = from + random.number() % (to - from);
        block_in_place(|| past.go_back(&mut cluster.postgres, place));
        let found = block_in_place(|| book.head().unwrap());
        assert!(found.position < reached.position, "it is older");
        lost.push(reached.position.0 - found.position.0);
        // Each of the three alone.
        let (scratch, witness) =
            (tempfile::tempdir().unwrap(), Witness { name: "the bus".to_owned(), head: seen });
        let (own, fresh) = (state.clone(), scratch.path().to_owned());
        let (count, state, known, witnesses) = match number % 3 {
            0 => (&mut by_anchor, own, &begun, Vec::new()),
            1 => (&mut by_folders, fresh, &ended, Vec::new()),
            _ => (&mut by_bus, fresh, &begun, vec![witness]),
        };
        fs::write(&folders, known).unwrap();
        let asks_bus = !witnesses.is_empty();
        let book = book.clone();
        let refused = spawn_blocking(move || {
            let mut home = book.home(&state).unwrap();
            Writer::start(move || {
                home().map(|home| writer::Home { witnesses: witnesses.clone(), ..home })
            })
            .map(drop)
        });
        match refused.await.unwrap() {
            Err(StartError::Mismatch(_)) if !asks_bus => *count += 1,
            Err(StartError::Witness { .. }) if asks_bus => *count += 1,
            Err(other) => panic!("at {place}: {other}"),
            Ok(()) => panic!("at {place}: it starts with entry `{}`", found.position),
        }
        cluster.postgres.stop_immediate();
    }
    fs::write(&folders, ended).unwrap();
    block_in_place(|| past.go_on(&mut cluster.postgres));
    assert_eq!(block_in_place(|| book.head().unwrap()), reached);
    drop((book, site));
    cluster.verify("default");
    lost.sort_unstable();
    println!(
        "{points} older moments of {} commands, of which {} to {} entries were missing: {by_anchor} refused by a writer's \
         anchor, {by_folders} by the folder's, {by_bus} by the bus, each alone",
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
    let older = keep(&mut cluster.postgres);
    cluster.start_roles_again();
    Spender::new(&mut cluster.client(0, "default").await).await;

    let bus = Stream::connect(&bus::Options::new(cluster.nats.url())).await.unwrap();
    let lost = carried(&bus, &cluster).await;
    let leader = cluster.leader();
    cluster.end_roles();
    put_back(&mut cluster.postgres, &older);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_database_put_back_after_the_roles_have_ended_is_refused_without_them() {
    let mut cluster = Cluster::start(&[]);
    Spender::new(&mut cluster.client(0, "default").await).await;
    cluster.end_roles();
    let older = keep(&mut cluster.postgres);
    cluster.start_roles_again();
    Spender::new(&mut cluster.client(0, "default").await).await;

    let end = |cluster: &Cluster| block_in_place(|| book_of(cluster).1.head().unwrap());
    let known = |cluster: &Cluster| anchor::read(&cluster.data().join("anchor")).unwrap().head;
    let (leader, reached) = (cluster.leader(), end(&cluster));
    cluster.writers[leader].kill();
    wait_until("who takes over tells the folder", || reached.position <= known(&cluster).position);
    cluster.writers[leader].start_again();
    cluster.writers[leader].wait_until_ready();
    cluster.leader();
    Spender::new(&mut cluster.client(0, "default").await).await;
    cluster.end_roles();
    assert_eq!(known(&cluster), end(&cluster), "so do those who end in order");

    put_back(&mut cluster.postgres, &older);
    let found = end(&cluster);
    let (data, to) = (cluster.data(), cluster.data().with_file_name("backup"));
    let (data, to) = (data.to_str().unwrap(), to.to_str().unwrap());
    for act in [&["keys", "create", "--scope", "read"][..], &["backup", "--to", to]] {
        let output = command().args(act).args(["--data", data]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{act:?}");
        assert!(said.contains("the journal does not agree with its anchor"), "{act:?}: {said}");
    }
    assert_eq!(end(&cluster), found, "nothing is appended");
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
