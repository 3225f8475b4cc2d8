//! The append, the claim, and what their errors mean.

use ledger::Timestamp;
use postgres::types::{ToSql, Type};
use postgres::{Row, Statement};
use tokio_postgres::ToStatement;

use super::client::Client;
use super::connection::{require_durable, unfit};
use super::{PostgresReader, PostgresStore, is_duplicate, position, tree};
use crate::checkpoint::{self, SigningKey};
use crate::form::{Hash, Stored};
use crate::store::{
    DatabaseError, Epoch, Failure, Head, Outcome, ReadError, Reader, Store, WriterId,
};
use crate::tree::Tree;
use crate::{chain, lookup};

/// The first number of the lock that a book's writer holds; the second is the book's.
const WRITER_LOCK: i32 = 0x6c65_6467;

/// The book's row is locked until the transaction ends: what is looked at stays so. What the commit will wait for is asked
/// of the session that commits: a pooler may have given another one than was checked.
const LOOK: &str = "
    select b.epoch, e.position, e.bytes, t.size, t.peaks, c.size, c.at,
        current_setting('synchronous_commit')
    from journal.book b
    left join journal.tree t on t.book = b.number
    left join lateral (
        select position, bytes from journal.entry
        where book = b.number order by position desc limit 1
    ) e on true
    left join lateral (
        select size, at from journal.checkpoint
        where book = b.number order by size desc limit 1
    ) c on true
    where b.number = $1 for update of b";

pub(super) const COPY_ENTRIES: &str =
    "copy journal.entry (book, position, bytes) from stdin with (format binary)";

/// Look-ups in the order of their index, and the tree.
const ADD: &str = "
    with added as (
        insert into journal.lookup (book, kind, hash, position)
        select $1, kind, hash, position
        from unnest($2::smallint[], $3::bytea[], $4::bigint[]) as l (kind, hash, position)
    )
    update journal.tree set size = $5, peaks = $6, note = $7 where book = $1";

const KEEP: &str = "insert into journal.checkpoint (book, size, at, note) values ($1, $2, $3, $4)";

/// What an append finds.
struct Found {
    epoch: Epoch,
    head: Head,
    tree: Option<Tree>,
    /// Size and time of the last checkpoint that was kept.
    checkpoint: Option<(u64, Timestamp)>,
    /// What the commit would wait for.
    synchronous_commit: String,
}

impl Store for PostgresStore {
    fn claim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        self.take_lock()?;
        self.claim_where(writer, "true")
    }

    fn reclaim(&mut self, writer: WriterId) -> Result<Epoch, Failure> {
        // Before the lock, for which another's connection may be ended.
        let (client, number) = (self.journal.connection.client()?, self.journal.number);
        let sql = "select writer from journal.book where number = $1";
        if client.query_one(sql, &[&number])?.try_get::<_, Option<&[u8]>>(0)? != Some(&writer.0) {
            return Err(Failure::Fenced);
        }
        self.take_lock()?;
        self.claim_where(writer, "writer = $2")
    }

    fn succeed(&mut self, writer: WriterId, epoch: Epoch) -> Result<Epoch, Failure> {
        self.confirm(epoch)?;
        if !self.try_lock()? {
            // It may be held by another one who takes over, and is a moment ahead: its connection is left alone.
            self.confirm(epoch)?;
            self.take_lock()?;
        }
        self.claim_where(writer, &format!("epoch = {}", epoch.0))
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// A claim that is not committed yet has not replaced anybody: nothing is waited for.
    fn confirm(&mut self, epoch: Epoch) -> Result<(), Failure> {
        let number = self.journal.number;
        let sql = "select epoch from journal.book where number = $1";
        let (client, statement) = self.journal.connection.with(sql)?;
        let found: i64 = client.query_one(&statement, &[&number])?.try_get(0)?;
        if found.cast_unsigned() == epoch.0 { Ok(()) } else { Err(Failure::Fenced) }
    }

    fn append(&mut self, batch: &[Stored], expected: Head, epoch: Epoch) -> Outcome {
        self.append_as(batch, expected, epoch, self.journal.incarnation)
    }

    fn begin_incarnation(
        &mut self,
        incarnation: [u8; 16],
        entry: &Stored,
        expected: Head,
        epoch: Epoch,
    ) -> Outcome {
        self.append_as(std::slice::from_ref(entry), expected, epoch, incarnation)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        let PostgresReader { number, book, incarnation, .. } = self.journal;
        let connection = self.journal.connection.reader()?;
        Ok(Box::new(PostgresReader { connection, number, book, incarnation }))
    }
}

