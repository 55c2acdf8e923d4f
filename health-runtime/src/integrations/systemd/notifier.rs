//! The thread that sends the notifications.

use std::sync::Arc;
use std::{env, io, process, thread};

use tokio::runtime;

use super::notify_config::NotifyConfig;
use super::socket::Socket;
use super::{NotifyError, status_loop, watchdog};
use crate::core::events::notifier::log;
use crate::core::health_inner::HealthInner;

/// Starts the thread, unless the process does not run under systemd.
pub(super) fn start(inner: &Arc<HealthInner>) -> Result<(), NotifyError> {
    let Some(config) = NotifyConfig::from_env(|name| env::var_os(name), process::id())? else {
        return Ok(());
    };
    let (watchdog, deadline) = (config.watchdog, inner.engine.deadline());
    let failed = |step: &str, error: &io::Error| NotifyError(format!("cannot {step} for systemd notifications: {error}"));
    let notifier = open(inner, config).map_err(|error| failed("open a socket", &error))?;
    // A separate runtime, so that a check or a handler that blocks its runtime delays no notification.
    let run = move || match runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(notifier),
        Err(error) => {
            log(move || tracing::error!(%error, "cannot send systemd notifications: the runtime did not start"));
        }
    };
    let spawned = thread::Builder::new().name("health:systemd".to_owned()).spawn(run);
    spawned.map_err(|error| failed("start a thread", &error))?;
    log(move || tracing::info!(?watchdog, "sending systemd notifications"));
    if let Some(interval) = watchdog.filter(|interval| *interval <= 2 * deadline) {
        log(move || {
            tracing::warn!(
                "the systemd watchdog interval is {interval:?}, at most twice the deadline of {deadline:?}, so one slow check can get the process killed; raise `WatchdogSec`"
            );
        });
    }
    Ok(())
}

/// Opens the socket. The future sends the notifications until the last `Health` is dropped; it does not keep it alive.
pub(super) fn open(inner: &Arc<HealthInner>, config: NotifyConfig) -> io::Result<impl Future<Output = ()> + use<>> {
    let NotifyConfig { address, watchdog } = config;
    let socket = Socket::open(address)?;
    let (lifecycle, transitions) = (Arc::clone(&inner.lifecycle), inner.engine.publisher().subscribe());
    let inner = Arc::downgrade(inner);
    Ok(async move {
        tokio::select! {
            () = status_loop::run(&inner, &lifecycle, transitions, &socket) => {}
            () = watchdog::run(&inner, &socket, watchdog.unwrap_or_default()), if watchdog.is_some() => {}
        }
    })
}
