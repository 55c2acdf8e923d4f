//! The other instances of the service: found by name, asked over HTTP.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::probe_client::{ProbeUrl, exchange};
use crate::core::engine::dedicated_thread;
use crate::core::engine::peers::{OWN_ID_HEADER, PeerAnswer, PeerFuture, PeerNetwork, PeerPolicy, QUESTION_TIMEOUT};
use crate::core::model::policy::MAX_DURATION;
use crate::core::model::status::Status;

/// The other instances of the service, which checks with `shared = true` ask when they fail. For
/// [`HealthBuilder::peers`](crate::HealthBuilder::peers).
///
/// An instance asks at most three of them at once, over plain HTTP, for `{path}/{check}`. It sends no credentials. A response
/// without the check does not count: peers must serve their readiness at that path and port with at least
/// [`Expose::Reasons`](crate::Expose::Reasons) for each other.
#[derive(Clone)]
#[must_use = "pass it to `HealthBuilder::peers`"]
pub struct Peers {
    source: Source,
    path: String,
    keep: f64,
    leave_within: Duration,
    readmit_within: Duration,
}

#[derive(Clone)]
enum Source {
    /// `host:port`.
    Names(Vec<String>),
    #[cfg(feature = "test-util")]
    Network(Arc<dyn PeerNetwork>),
}

impl fmt::Debug for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peers").field("path", &self.path).field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Peers {
    /// Finds the instances by a name that has the addresses of all that are in rotation, such as that of a headless Service in
    /// Kubernetes: `orders-headless.shop.svc:8080`. The port is that of the health endpoints.
    pub fn dns(host_and_port: impl Into<String>) -> Self {
        Self::list([host_and_port])
    }

    /// Finds the instances in a list of `host:port`. The instance itself may be one of them. A list does not show which instances
    /// are in rotation, so [`keep`](Self::keep) relies on the answers alone.
    pub fn list<I: IntoIterator<Item = S>, S: Into<String>>(hosts_and_ports: I) -> Self {
        Self::new(Source::Names(hosts_and_ports.into_iter().map(Into::into).collect()))
    }

    /// Finds and asks the instances of a simulation.
    #[cfg(feature = "test-util")]
    pub fn simulated(network: impl PeerNetwork) -> Self {
        Self::new(Source::Network(Arc::new(network)))
    }

    fn new(source: Source) -> Self {
        let (leave_within, readmit_within) = (Duration::from_secs(5), Duration::from_secs(10));
        Self { source, path: "/readyz".to_owned(), keep: 0.5, leave_within, readmit_within }
    }

    /// Sets the path of the readiness endpoint of the instances. Default: `/readyz`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Sets which part of the instances must stay in rotation, from 0 to 1, of the largest number that was found in the last ten
    /// minutes in which the check was good. Default: 0.5. An instance that would leave fewer stays, degraded.
    pub fn keep(mut self, part: f64) -> Self {
        self.keep = part;
        self
    }

    /// Sets the time within which an instance leaves rotation where the answers of its peers are unclear: it waits for a random part,
    /// then asks again. At most 24 h. Default: 5 s.
    pub fn leave_within(mut self, limit: Duration) -> Self {
        self.leave_within = limit;
        self
    }

    /// Sets the time within which an instance that left rotation returns after the check has recovered: it waits for a random part.
    /// At most 24 h. Default: 10 s.
    pub fn readmit_within(mut self, limit: Duration) -> Self {
        self.readmit_within = limit;
        self
    }

    /// Returns the policy, or every problem.
    pub(crate) fn into_policy(self) -> Result<PeerPolicy, Vec<String>> {
        let Self { source, path, keep, leave_within, readmit_within } = self;
        let mut problems = Vec::new();
        if !(0.0..=1.0).contains(&keep) {
            problems.push(format!("`peers` has a `keep` of {keep}; give a part from 0 to 1"));
        }
        for (option, limit) in [("leave_within", leave_within), ("readmit_within", readmit_within)] {
            if limit > MAX_DURATION {
                problems.push(format!("`peers` has a `{option}` of {limit:?}; the maximum is 24h"));
            }
        }
        if !path.starts_with('/') {
            problems.push(format!("`peers` has the path {path:?}; start it with `/`, as in `/readyz`"));
        }
        let network: Arc<dyn PeerNetwork> = match source {
            Source::Names(names) => match HttpNetwork::new(&names, path) {
                Ok(network) => Arc::new(network),
                Err(found) => {
                    problems.extend(found);
                    return Err(problems);
                }
            },
            #[cfg(feature = "test-util")]
            Source::Network(network) => network,
        };
        if problems.is_empty() { Ok(PeerPolicy { network, keep, leave_within, readmit_within }) } else { Err(problems) }
    }
}

