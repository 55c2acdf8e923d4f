//! Incidents in which the process looked alive and did nothing, and their opposites. Each is down within its limit and a second,
//! without a probe, or stays up.

use std::future::pending;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use health_runtime::{Check, Health, Heartbeat, Kind, Status, Transition};
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep, timeout};

use health_tests::checks::{UP, health, status_of, with_reason};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const LIMIT: Duration = Duration::from_secs(10);

/// An order that takes this long.
type Order = Duration;

fn consumer() -> (Health, Heartbeat) {
    let health = health([Check::heartbeat("consumer", LIMIT)]);
    let heartbeat = health.heartbeat("consumer").unwrap();
    (health, heartbeat)
}

async fn status(health: &Health) -> (Status, Option<String>) {
    status_of(&*health.report(Kind::Liveness).await, "consumer")
}

/// Asserts that the check is published as down with this reason, within its limit and a second from now.
async fn assert_goes_down(health: &Health, reason: &str) {
    let (mut transitions, began) = (health.subscribe(), Instant::now());
    let down = async {
        loop {
            if let Some(Transition::Check { to: Status::Down, reason, .. }) = transitions.next().await {
                return reason;
            }
        }
    };
    let published = timeout(2 * LIMIT, down).await.expect("it goes down");
    assert_eq!(published.as_deref(), Some(reason));
    assert!(began.elapsed() <= LIMIT + SECOND, "{:?}", began.elapsed());
    assert_eq!(status(health).await, with_reason(Status::Down, reason));
}

/// Consumes orders as the documentation shows it.
async fn consume(mut queue: mpsc::Receiver<Order>, heartbeat: Heartbeat) {
    while let Some(order) = heartbeat.idle(queue.recv()).await {
        sleep(order).await;
    }
}

#[tokio::test(start_paused = true)]
async fn b1_a_consumer_that_is_frozen_in_one_await_is_down() {
    let (health, heartbeat) = consumer();
    let (orders, queue) = mpsc::channel(8);
    tokio::spawn(heartbeat.watch(|heartbeat| consume(queue, heartbeat)));
    orders.send(SECOND).await.unwrap();
    sleep(MINUTE).await;
    assert_eq!(status(&health).await, UP);
    orders.send(Order::MAX).await.unwrap();
    assert_goes_down(&health, "no progress for 10s").await;
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_panicked_inside_spawn_is_down() {
    let (health, heartbeat) = consumer();
    tokio::spawn(heartbeat.watch(async |heartbeat| {
        heartbeat.idle(sleep(3 * SECOND)).await;
        let orders: [Order; 0] = [];
        sleep(orders[status_code()]).await;
    }));
    assert_goes_down(&health, "panicked").await;
}

/// An index that the compiler does not know.
fn status_code() -> usize {
    std::hint::black_box(1)
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_returned_is_down() {
    let (health, heartbeat) = consumer();
    let (orders, queue) = mpsc::channel(8);
    tokio::spawn(heartbeat.watch(|heartbeat| consume(queue, heartbeat)));
    orders.send(SECOND).await.unwrap();
    drop(orders);
    assert_goes_down(&health, "ended").await;
}

#[tokio::test(start_paused = true)]
async fn b1_a_select_loop_that_only_logs_is_down() {
    let (health, heartbeat) = consumer();
    let (orders, mut queue) = mpsc::channel::<Order>(8);
    tokio::spawn(heartbeat.watch(async move |heartbeat| {
        let (mut ticks, mut logged) = (interval(SECOND), 0);
        loop {
            tokio::select! {
                // The broker closed the queue, so this branch is disabled, and the other one goes on for ever.
                Some(_order) = queue.recv() => heartbeat.beat(),
                _ = ticks.tick() => logged += 1,
            }
            assert!(logged < 1_000_000);
        }
    }));
    sleep(SECOND).await;
    drop(orders);
    assert_goes_down(&health, "no progress for 10s").await;
}

#[tokio::test(start_paused = true)]
async fn b1_a_producer_whose_callback_fires_while_all_brokers_are_away_is_down() {
    let (health, heartbeat) = consumer();
    let began = Instant::now();
    let send = async move |callback: &mut (dyn FnMut(Result<(), &str>) + Send)| {
        sleep(SECOND).await;
        callback(if began.elapsed() < MINUTE { Ok(()) } else { Err("all brokers down") });
    };
    tokio::spawn(async move {
        loop {
            // Only an acknowledgement is progress.
            let mut callback = |result: Result<(), &str>| result.map_or((), |()| heartbeat.beat());
            send(&mut callback).await;
        }
    });
    sleep(59 * SECOND + SECOND / 2).await;
    assert_eq!(status(&health).await, UP);
    assert_goes_down(&health, "no progress for 10s").await;
}

#[tokio::test(start_paused = true)]
async fn b4_a_pool_of_four_workers_of_which_one_is_stuck_is_down() {
    let (health, first) = consumer();
    let mut orders = Vec::new();
    let rest: Vec<_> = (0..3).map(|_| health.heartbeat("consumer").unwrap()).collect();
    for heartbeat in std::iter::once(first).chain(rest) {
        let (sender, queue) = mpsc::channel(8);
        tokio::spawn(heartbeat.watch(|heartbeat| consume(queue, heartbeat)));
        orders.push(sender);
    }
    for sender in &orders {
        sender.send(SECOND).await.unwrap();
    }
    sleep(MINUTE).await;
    orders[2].send(Order::MAX).await.unwrap();
    assert_goes_down(&health, "1 of 4 tasks: no progress for 10s").await;
}

/// Uses real time, because a thread is blocked. The blocked runtime is not that of the checks.
#[tokio::test]
async fn b1_a_blocked_runtime_is_down() {
    let health = health([Check::heartbeat("consumer", Duration::from_millis(20))]);
    let heartbeat = health.heartbeat("consumer").unwrap();
    let (release, blocked) = std_mpsc::channel::<()>();
    let application = std::thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(heartbeat.watch(async move |heartbeat| {
            heartbeat.beat();
            // A lock or a call of C that blocks the only thread.
            let _ = blocked.recv();
            heartbeat.beat();
            pending::<()>().await;
        }));
    });
    while status(&health).await.0 != Status::Down {
        sleep(Duration::from_millis(1)).await;
    }
    let mut transitions = health.subscribe();
    drop(release);
    // The first beat after the block publishes the recovery.
    while !matches!(transitions.next().await, Some(Transition::Check { to: Status::Up, .. })) {}
    drop(application);
}

