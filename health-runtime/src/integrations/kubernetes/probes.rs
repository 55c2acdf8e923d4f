//! The builder of the probes: the settings that a `Health` does not know.

use std::collections::BTreeMap;
use std::time::Duration;

use super::port::Port;
use super::summary::HealthSummary;
use crate::core::health::Health;
use crate::core::model::status::Kind;

/// Writes the three probes of one [`Health`] as YAML; see the [module](crate::kubernetes).
///
/// ```
/// use std::time::Duration;
/// use health_runtime::kubernetes::Probes;
/// use health_runtime::{Health, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let health = Health::builder().deadline(Duration::from_secs(2)).start()?;
/// let container = Probes::new(&health, "http")
///     .at("/internal")
///     .path(Kind::Liveness, "/health/live")
///     .shutdown_timeout(30)
///     .startup_budget(Duration::from_secs(300))
///     .yaml()?
///     .container(0);
/// assert!(container.contains("path: \"/internal/health/live\""));
/// assert!(container.contains("timeoutSeconds: 3 "));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `yaml` to write the probes"]
pub struct Probes {
    pub(super) summary: HealthSummary,
    pub(super) port: Port,
    pub(super) https: bool,
    pub(super) prefix: String,
    pub(super) paths: BTreeMap<Kind, String>,
    pub(super) shutdown_timeout: Option<u64>,
    pub(super) startup_budget: Option<Duration>,
    pub(super) periods: BTreeMap<Kind, Duration>,
}

impl Probes {
    /// Creates the probes for the checks, the deadline and the drain delay of `health`. `port` is the container port that
    /// the kubelet queries: its number, or its name in the container's `ports:`.
    pub fn new(health: &Health, port: impl Into<Port>) -> Self {
        Self::from_summary(HealthSummary::from_health(health), port.into())
    }

    pub(super) fn from_summary(summary: HealthSummary, port: Port) -> Self {
        Self {
            summary,
            port,
            https: false,
            prefix: String::new(),
            paths: BTreeMap::new(),
            shutdown_timeout: None,
            startup_budget: None,
            periods: BTreeMap::new(),
        }
    }

    /// Probes over HTTPS. The kubelet does not verify the certificate. Default: HTTP.
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Sets the prefix of the paths: the paths of all enclosing `web::scope`s, followed by the argument of
    /// [`HealthService::prefix`](crate::HealthService::prefix). Default: none.
    pub fn at(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Sets the path of a kind: the argument of [`HealthService::path`](crate::HealthService::path).
    pub fn path(mut self, kind: Kind, path: &str) -> Self {
        self.paths.insert(kind, path.to_owned());
        self
    }

    /// Sets the shutdown timeout of the server in seconds: the argument of `HttpServer::shutdown_timeout`. Default: 20. Set
    /// the same value in both places: the default of actix-web is 30.
    pub fn shutdown_timeout(mut self, seconds: u64) -> Self {
        self.shutdown_timeout = Some(seconds);
        self
    }

    /// Sets how long a start may take, from the start of the container until the startup checks pass, before the kubelet
    /// restarts the container. Default: 60 s, or longer if the slowest startup check requires it: it may need a failed run, and
    /// then as many successful runs as its `success_threshold`.
    pub fn startup_budget(mut self, budget: Duration) -> Self {
        self.startup_budget = Some(budget);
        self
    }

    /// Sets how often the kubelet probes a kind, in whole seconds above the deadline. Default: 10 s for liveness, 5 s for
    /// readiness, 2 s for startup, or longer if the deadline is longer.
    pub fn period(mut self, kind: Kind, period: Duration) -> Self {
        self.periods.insert(kind, period);
        self
    }
}
