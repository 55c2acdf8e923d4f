//! A health of run-time checks, and one request to it.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{App, test};
use health_runtime::{Check, Health, HealthBuilder, Kind, Outcome};

/// Of these checks only, whatever else the test program links.
pub(crate) fn builder(checks: impl IntoIterator<Item = Check>) -> HealthBuilder {
    checks.into_iter().fold(Health::builder().linked_checks(false), HealthBuilder::check)
}

pub(crate) fn health(checks: impl IntoIterator<Item = Check>) -> Health {
    builder(checks).start().unwrap()
}

/// A check that says the same on every run.
pub(crate) fn always(kind: Kind, name: &str, outcome: fn() -> Outcome) -> Check {
    let run = move || ready(outcome());
    match kind {
        Kind::Liveness => Check::liveness(name, run),
        Kind::Readiness => Check::readiness(name, run),
        Kind::Startup => Check::startup(name, run),
    }
}

pub(crate) fn up(kind: Kind, name: &str) -> Check {
    always(kind, name, Outcome::up)
}

pub(crate) fn down(kind: Kind, name: &str) -> Check {
    always(kind, name, || Outcome::down("broken"))
}

pub(crate) async fn panics() {
    tokio::task::yield_now().await;
    panic!("hunter2");
}

/// Counts the runs that began, and the most that were under way at once.
#[derive(Clone, Default)]
pub(crate) struct Runs {
    begun: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Runs {
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// A run that takes this long; the guard inside counts it out however it ends.
    pub(crate) async fn take(&self, time: Duration) {
        let _run = self.begin();
        tokio::time::sleep(time).await;
    }

    pub(crate) fn begin(&self) -> UnderWay {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        UnderWay(Arc::clone(&self.under_way))
    }
}

pub(crate) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// Sorted, in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

pub(crate) async fn request(health: &Health, method: Method, path: &str) -> Answer {
    let app = test::init_service(App::new().service(health.service())).await;
    let request = test::TestRequest::with_uri(path).method(method).to_request();
    let answer = test::call_service(&app, request).await;
    let code = answer.status().as_u16();
    let mut headers: Vec<_> =
        answer.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    let body = String::from_utf8(test::read_body(answer).await.to_vec()).unwrap();
    Answer { code, headers, body }
}

pub(crate) async fn get(health: &Health, path: &str) -> (u16, String) {
    let answer = request(health, Method::GET, path).await;
    (answer.code, answer.body)
}

/// `GET` of each path, as its code alone.
pub(crate) async fn codes<const N: usize>(health: &Health, paths: [&str; N]) -> [u16; N] {
    let mut codes = [0; N];
    for (code, path) in codes.iter_mut().zip(paths) {
        *code = get(health, path).await.0;
    }
    codes
}

/// The body of an answer at second 0 whose entries are these.
pub(crate) fn body(status: &str, entries: &str) -> String {
    format!(r#"{{"status":"{status}","checks":{{{entries}}},"uptime_seconds":0}}"#)
}
