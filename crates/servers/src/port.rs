//! Ports for programs that take a number and no socket.

use std::net::TcpListener;
use std::ops::Range;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Those that Linux gives to nobody by itself (`ip_local_port_range` begins at 32,768): while a program is down that will
/// listen there again, no connection of another's takes its place.
const PORTS: Range<u16> = 16_384..32_768;

/// How far the first ports of two processes are apart that were started one after the other.
const APART: u32 = 97;

static GIVEN: AtomicU32 = AtomicU32::new(0);

/// A port that nobody listens at now, and that this process has given to nobody before.
///
/// # Panics
///
/// When it has given all of them.
pub fn free_port() -> u16 {
    let count = u32::from(PORTS.end - PORTS.start);
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        assert!(given < count, "no port is left");
        let nth = process::id().wrapping_mul(APART).wrapping_add(given) % count;
        let port = PORTS.start + nth as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
