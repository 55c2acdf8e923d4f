//! A health with one check of a real server, and what its probes return.

use std::time::Duration;

use actix_web::{App, test};
use health_runtime::checks::BuildError;
use health_runtime::{Check, Expose, Health, Run};
use health_tests::http::mask_figures;
use health_tests::log::Log;
use health_tests::servers::Counting;
use health_tests::until;

/// Longer than any server takes to respond, and the timeout of a run.
pub(crate) const PATIENT: Duration = Duration::from_mins(2);

/// A health whose one readiness check is called `server` and runs on every probe.
pub(crate) struct Probed {
    health: Health,
    figures: &'static [&'static str],
}

impl Probed {
    pub(crate) fn new(run: Result<impl Run, BuildError>) -> Self {
        Self::with_timeout(run.unwrap(), PATIENT)
    }

    pub(crate) fn with_timeout(run: impl Run, timeout: Duration) -> Self {
        let check = Check::readiness("server", run).timeout(timeout).cache(Duration::ZERO);
        let health = Health::builder().linked_checks(false).deadline(2 * PATIENT).check(check).start().unwrap();
        Self { health, figures: &[] }
    }

    /// Replaces these details by `_` in what probes return.
    pub(crate) fn masking(self, figures: &'static [&'static str]) -> Self {
        Self { figures, ..self }
    }

    /// Probes once and returns the status code and the only entry of the body.
    pub(crate) async fn probe(&self) -> (u16, String) {
        let (code, body) = self.get("/readyz", Expose::Reasons).await;
        let body = mask_figures(&mask_figures(&body, &["latency_ms", "uptime_seconds"]), self.figures);
        let (_, entry) = body.split_once(r#""server":{"#).unwrap();
        (code, entry.strip_suffix(r#"}},"uptime_seconds":_}"#).unwrap().to_owned())
    }

    /// Returns the connections and the round trips of each of three probes, which all return this code.
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

    /// Asserts that neither text is in a byte of the most open body or of the log.
    pub(crate) async fn assert_secret(&self, log: &Log, secrets: [&str; 2]) {
        let (_, body) = self.get("/readyz?verbose", Expose::Errors).await;
        assert!(body.contains(r#""error":""#), "{body}");
        // A probe does not wait for a slow log.
        let logs_the_failure = || Some(log.text()).filter(|log| log.contains("to=down"));
        let log = until(Duration::from_mins(1), "the failure is in the log", logs_the_failure);
        for secret in secrets {
            assert!(!body.contains(secret) && !log.contains(secret), "{body}\n{log}");
        }
    }

    async fn get(&self, path: &str, level: Expose) -> (u16, String) {
        let app = test::init_service(App::new().service(self.health.service().expose(level))).await;
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        (response.status().as_u16(), String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
    }
}

/// Returns what a probe returns for a check that is up with these details.
pub(crate) fn up(details: &str) -> (u16, String) {
    (200, format!(r#""status":"up","latency_ms":_,{details}"#))
}

/// Returns what a probe returns for a check that is down for this reason, without details.
pub(crate) fn down(reason: &str) -> (u16, String) {
    (503, format!(r#""status":"down","latency_ms":_,"error":"{reason}""#))
}
