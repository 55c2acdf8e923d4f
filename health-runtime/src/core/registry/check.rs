//! Checks created at run time.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::core::model::policy::Policy;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::StatusSource;
use crate::core::registry::heartbeat_watch::HeartbeatWatch;
use crate::core::registry::run::Run;
use crate::core::registry::runtime_watch::RuntimeWatch;
use crate::core::registry::worker_watch::WorkerWatch;

/// A check created at run time, such as one for each shard or tenant, or from configuration.
///
/// It runs a closure that returns a future, a closure with state ([`with`](crate::with)), one that blocks its thread
/// ([`blocking`](crate::blocking)), or a built-in check.
///
/// The options have the meaning, the default and the range of those of the attribute. [`start`](crate::HealthBuilder::start)
/// rejects contradictory options and names the line that created the check.
///
/// ```
/// use std::time::Duration;
/// use health_runtime::{Check, Health, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), health_runtime::StartError> {
/// let mut builder = Health::builder();
/// for shard in ["eu", "us"] {
///     let check = Check::readiness(format!("shard-{shard}"), move || async move {
///         if shard == "mars" { Err("no such shard") } else { Ok(()) }
///     });
///     builder = builder.check(check.timeout(Duration::from_millis(300)).tags(["shards"]));
/// }
/// let report = builder.start()?.report(Kind::Readiness).await;
/// assert_eq!(report.checks().map(|check| check.name()).collect::<Vec<_>>(), ["shard-eu", "shard-us"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "add the check to the builder with `check`"]
pub struct Check {
    pub(crate) name: String,
    pub(crate) kinds: Kinds,
    pub(crate) policy: Policy,
    /// The names of its parents.
    pub(crate) after: Vec<String>,
    /// Whether `cache` was called.
    pub(crate) has_cache: bool,
    pub(crate) source: StatusSource,
    pub(crate) location: &'static Location<'static>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Check {
    /// Creates a check whose failure restarts the process. It must not depend on anything outside the process.
    #[track_caller]
    pub fn liveness(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Liveness, StatusSource::Custom(Arc::new(run)))
    }

