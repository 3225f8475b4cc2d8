//! A client of PostgreSQL that blocks its thread, and no longer than it is told to.
//!
//! The `postgres` crate waits for a server that stands still for as long as that stands still. It may not be called within
//! a runtime, either.

use std::io::{Error as IoError, ErrorKind};
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use postgres::types::{ToSql, Type};
use postgres::{Error, NoTls, Row, Statement};
use tokio::task::AbortHandle;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::{Config, RowStream, ToStatement};

use crate::store::DatabaseError;

type Result<T> = std::result::Result<T, DatabaseError>;

/// A connection. After an answer that did not come in time it is closed: nobody would know what a later answer answers.
pub(super) struct Client {
    client: tokio_postgres::Client,
    /// The socket is another thread's, which ends with it.
    socket: AbortHandle,
    silence_max: Duration,
}

impl Client {
    /// Connects to the first of these servers that lets it, and waits for each answer for as long as that may take.
    pub(super) fn connect(servers: Vec<Config>, silence_max: Duration) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(DatabaseError::Silent)?;
        let (sender, connected) = mpsc::channel::<Result<_>>();
        let run = move || {
            let connecting = async {
                let mut last = Err(silence());
                for server in servers {
                    let connecting = tokio::time::timeout(silence_max, server.connect(NoTls)).await;
                    last = connecting.map_or_else(|_| Err(silence()), |ended| Ok(ended?));
                    if last.is_ok() {
                        break;
                    }
                }
                last
            };
            match runtime.block_on(connecting) {
                Ok((client, connection)) => {
                    let socket = runtime.spawn(connection);
                    if sender.send(Ok((client, socket.abort_handle()))).is_ok() {
                        // How it ended is told to whoever waits for an answer.
                        let _ = runtime.block_on(socket);
                    }
                }
                Err(error) => drop(sender.send(Err(error))),
            }
        };
        thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(run)
            .map_err(DatabaseError::Silent)?;
        let (client, socket) = connected.recv().expect("it sends before it ends")?;
        Ok(Self { client, socket, silence_max })
    }

    /// Whether it was lost, as far as that was noticed.
    pub(super) fn is_closed(&self) -> bool {
        self.socket.is_finished() || self.client.is_closed()
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<Statement> {
        self.wait(self.client.prepare(sql))
    }

    pub(super) fn batch_execute(&mut self, sql: &str) -> Result<()> {
        self.wait(self.client.batch_execute(sql))
    }

    pub(super) fn execute(
        &mut self,
        statement: &(impl ToStatement + ?Sized),
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64> {
        self.wait(self.client.execute(statement, parameters))
    }

    pub(super) fn query_one(
        &mut self,
        statement: &(impl ToStatement + ?Sized),
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Row> {
        self.wait(self.client.query_one(statement, parameters))
    }

    pub(super) fn query_opt(
        &mut self,
        statement: &(impl ToStatement + ?Sized),
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>> {
        self.wait(self.client.query_opt(statement, parameters))
    }

    /// Rows that are fetched as they are asked for.
    pub(super) fn query_raw(
        &mut self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows<'_>> {
        let rows = self.client.query_raw(statement, parameters.iter().copied());
        Ok(Rows { rows: Box::pin(self.wait(rows)?), client: self })
    }

    pub(super) fn query(
        &mut self,
        statement: &(impl ToStatement + ?Sized),
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>> {
        self.wait(self.client.query(statement, parameters))
    }

    /// Begins a `copy … from stdin` in the binary format.
    pub(super) fn copy_in(
        &mut self,
        statement: &(impl ToStatement + ?Sized),
        types: &[Type],
    ) -> Result<CopyIn<'_>> {
        let sink = self.wait(self.client.copy_in(statement))?;
        Ok(CopyIn { copy: Box::pin(BinaryCopyInWriter::new(sink, types)), client: self })
    }

    /// Blocks until the answer is there.
    fn wait<T>(&self, answer: impl Future<Output = std::result::Result<T, Error>>) -> Result<T> {
        let until = Instant::now() + self.silence_max;
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut answer = pin!(answer);
        loop {
            if let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Ok(answer?);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.socket.abort();
                return Err(silence());
            }
            thread::park_timeout(left);
        }
    }
}

/// The rows of an answer.
pub(super) struct Rows<'a> {
    client: &'a Client,
    rows: Pin<Box<RowStream>>,
}

impl Rows<'_> {
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let Self { client, rows } = self;
        client.wait(async { rows.next().await.transpose() })
    }
}

/// Rows on their way. They are dropped unless it is finished.
pub(super) struct CopyIn<'a> {
    client: &'a Client,
    copy: Pin<Box<BinaryCopyInWriter>>,
}

impl CopyIn<'_> {
    pub(super) fn write(&mut self, row: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.client.wait(self.copy.as_mut().write(row))
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.client.wait(self.copy.as_mut().finish()).map(drop)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn silence() -> DatabaseError {
    DatabaseError::Silent(IoError::from(ErrorKind::TimedOut))
}
