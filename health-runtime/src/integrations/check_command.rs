//! `app --health-check`: every check once, without a server.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::core::health::Health;
use crate::core::model::status::{HealthState, Scope};
use crate::core::report::view::{ReportView, ViewOptions};
use crate::http::format::Format;

const FLAG: &str = "--health-check";

impl Health {
    /// Runs every check once if `--health-check` is among the program's arguments, and returns the exit code: 0 if the overall state
    /// is healthy or degraded, else 1. Returns `None` without the flag. For CI, init containers and a smoke test after a deployment.
    ///
    /// Startup checks run first, then all others concurrently. It waits for the timeout of each check, not for the deadline. The
    /// verbose text format goes to the standard output, one line per check. A check without runs, such as a reported one, is
    /// listed as excluded. Call it after [`start`](crate::HealthBuilder::start), before the server is bound.
    ///
    /// ```no_run
    /// use std::process::ExitCode;
    /// use health_runtime::Health;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    ///     let health = Health::builder().start()?;
    ///     if let Some(code) = health.check_from_args().await {
    ///         return Ok(code);
    ///     }
    ///     // … the service
    ///     Ok(ExitCode::SUCCESS)
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is polled outside a tokio runtime, or in one without timers.
    pub async fn check_from_args(&self) -> Option<ExitCode> {
        if !has_flag(env::args_os().skip(1)) {
            return None;
        }
        let (text, is_healthy) = self.check_once().await;
        // The reader may have closed the pipe. Only the exit code matters then.
        let mut out = io::stdout().lock();
        let _ = out.write_all(&text).and_then(|()| out.flush());
        Some(if is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Returns the text, and whether the overall state is not unhealthy.
    async fn check_once(&self) -> (Vec<u8>, bool) {
        let (report, without_runs) = self.inner().evaluate_once().await;
        let excluded = without_runs.iter().map(String::as_str).collect();
        let view = ViewOptions { verbose: true, excluded, ..ViewOptions::default() };
        let text = Format::Text.render(ReportView::new(&report, Scope::All, &view));
        (text, report.state() < HealthState::Unhealthy)
    }
}

fn has_flag(arguments: impl IntoIterator<Item = OsString>) -> bool {
    arguments.into_iter().any(|argument| argument == FLAG)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::builder::HealthBuilder;
    use crate::core::model::outcome::Outcome;
    use crate::core::model::status::Kind;
    use crate::core::registry::check::Check;

    const SECOND: Duration = Duration::from_secs(1);

    fn health(checks: impl IntoIterator<Item = Check>) -> Health {
        checks.into_iter().fold(Health::builder().linked_checks(false), HealthBuilder::check).start().unwrap()
    }

    async fn check_once(health: &Health) -> (String, bool) {
        let (text, is_healthy) = health.check_once().await;
        (String::from_utf8(text).unwrap(), is_healthy)
    }

    #[tokio::test(start_paused = true)]
    async fn b8_each_check_runs_once_and_startup_runs_first() {
        let (runs, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let counted = || {
            let runs = Arc::clone(&runs);
            move || {
                let run = runs.fetch_add(1, Ordering::SeqCst);
                async move {
                    sleep(SECOND).await;
                    Outcome::degraded(format!("run {run} at {:?}", began.elapsed()))
                }
            }
        };
        let check = |check: Check| check.timeout(2 * SECOND).cache(Duration::ZERO);
        let health = health([
            check(Check::readiness("a", counted())),
            check(Check::readiness("b", counted())).after(["a"]),
            check(Check::startup("c", counted()).and(Kind::Readiness)),
            Check::readiness("d", || async {}).interval(SECOND),
            Check::reported("e", Kind::Readiness),
            Check::heartbeat("f", SECOND),
        ]);
        let expected = "[+]a degraded: run 1 at 2s\n[+]b degraded: run 2 at 3s\n[+]c degraded: run 0 at 1s\n[+]d ok\n\
                        [+]e excluded: ok\n[+]f excluded: ok\nhealthz check passed\n";
        assert_eq!(check_once(&health).await, (expected.to_owned(), true), "longer than the deadline of a response");
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn b8_each_check_has_its_own_timeout_and_one_that_is_down_fails() {
        let began = Instant::now();
        let hangs = Check::readiness("hangs", pending::<()>).timeout(60 * SECOND);
        let health = health([hangs, Check::readiness("cache", || async { Outcome::down("cold") }).critical(false)]);
        let expected = "[-]cache failed: cold\n[-]hangs failed: timed out after 60s\nhealthz check failed\n";
        assert_eq!(check_once(&health).await, (expected.to_owned(), false));
        assert_eq!(began.elapsed(), 60 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn b8_a_check_after_one_that_is_down_is_skipped() {
        let parent = Check::readiness("z", || async { Outcome::down("gone") }).cache(Duration::ZERO);
        let health = health([Check::readiness("y", || async {}).after(["z"]), parent]);
        let expected = "[-]y failed: skipped: z is down\n[-]z failed: gone\nhealthz check failed\n";
        assert_eq!(check_once(&health).await, (expected.to_owned(), false));
    }

    #[tokio::test(start_paused = true)]
    async fn b8_a_failed_startup_check_fails_and_one_that_is_not_critical_does_not() {
        for (critical, result) in [(true, "failed"), (false, "passed")] {
            let health = health([Check::startup("s", || async { Outcome::down("no") }).critical(critical)]);
            let expected = format!("[-]s failed: no\nhealthz check {result}\n");
            assert_eq!(check_once(&health).await, (expected, !critical));
        }
    }

    #[test]
    fn b8_the_flag_may_stand_anywhere() {
        for (arguments, expected) in [
            (&["--health-check"][..], true),
            (&["serve", "-v", "--health-check", "x"], true),
            (&[], false),
            (&["--health-checks", "--health", "health-check"], false),
        ] {
            assert_eq!(has_flag(arguments.iter().map(OsString::from)), expected, "{arguments:?}");
        }
    }
}
