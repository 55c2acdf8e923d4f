//! A health with one check of a real server in it, and all that it lets out.

use std::time::{Duration, Instant};

use actix_web::{App, test};
use health_runtime::checks::BuildError;
use health_runtime::{Check, Expose, Health, Run};
use health_tests::http::Answer;
use health_tests::log::Log;
use health_tests::servers::{Counting, Daemon};

/// Longer than any server takes for an answer, and the limit of a run.
pub(crate) const PATIENT: Duration = Duration::from_secs(30);

/// The limit of a run that is to be cut off.
const HASTY: Duration = Duration::from_millis(5);

const PROBES: u32 = 1_000;

/// A health whose one readiness check is called `cache` and runs on every probe.
pub(crate) struct Watched(Health);

impl Watched {
    pub(crate) fn new(run: Result<impl Run, BuildError>) -> Self {
        Self::with_limit(run.unwrap(), PATIENT)
    }

    pub(crate) fn with_limit(run: impl Run, limit: Duration) -> Self {
        let check = Check::readiness("cache", run).timeout(limit).cache(Duration::ZERO);
        Self(Health::builder().linked_checks(false).deadline(2 * PATIENT).check(check).start().unwrap())
    }

    /// One probe: the code, and the only entry of the body.
    pub(crate) async fn probe(&self) -> (u16, String) {
        let (status, body) = self.get("/readyz", Expose::Reasons).await;
        let answer = Answer { line: String::new(), status, headers: Vec::new(), body, reads: 0 };
        let body = answer.without_figures();
        let (_, entry) = body.split_once(r#""cache":{"#).unwrap();
        (status, entry.strip_suffix(r#"}},"uptime_seconds":_}"#).unwrap().to_owned())
    }

    /// Every byte that a reader of the body may get to see.
    pub(crate) async fn all(&self) -> String {
        String::from_utf8(self.get("/readyz?verbose", Expose::Errors).await.1).unwrap()
    }

    /// The connections and the round trips of three probes, of each by itself, which all give this code.
    pub(crate) async fn costs(&self, proxy: &Counting, code: u16) -> [(u64, u64); 3] {
        let mut costs = [(0, 0); 3];
        for cost in &mut costs {
            let before = proxy.counts();
            assert_eq!(self.probe().await.0, code);
            let after = proxy.counts();
            *cost = (after.connections - before.connections, after.round_trips - before.round_trips);
        }
        costs
    }

    async fn get(&self, path: &str, level: Expose) -> (u16, Vec<u8>) {
        let app = test::init_service(App::new().service(self.0.service().expose(level))).await;
        let answer = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        (answer.status().as_u16(), test::read_body(answer).await.to_vec())
    }
}

/// What `probe` gives where the check is up with these details.
pub(crate) fn up(details: &str) -> (u16, String) {
    (200, format!(r#""status":"up","latency_ms":_,{details}"#))
}

/// What `probe` gives where it is down for this reason, with nothing more to say.
pub(crate) fn down(reason: &str) -> (u16, String) {
    (503, format!(r#""status":"down","latency_ms":_,"error":"{reason}""#))
}

/// Probes a frozen server a thousand times, each cut off soon. `more` is how many connections all of them together may add to
/// those that the server has.
pub(crate) async fn freeze(server: &mut Daemon, check: impl Run, more: usize) {
    let watched = Watched::with_limit(check, HASTY);
    server.freeze();
    let before = server.connections();
    let began = Instant::now();
    let mut timed_out = 0;
    for number in 1..=PROBES {
        let (code, entry) = watched.probe().await;
        // On a busy machine a probe may find that the run before was not cut off yet.
        let is_late = entry.contains("still running after");
        assert!(is_late || (code, &entry) == (503, &down("timed out after 5ms").1), "{entry}");
        timed_out += u32::from(!is_late);
        if number % 100 == 0 {
            // After 10 s a question is given up, and its connection with it, which a frozen server does not notice.
            let given_up = usize::try_from(began.elapsed().as_secs() / 10).unwrap();
            let now = server.connections();
            assert!(now <= before + more + given_up, "{before} connections became {now} after {number} probes");
        }
    }
    assert!(timed_out > 0, "none timed out");
    server.thaw();
}

/// Both of the texts are in no byte that gets out, here or into the log.
pub(crate) async fn assert_secret(watched: &Watched, log: &Log, secrets: [&str; 2]) {
    let body = watched.all().await;
    let log = log.text();
    assert!(body.contains(r#""error":""#) && log.contains("health check turned down"), "{body}\n{log}");
    for secret in secrets {
        assert!(!body.contains(secret) && !log.contains(secret), "{body}\n{log}");
    }
}
