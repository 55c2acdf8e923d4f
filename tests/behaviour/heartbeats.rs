//! Heartbeats: the progress of the application's tasks, on tokio's paused clock.

use std::future::pending;
use std::time::Duration;

use health_runtime::kubernetes::Probes;
use health_runtime::{Check, Health, Heartbeat, Kind, Status, Transition, Transitions};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep, timeout};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use health_tests::checks::{UP, builder, health, status_of, up, with_reason};
use health_tests::log::Log;
use health_tests::probe::{body, codes, get};
use health_tests::{alone, test_name};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const LIMIT: Duration = Duration::from_secs(6);
const ALMOST: Duration = Duration::from_millis(5_999);

fn consumer() -> Health {
    health([Check::heartbeat("consumer", LIMIT)])
}

async fn status(health: &Health) -> (Status, Option<String>) {
    let report = health.report(Kind::Liveness).await;
    let consumer = report.check("consumer").unwrap();
    assert_eq!((consumer.latency(), consumer.age()), (None, None), "it has no run");
    status_of(&report, "consumer")
}

fn down(reason: &str) -> (Status, Option<String>) {
    with_reason(Status::Down, reason)
}

/// Returns the transitions of the check so far, with their reasons.
async fn transitions_of(transitions: &mut Transitions) -> Vec<(Status, Status, Option<String>)> {
    let mut transitions_of = Vec::new();
    while let Ok(Some(transition)) = timeout(Duration::ZERO, transitions.next()).await {
        if let Transition::Check { from, to, reason, .. } = transition {
            transitions_of.push((from, to, reason));
        }
    }
    transitions_of
}

