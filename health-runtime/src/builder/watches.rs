//! The liveness checks that watch the server itself.

use std::time::Duration;

use super::HealthBuilder;
use crate::core::registry::StatusSource;
use crate::core::registry::check::Check;

impl HealthBuilder {
    /// Adds the liveness check `workers`, which fails when the workers of actix-web stop making progress.
    ///
    /// Each worker that mounts [`Health::service`](crate::Health::service) or has [`Health::middleware`](crate::Health::middleware) around its `App` records a heartbeat, four times
    /// within `limit` and at least each second. A handler that blocks its worker prevents it; a handler that awaits does not, and
    /// load does not as long as the worker makes progress. The check is up while every heartbeat is within the limit, with the age
    /// of the oldest as its detail `lag_ms`. It is degraded when some workers are late, and down when all are. Without a worker,
    /// before the server has started and after it has stopped, it is unknown, which is healthy for liveness. If a probe finds no
    /// worker and there is still none `limit` later, a warning is logged once.
    ///
    /// While every worker is blocked, only a [dedicated port](crate::Health::listen) can answer a probe. With the probes only there, wrap
    /// the application in the middleware, so that its workers are known.
    ///
    /// `limit` is from 10 ms to 24 h, normally some seconds: a limit shorter than a normal scheduling pause restarts healthy
    /// processes. A second call replaces the first. The check has no runs, so the options of runs, such as
    /// `timeout`, are a start error; an [override](crate::PolicyOverride) with `enabled = false` removes it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use actix_web::{App, test};
    /// use health_runtime::{Health, Kind, Status};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().watch_workers(Duration::from_secs(5)).start()?;
    /// let liveness = async || health.report(Kind::Liveness).await;
    /// assert_eq!(liveness().await.check("workers").unwrap().status(), Status::Unknown);
    /// let app = test::init_service(App::new().service(health.service())).await;
    /// assert_eq!(liveness().await.check("workers").unwrap().status(), Status::Up);
    /// # drop(app);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn watch_workers(mut self, limit: Duration) -> Self {
        self.registry.custom_checks.retain(|check| !matches!(check.source, StatusSource::Workers(_)));
        self.check(Check::workers(limit))
    }

    /// Adds the liveness check `runtime`, which fails when the tokio runtime of the checks stops making progress: by default the
    /// runtime that calls [`start`](Self::start).
    ///
    /// For a server without the workers of actix-web, such as axum: its handlers run on that runtime. A task there records a
    /// heartbeat, four times within `limit` and at least each second. Code that blocks every thread of the runtime prevents it; code
    /// that awaits does not. The check is up while the heartbeat is within the limit, with its age as the detail `lag_ms`, else down
    /// with `no progress for 6s`.
    ///
    /// While the runtime is blocked, only a [dedicated port](crate::Health::listen) can answer a probe.
    ///
    /// `limit` is from 10 ms to 24 h, normally some seconds. A second call replaces the first. The check has no runs, so the options
    /// of runs, such as `timeout`, are a start error; an [override](crate::PolicyOverride) with `enabled = false` removes it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use health_runtime::{Health, Kind, Status};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().watch_runtime(Duration::from_secs(5)).start()?;
    /// let report = health.report(Kind::Liveness).await;
    /// assert_eq!(report.check("runtime").unwrap().status(), Status::Up);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn watch_runtime(mut self, limit: Duration) -> Self {
        self.registry.custom_checks.retain(|check| !matches!(check.source, StatusSource::Runtime(_)));
        self.check(Check::runtime(limit))
    }
}
