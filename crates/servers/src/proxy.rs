//! A proxy before a PostgreSQL server that does harm to one commit.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::Postgres;

/// The name of a server's socket.
pub(crate) const SOCKET: &str = ".s.PGSQL.5432";

/// How long a commit may take to come.
const COMMIT_WAIT: Duration = Duration::from_secs(10);

/// Listens on a socket of its own, and passes everything on, but for the commit that a [`Harm`] was meant for.
#[derive(Debug)]
pub struct Proxy {
    folder: TempDir,
    shared: Arc<Shared>,
}

/// What happens to a commit.
pub enum Harm {
    /// The connection ends before the server has heard of it.
    CutBefore,
    /// The connection ends once the server has answered; nobody hears the answer.
    CutAfter,
    /// It stays here until [`Proxy::release`].
    Hold,
    /// This is done, and then it is passed on.
    Before(Strike),
    /// It is passed on, and this is done at once.
    After(Strike),
}

/// Something done to the server.
pub type Strike = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    harm: Mutex<Option<Harm>>,
    held: Mutex<Option<(UnixStream, Vec<u8>)>>,
    is_done: Mutex<bool>,
    done: Condvar,
    is_over: AtomicBool,
}

impl Proxy {
    /// Listens for connections to a server.
    pub fn before(server: &Postgres) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listener = UnixListener::bind(folder.path().join(SOCKET)).expect("the folder is empty");
        let shared = Arc::new(Shared::default());
        let (theirs, target) = (shared.clone(), server.socket_folder().join(SOCKET));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if theirs.is_over.load(Ordering::Relaxed) {
                    break;
                }
                connect(client, &target, &theirs);
            }
        });
        Self { folder, shared }
    }

    /// The URL of a database through the proxy, given the one without. A client waits one second for an answer.
    pub fn url(&self, direct: &str) -> String {
        let (role, rest) = direct.split_once('@').expect("the URL names a role");
        let (_, database) = rest.split_once('/').expect("the URL names a database");
        let socket = self.folder.path().display().to_string().replace('/', "%2F");
        format!("{role}@{socket}/{database}?connect_timeout=1")
    }

    /// Does harm to the next commit.
    pub fn harm_next(&self, harm: Harm) {
        *lock(&self.shared.is_done) = false;
        *lock(&self.shared.harm) = Some(harm);
    }

    /// Waits until that harm is done.
    ///
    /// # Panics
    ///
    /// When no commit comes.
    pub fn wait_until_done(&self) {
        let is_pending = |is_done: &mut bool| !*is_done;
        let is_done = lock(&self.shared.is_done);
        let waited = self.shared.done.wait_timeout_while(is_done, COMMIT_WAIT, is_pending);
        assert!(*waited.expect("nobody panics under the lock").0, "no commit has come");
    }

    /// Passes a commit on that was held, and waits until the server has answered it or ended the connection.
    pub fn release(&self) {
        let (mut server, commit) = lock(&self.shared.held).take().expect("a commit is held");
        if server.write_all(&commit).is_ok() {
            let _ = server.read(&mut [0; 1]);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        let _ = UnixStream::connect(self.folder.path().join(SOCKET));
    }
}

impl Shared {
    fn is_done(&self) {
        *lock(&self.is_done) = true;
        self.done.notify_all();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// Passes on what comes from either side, until one of them ends.
fn connect(client: UnixStream, target: &Path, shared: &Arc<Shared>) {
    // A server that is not there: the client sees its connection end.
    let Ok(server) = UnixStream::connect(target) else { return };
    let is_deaf = Arc::new(AtomicBool::new(false));
    let both = || {
        let clone = |stream: &UnixStream| stream.try_clone().expect("a descriptor is free");
        (clone(&client), clone(&server))
    };
    let (from_client, to_server) = both();
    let (shared, deaf) = (shared.clone(), is_deaf.clone());
    thread::spawn(move || {
        let ended = pass_requests(&from_client, &to_server, &shared, &deaf);
        if !matches!(ended, Ok(Requests::Held)) {
            end(&from_client, &to_server);
        }
    });
    thread::spawn(move || {
        let _ = pass_answers(&server, &client, &is_deaf);
        end(&client, &server);
    });
}

enum Requests {
    Ended,
    Held,
}

/// Passes on the client's messages, and looks for a commit.
fn pass_requests(
    mut client: &UnixStream,
    mut server: &UnixStream,
    shared: &Shared,
    is_deaf: &AtomicBool,
) -> io::Result<Requests> {
    let mut is_first = true;
    loop {
        let message = match read_message(client, is_first) {
            Ok(message) => message,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Requests::Ended);
            }
            Err(error) => return Err(error),
        };
        is_first = false;
        let harm = match message.starts_with(b"Q") && message.ends_with(b"commit\0") {
            true => lock(&shared.harm).take(),
            false => None,
        };
        match harm {
            None => server.write_all(&message)?,
            Some(Harm::CutBefore) => {
                shared.is_done();
                return Ok(Requests::Ended);
            }
            Some(Harm::CutAfter) => {
                is_deaf.store(true, Ordering::Relaxed);
                server.write_all(&message)?;
                shared.is_done();
            }
            Some(Harm::Hold) => {
                *lock(&shared.held) = Some((server.try_clone()?, message));
                shared.is_done();
                // Until the client has given up.
                let _ = client.read(&mut [0; 1]);
                return Ok(Requests::Held);
            }
            Some(Harm::Before(strike)) => {
                strike();
                shared.is_done();
                server.write_all(&message)?;
            }
            Some(Harm::After(strike)) => {
                server.write_all(&message)?;
                strike();
                shared.is_done();
            }
        }
    }
}

/// A message: a letter, unless it is the first one, and a length that counts itself.
fn read_message(mut client: impl Read, is_first: bool) -> io::Result<Vec<u8>> {
    let start = usize::from(!is_first);
    let mut message = vec![0; start + 4];
    client.read_exact(&mut message)?;
    let length = message[start..].try_into().map(u32::from_be_bytes).expect("four bytes");
    message.resize(start + length as usize, 0);
    client.read_exact(&mut message[start + 4..])?;
    Ok(message)
}

fn pass_answers(
    mut server: &UnixStream,
    mut client: &UnixStream,
    is_deaf: &AtomicBool,
) -> io::Result<()> {
    let mut bytes = [0; 16 * 1024];
    loop {
        let count = server.read(&mut bytes)?;
        if count == 0 || is_deaf.load(Ordering::Relaxed) {
            return Ok(());
        }
        client.write_all(&bytes[..count])?;
    }
}

fn end(client: &UnixStream, server: &UnixStream) {
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