impl PostgresStore {
    /// Appends, and makes the journal this incarnation if it is another one.
    fn append_as(
        &mut self,
        batch: &[Stored],
        expected: Head,
        epoch: Epoch,
        incarnation: [u8; 16],
    ) -> Outcome {
        chain::assert_follows(batch, expected);
        let (number, key) = (self.journal.number, self.key.as_ref());
        let before = self.journal.incarnation;
        let (client, statements) =
            match self.journal.connection.begin([LOOK, COPY_ENTRIES, ADD, KEEP]) {
                Ok(begun) => begun,
                Err(error) => return Outcome::Failed(error.into()),
            };
        let inserted = insert(client, &statements, number, key, batch, expected, epoch)
            .and_then(|()| go_on_as(client, number, before, incarnation));
        if let Err(failure) = inserted {
            // Nobody asked for a commit: whatever becomes of the rollback, nothing will be there.
            let _ = client.batch_execute("rollback");
            return Outcome::Failed(failure);
        }
        match client.batch_execute("commit") {
            Ok(()) => {
                self.journal.incarnation = incarnation;
                Outcome::Committed
            }
            // The server may have written it before it fell silent, and before its disk failed.
            Err(error) => Outcome::Unknown(error.into()),
        }
    }

    /// Ends the connection of whoever has the book, with what it may have begun, and takes its lock.
    fn take_lock(&mut self) -> Result<(), DatabaseError> {
        if self.try_lock()? {
            return Ok(());
        }
        let number = self.journal.number;
        let client = self.journal.connection.client()?;
        let lock: [&(dyn ToSql + Sync); 2] = [&WRITER_LOCK, &number];
        client.execute(
            "select pg_terminate_backend(pid, 5000) from pg_locks
             where locktype = 'advisory' and classid::int = $1 and objid::int = $2
                 and database = (select oid from pg_database where datname = current_database())
                 and granted and pid <> pg_backend_pid()",
            &lock,
        )?;
        client.execute("select pg_advisory_lock($1, $2)", &lock)?;
        Ok(())
    }

    /// Takes the lock if nobody has it.
    fn try_lock(&mut self) -> Result<bool, DatabaseError> {
        let number = self.journal.number;
        let connection = &mut self.journal.connection;
        // A connection that takes the place of this one is to be found, too, but takes nothing away.
        connection.greet_with(&format!("select pg_try_advisory_lock({WRITER_LOCK}, {number})"));
        let sql = "select pg_try_advisory_lock($1, $2)";
        let is_free = connection.client()?.query_one(sql, &[&WRITER_LOCK, &number])?;
        Ok(is_free.try_get(0)?)
    }

    /// Waits for an append that is under way: the row is locked by it.
    fn claim_where(&mut self, writer: WriterId, condition: &str) -> Result<Epoch, Failure> {
        let (client, number) = (self.journal.connection.client()?, self.journal.number);
        let sql = format!(
            "update journal.book set epoch = epoch + 1, writer = $2
             where number = $1 and {condition} returning epoch"
        );
        let claimed = client.query_opt(&sql, &[&number, &&writer.0[..]])?.ok_or(Failure::Fenced)?;
        Ok(Epoch(claimed.try_get::<_, i64>(0)?.cast_unsigned()))
    }
}

