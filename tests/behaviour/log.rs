//! The log: one line for each transition, one warning for a slow check, nothing for a probe.
//!
//! tracing has one subscriber in a process and remembers for each line whether a subscriber wants it, so each test here runs
//! in its own process.

use std::future::ready;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

use health_runtime::{Check, Kind, Outcome, Reporter, Status};
use health_tests::alone;
use health_tests::checks::{builder, health};
use health_tests::log::Log;
use health_tests::probe::get;
use health_tests::test_name;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use tokio::time::sleep;
use tracing::{Instrument, Level};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::test(start_paused = true)]
async fn registered_checks_are_logged_in_one_line() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let line = line!() + 1;
    let _health = health([Check::readiness("b", || async {}), Check::liveness("a", || async {})]);
    let file = file!();
    assert_eq!(log.lines(), [format!("INFO registered health checks: a ({file}:{line}), b ({file}:{line}) count=2")]);
}

#[tokio::test(start_paused = true)]
async fn suspicious_settings_are_warned_about_at_start() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let _none = health([]);
    assert_eq!(
        log.lines()[1],
        "WARN no health check is in this program; name the crates that have checks, as in `health_runtime::link!(its_crate)`"
    );
    let _alive = health([Check::liveness("a", || async {})]);
    assert_eq!(
        log.lines()[1],
        "WARN no readiness check is in this program, so `/readyz` is always 200; add one with `#[health_check(readiness)]`"
    );
    let line = line!() + 1;
    let slow = Check::readiness("a", || async {}).timeout(Duration::from_secs(2));
    let file = file!();
    let _slow = health([slow]);
    assert_eq!(
        log.lines()[1..],
        [format!(
            "WARN health check `a` ({file}:{line}) has a `timeout` of 2s, longer than the deadline of 900ms, so a probe does not wait for it; add an `interval`"
        )]
    );
    let in_background = Check::readiness("a", || async {}).timeout(Duration::from_secs(2)).interval(Duration::from_secs(5));
    let _in_background = health([in_background]);
    let patient = Check::readiness("a", || async {}).timeout(Duration::from_secs(2));
    let _patient = builder([patient]).deadline(Duration::from_secs(3)).start().unwrap();
    assert_eq!(log.lines().len(), 2, "what was found, twice, and no warning");
}

#[tokio::test(start_paused = true)]
async fn transitions_are_logged_once_and_probes_are_not_logged() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let runs = Arc::new(Mutex::new(0));
    let check = Check::readiness("orders", move || {
        let mut runs = runs.lock().unwrap();
        *runs += 1;
        ready(if (3..6).contains(&*runs) { Err("postgres://app:hunter2@db is gone") } else { Ok(()) })
    });
    let health = health([check.cache(Duration::ZERO)]);
    drop(log.lines());
    for _ in 0..10 {
        get(&health, "/readyz").await;
    }
    let lines: Vec<String> = log.lines().iter().map(|line| without_id(line)).collect();
    assert_eq!(
        lines,
        [
            "INFO health check `orders` changed from unknown to up check=orders from=unknown to=up",
            "INFO readiness changed from unhealthy to healthy kind=readiness from=unhealthy to=healthy",
            r#"WARN health check `orders` changed from up to down check=orders from=up to=down error_id=ID error="postgres://***@db is gone""#,
            "WARN readiness changed from healthy to unhealthy kind=readiness from=healthy to=unhealthy",
            "INFO health check `orders` changed from down to up check=orders from=down to=up",
            "INFO readiness changed from unhealthy to healthy kind=readiness from=unhealthy to=healthy",
        ]
    );
}

