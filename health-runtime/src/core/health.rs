//! The face: one `Health` for one process.

use std::fmt;
use std::io;
use std::net::{TcpListener, ToSocketAddrs};
use std::sync::Arc;

use tokio::time::Instant;

use crate::adapters::actix::{drain_middleware::DrainMiddleware, listener::Listener};
use crate::core::engine::{Mismatch, Reporter, ReporterError};
use crate::core::events::Transitions;
use crate::core::health_inner::{HealthInner, ProbeQuery};
use crate::core::lifecycle;
use crate::core::model::name;
use crate::core::model::status::Scope;
use crate::core::report::Report;
use crate::http::service::HealthService;

/// The health of a process: every check, run when asked and served as liveness, readiness, startup and the whole.
///
/// Cheap to clone: all clones are one. Made by [`Health::builder`].
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

    /// The endpoints, as an actix-web service to mount with `App::service`. Make one inside the `App` factory.
    pub fn service(&self) -> HealthService {
        HealthService::new(self.clone())
    }

    /// The same answers on a port of their own, from a thread and a runtime of their own: they come however busy the
    /// workers of the application's server are, and while it starts and stops, so that a load balancer sees the drain to
    /// its end. `configure` says how they are mounted, as for [`service`](Self::service).
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use std::net::TcpStream;
    /// use health_runtime::{Expose, Health};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let health = Health::builder().start()?;
    /// let listener = health.listen("127.0.0.1:0", |service| service.prefix("/internal").expose(Expose::Errors))?;
    ///
    /// let mut probe = TcpStream::connect(listener.local_addr())?;
    /// probe.write_all(b"GET /internal/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    /// let mut answer = String::new();
    /// probe.read_to_string(&mut answer)?;
    /// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Keep the [`Listener`] for as long as the service is to be probed, past the end of its server: dropping it closes the
    /// port. Until then it holds the `Health`, so its background runs go on. It keeps no process from exiting and listens to
    /// no signal.
    ///
    /// Checks still run where [`start`](crate::HealthBuilder::start) was called. One that blocks its thread there holds up
    /// the results of the others, and not the answers: each leaves at the deadline, with what there is. So a wedged
    /// application stays live here, unless a liveness check says otherwise:
    /// [`watch_workers`](crate::HealthBuilder::watch_workers) adds it. The worker of this port is not one of those.
    ///
    /// Three threads serve it: `health:listener`, and a worker and an acceptor of actix-web's. At most 256 connections are
    /// open at once, and one that is idle or slow to ask is closed after five seconds. Paths that are not ours are 404.
    ///
    /// # Errors
    ///
    /// At once, when `addr` does not resolve, when its port is taken, or when `configure` panics. Of several addresses the
    /// first that is free is taken.
    pub fn listen(
        &self,
        addr: impl ToSocketAddrs,
        configure: impl Fn(HealthService) -> HealthService + Send + Sync + 'static,
    ) -> io::Result<Listener> {
        Listener::start(TcpListener::bind(addr)?, self.clone(), configure)
    }

    /// For `App::wrap`, as the last and so the outermost: counts the requests under way, and tells clients with keep-alive
    /// to come back on another connection while the process drains. Make one inside the `App` factory.
    /// [`DrainMiddleware`] has an example.
    pub fn middleware(&self) -> DrainMiddleware {
        DrainMiddleware::new(Arc::clone(&self.inner.lifecycle))
    }

    /// The metrics, for a [`Registry`](prometheus_client::registry::Registry) of yours. The table is in
    /// [`prometheus`](crate::prometheus).
    #[cfg(feature = "prometheus")]
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
    pub fn collector(&self) -> crate::metrics::prometheus::Collector {
        crate::metrics::prometheus::Collector::new(self)
    }

    /// The metrics at `/metrics`, for an application that has no registry. Make one inside the `App` factory.
    #[cfg(feature = "prometheus")]
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
    pub fn metrics_service(&self) -> crate::metrics::prometheus::MetricsService {
        crate::metrics::prometheus::MetricsService::new(self.clone())
    }

    /// The report that a probe would get now: checks whose result is stale are run and waited for, at most until the
    /// deadline.
    ///
    /// The deadline is kept by the runtime that polls this. Where that is the one that runs the checks, a check that blocks its
    /// thread may hold it up; what [`listen`](Self::listen) answers is kept apart from them.
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
        Arc::new(self.inner.evaluate(&ProbeQuery::from(scope.into())).await.0)
    }

    /// Every change of a check or of a kind from now on, once and in order.
    ///
    /// A change is noticed when a run ends, when a status is reported, and when an answer or a report is made: that a result
    /// has grown stale is noticed by whoever reads it first.
    pub fn subscribe(&self) -> Transitions {
        self.inner.engine.publisher().subscribe()
    }

    /// For a check made with [`Check::reported`](crate::Check::reported): pushes its status.
    ///
    /// # Errors
    ///
    /// When no check has that name, whatever the case of its letters, or the one that has it is run or watches the workers.
    pub fn reporter(&self, name: &str) -> Result<Reporter, ReporterError> {
        let engine = &self.inner.engine;
        let mismatch = || match engine.checks().find(|check| name::same_name(&check.name, name)) {
            None => Mismatch::NotFound,
            Some(check) if check.source.is_executable() => Mismatch::IsExecuted,
            Some(_) => Mismatch::IsWorkerWatch,
        };
        engine.reported(name).map(Reporter::new).ok_or_else(|| ReporterError { name: name.to_owned(), mismatch: mismatch() })
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
    pub fn notify_systemd(&self) -> Result<(), crate::integrations::systemd::NotifyError> {
        crate::integrations::systemd::start(&self.inner)
    }

    /// How many runs are past their limit and cannot be cut off, because they block a thread: at most one for each
    /// check.
    pub fn stuck_runs(&self) -> usize {
        self.inner.engine.stuck_runs(Instant::now())
    }

    /// Not ready from now on, for good: `/readyz` and `/health` answer 503 with `draining`, liveness stays as it is.
    pub fn drain(&self) {
        self.inner.lifecycle.drain();
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
    /// ```no_run
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
