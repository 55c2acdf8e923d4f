//! From what the application says to a running `Health`, or every problem at once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::core::engine::Engine;
use crate::core::health::Health;
use crate::core::lifecycle::Lifecycle;
use crate::core::model::policy::{DEFAULT_DEADLINE, Policy};
use crate::core::model::report::Phase;
use crate::core::model::status::Kind;
use crate::core::probe::Core;
use crate::core::registry::check::{Check, Source};
use crate::core::registry::policy_override::PolicyOverride;
use crate::core::registry::start_error::StartError;
use crate::core::registry::startup_log::announce;
use crate::core::registry::state::{Context, Values};
use crate::core::registry::{self, Edit, Wanted};

const DEFAULT_DRAIN_DELAY: Duration = Duration::from_secs(5);
/// In bytes. It stands in every answer, and leaves room there for what is checked.
const LONGEST_VERSION: usize = 256;
/// Of a whole answer, and of the drain.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Says what a [`Health`] is made of. Begun with [`Health::builder`], ended with [`start`](Self::start).
#[must_use = "nothing runs until `start`"]
pub struct HealthBuilder {
    version: Option<Arc<str>>,
    context: Context,
    wanted: Wanted,
    deadline: Duration,
    drain_delay: Duration,
    runtime: Option<Handle>,
    problems: Vec<String>,
}

impl fmt::Debug for HealthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthBuilder")
            .field("version", &self.version)
            .field("checks", &self.wanted.own)
            .field("deadline", &self.deadline)
            .field("drain_delay", &self.drain_delay)
            .finish_non_exhaustive()
    }
}

impl HealthBuilder {
    pub(crate) fn new() -> Self {
        Self {
            version: None,
            context: Context::default(),
            wanted: Wanted { linked: true, ..Wanted::default() },
            deadline: DEFAULT_DEADLINE,
            drain_delay: DEFAULT_DRAIN_DELAY,
            runtime: None,
            problems: Vec::new(),
        }
    }