#[tokio::test(start_paused = true)]
async fn b1_a_task_without_a_beat_is_down_at_its_limit_until_the_next_beat() {
    let health = consumer();
    let unknown = r#""consumer":{"status":"unknown","error":"not reported yet"}"#;
    assert_eq!(get(&health, "/livez").await, (200, body("healthy", unknown)));
    let heartbeat = health.heartbeat("Consumer").unwrap();
    assert_eq!(get(&health, "/livez").await, (200, body("healthy", r#""consumer":{"status":"up"}"#)));
    for _ in 0..3 {
        advance(ALMOST).await;
        assert_eq!(status(&health).await, UP);
        heartbeat.beat();
    }
    advance(ALMOST).await;
    assert_eq!(status(&health).await, UP);
    advance(MS).await;
    assert_eq!(status(&health).await, down("no progress for 6s"));
    let (code, text) = get(&health, "/livez").await;
    assert_eq!((code, text.contains(r#"{"consumer":{"status":"down","error":"no progress for 6s"}}"#)), (503, true), "{text}");
    advance(36 * SECOND + 999 * MS).await;
    assert_eq!(status(&health).await, down("no progress for 42s"));
    heartbeat.beat();
    assert_eq!(status(&health).await, UP);
}

#[tokio::test(start_paused = true)]
async fn b1_a_prepared_response_ends_with_the_limit_and_with_the_next_beat() {
    let health = health([Check::heartbeat("consumer", 10 * MS)]);
    let heartbeat = health.heartbeat("consumer").unwrap();
    let app = actix_web::test::init_service(actix_web::App::new().service(health.service())).await;
    let code = async || {
        let request = actix_web::test::TestRequest::with_uri("/livez").to_request();
        actix_web::test::call_service(&app, request).await.status().as_u16()
    };
    for _ in 0..3 {
        assert_eq!(code().await, 200);
        advance(9 * MS).await;
        assert_eq!(code().await, 200);
        advance(MS).await;
        assert_eq!(code().await, 503);
        assert_eq!(code().await, 503);
        heartbeat.beat();
    }
    assert_eq!(code().await, 200);
    let other = health.heartbeat("consumer").unwrap();
    drop(heartbeat);
    assert_eq!(code().await, 503);
    other.finish();
    assert_eq!(code().await, 503);
    let again = health.heartbeat("consumer").unwrap();
    assert_eq!(code().await, 200);
    drop(again);
    assert_eq!(code().await, 503);
}

#[tokio::test(start_paused = true)]
async fn b1_a_stall_and_its_end_are_published_once_without_a_probe() {
    let health = consumer();
    let mut transitions = health.subscribe();
    let heartbeat = health.heartbeat("consumer").unwrap();
    assert_eq!(transitions_of(&mut transitions).await, [(Status::Unknown, Status::Up, None)]);
    let began = Instant::now();
    sleep(2 * SECOND).await;
    heartbeat.beat();
    let stalled = loop {
        if let Some(Transition::Check { from, to, reason, .. }) = transitions.next().await {
            break (from, to, reason);
        }
    };
    assert_eq!(stalled, (Status::Up, Status::Down, Some("no progress for 6s".to_owned())));
    assert_eq!(began.elapsed(), 8 * SECOND, "at the limit after the last beat");
    sleep(60 * SECOND).await;
    assert_eq!(transitions_of(&mut transitions).await, [], "a change of the figure alone is no transition");
    heartbeat.beat();
    heartbeat.beat();
    assert_eq!(transitions_of(&mut transitions).await, [(Status::Down, Status::Up, None)]);

    // The runtime of the checks makes no progress, so the next beat publishes the stall too.
    advance(LIMIT).await;
    heartbeat.beat();
    let reason = Some("no progress for 6s".to_owned());
    let expected = [(Status::Up, Status::Down, reason.clone()), (Status::Down, Status::Up, None)];
    assert_eq!(transitions_of(&mut transitions).await, expected);
    advance(LIMIT).await;
    let wait = heartbeat.idle(pending::<()>());
    assert!(timeout(Duration::ZERO, wait).await.is_err());
    assert_eq!(transitions_of(&mut transitions).await, expected);
    assert_eq!(get(&health, "/livez?verbose").await.1.matches(r#""transitions":7"#).count(), 1);
}

/// Runs a task to its end under `watch`, and returns the status after it.
async fn after<F>(task: impl FnOnce(Heartbeat) -> F + Send + 'static) -> (Status, Option<String>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let health = consumer();
    let task = tokio::spawn(health.heartbeat("consumer").unwrap().watch(task));
    let _ = task.await;
    let now = status(&health).await;
    advance(60 * SECOND).await;
    assert_eq!(status(&health).await, now, "for good");
    now
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_returns_has_ended() {
    assert_eq!(after(async |_| ()).await, down("ended"));
    let keeps_a_clone = async |heartbeat: Heartbeat| std::mem::forget(heartbeat.clone());
    assert_eq!(after(keeps_a_clone).await, down("ended"));
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_panics_has_panicked() {
    let (panicked, ended) = (down("panicked"), down("ended"));
    assert_eq!(after(async |_| health_tests::checks::panics().await).await, panicked);
    let health = consumer();
    let heartbeat = health.heartbeat("consumer").unwrap();
    let without_watch = tokio::spawn(async move {
        heartbeat.beat();
        health_tests::checks::panics().await;
    });
    assert!(without_watch.await.is_err());
    assert_eq!(status(&health).await, panicked);
    drop(health.heartbeat("consumer").unwrap());
    assert_eq!(status(&health).await, ended, "the last task");
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_is_aborted_has_ended() {
    for is_polled in [true, false] {
        let health = consumer();
        let heartbeat = health.heartbeat("consumer").unwrap();
        let task = tokio::spawn(heartbeat.watch(|heartbeat| async move { heartbeat.idle(pending::<()>()).await }));
        if is_polled {
            yield_now().await;
        }
        assert_eq!(status(&health).await, UP);
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(status(&health).await, down("ended"));
    }
}

#[tokio::test(start_paused = true)]
async fn b2_a_registration_ends_with_its_last_clone() {
    let health = consumer();
    let heartbeat = health.heartbeat("consumer").unwrap();
    let clone = heartbeat.clone();
    drop(heartbeat);
    advance(ALMOST).await;
    clone.beat();
    advance(ALMOST).await;
    assert_eq!(status(&health).await, UP);
    drop(clone);
    assert_eq!(status(&health).await, down("ended"));
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_finishes_no_longer_counts() {
    let unknown = with_reason(Status::Unknown, "not reported yet");
    assert_eq!(after(async |heartbeat| heartbeat.finish()).await, unknown);
    let clone_lives = async |heartbeat: Heartbeat| {
        heartbeat.clone().finish();
        heartbeat.beat();
        heartbeat.finish();
    };
    assert_eq!(after(clone_lives).await, unknown);
    let health = consumer();
    let (job, pool) = (health.heartbeat("consumer").unwrap(), health.heartbeat("consumer").unwrap());
    job.finish();
    assert_eq!(status(&health).await, UP);
    advance(LIMIT).await;
    assert_eq!(status(&health).await, down("no progress for 6s"), "the other task, alone");
    pool.finish();
    assert_eq!(codes(&health, ["/livez", "/livez/consumer"]).await, [200; 2]);
}

#[tokio::test(start_paused = true)]
async fn b2_what_ends_or_stalls_during_the_drain_is_up() {
    let health = consumer();
    let register = || health.heartbeat("consumer").unwrap();
    let [stalls, returns, finishes] = [register(), register(), register()];
    let panics = tokio::spawn(register().watch(async |_| {
        sleep(SECOND).await;
        panic!("while draining");
    }));
    health.drain();
    drop(returns);
    finishes.finish();
    assert!(panics.await.is_err());
    assert_eq!(status(&health).await, UP);
    sleep(60 * SECOND).await;
    assert_eq!((status(&health).await, codes(&health, ["/livez", "/readyz"]).await), (UP, [200, 503]));
    drop(stalls);
    assert_eq!(status(&health).await, UP);
}

#[tokio::test(start_paused = true)]
async fn b2_what_ended_or_stalled_before_the_drain_stays_down() {
    let ended = consumer();
    drop(ended.heartbeat("consumer").unwrap());
    ended.drain();
    assert_eq!(status(&ended).await, down("ended"));

    let stalled = consumer();
    let heartbeat = stalled.heartbeat("consumer").unwrap();
    advance(LIMIT).await;
    stalled.drain();
    advance(SECOND).await;
    assert_eq!(status(&stalled).await, down("no progress for 7s"));
    heartbeat.beat();
    advance(60 * SECOND).await;
    assert_eq!(status(&stalled).await, UP, "it makes progress again, and stalls during the drain");
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_a_supervisor_restarts_is_up_again() {
    let health = consumer();
    let pool: Vec<_> = (0..3).map(|_| health.heartbeat("consumer").unwrap()).collect();
    for number in 0..100 {
        let task = health.heartbeat("consumer").unwrap();
        assert_eq!(status(&health).await, UP, "restart {number}");
        drop(task);
        assert_eq!(status(&health).await, down("1 of 4 tasks: ended"), "entries do not outnumber the tasks alive at once");
    }
    drop(pool);
    assert_eq!(status(&health).await, down("4 of 4 tasks: ended"));
    let _first = health.heartbeat("consumer").unwrap();
    assert_eq!(status(&health).await, down("3 of 4 tasks: ended"));
}

#[tokio::test(start_paused = true)]
async fn b3_a_wait_is_no_stall_and_its_end_is_a_beat() {
    let health = consumer();
    let heartbeat = health.heartbeat("consumer").unwrap();
    let (message, messages) = oneshot::channel::<u32>();
    let waits = heartbeat.clone();
    let task = tokio::spawn(async move { waits.idle(messages).await });
    for _ in 0..100 {
        sleep(60 * SECOND).await;
        assert_eq!(status(&health).await, UP);
    }
    message.send(7).unwrap();
    assert_eq!(task.await.unwrap(), Ok(7));
    advance(ALMOST).await;
    assert_eq!(status(&health).await, UP, "the end was a beat");
    advance(MS).await;
    assert_eq!(status(&health).await, down("no progress for 6s"));

    let mut wait = Box::pin(heartbeat.idle(pending::<()>()));
    assert!(timeout(60 * SECOND, &mut wait).await.is_err());
    assert_eq!(status(&health).await, UP, "a wait ends a stall");
    {
        let second = heartbeat.clone();
        assert!(timeout(60 * SECOND, second.idle(pending::<()>())).await.is_err());
    }
    sleep(60 * SECOND).await;
    assert_eq!(status(&health).await, UP, "one clone still waits");
    drop(wait);
    advance(ALMOST).await;
    assert_eq!(status(&health).await, UP, "dropping the future was a beat");
    advance(MS).await;
    assert_eq!(status(&health).await, down("no progress for 6s"));
}

#[tokio::test(start_paused = true)]
async fn b4_of_several_tasks_the_worst_counts() {
    let health = consumer();
    let mut pool: Vec<_> = (0..4).map(|_| health.heartbeat("consumer").unwrap()).collect();
    let beat_all = |pool: &[Heartbeat]| pool.iter().for_each(Heartbeat::beat);
    advance(3 * SECOND).await;
    beat_all(&pool[1..]);
    advance(3 * SECOND).await;
    assert_eq!(status(&health).await, down("1 of 4 tasks: no progress for 6s"));
    beat_all(&pool[2..]);
    advance(3 * SECOND).await;
    assert_eq!(status(&health).await, down("2 of 4 tasks: no progress for 9s"), "the longest stall");
    drop(pool.pop());
    assert_eq!(status(&health).await, down("1 of 4 tasks: ended"), "an end is worse than a stall");
    let panics = pool.pop().unwrap();
    assert!(tokio::spawn(panics.watch(async |_| panic!("worker"))).await.is_err());
    assert_eq!(status(&health).await, down("1 of 4 tasks: panicked"), "a panic is worse than an end");
    beat_all(&pool);
    pool.extend((0..2).map(|_| health.heartbeat("consumer").unwrap()));
    assert_eq!(status(&health).await, UP);
    pool.drain(..).for_each(Heartbeat::finish);
    assert_eq!(status(&health).await, with_reason(Status::Unknown, "not reported yet"));
}

#[tokio::test(start_paused = true)]
async fn one_warning_names_a_check_without_a_task_at_its_limit() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let started = || builder([up(Kind::Readiness, "x"), Check::heartbeat("consumer", LIMIT)]).start().unwrap();
    let warning = "WARN health check `consumer` knows no task, so it is always healthy; call `Health::heartbeat(\"consumer\")` in \
                   the task limit=6s";
    let health = started();
    sleep(ALMOST).await;
    assert_eq!(log.lines(), Vec::<String>::new(), "not yet");
    sleep(2 * MS).await;
    assert_eq!(log.lines(), [warning]);
    sleep(600 * SECOND).await;
    assert_eq!(log.lines(), Vec::<String>::new(), "only once");
    drop(health);

    let finished = started();
    finished.heartbeat("consumer").unwrap().finish();
    sleep(60 * SECOND).await;
    drop(finished);
    drop(started());
    sleep(60 * SECOND).await;
    let lines = log.lines();
    assert!(lines.len() == 1 && lines[0].contains("changed from up to unknown"), "one had a task, the other is gone: {lines:?}");
}

#[tokio::test(start_paused = true)]
async fn the_last_health_ends_the_task_that_publishes_stalls() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let health = consumer();
    let heartbeat = health.heartbeat("consumer").unwrap();
    assert_eq!(tasks(), before + 1);
    let mut transitions = health.subscribe();
    drop(health);
    sleep(60 * SECOND).await;
    assert_eq!(tasks(), before);
    heartbeat.beat();
    drop(heartbeat);
    while let Some(transition) = transitions.next().await {
        let is_first = matches!(&transition, Transition::Check { to: Status::Up, .. } | Transition::Kind { .. });
        assert!(is_first, "nothing is published after the last health was dropped: {transition:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn options_of_runs_and_invalid_limits_are_start_errors() {
    let line = line!() + 1;
    let check = Check::heartbeat("consumer", Duration::ZERO).timeout(SECOND).cache(Duration::ZERO).interval(SECOND);
    let error = builder([check.failure_threshold(2).success_threshold(2).critical(false)]).start().err().unwrap().to_string();
    let place = format!("health check `consumer` ({}:{line})", file!());
    for problem in ["timeout", "cache", "interval", "failure_threshold", "success_threshold"] {
        let expected = format!("{place} has no runs, so its `{problem}` has no effect; remove it");
        assert!(error.contains(&expected), "{error}");
    }
    assert!(error.contains(&format!("{place} has a limit of 0ns; give one from 10ms to 24h")), "{error}");
    assert!(error.contains(&format!("{place} is a liveness check with `critical = false`; ")), "{error}");
    let line = line!() + 1;
    let check = Check::heartbeat("consumer", LIMIT).grace(MINUTE).slow(MS).after(["x"]);
    let error = builder([up(Kind::Liveness, "x"), check]).start().err().unwrap().to_string();
    for problem in ["grace", "slow", "after"] {
        let expected =
            format!("health check `consumer` ({}:{line}) has no runs, so its `{problem}` has no effect; remove it", file!());
        assert!(error.contains(&expected), "{error}");
    }
    for limit in [9 * MS, Duration::from_hours(24) + MS, Duration::MAX] {
        assert!(builder([Check::heartbeat("consumer", limit)]).start().is_err(), "{limit:?}");
    }
    assert!(builder([Check::heartbeat("consumer", 10 * MS).and(Kind::Readiness).tags(["jobs"])]).start().is_ok());
}

#[tokio::test(start_paused = true)]
async fn names_of_other_checks_are_errors_with_a_remedy() {
    let checks = [Check::heartbeat("consumer", LIMIT), Check::reported("leader", Kind::Readiness), up(Kind::Readiness, "x")];
    let health = builder(checks).watch_workers(LIMIT).start().unwrap();
    let error = |name| health.heartbeat(name).err().map(|error| error.to_string()).unwrap();
    assert_eq!(error("other"), "there is no health check `other`; add `Check::heartbeat(\"other\", …)` to the builder");
    assert_eq!(error("x"), "health check `x` is run, not a heartbeat; create it with `Check::heartbeat`");
    assert_eq!(error("leader"), "health check `leader` is reported, not a heartbeat; call `Health::reporter`");
    let workers = "health check `workers` is the worker watch, not a heartbeat; create another with `Check::heartbeat`";
    assert_eq!(error("workers"), workers);
    let reporter = health.reporter("consumer").err().unwrap().to_string();
    assert_eq!(reporter, "health check `consumer` is a heartbeat, not a reported check; call `Health::heartbeat`");
}

#[tokio::test(start_paused = true)]
async fn every_format_shows_a_heartbeat_check() {
    let health = consumer();
    let heartbeat = health.heartbeat("consumer").unwrap();
    let text = get(&health, "/livez?verbose&format=text").await;
    assert_eq!(text, (200, "[+]consumer ok\nlivez check passed\n".to_owned()));
    advance(LIMIT).await;
    let text = get(&health, "/livez?verbose&format=text").await;
    assert_eq!(text, (503, "[-]consumer failed: no progress for 6s\nlivez check failed\n".to_owned()));
    for format in ["health%2Bjson", "html", "microprofile", "spring"] {
        let (code, text) = get(&health, &format!("/livez?format={format}")).await;
        assert_eq!((code, text.contains("no progress for 6s")), (503, true), "{text}");
    }
    let page = get(&health, "/livez?format=html").await.1;
    assert!(page.contains("none; evaluated on read; each task must send a heartbeat within 6s"), "{page}");
    let yaml = Probes::new(&health, 8080).yaml().unwrap();
    let line = "consumer: critical, down if a task has made no progress within 6s";
    assert!(yaml.container(0).contains(line), "{}", yaml.container(0));
    heartbeat.finish();
}

#[tokio::test(start_paused = true)]
async fn a_task_behind_a_channel_is_judged_by_its_work_and_not_by_its_queue() {
    let health = consumer();
    let (orders, mut queue) = mpsc::channel::<Duration>(1);
    tokio::spawn(health.heartbeat("consumer").unwrap().watch(async move |heartbeat| {
        while let Some(work) = heartbeat.idle(queue.recv()).await {
            sleep(work).await;
        }
    }));
    sleep(60 * SECOND).await;
    orders.send(5 * SECOND).await.unwrap();
    sleep(30 * SECOND).await;
    assert_eq!(status(&health).await, UP);
    orders.send(7 * SECOND).await.unwrap();
    sleep(6 * SECOND).await;
    assert_eq!(status(&health).await, down("no progress for 6s"));
    sleep(SECOND + MS).await;
    assert_eq!(status(&health).await, UP);
}