/// Replaces the sixteen hexadecimal digits of an error id by `ID`.
fn without_id(line: &str) -> String {
    let Some((before, id)) = line.split_once("error_id=") else { return line.to_owned() };
    assert!(id.len() > 16 && id[..16].bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    format!("{before}error_id=ID{}", &id[16..])
}

#[tokio::test(start_paused = true)]
async fn r12_a_slow_check_is_warned_about_once_until_it_was_fast_for_a_while() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let runs = Arc::new(Mutex::new(0));
    let check = Check::readiness("lag", move || {
        let mut runs = runs.lock().unwrap();
        *runs += 1;
        // Every second run is slow, then two are fast, then every second one is slow again.
        let slow = *runs % 2 == 1 && *runs != 11;
        sleep(Duration::from_millis(if slow { 60 } else { 10 }))
    });
    let health = health([check.cache(Duration::ZERO).timeout(Duration::from_millis(100))]);
    let mut warned = Vec::new();
    drop(log.lines());
    for run in 1..=40 {
        health.report(Kind::Readiness).await;
        let slow = log.lines().into_iter().filter(|line| line.contains("more than half"));
        warned.extend(slow.map(|line| (run, line)));
    }
    let line = "WARN health check took more than half its timeout check=\"lag\" took_ms=60 limit_ms=100";
    assert_eq!(warned, [(1, line.to_owned()), (13, line.to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_a_span_outside_of_the_request_span() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::CLOSE);
    let checks = [
        Check::readiness("quick", || async { tracing::info!("inside") }).and(Kind::Liveness),
        Check::readiness("slow", || sleep(Duration::from_secs(2))),
    ];
    let health = health(checks);
    drop(log.lines());
    health.report(Kind::Readiness).instrument(tracing::info_span!("request")).await;
    let lines = log.lines();
    let spans: Vec<&str> =
        lines.iter().filter(|line| line.contains("health_check{")).map(|line| line.split(" time.busy").next().unwrap()).collect();
    let quick = "INFO health_check{name=quick kinds=liveness,readiness";
    assert_eq!(
        spans,
        [
            format!("{quick}}}: inside"),
            format!("{quick} outcome=\"up\"}}: close"),
            "INFO health_check{name=slow kinds=readiness outcome=\"timed_out\"}: close".to_owned(),
        ]
    );
}

/// A log writer that reports a status for each line, also for the line about that status.
#[derive(Clone, Default)]
struct Reports(Arc<OnceLock<Reporter>>);

impl io::Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(reporter) = self.0.get() {
            reporter.degraded("the log is full");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn reporting_from_a_log_subscriber_does_not_deadlock() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let (done, is_done) = mpsc::channel();
    // A deadlock would leave this thread behind.
    std::thread::spawn(move || {
        let reports = Reports::default();
        let writer = reports.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let _recording = tracing::subscriber::set_default(subscriber);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let status = runtime.block_on(async {
            let health = health([Check::reported("feed", Kind::Readiness)]);
            let feed = health.reporter("feed").unwrap();
            reports.0.set(health.reporter("feed").unwrap()).unwrap();
            feed.up();
            let report = health.report(Kind::Readiness).await;
            report.check("feed").unwrap().status()
        });
        done.send(status).unwrap();
    });
    assert_eq!(is_done.recv_timeout(Duration::from_secs(30)).unwrap(), Status::Degraded);
}

#[test]
fn r2_no_credential_reaches_the_log() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::CLOSE);
    let keys = select(vec!["password", "PGPASSWORD", "pwd", "token", "client_secret", "api-key"]);
    let separators = select(vec!["=", ": ", " = "]);
    proptest!(ProptestConfig::with_cases(64), |(secret in "[A-Za-z0-9!$%^*_+-]{12,24}", key in keys, separator in separators)| {
        let texts = [format!("postgres://app:{secret}@db1 is gone"), format!("refused, {key}{separator}{secret} host=db1")];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        drop(log.lines());
        runtime.block_on(async {
            let check = |(name, text): (&str, &String)| {
                let text = text.clone();
                Check::readiness(name, move || ready(Err::<(), _>(text.clone())))
            };
            let health = health(["url", "pair"].into_iter().zip(&texts).map(check));
            health.report(Kind::Readiness).await;
        });
        let lines = log.lines();
        // The error of each transition is logged once, without its secret.
        prop_assert_eq!(lines.iter().filter(|line| line.contains("error_id=")).count(), 2, "{:?}", lines);
        prop_assert!(lines.iter().all(|line| !line.contains(&secret)), "{:?}", lines);
    });
}

#[tokio::test(start_paused = true)]
async fn d4_one_line_names_the_database_that_twelve_checks_run_after() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::INFO, FmtSpan::NONE);
    let is_down = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&is_down);
    let run = move || ready(if state.load(SeqCst) { Outcome::down("refused") } else { Outcome::up() });
    let database = Check::readiness("database", run).cache(Duration::ZERO).timeout(Duration::from_millis(100));
    let child = |number| {
        let check = Check::readiness(format!("c{number:02}"), || async {}).cache(Duration::ZERO);
        check.timeout(Duration::from_millis(100)).after(["database"])
    };
    let health = health([database].into_iter().chain((1..=12).map(child)));
    assert_eq!(get(&health, "/readyz").await.0, 200);
    assert_eq!(log.lines().len(), 15, "the list of checks, 13 checks and readiness are up");

    is_down.store(true, SeqCst);
    let (code, body) = get(&health, "/readyz").await;
    let children: Vec<String> = (1..=12)
        .map(|number| format!(r#""c{number:02}":{{"status":"unknown","latency_ms":0,"error":"skipped: database is down"}}"#))
        .collect();
    let database = r#""database":{"status":"down","latency_ms":0,"error":"refused"}"#;
    let expected = format!(r#"{{"status":"unhealthy","checks":{{{},{database}}},"uptime_seconds":0}}"#, children.join(","));
    assert_eq!((code, body), (503, expected));
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("WARN health check `database` changed from up to down check=database from=up to=down"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "WARN readiness changed from healthy to unhealthy kind=readiness from=healthy to=unhealthy");

    is_down.store(false, SeqCst);
    assert_eq!(get(&health, "/readyz").await.0, 200);
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("INFO health check `database` changed from down to up"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn d3_a_chain_that_is_longer_than_the_deadline_is_warned_about() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let check = |name: &str, parents: &[&str]| Check::readiness(name, || async {}).after(parents.iter().copied());
    let line = line!() + 1;
    let second = Check::readiness("second", || async {}).after(["first"]);
    let file = file!();
    let _health = health([check("first", &[]), second, check("third", &["second"])]);
    assert_eq!(
        log.lines(),
        [format!(
            "WARN health check `second` ({file}:{line}) runs after others, and the timeouts of this chain are 1.5s, longer than the \
             deadline of 900ms, so a probe may not wait for it; shorten them, or add an `interval`"
        )]
    );
    let in_background = check("second", &["first"]).interval(Duration::from_secs(5));
    let _health = health([check("first", &[]), in_background, check("third", &["second"])]);
    assert_eq!(log.lines(), [""; 0]);
}
