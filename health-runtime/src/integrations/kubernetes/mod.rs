//! Writes the probes of a Kubernetes pod from the checks and settings of the program.
//!
//! Needs the feature `kubernetes`. Values that are copied into a manifest by hand become wrong when a deadline changes.
//! [`Probes`] computes them from a started [`Health`](crate::Health) and writes YAML, with comments that state assumptions
//! and reasons.
//!
//! A service can print the YAML itself, for example when it is called with `--kubernetes`, after `start` and before it
//! listens. `start` only runs checks that have an `interval`. `examples/kubernetes` prints a Deployment and a Service.
//!
//! # How the kubelet uses each value
//!
//! The kubelet is the Kubernetes agent on each node. It probes the three paths over HTTP, each at its own period; a status
//! code from 200 to 399 is a success.
//!
//! | value | meaning for the kubelet | written value |
//! |---|---|---|
//! | `timeoutSeconds` | a response that takes longer is a failure | the first whole second above the [deadline](crate::HealthBuilder::deadline), so that a response with the reason arrives in time |
//! | `periodSeconds` | the interval between two probes; an unready pod is probed more often | 10 for liveness, 5 for readiness, 2 for startup; at least `timeoutSeconds` |
//! | `failureThreshold` | the number of consecutive failures after which it acts: the last is that many periods minus one after the first | 3 for liveness, because restarts are expensive; 2 for readiness, so that one slow response does not take the pod out of rotation; for startup as many as the [startup budget](Probes::startup_budget) requires, at least 3 |
//! | `successThreshold` | the number of consecutive successes after a failure | 1, the only value that Kubernetes allows for liveness and startup |
//! | `terminationGracePeriodSeconds` | the time between SIGTERM and SIGKILL | the [drain delay](crate::HealthBuilder::drain_delay), the [shutdown timeout](Probes::shutdown_timeout), and 5 s |
//!
//! - If liveness fails, the container is restarted. If readiness fails, the pod gets no traffic from Services. If startup
//!   fails until its threshold is reached, the container is restarted. Liveness and readiness are probed only after startup
//!   has passed.
//! - All three probes are always written. Without liveness checks, `/livez` still shows that the server responds. Without
//!   startup checks, `/startupz` returns 200 as soon as the server listens: the startup probe then allows the startup
//!   budget for everything that the program does before it listens, such as connecting to a database, instead of three
//!   liveness failures.
//! - No `preStop` hook and no `initialDelaySeconds` are written: the drain delay and the startup probe replace them.
//! - A deleted pod is removed from its Services at once, whatever readiness returns. The drain delay covers the time until
//!   every node has applied that.
//!
//! The only texts of the application in the YAML are the names of checks, the paths and the name of the port, all with a
//! restricted set of characters. Descriptions and error texts are never written.

mod path;
mod port;
mod probes;
mod summary;
mod timings;
mod yaml;

#[cfg(test)]
mod tests;

pub use port::Port;
pub use probes::Probes;
pub use yaml::{ProbesError, Yaml};
