//! Notifies systemd when the service is ready, what its state is, that it is alive, and that it stops.
//!
//! Needs the feature `systemd`. Call [`Health::notify_systemd`](crate::Health::notify_systemd), with a unit such as this;
//! `examples/systemd` has a complete one:
//!
//! ```text
//! [Service]
//! Type=notify
//! WatchdogSec=30s
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

#[cfg(unix)]
mod notifier;
#[cfg(unix)]
mod notify_config;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod status_loop;
#[cfg(unix)]
mod watchdog;

#[cfg(test)]
#[cfg(unix)]
mod tests;

use crate::core::health::Health;
use crate::text::problems::text_error;

text_error! {
    /// The error of [`Health::notify_systemd`](crate::Health::notify_systemd): an invalid environment variable, or a resource
    /// that the operating system did not provide.
    #[derive(Clone, PartialEq, Eq)]
    pub struct NotifyError(String);
}

impl Health {
    /// Feature `systemd`: starts a thread that sends the notifications that [`systemd`](crate::systemd) describes. Outside
    /// systemd, where `NOTIFY_SOCKET` is unset or empty, and on Windows it does nothing.
    ///
    /// Call it once, when the server listens: a service without checks is ready at once. The
    /// [guide](crate::guide::systemd) has an example.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment contains a `NOTIFY_SOCKET`, `WATCHDOG_USEC` or `WATCHDOG_PID` that systemd does
    /// not set, or if no socket or no thread can be created. If nothing listens on the socket this is not an error: it is
    /// logged and the notification is retried.
    pub fn notify_systemd(&self) -> Result<(), NotifyError> {
        #[cfg(unix)]
        notifier::start(self.inner())?;
        Ok(())
    }
}
