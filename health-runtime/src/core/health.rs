//! The face: one `Health` for one process.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use crate::core::builder::HealthBuilder;
use crate::core::engine::{Reporter, ReporterError, There};
use crate::core::events::Transitions;
use crate::core::lifecycle;
use crate::core::model::name;
use crate::core::model::report::Report;
use crate::core::model::status::Scope;
use crate::core::probe::{Core, Question};

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

    /// The report that a probe would get now: checks whose result is stale are run and waited for, at most until the
    /// deadline.
    ///
    /// The deadline is kept by the runtime that polls this. Where that is the one that runs the checks, a check that blocks its
    /// thread may hold it up; the responses on the port that [`listen`](Self::listen) opens are not affected.
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
    /// assert_eq!(health.report(Scope::All).await.checks().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When it is polled outside a tokio runtime, or in one without timers.
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
    /// When no check has that name, whatever the case of its letters, or the one that has it is run or watches the workers.
    pub fn reporter(&self, name: &str) -> Result<Reporter, ReporterError> {
        let engine = &self.core.engine;
        let there = || match engine.checks().find(|check| name::same(&check.name, name)) {
            None => There::Nothing,
            Some(check) if check.runner.has_runs() => There::Run,
            Some(_) => There::Watched,
        };
        engine.words(name).map(Reporter::new).ok_or_else(|| ReporterError { name: name.to_owned(), there: there() })
    }

    /// How many runs are past their limit and cannot be cut off, because they block a thread: at most one for each
    /// check.
    pub fn stuck_runs(&self) -> usize {
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
    /// handlers stand from this call on, not only from the first poll, and are never taken down: once its future and
    /// every `Health` are dropped, a signal exits the process at once, again with 128 + its number.
    ///
    /// With [`middleware`](Self::middleware) around the application no client loses a request by it. Await it in a tokio runtime
    /// with timers, as a server of actix-web does: elsewhere it panics when the signal comes.
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
        lifecycle::shutdown(&self.core.lifecycle)
    }
}
