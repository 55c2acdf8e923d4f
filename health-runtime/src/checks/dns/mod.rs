//! A name resolves.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::build_error::BuildError;
use crate::checks::shared::host::{is_host, is_more_than_a_host};
use crate::checks::shared::resolve::{self, addresses};
use crate::checks::shared::single_flight::Question;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// The system's resolver knows addresses for a name: at least one, unless [`at_least`](DnsBuilder::at_least) asks for more.
///
/// With fewer it is down: `1 address, at least 2 expected`. With none, or where the resolver fails, it is down too, `name does
/// not resolve`; what the resolver says of it goes into the log. Detail: `addresses`, how many different ones there are, IPv4
/// and IPv6 together. The addresses themselves are not shown: they may be nobody else's business.
///
/// # What it costs the server
///
/// One lookup for each run, as any client makes it through `getaddrinfo`: nothing for a name in the hosts file or in a cache of
/// this machine, else a question each for IPv4 and IPv6. It blocks a thread of its own and no worker, and while one lookup hangs
/// no second one is made, for at least 10 s.
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
    question: Question<Vec<SocketAddr>, io::Error>,
}

/// The settings of a [`Dns`]. Made by [`Dns::builder`].
#[must_use = "no check is made until `build`"]
pub struct DnsBuilder {
    name: String,
    at_least: usize,
}

impl Dns {
    /// Begins with the name to resolve and at least one address expected. What the resolver adds to a name without a dot at its
    /// end is up to the system.
    pub fn builder(name: impl Into<String>) -> DnsBuilder {
        DnsBuilder { name: name.into(), at_least: 1 }
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { settings: DnsBuilder { name, at_least }, question } = &*self.inner;
        let answer = question.answer(|| {
            let name = name.clone();
            async move { addresses(&name, 0).await }
        });
        let found = match answer.await {
            Ok(found) => found,
            Err(error) => return resolve::failed(&error),
        };
        let count = found.iter().map(SocketAddr::ip).collect::<BTreeSet<_>>().len();
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
    /// Expects this many different addresses or more.
    pub fn at_least(mut self, count: usize) -> Self {
        self.at_least = count;
        self
    }

    /// Makes the check. Nothing is resolved yet.
    ///
    /// # Errors
    ///
    /// When there is no such name, or it is an address already, and when no address at all is expected.
    pub fn build(self) -> Result<Dns, BuildError> {
        let mistakes: Vec<_> = self.mistake_in_name().into_iter().chain(self.mistake_in_count()).collect();
        BuildError::unless("Dns", mistakes, || Dns { inner: Arc::new(Inner { settings: self, question: Question::default() }) })
    }

    fn mistake_in_name(&self) -> Option<String> {
        let shown = self.name.escape_debug();
        let is_address = self.name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        if self.name.is_empty() {
            Some("`name` is empty; write the name of a host, as in `workers.internal`".to_owned())
        } else if is_more_than_a_host(&self.name) {
            Some("`name` is more than the name of a host; leave out the scheme, the user and the path".to_owned())
        } else if is_address {
            Some(format!("`name` `{shown}` is an address already; write a name that has to be resolved"))
        } else if self.name.contains(':') {
            Some(format!("`name` `{shown}` has a port; leave it out"))
        } else if is_host(&self.name) {
            None
        } else {
            Some(format!("`name` `{shown}` is no name of a host; write letters, digits, `-` and `_`, with dots between"))
        }
    }

    fn mistake_in_count(&self) -> Option<String> {
        (self.at_least == 0).then(|| "`at_least` is 0, which every name has; leave it out for 1".to_owned())
    }
}

impl Run for Dns {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DnsBuilder { name, at_least } = &self.inner.settings;
        f.debug_struct("Dns").field("name", name).field("at_least", at_least).finish_non_exhaustive()
    }
}

// What was not looked into yet may be a URL with a password.
impl fmt::Debug for DnsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsBuilder").field("at_least", &self.at_least).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
