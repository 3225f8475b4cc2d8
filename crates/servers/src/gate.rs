//! A gate on a way by TCP.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

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
    /// Nothing, and who comes is sent away.
    Nothing,
}

#[derive(Debug)]
struct Shared {
    passing: Passing,
    /// Both ends of every connection.
    streams: Vec<TcpStream>,
    is_over: bool,
}

impl Gate {
    /// Before a port of this machine, open.
    pub fn before(target: u16) -> Self {
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
                let _ = connect(client, target, &theirs);
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
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn connect(client: TcpStream, target: u16, shared: &Arc<Mutex<Shared>>) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, target))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (to_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let mut guarded = lock(shared);
    if guarded.passing == Passing::Nothing {
        return Ok(());
    }
    guarded.streams.extend([client.try_clone()?, server.try_clone()?]);
    let (mine, theirs) = (shared.clone(), shared.clone());
    thread::spawn(move || pass(client, to_server, || lock(&mine).passing != Passing::Nothing));
    thread::spawn(move || pass(server, to_client, || lock(&theirs).passing == Passing::All));
    Ok(())
}

/// Passes bytes on, or drops them, until an end is closed; then closes the other one.
fn pass(mut from: TcpStream, mut to: TcpStream, may_pass: impl Fn() -> bool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if may_pass() && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
