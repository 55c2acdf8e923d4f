//! A check made at run time.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::core::model::outcome::IntoOutcome;
use crate::core::model::policy::Policy;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::descriptor::RunFuture;
use crate::core::registry::worker_watch::Workers;

/// What a [`Check`] runs: a closure that makes a future, or a built-in check.
///
/// The closure is called for each run, and its future is a task of its own. `async move || …` that uses what it
/// captured is no `Fn`; write `move || { let pool = pool.clone(); async move { … } }`.
#[diagnostic::on_unimplemented(
    message = "health check must run a closure `Fn() -> F` whose future is `Send` and gives what a check may return; write `move || {{ let state = state.clone(); async move {{ … }} }}`",
    label = "this cannot be run again and again",
    note = "a check may return `()`, `Outcome`, `Details<T>` or a `Result` of one of these"
)]
pub trait Run: Send + Sync + 'static {
    /// Starts one run.
    #[doc(hidden)]
    fn start(&self) -> RunFuture<'static>;

    /// Whether it asks anything outside the process, which a liveness check must not.
    #[doc(hidden)]
    fn touches_outside(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl<F, Fut> Run for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output: IntoOutcome> + Send + 'static,
{
    fn start(&self) -> RunFuture<'static> {
        let future = self();
        Box::pin(async move { future.await.into_outcome() })
    }
}

/// A check made at run time: one for each shard or tenant, or from configuration.
///
/// The options have the meaning, the defaults and the limits of the attribute's; [`start`](crate::HealthBuilder::start)
/// refuses what contradicts itself and names the line that made the check.
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
pub struct Check {
    pub(crate) name: String,
    pub(crate) kinds: Kinds,
    pub(crate) policy: Policy,
    pub(crate) cache_given: bool,
    pub(crate) source: Source,
    pub(crate) place: &'static Location<'static>,
}

/// Where its status comes from.
pub(crate) enum Source {
    /// It is run.
    Run(Arc<dyn Run>),
    /// The application pushes it.
    Reported,
    /// It is made of the workers when it is read.
    Watched(Arc<Workers>),
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Check {
    /// One that says whether the process is alive. It must not touch anything outside the process.
    #[track_caller]
    pub fn liveness(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Liveness, Source::Run(Arc::new(run)))
    }

    /// One that says whether the process can serve traffic.
    #[track_caller]
    pub fn readiness(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Readiness, Source::Run(Arc::new(run)))
    }

    /// One that says whether the process has finished initialising.
    #[track_caller]
    pub fn startup(name: impl Into<String>, run: impl Run) -> Self {
        Self::new(name.into(), Kind::Startup, Source::Run(Arc::new(run)))
    }

    /// One that has no run: it is unknown until a [`Reporter`](crate::Reporter) speaks, and never stale unless it has an
    /// [`interval`](Self::interval), within which it expects to hear something.
    #[track_caller]
    pub fn reported(name: impl Into<String>, kind: Kind) -> Self {
        Self::new(name.into(), kind, Source::Reported)
    }

    /// The one that says whether the workers of the server turn.
    #[track_caller]
    pub(crate) fn workers(limit: Duration) -> Self {
        let workers = Source::Watched(Arc::new(Workers::new(limit)));
        let check = Self::new("workers".to_owned(), Kind::Liveness, workers);
        check.description(format!("Every worker of the server has turned within {limit:?}."))
    }

    #[track_caller]
    fn new(name: String, kind: Kind, source: Source) -> Self {
        Self {
            name,
            kinds: Kinds::default().with(kind),
            policy: Policy::default(),
            cache_given: false,
            source,
            place: Location::caller(),
        }
    }

    /// Makes it a check of this kind too.
    #[must_use]
    pub fn and(mut self, kind: Kind) -> Self {
        self.kinds = self.kinds.with(kind);
        self
    }

    /// Cuts one run off here: 1 ms to 1 h, 750 ms by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.timeout = timeout;
        self
    }

    /// Whether a failure makes the whole unhealthy (the default) or only degraded. Not for liveness.
    #[must_use]
    pub fn critical(mut self, critical: bool) -> Self {
        self.policy.critical = critical;
        self
    }

    /// Lets one result answer every probe for this long: at most 24 h, 1 s by default; zero runs on every probe.
    /// Not beside [`interval`](Self::interval).
    #[must_use]
    pub fn cache(mut self, cache: Duration) -> Self {
        self.policy.cache = cache;
        self.cache_given = true;
        self
    }

    /// Runs it in the background this often, 1 ms to 24 h, and lets probes only read. Not beside [`cache`](Self::cache).
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.policy.interval = Some(interval);
        self
    }

    /// Consecutive failed runs before up turns to down: at least 1, the default.
    #[must_use]
    pub fn failure_threshold(mut self, runs: u32) -> Self {
        self.policy.failure_threshold = runs;
        self
    }

    /// Consecutive good runs before down turns to up: at least 1, the default.
    #[must_use]
    pub fn success_threshold(mut self, runs: u32) -> Self {
        self.policy.success_threshold = runs;
        self
    }

    /// The groups that it belongs to, in place of any given before.
    #[must_use]
    pub fn tags<I: IntoIterator<Item = S>, S: Into<String>>(mut self, tags: I) -> Self {
        self.policy.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// A sentence for readers.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.policy.description = Some(description.into());
        self
    }
}
