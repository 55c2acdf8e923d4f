//! Builds a `Health`: validates the configuration, and connects the checks with the engine and the recorders.

mod checks;
mod state;
mod watches;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::core::engine::Engine;
use crate::core::engine::peers::PeerPolicy;
use crate::core::events::notifier;
use crate::core::events::recorder::Recorders;
use crate::core::health::Health;
use crate::core::health_inner::HealthInner;
use crate::core::lifecycle::Lifecycle;
use crate::core::model::aggregate::Phase;
use crate::core::model::policy::{DEFAULT_DEADLINE, MAX_DURATION};
use crate::core::model::status::Kind;
use crate::core::registry::start_error::StartError;
use crate::core::registry::startup_log::log_registered_checks;
use crate::core::registry::state::{StateMap, StateValues};
use crate::core::registry::{self, RegisteredCheck, RegistryConfig};
use crate::integrations::peers::Peers;

const DEFAULT_DRAIN_DELAY: Duration = Duration::from_secs(5);
/// The maximum length of a name or a version in bytes. Responses contain them and must keep room for the checks.
const MAX_LABEL_BYTES: usize = 256;

/// Configures and builds a [`Health`]. Created by [`Health::builder`].
#[must_use = "no check runs until `start` is called"]
pub struct HealthBuilder {
    name: Option<Arc<str>>,
    version: Option<Arc<str>>,
    state: StateMap,
    registry: RegistryConfig,
    deadline: Duration,
    drain_delay: Duration,
    runtime: Option<Handle>,
    /// What was made of the last [`Peers`], or its problems. Converted early, so that a program without peers links none of the code
    /// that finds and asks them.
    peers: Option<Result<Arc<PeerPolicy>, Vec<String>>>,
    problems: Vec<String>,
}

impl fmt::Debug for HealthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthBuilder")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("checks", &self.registry.custom_checks)
            .field("deadline", &self.deadline)
            .field("drain_delay", &self.drain_delay)
            .finish_non_exhaustive()
    }
}

impl Health {
    /// Returns a builder with every linked check, a deadline of 900 ms and a drain delay of 5 s.
    pub fn builder() -> HealthBuilder {
        HealthBuilder {
            name: None,
            version: None,
            state: StateMap::default(),
            registry: RegistryConfig { linked_checks: true, ..RegistryConfig::default() },
            deadline: DEFAULT_DEADLINE,
            drain_delay: DEFAULT_DRAIN_DELAY,
            runtime: None,
            peers: None,
            problems: Vec::new(),
        }
    }
}

impl HealthBuilder {
    /// Sets the name of the service: the first part of the page's title, and `serviceId` of health+json. At most 256 bytes. By
    /// default there is none.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into().into());
        self
    }

    /// Sets the version of the application, which every response shows: at most 256 bytes. By default there is none.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into().into());
        self
    }

    /// Sets the maximum time of one response: above zero, at most 24 h. Default: 900 ms, below the default timeout of a Kubernetes
    /// probe, 1 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how long traffic is still served after SIGTERM, so that load balancers notice that the instance is not ready: at most
    /// 24 h. Default: 5 s.
    pub fn drain_delay(mut self, delay: Duration) -> Self {
        self.drain_delay = delay;
        self
    }

    /// Sets the runtime of the checks. Default: the runtime that calls `start`.
    ///
    /// Under `#[actix_web::main]` that runtime has one thread: an `async fn` that blocks it delays every other check and every
    /// timer there. A warning names such a check. Make it a plain `fn`, which runs on a dedicated thread, or run all checks on a
    /// runtime with several threads:
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

    /// Sets the other instances of the service, which checks with `shared = true` ask when they fail. Without it, `shared` adds only
    /// a tag. A second call replaces the first.
    ///
    /// If the check fails at all of the asked instances too, its dependency is away for all. This instance then stays in rotation
    /// and is degraded, with a reason such as `down here and at 3 of 3 peers`, because it still serves the requests that do not need
    /// the dependency. If the check fails only here, the instance leaves rotation. [`guide::fleet`](crate::guide::fleet) explains the
    /// rules.
    ///
    /// `start` rejects a name without a port, and settings that are out of range.
    ///
    /// ```
    /// use health_runtime::{Check, Health, Peers};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder()
    ///     .check(Check::readiness("database", || async { Ok::<(), String>(()) }).shared(true))
    ///     .peers(Peers::dns("orders-headless:8080"))
    ///     .start()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn peers(mut self, peers: Peers) -> Self {
        self.peers = Some(peers.into_policy().map(Arc::new));
        self
    }

    /// Registers the checks, resolves their state, and starts the background runs.
    ///
    /// # Errors
    ///
    /// Returns every problem in one error: missing state, two values of one type, two checks with one name (ignoring ASCII case),
    /// a required check that is not linked, an unknown name, a contradictory policy, a check of an external dependency used as
    /// liveness, and no runtime.
    pub fn start(self) -> Result<Health, StartError> {
        let Self { name, version, state, registry, deadline, drain_delay, runtime, peers, mut problems } = self;
        let (checks, found) = registry::resolve(registry, &Arc::new(StateValues(state)));
        problems.extend(found);
        if deadline.is_zero() {
            problems.push("`deadline` is zero; choose one above the longest `timeout`".to_owned());
        }
        for (option, value) in [("deadline", deadline), ("drain_delay", drain_delay)] {
            if value > MAX_DURATION {
                problems.push(format!("`{option}` is {value:?}; the maximum is 24h"));
            }
        }
        for (option, value) in [("name", &name), ("version", &version)] {
            if let Some(length) = value.as_ref().map(|value| value.len()).filter(|length| *length > MAX_LABEL_BYTES) {
                problems.push(format!("`{option}` is {length} bytes long; the maximum is {MAX_LABEL_BYTES}"));
            }
        }
        let peers = peers.and_then(|policy| policy.map_err(|found| problems.extend(found)).ok());
        let runtime = runtime.or_else(|| Handle::try_current().ok());
        if runtime.is_none() {
            let remedy = "call it inside one, such as `#[actix_web::main]`, or add `.runtime(handle)`";
            problems.push(format!("`start` was called outside a tokio runtime; {remedy}"));
        }
        let Some(runtime) = runtime.filter(|_| problems.is_empty()) else {
            return Err(StartError::new(problems));
        };

        let checks: Vec<Arc<RegisteredCheck>> = checks.into_iter().map(Arc::new).collect();
        let logged = checks.clone();
        let has_peers = peers.is_some();
        notifier::log(move || log_registered_checks(&logged, deadline, has_peers));
        let started = !checks.iter().any(|check| check.kinds.has(Kind::Startup));
        let recorders = recorders(&checks);
        let engine = Engine::start(checks, runtime, deadline, Phase { started, ..Phase::default() }, recorders, peers);
        let lifecycle = Arc::new(Lifecycle::new(started, drain_delay, Some(Arc::clone(engine.publisher()))));
        Ok(Health::new(HealthInner { engine, lifecycle, name, version, started_at: Instant::now() }))
    }
}

/// Returns the recorders of the enabled features.
#[cfg_attr(not(any(feature = "metrics", feature = "prometheus")), expect(unused_variables, reason = "no feature records"))]
fn recorders(checks: &[Arc<RegisteredCheck>]) -> Recorders {
    #[cfg(any(feature = "metrics", feature = "prometheus"))]
    return crate::metrics::recorders(checks);
    #[cfg(not(any(feature = "metrics", feature = "prometheus")))]
    Recorders::default()
}
