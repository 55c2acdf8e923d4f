//! Limits that the guide states, on its page about what to check.

use std::future::ready;
use std::io;

use anyhow::Context;
use health_runtime::{Check, Kind, Status};
use health_tests::checks::{health, status_of, with_reason};

#[tokio::test(start_paused = true)]
async fn an_io_error_in_anyhow_needs_a_context_to_show_its_class() {
    let timed_out = || anyhow::Error::from(io::Error::from(io::ErrorKind::TimedOut));
    let hidden = Check::readiness("hidden", move || ready(Err::<(), _>(timed_out())));
    let shown = Check::readiness("shown", move || ready(Err::<(), _>(timed_out()).context("ping the queue")));
    let report = health([hidden, shown]).report(Kind::Readiness).await;
    assert_eq!(status_of(&report, "hidden"), with_reason(Status::Down, "check failed"));
    assert_eq!(status_of(&report, "shown"), with_reason(Status::Down, "timed out"));
}

#[actix_web::test]
async fn a_check_that_spawns_a_local_task_panics() {
    health_tests::panics::expect("`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`");
    let local = Check::readiness("local", || async { drop(actix_web::rt::spawn(async {})) });
    let sendable = Check::readiness("sendable", || async { drop(tokio::spawn(async {})) });
    let report = health([local, sendable]).report(Kind::Readiness).await;
    assert_eq!(status_of(&report, "local"), with_reason(Status::Down, "panicked"));
    assert_eq!(status_of(&report, "sendable").0, Status::Up);
}
