//! The probes of a Kubernetes pod, written from what the program declares.
//!
//! Figures that are copied into a manifest by hand stop being true when somebody raises a deadline. [`Probes`] writes
//! them from a started [`Health`](crate::Health): as YAML, with comments that say what was assumed and why.
//!
//! ```
//! use health_runtime::kubernetes::Probes;
//! use health_runtime::{Check, Health};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
//! let yaml = Probes::new(&health, 8080).shutdown_timeout(20).yaml()?;
//! let deployment = format!(
//!     "apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: orders
//! spec:
//!   selector:
//!     matchLabels: {{app: orders}}
//!   template:
//!     metadata:
//!       labels: {{app: orders}}
//!     spec:
//! {}      containers:
//!         - name: orders
//!           image: registry.example/orders:1.4.2
//! {}",
//!     yaml.pod(6),
//!     yaml.container(10),
//! );
//! assert!(deployment.contains("      terminationGracePeriodSeconds: 30"));
//! assert!(deployment.contains("          readinessProbe:"));
//! # Ok(())
//! # }
//! ```
//!
//! A service can print this itself, for example when it is called with `--kubernetes`, after `start` and before it
//! listens. `start` runs no check that has no `interval`. `examples/kubernetes` prints a whole Deployment and a Service.
//!
//! # What the kubelet does with each figure
//!
//! The kubelet is the agent of Kubernetes on each node. It asks the three paths over HTTP, each on a clock of its own;
//! 200 to 399 is a success.
//!
//! | figure | what the kubelet does | what is written |
//! |---|---|---|
//! | `timeoutSeconds` | gives up on an answer that has not come by then: a failure | the first whole second above the [deadline](crate::HealthBuilder::deadline), so that an answer always comes in time and says what is wrong |
//! | `periodSeconds` | asks this often, an unready pod more often | 10 for liveness, 5 for readiness, 2 for startup; never below `timeoutSeconds` |
//! | `failureThreshold` | acts after so many failures in a row | 3 for liveness, because a restart is dear; 2 for readiness, so that one slow answer takes no pod out of rotation; for startup as many as fill the [startup budget](Probes::startup_budget), at least 3 |
//! | `successThreshold` | turns back after so many successes in a row | 1, the only figure that Kubernetes takes for liveness and startup |
//! | `terminationGracePeriodSeconds` | kills what still runs so long after SIGTERM | the [drain delay](crate::HealthBuilder::drain_delay), the [shutdown timeout](Probes::shutdown_timeout), and 5 s |
//!
//! - *liveness* fails: the container is restarted. *Readiness* fails: the pod gets no traffic from Services. *Startup*
//!   fails to the end of its threshold: the container is restarted; until it has passed the other two are not asked.
//! - All three probes are always written. With no liveness check `/livez` still shows that the server answers. With no
//!   startup check `/startupz` is 200 as soon as the server listens: the probe then gives the program the startup budget
//!   for all that it does before it listens, such as connecting to a database, in place of three failures of liveness.
//! - No `preStop` hook and no `initialDelaySeconds` are written: the drain delay and the startup probe do their work.
//! - A pod that is deleted leaves its Services at once, whatever readiness says. The drain delay is for the time until
//!   every node has heard of it.
//!
//! Of the application's own words only the names of checks, the paths and the name of the port are written, all of them
//! made of a few harmless characters; never a description, never the text of an error.

mod error;
mod port;
mod probes;
mod summary;
mod timings;
mod yaml;

#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;

pub use error::ProbesError;
pub use port::Port;
pub use probes::Probes;
pub use yaml::Yaml;
