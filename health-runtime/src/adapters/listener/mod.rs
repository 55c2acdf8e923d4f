//! The endpoints on a dedicated port, which responds however busy the workers of the application's server are.
//!
//! One thread with its own runtime accepts connections and serves them. Every connection ends: the head of a request has a limit, each
//! response is the last one of its connection, and a connection is closed 10 s after it was accepted, whatever its client does. So
//! clients cannot hold the port.
//!
//! - here: opens and closes the port.
//! - `accept`: accepts connections, and bounds their number and lifetime.
//!
//! One connection is served by actix-http or by hyper, whichever the application has: with the feature `actix` hyper is not compiled
//! for this, and with `tower` alone no crate of actix is.

pub(super) mod accept;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

#[cfg(feature = "actix")]
use crate::adapters::actix::connection::serve as serve_connections;
#[cfg(not(feature = "actix"))]
use crate::adapters::tower::connection::serve as serve_connections;
use crate::core::events::notifier::log;
use crate::core::health::Health;
use crate::http::service::HealthService;

/// The thread ends within a few milliseconds.
const MAX_DROP_WAIT: Duration = Duration::from_secs(1);

/// The endpoints on a dedicated port. Created by [`Health::listen`].
///
/// Dropping it closes the port and every connection, including those with a pending probe, and blocks the thread for a few
/// milliseconds, 1 s at most. It holds a clone of the `Health`.
#[must_use = "dropping the listener closes the port; keep it as long as the port is open"]
pub struct Listener {
    address: SocketAddr,
    /// Stops the thread when it is dropped.
    stop: Option<oneshot::Sender<()>>,
    /// Disconnected when the thread has ended. The mutex is never locked; it makes the receiver `Sync`.
    thread: Mutex<mpsc::Receiver<io::Result<()>>>,
}

impl Health {
    /// Feature `actix` or `tower`: serves the endpoints on a dedicated port, from a dedicated thread and runtime. `configure` sets the same
    /// options as on [`service`](Self::service).
    ///
    /// They respond however busy the workers of the application's server are, and while it starts and stops, so that a load
    /// balancer sees the drain until its end. Keep the [`Listener`] until after that server has stopped. The listener does not
    /// prevent process exit and handles no signals. [`guide::dedicated_port`](crate::guide::dedicated_port) has an example.
    ///
    /// Checks still run on the runtime of [`start`](crate::HealthBuilder::start). A check that blocks its thread delays the
    /// results of the others, but not the responses: each is sent at the deadline, with the results there are. So a blocked
    /// application stays live on this port unless a liveness check fails:
    /// [`watch_workers`](crate::HealthBuilder::watch_workers) adds one. The worker of this port is not watched.
    ///
    /// The thread `health:listener` serves the port with HTTP/1.1. Each response closes its connection. A connection whose request
    /// head is incomplete is closed after 5 s, and every connection 10 s after it was accepted. At most 256 are open at once: for
    /// one more, the oldest one without a request in progress is closed. Other paths return 404.
    ///
    /// # Errors
    ///
    /// Returns an error if `addr` does not resolve, its port is taken, or `configure` panics. With several addresses the first
    /// free one is used.
    #[must_use = "dropping the listener closes the port; keep it as long as the port is open"]
    pub fn listen(
        &self,
        addr: impl ToSocketAddrs,
        configure: impl Fn(HealthService) -> HealthService + Send + Sync + 'static,
    ) -> io::Result<Listener> {
        let health = self.clone();
        open(addr, move |listener, on_started| serve_connections(listener, endpoints(&health, &configure), on_started))
    }
}

/// Serves the endpoints as [`Health::listen`] does without the feature `actix`.
///
/// # Errors
///
/// Returns the errors of [`Health::listen`].
#[cfg(all(feature = "test-util", feature = "tower"))]
pub fn listen_over_hyper(
    health: &Health,
    addr: impl ToSocketAddrs,
    configure: impl Fn(HealthService) -> HealthService + Send + Sync + 'static,
) -> io::Result<Listener> {
    use crate::adapters::tower::connection::serve;

    let health = health.clone();
    open(addr, move |listener, on_started| serve(listener, endpoints(&health, &configure), on_started))
}

fn endpoints(health: &Health, configure: &dyn Fn(HealthService) -> HealthService) -> HealthService {
    let mut service = configure(health.service());
    service.has_heartbeat = false;
    service
}

/// Called once the port accepts connections.
type OnStarted = Box<dyn FnOnce()>;

/// Opens the port and runs `serve` on a dedicated thread.
fn open<S: Future<Output = io::Result<()>>>(
    addr: impl ToSocketAddrs,
    serve: impl FnOnce(tokio::net::TcpListener, OnStarted) -> S + Send + 'static,
) -> io::Result<Listener> {
    let listener = TcpListener::bind(addr)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (started_tx, started) = mpsc::sync_channel(1);
    let (stop, stopped) = oneshot::channel();
    thread::Builder::new().name("health:listener".to_owned()).spawn(move || {
        if let Err(error) = run(listener, serve, stopped, started_tx.clone()) {
            let _ = started_tx.send(Err(error));
        }
    })?;
    started.recv().unwrap_or_else(|disconnected| Err(io::Error::other(disconnected)))?;
    log(move || tracing::info!(%address, "health listens on a dedicated port"));
    Ok(Listener { address, stop: Some(stop), thread: Mutex::new(started) })
}

impl Listener {
    /// Returns the address that it listens on, with the port that the system chose if port 0 was requested.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Pending probes are not waited for, because a client could then delay the exit of the process.
        drop(self.stop.take());
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = thread.recv_timeout(MAX_DROP_WAIT);
        let address = self.address;
        log(move || tracing::debug!(%address, "health no longer listens on a dedicated port"));
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves on this thread, on a new runtime, until it is stopped. Sends `Ok` once it accepts connections.
fn run<S: Future<Output = io::Result<()>>>(
    listener: TcpListener,
    serve: impl FnOnce(tokio::net::TcpListener, OnStarted) -> S,
    stopped: oneshot::Receiver<()>,
    started: mpsc::SyncSender<io::Result<()>>,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    // Dropping the tasks closes the connections.
    LocalSet::new().block_on(&runtime, async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let serving = serve(listener, Box::new(move || drop(started.send(Ok(())))));
        tokio::select! {
            result = serving => result,
            _ = stopped => Ok(()),
        }
    })
}