    /// The version of the application, shown in every answer: at most 256 bytes. None by default.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into().into());
        self
    }

    /// State that checks borrow, found by its type: it answers `&T`, `Option<&T>` and `web::Data<T>`. A `web::Data<T>`
    /// registers `T`. Two values of one type are a problem that `start` reports.
    #[track_caller]
    pub fn state<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.shared_state(Arc::new(value))
    }

    /// The same for a value that is shared already, and for unsized types such as `Arc<dyn Repo>`.
    #[track_caller]
    pub fn shared_state<T: ?Sized + Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        if let Err(type_name) = self.context.insert(value) {
            let place = std::panic::Location::caller();
            let (file, line) = (place.file(), place.line());
            self.problems.push(format!("`{type_name}` ({file}:{line}) is given as state twice; wrap one in a type of its own"));
        }
        self
    }

    /// Adds a check made at run time.
    pub fn check(mut self, check: Check) -> Self {
        self.wanted.own.push(check);
        self
    }

    /// Whether the annotated functions of the program take part. `false` leaves only what [`check`](Self::check) adds,
    /// which is for tests. Default: `true`.
    pub fn linked_checks(mut self, enabled: bool) -> Self {
        self.wanted.linked = enabled;
        self
    }

    /// Leaves a linked check out; it then needs no state.
    pub fn without(mut self, name: &str) -> Self {
        self.wanted.without.push(name.to_owned());
        self
    }

    /// Changes what the attribute, or the code that made the check, says of its runs.
    pub fn policy(mut self, name: &str, edit: impl FnOnce(&mut Policy) + Send + 'static) -> Self {
        self.wanted.edits.push((name.to_owned(), Edit::Policy(Box::new(edit))));
        self
    }

    /// The same from the application's own configuration, by the names of the checks. Of changes to one check the later
    /// call wins.
    pub fn overrides(mut self, by_name: BTreeMap<String, PolicyOverride>) -> Self {
        self.wanted.edits.extend(by_name.into_iter().map(|(name, change)| (name, Edit::Override(change))));
        self
    }

    /// Makes `start` fail when a check of one of these names is not in the program.
    pub fn require<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.wanted.expected.extend(names.into_iter().map(Into::into));
        self
    }

    /// How long a whole answer may take: at most 24 h. Default: 900 ms, under the second that a kubelet waits.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long traffic is still served after SIGTERM, so that load balancers see that the instance is not ready any
    /// more: at most 24 h. Default: 5 s.
    pub fn drain_delay(mut self, delay: Duration) -> Self {
        self.drain_delay = delay;
        self
    }

    /// Watches whether the workers of the server turn: adds a liveness check called `workers`.
    ///
    /// Each worker that mounts [`Health::service`] notes that its loop turns, four times within `limit` and at least each
    /// second. A handler that blocks its worker keeps it from turning; one that awaits does not, and neither does load, as
    /// long as the worker comes round. The check is up with the greatest time since a turn as its detail `lag_ms`,
    /// degraded when some workers took longer than `limit`, and down when all did. Without a worker, before the server has
    /// started and after it has stopped, it is unknown, which is healthy for liveness.
    ///
    /// While every worker is blocked, only a [port of its own](Health::listen) can say so.
    ///
    /// `limit` is from 10 ms to 24 h, and some seconds as a rule: one that is shorter than a pause of the machine restarts
    /// what is well. Given twice, the later one counts. The check has no run, so of its [`Policy`] only `tags` and
    /// `description` mean anything; an [override](PolicyOverride) with `enabled = false` ends the watch.
    ///
    #[cfg_attr(feature = "actix", doc = "```")]
    #[cfg_attr(not(feature = "actix"), doc = "```ignore")]
    /// use std::time::Duration;
    /// use actix_web::{App, test};
    /// use health_runtime::{Health, Kind, Status};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().watch_workers(Duration::from_secs(5)).start()?;
    /// let workers = async || health.report(Kind::Liveness).await.check("workers").map(|check| check.status());
    /// assert_eq!(workers().await, Some(Status::Unknown));
    /// let app = test::init_service(App::new().service(health.service())).await;
    /// assert_eq!(workers().await, Some(Status::Up));
    /// # drop(app);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn watch_workers(mut self, limit: Duration) -> Self {
        self.wanted.own.retain(|check| !matches!(check.source, Source::Watched(_)));
        self.check(Check::workers(limit))
    }

    /// Where checks run. Default: the runtime that calls `start`.
    ///
    /// Under `#[actix_web::main]` that is a runtime of one thread: an `async fn` that blocks it, instead of awaiting,
    /// delays every other check and every timer there. Such a check is named in a warning. Make it a plain `fn`, which
    /// gets a thread of its own, or run all checks on a runtime of several threads:
    ///
    /// ```
    /// use health_runtime::{Check, Health, HealthState, Kind};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let checks = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    /// let health = Health::builder()
    ///     .check(Check::readiness("queue", || async {}))
    ///     .runtime(checks.handle().clone())
    ///     .start()?;
    /// assert_eq!(checks.block_on(health.report(Kind::Readiness)).state(), HealthState::Healthy);
    /// # Ok(())
    /// # }
    /// ```
    pub fn runtime(mut self, handle: Handle) -> Self {
        self.runtime = Some(handle);
        self
    }

    /// Finds the checks and their state, and begins.
    ///
    /// # Errors
    ///
    /// All that is wrong, in one error: state that nobody gave or that was given twice, two checks of one name (in ASCII
    /// letters of either case), an expected check that is not linked, an unknown name, a policy that contradicts itself,
    /// a check of the outside used as liveness, no runtime.
    pub fn start(self) -> Result<Health, StartError> {
        let Self { version, context, wanted, deadline, drain_delay, runtime, mut problems } = self;
        let (checks, found) = registry::resolve(wanted, &Arc::new(Values(context)));
        problems.extend(found);
        if deadline.is_zero() {
            problems.push("`deadline` is zero, so no check could ever answer; give one above the longest `timeout`".to_owned());
        }
        if deadline > LONGEST {
            problems.push(format!("`deadline` is {deadline:?}, which no probe waits for; give at most 24h"));
        }
        if drain_delay > LONGEST {
            problems.push(format!("`drain_delay` is {drain_delay:?}, so the process would hardly ever stop; give at most 24h"));
        }
        if let Some(length) = version.as_ref().map(|version| version.len()).filter(|length| *length > LONGEST_VERSION) {
            problems.push(format!("`version` has {length} bytes, which is more than a version; give at most {LONGEST_VERSION}"));
        }
        let runtime = runtime.or_else(|| Handle::try_current().ok());
        if runtime.is_none() {
            let remedy = "call it inside one, such as `#[actix_web::main]`, or give `.runtime(handle)`";
            problems.push(format!("`start` was called outside a tokio runtime, so no check can run; {remedy}"));
        }
        let Some(runtime) = runtime.filter(|_| problems.is_empty()) else {
            return Err(StartError::new(problems));
        };

        announce(&checks, deadline);
        let started = !checks.iter().any(|check| check.kinds.has(Kind::Startup));
        let engine = Engine::start(checks, runtime, deadline, Phase { started, draining: false });
        let lifecycle = Arc::new(Lifecycle::new(started, drain_delay, Arc::downgrade(engine.ledger())));
        Ok(Health::new(Core { engine, lifecycle, version, since: Instant::now() }))
    }
}
