//! A real server in the process of the test, on a port that the system chooses.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// The name of the thread that starts a server and runs its checks.
pub const THREAD: &str = "server under test";

/// How long a server waits for a request, if the test is not about that. No client on a busy machine takes so long.
const CLIENT_TIMEOUT: Duration = Duration::from_mins(10);

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Calls `make` on a new runtime and serves, with two workers, what the returned function configures.
    pub fn start<C>(make: impl FnOnce() -> C + Send + 'static) -> Self
    where
        C: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        Self::with_client_timeout(CLIENT_TIMEOUT, make)
    }

    /// Starts a server as [`start`](Self::start) does, which waits this long for a request.
    pub fn with_client_timeout<C>(client_timeout: Duration, make: impl FnOnce() -> C + Send + 'static) -> Self
    where
        C: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let (ready, started) = mpsc::channel();
        let thread = thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let configure = make();
                let server = HttpServer::new(move || App::new().configure(configure.clone()))
                    .workers(2)
                    .client_request_timeout(client_timeout)
                    .disable_signals()
                    .bind(("127.0.0.1", 0))?;
                let address = server.addrs()[0];
                let server = server.run();
                let _sent = ready.send((address, server.handle()));
                server.await
            })
        });
        let thread = thread.expect("a thread");
        let (address, handle) = started.recv().expect("the server starts");
        Self { address, handle, thread: Some(thread) }
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts a graceful stop. Dropping the server then waits for it.
    pub fn begin_stop(&self) {
        drop(self.handle.stop(true));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The call sends the command. The future only waits, as `join` does.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
