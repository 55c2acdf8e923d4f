//! A check that a name resolves.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::build_error::{BuildError, build_if_valid};
use super::shared::{SingleFlight, builtin_check, looks_like_url, outcome_from_error, parse_host, partial_debug, resolve};
use crate::core::model::outcome::Outcome;

/// Checks that the system's resolver returns addresses for a name: at least one, or the number set by
/// [`at_least`](DnsBuilder::at_least).
///
/// With fewer addresses it is down: `1 address, at least 2 expected`. With none, or when the resolver fails, it is down with
/// `name does not resolve`, and the resolver's error is logged. Detail: `addresses`, the number of different addresses, IPv4
/// and IPv6 together. The addresses are not shown, because they may be confidential.
///
/// Each run does one lookup with `getaddrinfo`: nothing is sent for a name in the hosts file or in a cache of this machine, else
/// one query each for IPv4 and IPv6. The lookup blocks a dedicated thread and no worker.
///
/// ```
/// use health_runtime::{Check, checks::Dns};
///
/// let workers = Check::readiness("workers", Dns::builder("workers.internal").at_least(2).build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Dns {
    flight: Arc<SingleFlight<DnsBuilder, Vec<SocketAddr>, io::Error>>,
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
        let at_least = self.flight.target().at_least;
        let resolved = self.flight.join_or_start(|settings| async move { resolve(&settings.name, 0).await });
        let addresses = match resolved.await {
            Ok(addresses) => addresses,
            Err(error) => return outcome_from_error(&error),
        };
        let count = addresses.iter().map(SocketAddr::ip).collect::<BTreeSet<_>>().len();
        let outcome = if count < at_least {
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
        build_if_valid("Dns", problems, || Dns { flight: Arc::new(SingleFlight::new(self)) })
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
partial_debug!(Dns, |dns| name: &dns.flight.target().name, at_least: &dns.flight.target().at_least);
partial_debug!(DnsBuilder, |builder| at_least: &builder.at_least);

#[cfg(test)]
mod tests;