    /// Creates a check whose failure removes the instance from rotation.
    #[track_caller]
    pub fn readiness(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Readiness, StatusSource::Custom(Arc::new(run)))
    }

    /// Creates a check that the other probes wait for until it passes.
    #[track_caller]
    pub fn startup(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Startup, StatusSource::Custom(Arc::new(run)))
    }

    /// Creates a check whose status is pushed through a [`Reporter`](crate::Reporter). It is `Unknown` until the first report. With
    /// an [`interval`](Self::interval) it is `Down` once no report arrives for 2.5 intervals, whatever its kind. Of the other options,
    /// those of runs, such as [`timeout`](Self::timeout), are a start error.
    #[track_caller]
    pub fn reported(name: impl Into<String>, kind: Kind) -> Self {
        Self::new(name.into(), kind, StatusSource::Reported)
    }

    /// Creates a liveness check of tasks that register with [`Health::heartbeat`](crate::Health::heartbeat), such as a consumer
    /// loop. It is down while a registered task has ended or panicked, or has made no progress for `limit`.
    ///
    /// `limit` is from 10 ms to 24 h: longer than the longest step of the task between two beats. Until a task registers, the check
    /// is `Unknown`, which is healthy for liveness; if none does within `limit` of start, a warning is logged once. The check has
    /// no runs, so the options of runs, such as [`timeout`](Self::timeout), are a start error. [`Heartbeat`](crate::Heartbeat) has
    /// an example.
    #[track_caller]
    pub fn heartbeat(name: impl Into<String>, limit: Duration) -> Self {
        Self::new(name.into(), Kind::Liveness, StatusSource::Heartbeat(Arc::new(HeartbeatWatch::new(limit))))
    }

    /// Creates the worker watch.
    #[track_caller]
    pub(crate) fn workers(limit: Duration) -> Self {
        let watch = StatusSource::Workers(Arc::new(WorkerWatch::new(limit)));
        let check = Self::new("workers".to_owned(), Kind::Liveness, watch);
        check.description(format!("Every server worker made progress within {limit:?}."))
    }

    /// Creates the runtime watch.
    #[track_caller]
    pub(crate) fn runtime(limit: Duration) -> Self {
        let watch = StatusSource::Runtime(Arc::new(RuntimeWatch::new(limit)));
        let check = Self::new("runtime".to_owned(), Kind::Liveness, watch);
        check.description(format!("The tokio runtime of the checks made progress within {limit:?}."))
    }

    #[track_caller]
    fn new(name: String, kind: Kind, source: StatusSource) -> Self {
        let description = if let StatusSource::Custom(run) = &source { run.description() } else { None };
        Self {
            name,
            kinds: Kinds::default().with(kind),
            policy: Policy { description: description.map(str::to_owned), ..Policy::default() },
            after: Vec::new(),
            has_cache: false,
            source,
            location: Location::caller(),
        }
    }

    /// Adds a kind.
    pub fn and(mut self, kind: Kind) -> Self {
        self.kinds = self.kinds.with(kind);
        self
    }

    /// Sets the time after which a run is cancelled: 1 ms to 1 h, by default 750 ms.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.timeout = timeout;
        self
    }

    /// Sets whether a failure makes the overall state unhealthy (the default) or only degraded. `false` is rejected for a liveness
    /// check.
    pub fn critical(mut self, critical: bool) -> Self {
        self.policy.critical = critical;
        self
    }

    /// Sets how long one result serves every probe: at most 24 h, by default 1 s. Zero runs the check on every probe. Excludes
    /// [`interval`](Self::interval).
    pub fn cache(mut self, cache: Duration) -> Self {
        self.policy.cache = cache;
        self.has_cache = true;
        self
    }

    /// Runs the check in the background this often, 1 ms to 24 h; probes only read its result. Excludes [`cache`](Self::cache).
    pub fn interval(mut self, interval: Duration) -> Self {
        self.policy.interval = Some(interval);
        self
    }

    /// Sets the consecutive failed runs before `up` changes to `down`: at least 1, the default.
    pub fn failure_threshold(mut self, runs: u32) -> Self {
        self.policy.failure_threshold = runs;
        self
    }

    /// Sets the consecutive good runs before `down` changes to `up`: at least 1, the default.
    pub fn success_threshold(mut self, runs: u32) -> Self {
        self.policy.success_threshold = runs;
        self
    }

    /// Keeps the last status after failed runs until this much time has passed since the end of the last good run: at most 24 h.
    /// It must be longer than `interval`, or than `cache` and `timeout` together; choose at least two periods of the probe.
    /// Excludes [`failure_threshold`](Self::failure_threshold).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.policy.grace = Some(grace);
        self
    }

    /// Makes a good run that took longer than this degraded, with the reason `slow: took 312ms`. Below the timeout.
    pub fn slow(mut self, slow: Duration) -> Self {
        self.policy.slow = Some(slow);
        self
    }

    /// Sets whether the check is about a dependency that all instances share, by default `false`. With
    /// [`peers`](crate::HealthBuilder::peers) on the builder, a failure that other instances have too makes this instance degraded
    /// instead of unhealthy. The check has the tag `shared`. For critical readiness checks that are not liveness checks.
    pub fn shared(mut self, shared: bool) -> Self {
        self.policy.shared = shared;
        self
    }

    /// Sets the checks that must be up or degraded before this one runs, its parents, and replaces those that were set before. A
    /// probe runs the parents first. While one of them is neither up nor degraded, this check does not run: it is `Unknown`, with
    /// a reason such as `skipped: database is down`.
    ///
    /// ```
    /// use health_runtime::{Check, Health, Kind, Outcome, Status};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder()
    ///     .check(Check::readiness("database", || async { Outcome::down("connection refused") }))
    ///     .check(Check::readiness("orders", || async {}).after(["database"]))
    ///     .start()?;
    /// let report = health.report(Kind::Readiness).await;
    /// let orders = report.check("orders").unwrap();
    /// assert_eq!((orders.status(), orders.error()), (Status::Unknown, Some("skipped: database is down")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn after<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.after = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the groups of the check, and replaces those that were set before.
    pub fn tags<I: IntoIterator<Item = S>, S: Into<String>>(mut self, tags: I) -> Self {
        self.policy.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a sentence that `?verbose` and the page show. A built-in check has one by default.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.policy.description = Some(description.into());
        self
    }
}
