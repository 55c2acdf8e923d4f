//! A check that a name resolves.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::build_error::{BuildError, build_if_valid};
use crate::checks::shared::builtin_check::builtin_check;
use crate::checks::shared::host::{looks_like_url, parse_host};
use crate::checks::shared::resolve::{outcome_from_error, resolve};
use crate::checks::shared::single_flight::SingleFlight;
use crate::core::model::outcome::Outcome;

/// Checks that the system's resolver returns addresses for a name: at least one, or the number set by
/// [`at_least`](DnsBuilder::at_least).
///
/// With fewer addresses it is down: `1 address, at least 2 expected`. With none, or when the resolver fails, it is down with
/// `name does not resolve`, and the resolver's error is logged. Detail: `addresses`, the number of different addresses, IPv4
/// and IPv6 together. The addresses are not shown, because they may be confidential.
///
/// # Cost for the server
///
/// One lookup per run, as any client does through `getaddrinfo`: nothing for a name in the hosts file or in a cache of this
/// machine, else one query each for IPv4 and IPv6. The lookup blocks a dedicated thread and no worker. While one lookup hangs,
/// no second lookup starts, for at least 10 s.
///
/// ```
/// use health_runtime::checks::Dns;
/// use health_runtime::{Check, Health, HealthState, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let workers = Dns::builder("localhost").at_least(1).build()?; // such as "workers.internal"
/// let health = Health::builder().check(Check::readiness("workers", workers)).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Dns {
    inner: Arc<Inner>,
}

struct Inner {
    settings: DnsBuilder,
    flight: SingleFlight<Vec<SocketAddr>, io::Error>,
}

/// Configures and builds a [`Dns`]. Created by [`Dns::builder`].
#[must_use = "no check is created until `build`"]
pub struct DnsBuilder {
    name: String,
    at_least: usize,
}

impl Dns {
    /// Creates a builder for the name to resolve. The system decides what its resolver appends to a name without a final dot.
    pub fn builder(name: impl Into<String>) -> DnsBuilder {
        DnsBuilder { name: name.into(), at_least: 1 }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { settings: DnsBuilder { name, at_least }, flight } = &*self.inner;
        let resolved = flight.join_or_start(|| {
            let name = name.clone();
            async move { resolve(&name, 0).await }
        });
        let addresses = match resolved.await {
            Ok(addresses) => addresses,
            Err(error) => return outcome_from_error(&error),
        };
        let count = addresses.iter().map(SocketAddr::ip).collect::<BTreeSet<_>>().len();
        let outcome = if count < *at_least {
            let plural = if count == 1 { "" } else { "es" };
            Outcome::down(format!("{count} address{plural}, at least {at_least} expected"))
        } else {
            Outcome::up()
        };
        outcome.with("addresses", count)
    }
}

impl DnsBuilder {
    /// Sets the minimum number of different addresses, 1 by default.
    pub fn at_least(mut self, count: usize) -> Self {
        self.at_least = count;
        self
    }

    /// Creates the check. It resolves the name at its first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is invalid or is already an address, or if `at_least` is 0.
    pub fn build(self) -> Result<Dns, BuildError> {
        let mut problems = Vec::from_iter(self.name_problem());
        if self.at_least == 0 {
            problems.push("`at_least` must be at least 1".to_owned());
        }
        build_if_valid("Dns", problems, || Dns { inner: Arc::new(Inner { settings: self, flight: SingleFlight::default() }) })
    }

    fn name_problem(&self) -> Option<String> {
        let shown = self.name.escape_debug();
        let is_address = self.name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        if self.name.is_empty() {
            Some("`name` is empty; use a host name such as `workers.internal`".to_owned())
        } else if looks_like_url(&self.name) {
            Some("`name` must be a host name; remove the scheme, the user and the path".to_owned())
        } else if is_address {
            Some(format!("`name` `{shown}` is already an address; use a name that must be resolved"))
        } else if self.name.contains(':') {
            Some(format!("`name` `{shown}` has a port; remove it"))
        } else if parse_host(&self.name).is_none() {
            Some(format!("`name` `{shown}` is not a host name; use letters, digits, `-` and `_`, separated by dots"))
        } else {
            None
        }
    }
}

builtin_check!(Dns, external: true);

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DnsBuilder { name, at_least } = &self.inner.settings;
        f.debug_struct("Dns").field("name", name).field("at_least", at_least).finish_non_exhaustive()
    }
}

// The name is not validated yet, and may be a URL with a password.
impl fmt::Debug for DnsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsBuilder").field("at_least", &self.at_least).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
