//! What systemd is told: when the service is ready, what state it is in, that it lives, and that it stops.
//!
//! [`Health::notify_systemd`](crate::Health::notify_systemd) does it, for a unit such as this:
//!
//! ```text
//! [Service]
//! Type=notify
//! ExecStart=/usr/local/bin/orders
//! WatchdogSec=30s
//! Restart=on-failure
//! TimeoutStartSec=2min
//! # The drain delay, the server's shutdown timeout, and some more.
//! TimeoutStopSec=30s
//! ```
//!
//! | message | when | what systemd does |
//! |---|---|---|
//! | `READY=1` | once, as soon as `/readyz` would be 200: startup has passed, and readiness is healthy or degraded | the start is over; units that come after this one begin |
//! | `STATUS=…` | at first and with every change | `systemctl status` shows it |
//! | `WATCHDOG=1` | where the unit has a `WatchdogSec`, every half of it, as long as the process lives | without it the process is killed and, with `Restart=`, started anew |
//! | `STOPPING=1` | once, when the drain begins | it waits for the end, for as long as `TimeoutStopSec` |
//!
//! - *Ready* comes once. A service that is not ready later, for its database is away, says so in `STATUS=`; a restart would
//!   not mend that. One that does not get ready within `TimeoutStartSec` is stopped by systemd, so give that the time that
//!   the slowest start takes, or `infinity`. A process that drains before it was ready never says `READY=1`.
//! - The status is the state of `/health` and the names of what is not up, without reasons: `STATUS=degraded: redis down`.
//! - The process *lives* while both are true: liveness is not unhealthy, and the runtime of the checks begins a task
//!   within the [deadline](crate::HealthBuilder::deadline). Without the second a process that is wedged would be fed for
//!   ever, because a liveness check that cannot run is `unknown`, and that alone is no reason for a restart. While one of
//!   them is false both are looked at again, each second or as soon as the runtime turns, so that a short stall at the
//!   wrong moment costs nothing: what kills the process has lasted for half of `WatchdogSec`. That must be longer than the
//!   deadline; a warning says so where it is not. Whether the workers of the server turn is a liveness check that you ask
//!   for: [`watch_workers`](crate::HealthBuilder::watch_workers).
//! - All of this is done by a thread and a timer of its own. It asks as a probe of `/health` would, every second until the
//!   service is ready and every five seconds from then on, and within a second of each change that anybody notices.
//!   It ends with the last [`Health`](crate::Health).
//! - Where there is no `NOTIFY_SOCKET` in the environment, or an empty one, nothing of this happens.
//!
//! `examples/systemd` has the unit of the orders service.

mod environment;
mod error;
mod socket;
mod status_loop;
mod watchdog;

#[cfg(test)]
mod tests;

use std::env;
use std::future::pending;
use std::io;
use std::process;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::runtime;

use crate::core::events::Transitions;
use crate::core::health::Health;
use crate::core::lifecycle::Lifecycle;
use crate::core::probe::Core;
use environment::Manager;
pub use error::NotifyError;
use socket::Socket;

/// What it takes to tell, without keeping the checks alive.
struct Notifier {
    core: Weak<Core>,
    lifecycle: Arc<Lifecycle>,
    transitions: Transitions,
    socket: Socket,
    watchdog: Option<Duration>,
}

impl Health {
    /// Starts a thread that notifies systemd: `READY=1` once the service is ready, `STATUS=` with each change, `WATCHDOG=1`
    /// while the process lives, and `STOPPING=1` when the drain begins.
    ///
    /// [`systemd`](crate::systemd) describes each message and the unit that they need. Outside systemd the method does
    /// nothing. Call it once, when the server listens: a service without checks is ready at once.
    ///
    #[cfg_attr(feature = "actix", doc = "```no_run")]
    #[cfg_attr(not(feature = "actix"), doc = "```ignore")]
    /// use actix_web::{App, HttpServer};
    /// use health_runtime::Health;
    ///
    /// #[actix_web::main]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let health = Health::builder().start()?;
    ///     let shutdown = health.shutdown();
    ///     let served = health.clone();
    ///     let server = HttpServer::new(move || App::new().service(served.service()))
    ///         .shutdown_signal(shutdown)
    ///         .shutdown_timeout(20)
    ///         .bind("127.0.0.1:8080")?;
    ///     health.notify_systemd()?;
    ///     server.run().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the environment contains a `NOTIFY_SOCKET`, `WATCHDOG_USEC` or `WATCHDOG_PID` that systemd does
    /// not set, or if no socket or no thread can be created. If nothing listens on the socket this is not an error: it is
    /// logged and the notification is retried.
    #[cfg_attr(docsrs, doc(cfg(feature = "systemd")))]
    pub fn notify_systemd(&self) -> Result<(), NotifyError> {
        start(self.core())
    }
}

/// Starts the thread, if the process runs under systemd.
fn start(core: &Arc<Core>) -> Result<(), NotifyError> {
    let Some(manager) = Manager::of(|name| env::var_os(name), process::id())? else {
        return Ok(());
    };
    let watchdog = manager.watchdog;
    let deadline = core.engine.deadline();
    let notifier = Notifier::new(core, manager).map_err(|error| NotifyError::no_socket(&error))?;
    // A runtime of its own: a check, or a handler, that blocks the application's delays nothing here.
    let run = move || match runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(notifier.run()),
        Err(error) => tracing::error!(%error, "health cannot tell systemd anything"),
    };
    thread::Builder::new().name("health:systemd".to_owned()).spawn(run).map_err(|error| NotifyError::no_thread(&error))?;
    tracing::info!(?watchdog, "health tells systemd");
    if let Some(interval) = watchdog.filter(|interval| *interval <= 2 * deadline) {
        tracing::warn!(
            "systemd's watchdog waits {interval:?}, not more than twice the deadline of {deadline:?}, so one slow check can end the process; raise `WatchdogSec`"
        );
    }
    Ok(())
}

impl Notifier {
    fn new(core: &Arc<Core>, manager: Manager) -> io::Result<Self> {
        let (lifecycle, transitions) = (Arc::clone(&core.lifecycle), core.engine.ledger().subscribe());
        let socket = Socket::open(manager.address)?;
        Ok(Self { core: Arc::downgrade(core), lifecycle, transitions, socket, watchdog: manager.watchdog })
    }

    /// Until the last `Health` is gone.
    async fn run(self) {
        let Self { core, lifecycle, transitions, socket, watchdog } = self;
        let feed = async {
            match watchdog {
                Some(interval) => watchdog::feed(&core, &socket, interval).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = status_loop::tell(&core, &lifecycle, transitions, &socket) => {}
            () = feed => {}
        }
    }
}