#[tokio::test(start_paused = true)]
async fn b2_a_task_that_was_cancelled_by_abort_is_down() {
    let (health, heartbeat) = consumer();
    let (_orders, queue) = mpsc::channel(8);
    let task = tokio::spawn(heartbeat.watch(|heartbeat| consume(queue, heartbeat)));
    sleep(MINUTE).await;
    assert_eq!(status(&health).await, UP);
    let aborted = async {
        sleep(SECOND).await;
        task.abort();
    };
    tokio::join!(aborted, assert_goes_down(&health, "ended"));
}

/// Asserts that the check is up for an hour, at each second.
async fn assert_stays_up(health: &Health) {
    let mut transitions = health.subscribe();
    for second in 0..3_600 {
        assert_eq!(status(health).await, UP, "second {second}");
        sleep(SECOND).await;
    }
    assert!(timeout(Duration::ZERO, transitions.next()).await.is_err(), "nothing was published");
}

#[tokio::test(start_paused = true)]
async fn b1_a_batch_of_minutes_that_beats_stays_up() {
    let (health, heartbeat) = consumer();
    tokio::spawn(heartbeat.watch(async |heartbeat| {
        for _row in 0..100_000 {
            sleep(9 * SECOND).await;
            heartbeat.beat();
        }
    }));
    assert_eq!(status(&health).await, UP);
    assert_stays_up(&health).await;
}

#[tokio::test(start_paused = true)]
async fn b3_a_long_idle_wait_stays_up() {
    let (health, heartbeat) = consumer();
    let (_orders, queue) = mpsc::channel(8);
    tokio::spawn(heartbeat.watch(|heartbeat| consume(queue, heartbeat)));
    assert_eq!(status(&health).await, UP);
    assert_stays_up(&health).await;
}

#[tokio::test(start_paused = true)]
async fn b3_a_restart_of_the_broker_stays_up() {
    let (health, heartbeat) = consumer();
    let began = Instant::now();
    // The broker is away for half of each ten minutes. A message comes each second while it is there.
    let is_away = move || began.elapsed().as_secs() % 600 >= 300;
    tokio::spawn(heartbeat.watch(async move |heartbeat| {
        loop {
            let reconnect = async {
                while is_away() {
                    sleep(SECOND).await;
                }
            };
            heartbeat.idle(reconnect).await;
            heartbeat.idle(sleep(SECOND)).await;
        }
    }));
    assert_eq!(status(&health).await, UP);
    assert_stays_up(&health).await;
}
