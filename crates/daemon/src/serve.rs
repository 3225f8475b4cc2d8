//! HTTP/1.1 within limits, until a drain.

use std::{
    io::ErrorKind::{ConnectionAborted, ConnectionReset},
    pin::{Pin, pin},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};
use tokio_io_timeout::TimeoutStream;
use tracing::{debug, info, warn};

use crate::Shutdown;

/// Connections of a listener at a time; more wait in the kernel's queue. Many systems let a process have
/// 1,024 open files unless told otherwise: an eighth is left for databases, anchors and the log, so that
/// accepting never fails for want of one.
pub const CONNECTIONS_MAX: usize = 896;

/// Time for a request's head, and for a connection between two requests. A head that was lost four times
/// arrives after 15 s (TCP sends it again after 1, 2, 4 and 8 s); twice that, and a sender that dribbles holds
/// its connection no longer.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for a client to take some of an answer that is more than the system keeps for it. A segment that was lost
/// four times arrives after 15 s, as a head does; twice that, and who asks without reading holds its connection no
/// longer. Linux tells of room when a third of what it keeps is gone, of 4 MiB unless told otherwise: who reads
/// 60 kB/s on the fastest line is not cut, and on a slow one, for which it keeps less, who reads at all.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Time for the requests in flight at a drain. The slowest is an upload of 10 MiB: 8.4 s at 10 Mbit/s. Twice
/// as long again remains of the 30 s that supervisors commonly wait before they kill, to close the books.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Size of a request's head; a larger one is answered with 431. Keys, ids and cursors of ours are together
/// under 2 KiB; the rest is for what proxies add.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What a connection buffers, each way. Four heads; all connections together stay under 128 MiB.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Pause after a failed accept: such failures last until someone closes a file, and trying again at once
/// would keep a core busy.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a listener bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`CONNECTIONS_MAX`].
    pub connections: usize,
    /// See [`HEAD_TIMEOUT`].
    pub head: Duration,
    /// See [`WRITE_TIMEOUT`].
    pub write: Duration,
    /// See [`DRAIN_TIMEOUT`].
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            head: HEAD_TIMEOUT,
            write: WRITE_TIMEOUT,
            drain: DRAIN_TIMEOUT,
        }
    }
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Drained {
    /// Every request that had begun was answered.
    Clean,
    /// So many connections were still busy at [`Limits::drain`], and were cut.
    Cut {
        /// How many.
        connections: usize,
    },
}

/// Serves `router` to who connects, until `shutdown` is triggered; then refuses new connections, closes
/// idle ones, and finishes the requests whose head was read.
///
/// `axum::serve` would read heads for ever and drain for ever: it sets no timer and knows no limit. Nor does
/// hyper write within one.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: Shutdown,
    limits: Limits,
) -> Drained {
    let http = http(limits.head);
    // Without a state a router finishes its routes anew for each request.
    let service = TowerToHyperService::new(router.with_state(()));
    let mut connections = JoinSet::new();
    let mut triggered = pin!(shutdown.triggered());

    loop {
        tokio::select! {
            biased;
            () = &mut triggered => break,
            Some(_) = connections.join_next() => {}
            stream = accept(&listener), if connections.len() < limits.connections => {
                let stream = timed(stream, limits.write);
                connections.spawn(attend(http.clone(), stream, service.clone(), shutdown.clone()));
            }
        }
    }

    drop(listener);
    drain(connections, limits.drain).await
}

fn http(head_timeout: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(BUFFER_BYTES_MAX);
    http
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        let accepted = listener.accept().await;
        // Without `TCP_NODELAY` the end of an answer could wait for the client's delayed acknowledgement.
        match accepted.and_then(|(stream, _)| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => return stream,
            // The client left before it was served.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionReset) => {}
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Fails a write of which nothing was taken for so long.
fn timed<S: AsyncRead + AsyncWrite>(
    stream: S,
    write_timeout: Duration,
) -> Pin<Box<TimeoutStream<S>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_timeout));
    Box::pin(stream)
}

/// Serves a connection to its end.
async fn attend(
    http: http1::Builder,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    service: TowerToHyperService<Router>,
    shutdown: Shutdown,
) {
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let end = tokio::select! {
        biased;
        end = connection.as_mut() => end,
        () = shutdown.triggered() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = end {
        debug!(%error, "connection failed");
    }
}

async fn drain(mut connections: JoinSet<()>, limit: Duration) -> Drained {
    info!(connections = connections.len(), "draining");
    let ended =
        time::timeout(limit, async { while connections.join_next().await.is_some() {} }).await;
    match ended {
        Ok(()) => Drained::Clean,
        Err(_) => {
            let connections = connections.len();
            warn!(connections, "cut at the end of the drain");
            Drained::Cut { connections }
        }
    }
}

#[cfg(test)]
mod tests;
