//! Notifies systemd when the service is ready, what its state is, that it is alive, and that it stops.
//!
//! Needs the feature `systemd`. Call [`Health::notify_systemd`](crate::Health::notify_systemd), with a unit such as this:
//!
//! ```text
//! [Service]
//! Type=notify
//! ExecStart=/usr/local/bin/orders
//! WatchdogSec=30s
//! Restart=on-failure
//! TimeoutStartSec=2min
//! # At least the drain delay plus the server's shutdown timeout.
//! TimeoutStopSec=30s
//! ```
//!
//! | message | sent | effect in systemd |
//! |---|---|---|
//! | `READY=1` | once, as soon as `/readyz` would return 200: startup has passed, and readiness is healthy or degraded | the start is complete; units ordered after this one start |
//! | `STATUS=…` | at first and after every change | `systemctl status` shows it |
//! | `WATCHDOG=1` | if the unit has a `WatchdogSec`: at half of that interval, while the process is alive | if it is missing, systemd kills the process and, with `Restart=`, restarts it |
//! | `STOPPING=1` | once, when the drain starts | systemd waits for the exit for at most `TimeoutStopSec` |
//!
//! - `READY=1` is sent only once. If the service stops being ready later, for example because its database is unreachable,
//!   only `STATUS=` changes: a restart would not help. systemd stops a service that is not ready within `TimeoutStartSec`,
//!   so set it to the duration of the slowest start, or to `infinity`. A process that drains before it was ready never
//!   sends `READY=1`.
//! - The status is the state of `/health` and the names of the checks that are not up, without reasons:
//!   `STATUS=degraded: redis down`.
//! - The watchdog is pinged while liveness is not unhealthy and the check runtime responds within the
//!   [deadline](crate::HealthBuilder::deadline). The second condition detects a blocked check runtime: a liveness check
//!   that cannot run is `unknown`, which alone does not fail liveness. While a condition is not met, both are evaluated
//!   again each second or as soon as the check runtime responds, so a short stall does not cause a restart: a problem that
//!   kills the process has lasted for half of `WatchdogSec`. `WatchdogSec` must be longer than twice the deadline;
//!   otherwise a warning is logged. To include the server workers, use
//!   [`watch_workers`](crate::HealthBuilder::watch_workers), which adds a liveness check.
//! - Notifications run on a dedicated thread with its own timer. It evaluates health as a probe of `/health` does: every
//!   second until the service is ready, then every five seconds, and within a second of each published transition. It ends
//!   when the last [`Health`](crate::Health) is dropped.
//! - If `NOTIFY_SOCKET` is unset or empty, nothing is sent.
//!
//! `examples/systemd` has the unit of the orders service.

mod error;
mod notify_config;
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
use crate::core::health_inner::HealthInner;
use crate::core::lifecycle::Lifecycle;
pub use error::NotifyError;
use notify_config::NotifyConfig;
use socket::Socket;

/// Sends the notifications of one `Health` without keeping it alive.
struct Notifier {
    inner: Weak<HealthInner>,
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
        start(self.inner())
    }
}

/// Starts to send notifications if systemd expects them.
fn start(inner: &Arc<HealthInner>) -> Result<(), NotifyError> {
    let Some(config) = NotifyConfig::from_env(|name| env::var_os(name), process::id())? else {
        return Ok(());
    };
    let watchdog = config.watchdog;
    let deadline = inner.engine.deadline();
    let notifier = Notifier::new(inner, config).map_err(|error| NotifyError::no_socket(&error))?;
    // A separate runtime, so that a check or a handler that blocks its runtime delays no notification.
    let run = move || match runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(notifier.run()),
        Err(error) => tracing::error!(%error, "cannot send systemd notifications: the runtime did not start"),
    };
    thread::Builder::new().name("health:systemd".to_owned()).spawn(run).map_err(|error| NotifyError::no_thread(&error))?;
    tracing::info!(?watchdog, "sending systemd notifications");
    if let Some(interval) = watchdog.filter(|interval| *interval <= 2 * deadline) {
        tracing::warn!(
            "the systemd watchdog interval is {interval:?}, at most twice the deadline of {deadline:?}, so one slow check can get the process killed; raise `WatchdogSec`"
        );
    }
    Ok(())
}

impl Notifier {
    fn new(inner: &Arc<HealthInner>, config: NotifyConfig) -> io::Result<Self> {
        let (lifecycle, transitions) = (Arc::clone(&inner.lifecycle), inner.engine.publisher().subscribe());
        let socket = Socket::open(config.address)?;
        Ok(Self { inner: Arc::downgrade(inner), lifecycle, transitions, socket, watchdog: config.watchdog })
    }

    /// Runs until the last `Health` is dropped.
    async fn run(self) {
        let Self { inner, lifecycle, transitions, socket, watchdog } = self;
        let ping_watchdog = async {
            match watchdog {
                Some(interval) => watchdog::run(&inner, &socket, interval).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = status_loop::run(&inner, &lifecycle, transitions, &socket) => {}
            () = ping_watchdog => {}
        }
    }
}
