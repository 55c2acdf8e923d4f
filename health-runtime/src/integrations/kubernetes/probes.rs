//! What the author says of the pod; the rest is known.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::ProbesError;
use super::port::{self, Port};
use super::summary::Declared;
use super::timings::{Figures, Given};
use super::yaml::{Probe, Shutdown, Yaml};
use crate::core::health::Health;
use crate::core::model::status::Kind;

/// As in the examples of this crate.
const DEFAULT_SHUTDOWN_TIMEOUT: u64 = 20;

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
/// let yaml = Probes::new(&health, "http")
///     .at("/internal")
///     .path(Kind::Liveness, "/health/live")
///     .shutdown_timeout(30)
///     .startup_budget(Duration::from_secs(300))
///     .yaml()?;
/// let container = yaml.container(0);
/// assert!(container.contains("path: \"/internal/health/live\""));
/// assert!(container.contains("timeoutSeconds: 3 "));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is written until `yaml`"]
pub struct Probes {
    declared: Declared,
    port: Port,
    https: bool,
    prefix: String,
    paths: BTreeMap<Kind, String>,
    shutdown_timeout: Option<u64>,
    startup_budget: Option<Duration>,
    periods: BTreeMap<Kind, Duration>,
}

impl Probes {
    /// For the checks, the deadline and the drain delay of `health`, asked at a port of the container: its number, or
    /// the name that the container's `ports:` gives it.
    pub fn new(health: &Health, port: impl Into<Port>) -> Self {
        Self::of(Declared::by(health), port.into())
    }

    pub(super) fn of(declared: Declared, port: Port) -> Self {
        Self {
            declared,
            port,
            https: false,
            prefix: String::new(),
            paths: BTreeMap::new(),
            shutdown_timeout: None,
            startup_budget: None,
            periods: BTreeMap::new(),
        }
    }

    /// Asks over HTTPS. The kubelet looks at no certificate. Default: HTTP.
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// As given to [`HealthService::at`](crate::HealthService::at), with the path of every `web::scope` around it in
    /// front. Default: none.
    pub fn at(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// As given to [`HealthService::path`](crate::HealthService::path).
    pub fn path(mut self, kind: Kind, path: &str) -> Self {
        self.paths.insert(kind, path.to_owned());
        self
    }

    /// As given to `HttpServer::shutdown_timeout`, in seconds. Default: 20. Give it, or call that method with 20:
    /// actix-web's own default is 30.
    pub fn shutdown_timeout(mut self, seconds: u64) -> Self {
        self.shutdown_timeout = Some(seconds);
        self
    }

    /// How long a slow start may take, from the beginning of the container until the startup checks pass, before the
    /// container is restarted. Default: 60 s, or longer where a startup check runs so seldom that it needs more.
    pub fn startup_budget(mut self, budget: Duration) -> Self {
        self.startup_budget = Some(budget);
        self
    }

    /// How often the kubelet asks, in whole seconds above the deadline. Default: 10 s for liveness, 5 s for readiness,
    /// 2 s for startup, or longer where the deadline is.
    pub fn period(mut self, kind: Kind, d: Duration) -> Self {
        self.periods.insert(kind, d);
        self
    }

    /// Writes it. The same program and the same settings give the same text.
    ///
    /// # Errors
    ///
    /// All that is wrong with the settings, in one error: a port that is 0 or whose name Kubernetes does not take; a
    /// prefix or a path with white space, a line break or another character that a path cannot have; one path for two
    /// kinds; a budget of zero; a period in fractions of a second or not above the deadline; anything longer than a day.
    pub fn yaml(&self) -> Result<Yaml, ProbesError> {
        let mut problems: Vec<String> = self.port.mistake().into_iter().collect();
        problems.extend(port::path_mistake("at", &self.prefix));
        problems.extend(self.paths.values().filter_map(|path| port::path_mistake("path", path)));
        problems.extend(self.shared_paths());
        let figures = match Figures::new(&self.given()) {
            Ok(figures) if problems.is_empty() => figures,
            Ok(_) => return Err(ProbesError::new(problems)),
            Err(mistakes) => {
                problems.extend(mistakes);
                return Err(ProbesError::new(problems));
            }
        };
        let probe = |kind| Probe { kind, path: self.path_of(kind), port: &self.port, https: self.https };
        Ok(Yaml::new(&self.declared, &figures, &Kind::ALL.map(probe), self.shutdown()))
    }

    fn given(&self) -> Given {
        Given {
            deadline: self.declared.deadline,
            drain_delay: self.declared.drain_delay,
            shutdown_timeout: self.shutdown().seconds,
            startup_budget: self.startup_budget,
            startup_settles_within: self.declared.startup_settles_within(),
            periods: self.periods.clone(),
        }
    }

    fn shutdown(&self) -> Shutdown {
        let seconds = self.shutdown_timeout;
        Shutdown { seconds: seconds.unwrap_or(DEFAULT_SHUTDOWN_TIMEOUT), assumed: seconds.is_none() }
    }

    fn path_of(&self, kind: Kind) -> String {
        port::path(kind, &self.prefix, self.paths.get(&kind))
    }

    fn shared_paths(&self) -> Option<String> {
        let [liveness, readiness, startup] = Kind::ALL.map(|kind| self.path_of(kind));
        let shared =
            [&liveness, &readiness].into_iter().find(|path| **path == startup).or((liveness == readiness).then_some(&liveness));
        shared.map(|path| format!("{path:?} is the path of two kinds; give each one of its own with `path`"))
    }
}
