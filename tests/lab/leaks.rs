//! A hundred thousand probes of checks that hang, panic and block leak no task, thread or memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, test};
use health_runtime::{Check, Health, health_check};
use health_tests::checks::panics;
use health_tests::process::count;
use health_tests::{alone, test_name};
use tokio::runtime::Handle;
use tokio::time::sleep;

const PROBES: usize = 100_000;

static BLOCKED: AtomicBool = AtomicBool::new(true);

/// Blocks its thread for a short time on every run, and for long while `BLOCKED` is set.
#[health_check(readiness, timeout = "2ms", cache = "0s")]
fn blocking() {
    std::thread::sleep(Duration::from_millis(5));
    while BLOCKED.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until there are at most this many, and returns how many there are.
async fn settled(most: usize, count: impl Fn() -> usize) -> usize {
    let patience = Instant::now();
    while count() > most && patience.elapsed() < Duration::from_mins(2) {
        sleep(Duration::from_millis(5)).await;
    }
    count()
}

#[tokio::test]
async fn probes_of_failing_checks_leak_no_task_thread_or_memory() {
    let _running = crate::one_at_a_time();
    if !alone::in_process(test_name!()) {
        return;
    }
    health_tests::panics::expect("hunter2");
    // The first log line starts the thread that writes them, which stays for the life of the process.
    drop(Health::builder().linked_checks(false).start().unwrap());
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let threads = || count(None, "Threads:");
    let (tasks_before, threads_before) = (tasks(), threads());

    let health = Health::builder()
        .check(Check::readiness("hung", std::future::pending::<()>).timeout(Duration::from_millis(1)).cache(Duration::ZERO))
        .check(Check::readiness("panicking", panics).cache(Duration::ZERO))
        .check(Check::readiness("failing", || async { Err::<(), _>("no".repeat(1000)) }).cache(Duration::ZERO))
        .check(Check::readiness("background", panics).interval(Duration::from_millis(50)))
        .deadline(Duration::from_micros(100))
        .start()
        .unwrap();
    let app = test::init_service(App::new().service(health.service())).await;
    let probe = async |path: &str| {
        let response = test::call_service(&app, test::TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), 503);
        drop(test::read_body(response).await);
    };

    let (mut memory, mut most_tasks, mut most_threads) = (0, 0, 0);
    for i in 0..PROBES {
        let path = match i % 20 {
            0 => "/readyz",
            1 => "/readyz/hung",
            2 => "/readyz/blocking",
            3 => "/readyz/panicking",
            _ => "/readyz/failing",
        };
        probe(path).await;
        if i % 1_000 == 0 {
            sleep(Duration::from_millis(2)).await;
            most_tasks = most_tasks.max(tasks() - tasks_before);
            // The thread of the run before may still be ending.
            most_threads = most_threads.max(settled(threads_before + 1, threads).await - threads_before);
        }
        if i == PROBES / 10 {
            BLOCKED.store(false, Ordering::SeqCst);
        }
        // By then allocators and lazily created tables have their size.
        if i == PROBES / 5 {
            memory = count(None, "VmRSS:");
        }
    }
    let grown = count(None, "VmRSS:").saturating_sub(memory);
    eprintln!("most tasks {most_tasks}, most threads {most_threads}, memory grown by {grown} kB of {memory} kB");
    assert!(most_tasks <= 6, "one run for each check and one schedule: {most_tasks}");
    assert!(most_threads <= 1, "{most_threads}");
    assert!(grown <= 1024, "{grown} kB");

    drop(app);
    drop(health);
    assert_eq!((settled(tasks_before, tasks).await, settled(threads_before, threads).await), (tasks_before, threads_before));
}
