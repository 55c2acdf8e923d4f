//! The answers on a port of their own, however busy the workers of the application's server are.

use std::fmt;
use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use actix_web::dev::{ServerHandle, ServiceRequest, fn_service};
use actix_web::{App, Error, HttpServer};
use futures_util::future::poll_immediate;
use tokio::runtime;

use crate::core::health::Health;
use crate::http::{response as answer, service::HealthService};

/// Far more than probe at once, and few enough to leave the application its descriptors.
const MOST_CONNECTIONS: usize = 256;

/// How long a client may take for the head of a request, and how long a connection may idle between two.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a drop waits at most. It takes a few milliseconds.
const LONGEST_STOP: Duration = Duration::from_secs(1);

/// The answers on a port of their own. Made by [`Health::listen`].
///
/// Dropping it closes the port and every connection, whatever is still asked, and blocks its thread for a few milliseconds,
/// a second at most. While it lives, it is a clone of the `Health`.
#[must_use = "dropping it closes the port"]
pub struct Listener {
    address: SocketAddr,
    server: ServerHandle,
    /// Disconnected when the thread has ended. Locked by nobody: a receiver alone could not be shared.
    ended: Mutex<mpsc::Receiver<io::Result<ServerHandle>>>,
}

impl Listener {
    pub(crate) fn start<C>(listener: TcpListener, health: Health, configure: C) -> io::Result<Self>
    where
        C: Fn(HealthService) -> HealthService + Send + Sync + 'static,
    {
        let address = listener.local_addr()?;
        let (started, ended) = mpsc::sync_channel(1);
        thread::Builder::new().name("health:listener".to_owned()).spawn(move || {
            if let Err(error) = serve(listener, health, configure, &started) {
                let _ = started.send(Err(error));
            }
        })?;
        let server = ended.recv().unwrap_or_else(|gone| Err(io::Error::other(gone)))?;
        tracing::info!(%address, "health listens on a port of its own");
        Ok(Self { address, server, ended: Mutex::new(ended) })
    }

    /// Where it listens: the port that was chosen, where port 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The command is sent by the call; the future would only wait for its end. Nothing is waited for that a probe
        // still asks for, or a client could hold the exit of the process.
        drop(self.server.stop(false));
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(LONGEST_STOP);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves on this thread, on a runtime of its own, until it is told to stop. `started` hears when it does.
fn serve<C>(
    listener: TcpListener,
    health: Health,
    configure: C,
    started: &mpsc::SyncSender<io::Result<ServerHandle>>,
) -> io::Result<()>
where
    C: Fn(HealthService) -> HealthService + Send + Sync + 'static,
{
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let configure = Arc::new(configure);
    let app = move || {
        let elsewhere = |req: ServiceRequest| {
            let answer = answer::not_found(req.method());
            ready(Ok::<_, Error>(req.into_response(answer)))
        };
        App::new().service(configure(health.service()).apart()).default_service(fn_service(elsewhere))
    };
    runtime.block_on(async {
        let server = HttpServer::new(app).workers(1).max_connections(MOST_CONNECTIONS).disable_signals();
        let mut server = server.client_request_timeout(PATIENCE).keep_alive(PATIENCE).listen(listener)?.run();
        // The first look at it starts its worker.
        if let Some(ended) = poll_immediate(&mut server).await {
            return ended;
        }
        let _ = started.send(Ok(server.handle()));
        server.await
    })
}
