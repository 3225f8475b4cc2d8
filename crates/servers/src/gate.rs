//! A gate on a way by TCP.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Postgres;
use crate::proxy::SOCKET;

/// How much later things come where they pass slowly: a slow disk behind a database, or a far network.
const SLOWNESS: Duration = Duration::from_millis(20);

/// Listens on a port of its own, and passes on what comes, as far as it is told to.
#[derive(Debug)]
pub struct Gate {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

/// What passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// Everything.
    All,
    /// What clients say; they hear nothing.
    Questions,
    /// Nothing, and nobody hears that nothing does. What was sent is lost: let [`Passing::Nothing`] follow.
    Silence,
    /// Everything, some milliseconds later.
    Slowly,
    /// Nothing, and who comes is sent away.
    Nothing,
}

/// Where the way leads.
#[derive(Debug, Clone)]
enum Target {
    Port(u16),
    Socket(PathBuf),
}

/// A connection of either kind.
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

#[derive(Debug)]
struct Shared {
    passing: Passing,
    /// Both ends of every connection.
    streams: Vec<Stream>,
    is_over: bool,
}

impl Gate {
    /// Before a port of this machine, open.
    pub fn before(target: u16) -> Self {
        Self::before_target(Target::Port(target))
    }

    /// Before a PostgreSQL server, open.
    pub fn before_postgres(server: &Postgres) -> Self {
        Self::before_target(Target::Socket(server.socket_folder().join(SOCKET)))
    }

    fn before_target(target: Target) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let (passing, streams) = (Passing::All, Vec::new());
        let shared = Arc::new(Mutex::new(Shared { passing, streams, is_over: false }));
        let theirs = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if lock(&theirs).is_over {
                    break;
                }
                // A target that is away is for the client to notice.
                let _ = connect(client, &target, &theirs);
            }
        });
        Self { port, shared }
    }

    /// Its own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets this pass from now on. Where it is nothing, connections end.
    pub fn set(&self, passing: Passing) {
        let mut shared = lock(&self.shared);
        shared.passing = passing;
        if passing == Passing::Nothing {
            shared.end();
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let mut shared = lock(&self.shared);
        shared.is_over = true;
        shared.end();
        drop(shared);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Shared {
    fn end(&mut self) {
        for stream in self.streams.drain(..) {
            stream.end();
        }
    }
}

impl Stream {
    fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    fn end(&self) {
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
        };
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(bytes),
            Self::Unix(stream) => stream.read(bytes),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes),
            Self::Unix(stream) => stream.write_all(bytes),
        }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(stream) => stream.fmt(f),
            Self::Unix(stream) => stream.fmt(f),
        }
    }
}

fn connect(client: TcpStream, target: &Target, shared: &Arc<Mutex<Shared>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let server = match target {
        Target::Port(port) => {
            let server = TcpStream::connect((Ipv4Addr::LOCALHOST, *port))?;
            server.set_nodelay(true)?;
            Stream::Tcp(server)
        }
        Target::Socket(path) => Stream::Unix(UnixStream::connect(path)?),
    };
    let client = Stream::Tcp(client);
    let (to_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let mut guarded = lock(shared);
    if guarded.passing == Passing::Nothing {
        return Ok(());
    }
    guarded.streams.extend([client.try_clone()?, server.try_clone()?]);
    let (mine, theirs) = (shared.clone(), shared.clone());
    let of_questions = [Passing::All, Passing::Slowly, Passing::Questions];
    thread::spawn(move || pass(client, to_server, &mine, &of_questions));
    thread::spawn(move || pass(server, to_client, &theirs, &of_questions[..2]));
    Ok(())
}

/// Passes bytes on, or drops them, until an end is closed; then closes the other one.
fn pass(mut from: Stream, mut to: Stream, shared: &Mutex<Shared>, if_one_of: &[Passing]) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let passing = lock(shared).passing;
        if passing == Passing::Slowly {
            let until = Instant::now() + SLOWNESS;
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                thread::park_timeout(left);
            }
        }
        if if_one_of.contains(&passing) && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        stream.end();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