/// Peers over HTTP/1.1. Each lookup and each question has a dedicated thread, because a lookup cannot be cancelled.
struct HttpNetwork {
    /// The names, each as a URL without a path.
    origins: Arc<[ProbeUrl]>,
    path: String,
    own_id: String,
    /// Whether a lookup is in flight: at most one is, however long it takes.
    is_looking_up: Arc<AtomicBool>,
}

impl HttpNetwork {
    fn new(names: &[String], path: String) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        if names.is_empty() {
            problems.push("`peers` has an empty list; give the instances, such as `orders-headless:8080`".to_owned());
        }
        let origin = |name: &String| {
            let url = ProbeUrl::parse(&format!("http://{name}/"));
            let has_port = name.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
            url.ok().filter(|url| has_port && url.is_origin()).ok_or_else(|| {
                format!("`peers` has {name:?}, which is not a host and a port; write them as in `orders-headless:8080`")
            })
        };
        let origins = names.iter().filter_map(|name| origin(name).map_err(|problem| problems.push(problem)).ok()).collect();
        let own_id = format!("{:016x}", RandomState::new().hash_one(0));
        let network = Self { origins, path, own_id, is_looking_up: Arc::default() };
        if problems.is_empty() { Ok(network) } else { Err(problems) }
    }
}

impl PeerNetwork for HttpNetwork {
    fn look_up(&self) -> PeerFuture<'_, io::Result<Vec<SocketAddr>>> {
        Box::pin(async {
            if self.is_looking_up.swap(true, Ordering::AcqRel) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let (origins, flag) = (Arc::clone(&self.origins), Arc::clone(&self.is_looking_up));
            let look_up = move || {
                let addresses = origins.iter().map(ProbeUrl::resolve).collect::<io::Result<Vec<_>>>();
                flag.store(false, Ordering::Release);
                addresses.map(|found| found.into_iter().flatten().collect())
            };
            match dedicated_thread::spawn("health-peers".to_owned(), look_up) {
                Ok(thread) => thread.result.await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())),
                Err(error) => {
                    self.is_looking_up.store(false, Ordering::Release);
                    Err(error)
                }
            }
        })
    }

    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<PeerAnswer>> {
        let url = ProbeUrl::parse(&format!("http://{peer}{}/{check}?format=json&verbose", self.path));
        let header = format!("{OWN_ID_HEADER}: {}\r\n", self.own_id);
        Box::pin(async move {
            let (url, name) = (url.ok()?, check.to_owned());
            let question = move || {
                let response = exchange(&url.with_header(header), Instant::now() + QUESTION_TIMEOUT).ok()?;
                answer_in(&response.body, &name)
            };
            dedicated_thread::spawn("health-peers".to_owned(), question).ok()?.result.await.ok().flatten()
        })
    }

    fn own_id(&self) -> Option<&str> {
        Some(&self.own_id)
    }
}

/// Returns the result of a check in the verbose body of an endpoint.
fn answer_in(body: &[u8], check: &str) -> Option<PeerAnswer> {
    #[derive(Deserialize)]
    struct Body {
        checks: HashMap<String, Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        status: String,
        age_ms: f64,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    let Entry { status, age_ms } = body.checks.get(check)?;
    let status =
        [Status::Up, Status::Degraded, Status::Unknown, Status::Down].into_iter().find(|known| known.as_str() == status)?;
    let age = Duration::try_from_secs_f64(age_ms / 1_000.0).ok()?;
    Some(PeerAnswer { status, age })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f9_only_a_check_with_a_result_is_an_answer() {
        let answer = |status, age| Some(PeerAnswer { status, age: Duration::from_micros(age) });
        for (body, expected) in [
            (r#"{"status":"healthy","checks":{"db":{"status":"up","age_ms":1.5}}}"#, answer(Status::Up, 1_500)),
            (
                r#"{"checks":{"db":{"status":"down","error":"x","age_ms":20},"a":{"status":"up","age_ms":0}}}"#,
                answer(Status::Down, 20_000),
            ),
            (r#"{"checks":{"db":{"status":"degraded","age_ms":0}}}"#, answer(Status::Degraded, 0)),
            (r#"{"checks":{"db":{"status":"unknown","error":"not run yet"}}}"#, None),
            (r#"{"checks":{"db":{"status":"new","age_ms":0}}}"#, None),
            (r#"{"checks":{"db":{"status":"up","age_ms":-1}}}"#, None),
            (r#"{"checks":{"other":{"status":"up","age_ms":0}}}"#, None),
            (r#"{"status":"healthy"}"#, None),
            (r#"{"error":"not found"}"#, None),
            (r#"{"checks":{"db":{"status":"up","age_ms":"#, None),
            ("", None),
        ] {
            assert_eq!(answer_in(body.as_bytes(), "db"), expected, "{body}");
        }
    }
}
