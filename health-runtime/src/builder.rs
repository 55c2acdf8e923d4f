//! From what the application says to a running `Health`, or every problem at once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::check::Check;
use crate::context::{Context, Values};
use crate::engine::Engine;
use crate::health::Health;
use crate::lifecycle::Lifecycle;
use crate::overrides::PolicyOverride;
use crate::policy::{DEFAULT_DEADLINE, Policy};
use crate::probe::Core;
use crate::registry::{self, Edit, Registered, Wanted};
use crate::report::Phase;
use crate::start_error::StartError;
use crate::status::Kind;

const DEFAULT_DRAIN_DELAY: Duration = Duration::from_secs(5);
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

    /// The version of the application, shown in every answer. None by default.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into().into());
        self
    }

    /// State that checks borrow, found by its type: it answers `&T`, `Option<&T>` and `web::Data<T>`. A `web::Data<T>`
    /// registers `T`. Two values of one type are a problem that `start` reports.
    #[track_caller]
    pub fn state<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.shared(Arc::new(value))
    }

    /// The same for a value that is shared already, and for unsized types such as `Arc<dyn Repo>`.
    #[track_caller]
    pub fn shared<T: ?Sized + Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
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
    pub fn linked(mut self, yes: bool) -> Self {
        self.wanted.linked = yes;
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
    pub fn expect<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.wanted.expected.extend(names.into_iter().map(Into::into));
        self
    }

    /// How long a whole answer may take: at most 24 h. Default: 900 ms, under the second that a kubelet waits.
    pub fn deadline(mut self, d: Duration) -> Self {
        self.deadline = d;
        self
    }

    /// How long traffic is still served after SIGTERM, so that load balancers see that the instance is not ready any
    /// more: at most 24 h. Default: 5 s.
    pub fn drain_delay(mut self, d: Duration) -> Self {
        self.drain_delay = d;
        self
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

/// What was found and where, and what looks wrong without being an error.
fn announce(checks: &[Registered], deadline: Duration) {
    tracing::info!(count = checks.len(), "health checks found: {}", Found(checks));
    if checks.is_empty() {
        tracing::warn!(
            "health found no check in this program; name the crates that have them, as in `health_runtime::link!(cache)`"
        );
    } else if !checks.iter().any(|check| check.kinds.has(Kind::Readiness)) {
        tracing::warn!(
            "health found no readiness check, so `/readyz` is 200 whatever happens; make one with `#[health_check(readiness)]`"
        );
    }
    for check in checks.iter().filter(|check| check.policy.interval.is_none() && check.policy.timeout > deadline) {
        let timeout = check.policy.timeout;
        tracing::warn!(
            "{check} has a `timeout` of {timeout:?}, longer than the deadline of {deadline:?}, so a probe does not wait for it; give it an `interval`"
        );
    }
    if cfg!(panic = "abort") {
        tracing::warn!("health is built with `panic = \"abort\"`, so a check that panics ends the process");
    }
}

/// The list is written only where somebody reads it.
struct Found<'c>(&'c [Registered]);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, check) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            write!(f, "{separator}{} ({})", check.name, check.place)?;
        }
        Ok(())
    }
}
