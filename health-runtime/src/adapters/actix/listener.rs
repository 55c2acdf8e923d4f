//! The endpoints on a dedicated port, which responds however busy the workers of the application's server are.

use std::fmt;
use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use actix_web::dev::{ServerHandle, ServiceRequest, fn_service};
use actix_web::{App, Error, HttpServer};
use futures_util::future::poll_immediate;
use tokio::runtime;

use super::response::respond_for_method;
use crate::core::events::notifier::log;
use crate::core::health::Health;
use crate::http::response::ProbeResponse;
use crate::http::service::HealthService;

/// More than probers open, and few enough to leave file descriptors to the application.
const MAX_CONNECTIONS: usize = 256;

/// For the head of a request, and for an idle connection.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// The server stops within a few milliseconds.
const MAX_DROP_WAIT: Duration = Duration::from_secs(1);

/// The endpoints on a dedicated port. Created by [`Health::listen`].
///
/// Dropping it closes the port and every connection, including those with a pending probe, and blocks the thread for a few
/// milliseconds, 1 s at most. It holds a clone of the `Health`.
#[must_use = "dropping the listener closes the port; keep it as long as the port is open"]
pub struct Listener {
    address: SocketAddr,
    server: ServerHandle,
    /// Disconnected when the thread has ended. The mutex is never locked; it makes the receiver `Sync`.
    server_thread: Mutex<mpsc::Receiver<io::Result<ServerHandle>>>,
}

impl Health {
    /// Feature `actix`: serves the endpoints on a dedicated port, from a dedicated thread and runtime. `configure` sets the same
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
    /// Three threads serve the port: `health:listener`, and a worker and an acceptor of actix-web. At most 256 connections are
    /// open at once; an idle connection, or one whose request head is incomplete, is closed after 5 s. Other paths return 404.
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
        let listener = TcpListener::bind(addr)?;
        let address = listener.local_addr()?;
        let (health, (started_tx, started_rx)) = (self.clone(), mpsc::sync_channel(1));
        thread::Builder::new().name("health:listener".to_owned()).spawn(move || {
            if let Err(error) = serve(listener, health, configure, &started_tx) {
                let _ = started_tx.send(Err(error));
            }
        })?;
        let server = started_rx.recv().unwrap_or_else(|disconnected| Err(io::Error::other(disconnected)))?;
        log(move || tracing::info!(%address, "health listens on a dedicated port"));
        Ok(Listener { address, server, server_thread: Mutex::new(started_rx) })
    }
}

impl Listener {
    /// Returns the address that it listens on, with the port that the system chose if port 0 was requested.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The call sends the command; the future would only wait for the server to stop. It does not wait for pending probes,
        // because a client could then delay the exit of the process.
        drop(self.server.stop(false));
        let server_thread = self.server_thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = server_thread.recv_timeout(MAX_DROP_WAIT);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves on this thread, on a new runtime, until the server is stopped. Sends its handle once it has started.
fn serve(
    listener: TcpListener,
    health: Health,
    configure: impl Fn(HealthService) -> HealthService + Send + Sync + 'static,
    started_tx: &mpsc::SyncSender<io::Result<ServerHandle>>,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let configure = Arc::new(configure);
    let app = move || {
        let not_found =
            |req: ServiceRequest| ready(Ok::<_, Error>(respond_for_method(req, ProbeResponse::error(404, "not found"))));
        let mut service = configure(health.service());
        service.has_heartbeat = false;
        App::new().service(service).default_service(fn_service(not_found))
    };
    runtime.block_on(async {
        let server = HttpServer::new(app).workers(1).max_connections(MAX_CONNECTIONS).disable_signals();
        let mut server = server.client_request_timeout(CLIENT_TIMEOUT).keep_alive(CLIENT_TIMEOUT).listen(listener)?.run();
        // The first poll starts the worker.
        if let Some(stopped) = poll_immediate(&mut server).await {
            return stopped;
        }
        let _ = started_tx.send(Ok(server.handle()));
        server.await
    })
}