/// All of an append but its begin and its commit.
fn insert(
    client: &mut Client,
    [look, copy, add, keep]: &[Statement; 4],
    number: i32,
    key: Option<&SigningKey>,
    batch: &[Stored],
    expected: Head,
    epoch: Epoch,
) -> Result<(), Failure> {
    let found = Found::read(&client.query_one(look, &[&number])?)?;
    if found.epoch != epoch {
        return Err(Failure::Fenced);
    }
    require_durable(found.synchronous_commit).map_err(unfit)?;
    if found.head != expected {
        return Err(Failure::HeadMoved { expected, found: found.head });
    }
    let mut tree = found
        .tree
        .filter(|tree| tree.size() == expected.position.0)
        .ok_or(Failure::TreeDiffers { entries: expected.position })?;

    copy_entries(client, copy, number, batch)?;

    tree.extend(batch.iter().map(|stored| stored.hash));
    let note = key.map(|key| key.sign(tree.size(), tree.root()));
    let peaks = peaks(&tree);
    // In the order of the index, so that each of its pages is visited once.
    let references = chain::references(batch);
    let kinds: Vec<i16> = references.iter().map(|(id, _)| lookup::kind(*id)).collect();
    let hashes: Vec<_> = references.iter().map(|(id, _)| id.hash()).collect();
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash[..]).collect();
    let positions: Vec<i64> = references.iter().map(|(_, at)| at.0.cast_signed()).collect();
    let size = tree.size().cast_signed();
    client
        .execute(add, &[&number, &kinds, &hashes, &positions, &size, &peaks, &note])
        .map_err(refused_lookup)?;

    let at = batch[batch.len() - 1].entry.at;
    if let Some(note) = note.filter(|_| checkpoint::is_due(found.checkpoint, tree.size(), at)) {
        client.execute(keep, &[&number, &size, &at.as_millis().cast_signed(), &note])?;
    }
    Ok(())
}

/// Makes the journal another incarnation, if it is to become one.
fn go_on_as(
    client: &mut Client,
    number: i32,
    before: [u8; 16],
    incarnation: [u8; 16],
) -> Result<(), Failure> {
    if incarnation != before {
        let sql = "update journal.book set incarnation = $2 where number = $1";
        client.execute(sql, &[&number, &&incarnation[..]])?;
    }
    Ok(())
}

pub(super) fn copy_entries(
    client: &mut Client,
    copy: &(impl ToStatement + ?Sized),
    number: i32,
    batch: &[Stored],
) -> Result<(), DatabaseError> {
    let mut entries = client.copy_in(copy, &[Type::INT4, Type::INT8, Type::BYTEA])?;
    for stored in batch {
        let position = stored.entry.position.0.cast_signed();
        entries.write(&[&number, &position, &&stored.bytes[..]])?;
    }
    entries.finish()
}

/// The roots of the tree's perfect subtrees in a row.
pub(super) fn peaks(tree: &Tree) -> Vec<u8> {
    tree.peaks().iter().flat_map(|peak| peak.0).collect()
}

impl Found {
    fn read(row: &Row) -> Result<Self, postgres::Error> {
        let head = match row.try_get::<_, Option<i64>>(1)? {
            None => Head::EMPTY,
            Some(_) => Head { position: position(row, 1)?, hash: Hash::of(row.try_get(2)?) },
        };
        let tree = match row.try_get::<_, Option<i64>>(3)? {
            None => None,
            Some(_) => tree(row, 3)?,
        };
        let checkpoint = match row.try_get::<_, Option<i64>>(5)? {
            None => None,
            Some(size) => {
                let at = row.try_get::<_, i64>(6)?.cast_unsigned();
                Some((size.cast_unsigned(), Timestamp::from_millis(at)))
            }
        };
        let epoch = Epoch(row.try_get::<_, i64>(0)?.cast_unsigned());
        Ok(Self { epoch, head, tree, checkpoint, synchronous_commit: row.try_get(7)? })
    }
}

pub(super) fn refused_lookup(error: DatabaseError) -> Failure {
    if is_duplicate(&error, "lookup_reference") { Failure::ReferenceTaken } else { error.into() }
}
