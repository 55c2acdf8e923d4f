//! The handle to the health checks of a process.

use std::borrow::Cow;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::core::engine::{Heartbeat, Reporter, ReporterError};
use crate::core::events::Transitions;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::lifecycle::{self, Maintenance};
use crate::core::model::name;
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::report::Report;

/// The time between two probes of [`Health::ready`].
const READY_INTERVAL: Duration = Duration::from_secs(1);

/// A handle to the health checks of this process. Created by [`Health::builder`].
///
/// Cloning is cheap; all clones share the same state. Background checks run until the last clone is dropped.
#[derive(Clone)]
pub struct Health {
    inner: Arc<HealthInner>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<&str> = self.inner.engine.checks().map(|check| &*check.name).collect();
        f.debug_struct("Health").field("checks", &checks).finish_non_exhaustive()
    }
}

impl Health {
    pub(crate) fn new(inner: HealthInner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn inner(&self) -> &Arc<HealthInner> {
        &self.inner
    }

    /// Returns the report that a probe would get now: runs the checks without a fresh result, and waits for them at most until
    /// the deadline.
    ///
    /// The runtime that polls this future keeps the deadline. If checks run on the same runtime, a check that blocks its thread
    /// delays the report. The responses of a dedicated port (`Health::listen`) are not delayed.
    ///
    /// ```
    /// use health_runtime::{Check, Health, HealthState, Kind, Outcome, Scope};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder()
    ///     .check(Check::readiness("queue", || async { Outcome::down("queue is full") }))
    ///     .start()?;
    /// let report = health.report(Kind::Readiness).await;
    /// assert_eq!(report.state(), HealthState::Unhealthy);
    /// assert_eq!(health.report(Scope::All).await.checks().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is polled outside a tokio runtime, or in one without timers.
    pub async fn report(&self, scope: impl Into<Scope>) -> Arc<Report> {
        Arc::new(self.inner.evaluate(&ProbeQuery::from(scope.into())).await)
    }

    /// Subscribes to every transition of a check or of a kind from now on, each once and in order.
    ///
    /// Transitions are published when a run finishes, a status is reported or a probe is answered. Staleness is detected on the
    /// next read.
    #[must_use = "dropping the subscription ends it; keep it and call `next`"]
    pub fn subscribe(&self) -> Transitions {
        self.inner.engine.publisher().subscribe()
    }

    /// Returns a reporter that pushes the status of a check created with [`Check::reported`](crate::Check::reported). The name
    /// ignores ASCII case.
    ///
    /// Keep the reporter: dropping it withdraws its status. `health.reporter("leader")?.up();` has no effect that lasts.
    ///
    /// # Errors
    ///
    /// Returns an error if no reported check has this name.
    #[must_use = "dropping the reporter withdraws its status at once; keep it as long as the status holds"]
    pub fn reporter(&self, name: &str) -> Result<Reporter, ReporterError> {
        let reported = self.inner.engine.reported(name).map(Reporter::new);
        reported.ok_or_else(|| self.reporter_error(name, "Check::reported"))
    }

    fn reporter_error(&self, name: &str, constructor: &str) -> ReporterError {
        let check = self.inner.engine.checks().find(|check| name::same_name(&check.name, name));
        ReporterError::new(name, check.map(|check| &check.source), constructor)
    }

    /// Registers a task with a check created with [`Check::heartbeat`](crate::Check::heartbeat), which counts as its first beat. The
    /// name ignores ASCII case. It replaces the oldest registration that ended.
    ///
    /// # Errors
    ///
    /// Returns an error if no heartbeat check has this name.
    pub fn heartbeat(&self, name: &str) -> Result<Heartbeat, ReporterError> {
        self.inner.engine.heartbeat(name).ok_or_else(|| self.reporter_error(name, "Check::heartbeat"))
    }

    /// Returns the number of runs that are past their timeout and cannot be cancelled, because they block a thread: at most one
    /// per check.
    pub fn stuck_runs(&self) -> usize {
        self.inner.engine.stuck_runs(Instant::now())
    }

    /// Waits until the service is ready: probes readiness at once and then once a second, until it is not unhealthy. It never ends
    /// once the drain has begun, so select it alongside [`shutdown`](Self::shutdown). For work that should begin with the traffic,
    /// such as joining a cluster, and for tests.
    ///
    /// ```
    /// use health_runtime::{Check, Health, Kind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let health = Health::builder().check(Check::reported("cache", Kind::Startup)).start()?;
    /// let cache = health.reporter("cache")?;
    /// tokio::join!(health.ready(), async { cache.up() });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is polled outside a tokio runtime, or in one without timers.
    pub async fn ready(&self) {
        loop {
            if self.inner.lifecycle.is_draining() {
                pending::<()>().await;
            }
            if self.report(Kind::Readiness).await.state() < HealthState::Unhealthy {
                return;
            }
            sleep(READY_INTERVAL).await;
        }
    }

    /// Takes the instance out of rotation until the guard is dropped: `/readyz` and `/health` return 503 with
    /// `maintenance: <reason>`. Liveness and startup are unchanged, so the process is not restarted.
    ///
    /// With several guards the reason is that of the oldest, and the maintenance ends with the last. Credentials in the reason are
    /// masked, and it is cut to 256 bytes. The drain takes precedence.
    ///
    /// ```
    /// use health_runtime::{Health, Kind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().start()?;
    /// let reindex = health.maintenance("reindex");
    /// assert_eq!(health.report(Kind::Readiness).await.reason(), Some("maintenance: reindex"));
    /// drop(reindex);
    /// assert_eq!(health.report(Kind::Readiness).await.reason(), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn maintenance(&self, reason: impl Into<Cow<'static, str>>) -> Maintenance {
        self.inner.lifecycle.start_maintenance(&reason.into())
    }

    /// Starts the drain, which never ends: `/readyz` and `/health` return 503 with `draining`, liveness is unchanged.
    pub fn drain(&self) {
        self.inner.lifecycle.drain();
    }

    /// Waits for SIGTERM or SIGINT, drains, and ends when the server should stop. For `HttpServer::shutdown_signal` of actix-web,
    /// `with_graceful_shutdown` of axum and `serve_with_shutdown` of tonic.
    ///
    /// On SIGTERM the service is not ready at once; the future ends after the drain delay. A second signal ends the delay, and
    /// SIGINT skips it. A third signal exits the process with 128 + its number. On Windows, Ctrl-Break acts as SIGTERM and
    /// Ctrl-C as SIGINT.
    ///
    /// Signal handlers are installed by this call, not on first poll, and are never removed: once the future and every `Health`
    /// are dropped, a signal exits the process at once with 128 + its number.
    ///
    /// With `Health::middleware` or `Health::layer` around the application, no client loses a request. Await the future in a tokio runtime with
    /// timers, as a server of actix-web does: elsewhere it panics when the signal arrives.
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
    ///     HttpServer::new(move || App::new().service(health.service()).wrap(health.middleware()))
    ///         .shutdown_signal(shutdown)
    ///         .shutdown_timeout(20)
    ///         .bind("127.0.0.1:8080")?
    ///         .run()
    ///         .await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn shutdown(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        lifecycle::shutdown(&self.inner.lifecycle)
    }
}
