//! Connections as they come, of those that say something.

use std::io;
use std::io::ErrorKind::{ConnectionAborted, ConnectionReset};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutReader;
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::{PING_INTERVAL, PING_TIMEOUT};
use crate::tls::HANDSHAKE_MAX;

/// Connections at a time; more wait in the kernel's queue. Many systems let a process have 1,024 open files unless told
/// otherwise: half is left for journals, for databases and for those that ask over HTTP. A process that asks has a few.
const CONNECTIONS_MAX: usize = 512;

/// How long a connection may say nothing, its first word included: whoever has said that is asked whether it is there, and is
/// cut off earlier if it does not answer.
const SILENCE_MAX: Duration = PING_INTERVAL.saturating_add(PING_TIMEOUT.saturating_mul(2));

/// Pause after a failed accept: such failures last until someone closes a file, and trying again at once would keep a core busy.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a server bears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// See [`CONNECTIONS_MAX`].
    pub(super) connections: usize,
    /// See [`HANDSHAKE_MAX`].
    pub(super) handshake: Duration,
    /// See [`PING_INTERVAL`].
    pub(super) ping: Duration,
    /// See [`SILENCE_MAX`].
    pub(super) silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            handshake: HANDSHAKE_MAX,
            ping: PING_INTERVAL,
            silence: SILENCE_MAX,
        }
    }
}

/// The connections of a listener, for ever.
///
/// Tonic's own would be tried again at once after a failed accept, and may each be silent for ever.
pub(super) fn incoming(
    listener: TcpListener,
    limits: Limits,
) -> impl Stream<Item = io::Result<Connection>> {
    let permits = Arc::new(Semaphore::new(limits.connections));
    stream::unfold((listener, permits), move |(listener, permits)| async move {
        let permit = permits.clone().acquire_owned().await.expect("nobody closes it");
        let mut stream = TimeoutReader::new(accept(&listener).await);
        stream.set_timeout(Some(limits.silence));
        let connection = Connection { stream: Box::pin(stream), _permit: permit };
        Some((Ok(connection), (listener, permits)))
    })
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
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A connection that fails when nothing has come for too long.
pub(super) struct Connection {
    stream: Pin<Box<TimeoutReader<TcpStream>>>,
    /// Given back when it ends.
    _permit: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.get_ref().connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
