//! The face: one `Health` for one process.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use crate::builder::HealthBuilder;
use crate::events::Transitions;
use crate::http::HealthService;
use crate::lifecycle;
use crate::probe::{Core, Question};
use crate::report::Report;
use crate::reporter::{Reporter, UnknownCheck};
use crate::status::Scope;

/// The health of a process: every check, run when asked and served as liveness, readiness, startup and the whole.
///
/// Cheap to clone: all clones are one. Made by [`Health::builder`].
#[derive(Clone)]
pub struct Health {
    core: Arc<Core>,
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<&str> = self.core.engine.checks().map(|check| &*check.name).collect();
        f.debug_struct("Health").field("checks", &checks).finish_non_exhaustive()
    }
}

impl Health {
    /// Begins with every linked check, a deadline of 900 ms and a drain delay of 5 s.
    pub fn builder() -> HealthBuilder {
        HealthBuilder::new()
    }

    pub(crate) fn new(core: Core) -> Self {
        Self { core: Arc::new(core) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The endpoints, as an actix-web service to mount with `App::service`. Make one inside the `App` factory.
    pub fn service(&self) -> HealthService {
        HealthService::new(self.clone())
    }

    /// The metrics, for a [`Registry`](prometheus_client::registry::Registry) of yours. The table is in
    /// [`prometheus`](crate::prometheus).
    #[cfg(feature = "prometheus")]
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
    pub fn collector(&self) -> crate::prometheus::Collector {
        crate::prometheus::Collector::new(self)
    }

    /// The metrics at `/metrics`, for an application that has no registry. Make one inside the `App` factory.
    #[cfg(feature = "prometheus")]
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
    pub fn metrics_service(&self) -> crate::prometheus::MetricsService {
        crate::prometheus::MetricsService::new(self.clone())
    }

    /// The report that a probe would get now: checks whose result is stale are run and waited for, at most until the
    /// deadline.
    ///
    /// ```
    /// use health_runtime::{Check, Health, HealthState, Kind, Scope};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder()
    ///     .check(Check::readiness("queue", || async { Err::<(), _>("queue is full") }))
    ///     .start()?;
    /// let report = health.report(Kind::Readiness).await;
    /// assert_eq!(report.state(), HealthState::Unhealthy);
    /// assert_eq!(health.report(Scope::Whole).await.checks().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn report(&self, scope: impl Into<Scope>) -> Arc<Report> {
        Arc::new(self.core.report(&Question::from(scope.into())).await.0)
    }

    /// Every change of a check or of a kind from now on, once and in order.
    ///
    /// A change is noticed when a run ends, when a status is reported, and when an answer or a report is made: that a result
    /// has grown stale is noticed by whoever reads it first.
    pub fn subscribe(&self) -> Transitions {
        self.core.engine.ledger().subscribe()
    }

    /// For a check made with [`Check::reported`](crate::Check::reported): pushes its status.
    ///
    /// # Errors
    ///
    /// When no check has that very name, or the one that has it is run.
    pub fn reporter(&self, name: &str) -> Result<Reporter, UnknownCheck> {
        let engine = &self.core.engine;
        let is_run = || engine.checks().any(|check| *check.name == *name);
        let unknown = || UnknownCheck { name: name.to_owned(), is_run: is_run() };
        engine.words(name).map(Reporter::new).ok_or_else(unknown)
    }

    /// Tells systemd from now on, on a thread of its own: `READY=1` once the service is ready, `STATUS=` with each change,
    /// `WATCHDOG=1` while the process lives, and `STOPPING=1` when the drain begins. What each means, and the unit that it
    /// takes, is in [`systemd`](crate::systemd). Outside systemd it does nothing.
    ///
    /// Call it once, when the server listens: a service without checks is ready at once.
    ///
    /// ```no_run
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
    /// When the environment holds something that systemd does not set (`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`),
    /// or when there is no socket or no thread to be had. That nobody listens at the address is none: it is logged, and what
    /// was to be told is told as soon as somebody does.
    #[cfg(feature = "systemd")]
    #[cfg_attr(docsrs, doc(cfg(feature = "systemd")))]
    pub fn notify_systemd(&self) -> Result<(), crate::systemd::NotifyError> {
        crate::systemd::start(&self.core)
    }

    /// How many runs are past their limit and cannot be cut off, because they block a thread: at most one for each
    /// check.
    pub fn stuck(&self) -> usize {
        self.core.engine.stuck(Instant::now())
    }

    /// Not ready from now on, for good: `/readyz` and `/health` answer 503 with `draining`, liveness stays as it is.
    pub fn drain(&self) {
        self.core.lifecycle.drain();
    }

    /// For `HttpServer::shutdown_signal`: on SIGTERM it turns not ready at once, waits for the drain delay, and then
    /// ends, so that the server stops gracefully.
    ///
    /// A second signal ends the wait, and SIGINT skips it. A third exits the process with 128 + its number. The
    /// handlers stand from this call on, not only from the first poll.
    ///
    /// ```no_run
    /// use actix_web::{App, HttpServer};
    /// use health_runtime::Health;
    ///
    /// #[actix_web::main]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let health = Health::builder().start()?;
    ///     let shutdown = health.shutdown();
    ///     HttpServer::new(move || App::new().service(health.service()))
    ///         .shutdown_signal(shutdown)
    ///         .shutdown_timeout(20)
    ///         .bind("127.0.0.1:8080")?
    ///         .run()
    ///         .await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn shutdown(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        lifecycle::shutdown(&self.core.lifecycle)
    }
}
