//! D3: checks that run after others.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use health_runtime::{Check, Health, HealthState, Kind, Outcome, Scope, Status, Transition};
use health_tests::checks::{UP, builder, health, status_of, with_reason};
use health_tests::probe::{codes, get};
use health_tests::random::Random;
use tokio::time::{advance, sleep};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// What a check returns, and how often it has run.
#[derive(Clone, Default)]
struct Script(Arc<(AtomicU8, AtomicUsize)>);

impl Script {
    fn set(&self, status: Status) {
        self.0.0.store(status as u8, SeqCst);
    }

    fn runs(&self) -> usize {
        self.0.1.load(SeqCst)
    }

    /// Returns a check without a cache that is up at first.
    fn check(&self, name: &str) -> Check {
        self.check_of(name, Duration::ZERO)
    }

    /// Returns a check without a cache whose runs take this long.
    fn check_of(&self, name: &str, time: Duration) -> Check {
        self.cached(name, time).cache(Duration::ZERO)
    }

    /// Returns a check that runs in the background.
    fn background(&self, name: &str, interval: Duration) -> Check {
        self.cached(name, Duration::ZERO).interval(interval)
    }

    fn cached(&self, name: &str, time: Duration) -> Check {
        let script = self.clone();
        let run = move || {
            let (status, runs) = &*script.0;
            runs.fetch_add(1, SeqCst);
            let outcome = match status.load(SeqCst) {
                0 => Outcome::up(),
                1 => Outcome::degraded("late"),
                _ => Outcome::down("refused"),
            };
            async move {
                if !time.is_zero() {
                    sleep(time).await;
                }
                outcome
            }
        };
        Check::readiness(name, run)
    }
}

async fn observed(health: &Health, check: &str) -> (Status, Option<String>) {
    status_of(&*health.report(Scope::All).await, check)
}

fn skipped(parent: &str, status: &str) -> (Status, Option<String>) {
    with_reason(Status::Unknown, &format!("skipped: {parent} is {status}"))
}

#[tokio::test(start_paused = true)]
async fn d3_a_child_is_skipped_while_its_parent_is_down() {
    let (database, orders) = (Script::default(), Script::default());
    let health = health([database.check("database"), orders.check("orders").after(["database"])]);
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!((database.runs(), orders.runs()), (1, 1));

    database.set(Status::Down);
    let (code, body) = get(&health, "/readyz").await;
    let expected = concat!(
        r#"{"status":"unhealthy","checks":{"database":{"status":"down","latency_ms":0,"error":"refused"},"#,
        r#""orders":{"status":"unknown","latency_ms":0,"error":"skipped: database is down"}},"uptime_seconds":0}"#
    );
    assert_eq!((code, body.as_str()), (503, expected));
    assert_eq!((database.runs(), orders.runs()), (2, 1));

    // Degraded is good enough, and the child runs in the same probe.
    database.set(Status::Degraded);
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!((database.runs(), orders.runs()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn d3_a_child_that_never_ran_is_skipped_by_the_first_probe() {
    let (database, orders) = (Script::default(), Script::default());
    database.set(Status::Down);
    let health = health([database.check("database"), orders.check("orders").after(["database"])]);
    let expected = r#"{"status":"unhealthy","checks":{"orders":{"status":"unknown","error":"skipped: database is down"}},"uptime_seconds":0}"#;
    assert_eq!(get(&health, "/readyz/orders").await, (503, expected.to_owned()));
    assert_eq!((database.runs(), orders.runs()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn d3_parents_run_once_and_first_listed_or_excluded_or_not() {
    for path in ["/readyz", "/readyz/c", "/readyz?exclude=a", "/readyz?tag=last", "/health/c"] {
        let scripts: [Script; 3] = Default::default();
        let [a, b, c] = &scripts;
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let recorded = |name: &'static str, script: &Script| {
            let (order, script) = (Arc::clone(&order), script.clone());
            Check::readiness(name, move || {
                script.0.1.fetch_add(1, SeqCst);
                order.lock().unwrap().push(name);
                sleep(10 * MS)
            })
        };
        let checks = [recorded("c", c).after(["b", "a"]).tags(["last"]), recorded("b", b).after(["A"]), recorded("a", a)];
        let health = health(checks);
        assert_eq!(get(&health, path).await.0, 200, "{path}");
        assert_eq!(*order.lock().unwrap(), ["a", "b", "c"], "{path}");
        assert_eq!(scripts.each_ref().map(Script::runs), [1, 1, 1], "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn d3_the_reason_names_the_first_cause() {
    let network = Script::default();
    let chain = (1..=5).map(|level| Script::default().check(&format!("c{level}")).after([format!("c{}", level - 1)]));
    let health = health([network.check("c0")].into_iter().chain(chain));
    assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
    network.set(Status::Down);
    let report = health.report(Kind::Readiness).await;
    for level in 1..=5 {
        assert_eq!(status_of(&report, &format!("c{level}")), skipped("c0", "down"));
    }
}

#[tokio::test(start_paused = true)]
async fn d3_a_cached_child_is_skipped_at_once_and_runs_again_at_once() {
    let (database, orders) = (Script::default(), Script::default());
    let child = orders.check("orders").cache(3_600 * SECOND).after(["database"]);
    let health = health([database.check("database"), child]);
    assert_eq!(observed(&health, "orders").await, UP);
    database.set(Status::Down);
    assert_eq!(observed(&health, "orders").await, skipped("database", "down"));
    database.set(Status::Up);
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!(orders.runs(), 2);
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!(orders.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn d3_the_first_run_after_a_skip_decides_at_once_and_a_skip_changes_no_counter() {
    let (database, orders) = (Script::default(), Script::default());
    let child = orders.check("orders").after(["database"]).failure_threshold(3).success_threshold(3);
    let health = health([database.check("database"), child]);
    let failures = async || {
        let body = get(&health, "/readyz/orders?verbose").await.1;
        let (_, rest) = body.split_once(r#""consecutive_failures":"#).unwrap();
        rest.split_once(',').unwrap().0.to_owned()
    };
    assert_eq!(observed(&health, "orders").await, UP);
    orders.set(Status::Down);
    assert_eq!(failures().await, "1");
    assert_eq!(observed(&health, "orders").await, UP, "2 of 3");
    database.set(Status::Down);
    for _ in 0..5 {
        assert_eq!(failures().await, "2");
    }
    database.set(Status::Up);
    assert_eq!(observed(&health, "orders").await, with_reason(Status::Down, "refused"));
    database.set(Status::Down);
    assert_eq!(observed(&health, "orders").await, skipped("database", "down"));
    database.set(Status::Up);
    orders.set(Status::Up);
    assert_eq!(observed(&health, "orders").await, UP);
}

#[tokio::test(start_paused = true)]
async fn d3_thresholds_of_the_parent_decide() {
    let (database, orders) = (Script::default(), Script::default());
    let parent = database.check("database").failure_threshold(2);
    let health = health([parent, orders.check("orders").after(["database"])]);
    assert_eq!(observed(&health, "orders").await, UP);
    database.set(Status::Down);
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!(observed(&health, "orders").await, skipped("database", "down"));
    assert_eq!(orders.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn d3_a_background_child_is_skipped_and_runs_again_with_its_parent() {
    let (database, orders) = (Script::default(), Script::default());
    let child = orders.background("orders", 3_600 * SECOND).after(["database"]);
    let health = health([database.background("database", 10 * SECOND), child]);
    let mut transitions = health.subscribe();
    let mut next = async || loop {
        if let Some(Transition::Check { name, to, reason, .. }) = transitions.next().await {
            return (name, to, reason);
        }
    };
    assert_eq!(next().await, ("database".to_owned(), Status::Up, None));
    assert_eq!(next().await, ("orders".to_owned(), Status::Up, None));
    database.set(Status::Down);
    let began = tokio::time::Instant::now();
    assert_eq!(next().await, ("database".to_owned(), Status::Down, Some("refused".to_owned())));
    let reason = Some("skipped: database is down".to_owned());
    assert_eq!(next().await, ("orders".to_owned(), Status::Unknown, reason));
    assert!(began.elapsed() <= 11 * SECOND, "{:?}", began.elapsed());
    let runs = orders.runs();
    database.set(Status::Up);
    let began = tokio::time::Instant::now();
    assert_eq!(next().await, ("database".to_owned(), Status::Up, None));
    assert_eq!(next().await, ("orders".to_owned(), Status::Up, None));
    assert!(began.elapsed() <= 11 * SECOND, "{:?}", began.elapsed());
    assert_eq!(orders.runs(), runs + 1);
}

#[tokio::test(start_paused = true)]
async fn d3_a_background_child_runs_a_parent_that_no_probe_runs() {
    let (database, orders) = (Script::default(), Script::default());
    let child = orders.background("orders", 10 * SECOND).after(["database"]);
    let _health = health([database.check("database").cache(SECOND), child]);
    sleep(3_600 * SECOND).await;
    assert!((320..=410).contains(&orders.runs()), "{}", orders.runs());
    // The second run of the child may find the result of the first one fresh, and the last one may not have ended.
    assert!(database.runs().abs_diff(orders.runs()) <= 1, "{} {}", database.runs(), orders.runs());
    database.set(Status::Down);
    sleep(11 * SECOND).await;
    let (parents, children) = (database.runs(), orders.runs());
    sleep(3_600 * SECOND).await;
    assert_eq!(orders.runs(), children);
    assert!((320..=410).contains(&(database.runs() - parents)), "{}", database.runs() - parents);
    database.set(Status::Up);
    sleep(11 * SECOND).await;
    assert!((1..=2).contains(&(orders.runs() - children)), "{}", orders.runs() - children);
}

#[tokio::test(start_paused = true)]
async fn d3_the_response_leaves_at_the_deadline_and_the_chain_goes_on() {
    let (first, second) = (Script::default(), Script::default());
    let checks = [first.check_of("first", 600 * MS), second.check_of("second", 600 * MS).after(["first"])];
    let health = builder(checks.map(|check| check.cache(SECOND))).start().unwrap();
    let began = tokio::time::Instant::now();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(began.elapsed(), 900 * MS);
    assert_eq!(status_of(&report, "first"), UP);
    assert_eq!(status_of(&report, "second"), with_reason(Status::Unknown, "no result within 900ms"));
    sleep(400 * MS).await;
    assert_eq!(second.runs(), 1);
    assert_eq!(observed(&health, "second").await, UP);
    assert_eq!(second.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn d3_a_dropped_probe_cancels_no_chain() {
    let (first, second) = (Script::default(), Script::default());
    let health = health([first.check_of("first", 100 * MS), second.check_of("second", MS).after(["first"])]);
    tokio::select! {
        biased;
        _ = health.report(Kind::Readiness) => panic!("it takes longer"),
        () = sleep(10 * MS) => {}
    }
    sleep(SECOND).await;
    assert_eq!((first.runs(), second.runs()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn d3_a_prepared_response_with_a_skipped_check_follows_its_parent() {
    let (database, orders) = (Script::default(), Script::default());
    database.set(Status::Down);
    let parent = database.check("database").cache(10 * SECOND);
    let health = health([parent, orders.check("orders").after(["database"])]);
    for _ in 0..100 {
        assert_eq!(codes(&health, ["/readyz", "/readyz/orders"]).await, [503, 503]);
    }
    assert_eq!((database.runs(), orders.runs()), (1, 0));
    database.set(Status::Up);
    advance(10 * SECOND).await;
    assert_eq!(codes(&health, ["/readyz/orders", "/readyz"]).await, [200, 200]);
}

#[tokio::test(start_paused = true)]
async fn d3_a_startup_parent_that_has_passed_counts_as_good() {
    let (migration, orders) = (Script::default(), Script::default());
    let startup = {
        let migration = migration.clone();
        Check::startup("migration", move || {
            let (status, _) = &*migration.0;
            let good = status.load(SeqCst) == 0;
            async move { if good { Ok(()) } else { Err("pending") } }
        })
    };
    migration.set(Status::Down);
    let health = health([startup.critical(false).cache(Duration::ZERO), orders.check("orders").after(["migration"])]);
    // It is not critical, so startup passes with its first result, and the check runs no more.
    assert_eq!(observed(&health, "orders").await, skipped("migration", "down"));
    assert_eq!(observed(&health, "orders").await, UP);
    assert_eq!(codes(&health, ["/startupz", "/readyz"]).await, [200, 200]);
}

#[tokio::test(start_paused = true)]
async fn d3_a_parent_that_is_left_out_is_dropped() {
    use std::collections::BTreeMap;
    let orders = Script::default();
    let mut database = Script::default().check("database");
    database = database.after(["network"]);
    let network = Script::default();
    network.set(Status::Down);
    let checks = [network.check("network"), database, orders.check("orders").after(["network", "database"])];
    let off = serde_json::from_str(r#"{"enabled":false}"#).unwrap();
    let health = builder(checks).overrides(BTreeMap::from([("network".to_owned(), off)])).start().unwrap();
    assert_eq!(observed(&health, "orders").await, UP);
}

#[tokio::test]
async fn d3_cycles_and_unknown_parents_are_start_errors() {
    let check = |name: &str, parents: &[&str]| Check::readiness(name, || async {}).after(parents.iter().copied());
    let alive = Check::liveness("alive", || async {}).after(["a"]);
    let checks = [
        check("a", &["b"]),
        check("b", &["c", "d"]),
        check("c", &["a"]),
        check("d", &["d"]),
        check("e", &["orders-bd", "e2", "E2"]),
        check("e2", &[]),
        check("orders-db", &[]),
        alive,
    ];
    let error = builder(checks).start().unwrap_err().to_string();
    let mut lines = error.lines();
    assert_eq!(lines.next(), Some("health cannot start; 5 problems:"));
    let problems: BTreeSet<String> = lines.map(without_line).collect();
    let expected = [
        "  health check `a` (after.rs) runs after itself: `a` after `b` after `c` after `a`; remove one `after`",
        "  health check `alive` (after.rs) is a liveness check and runs after `a`, which is not; remove it from `after`, or give both one kind",
        "  health check `d` (after.rs) runs after itself: `d` after `d`; remove one `after`",
        "  health check `e` (after.rs) names `E2` twice in `after`; remove one",
        "  health check `e` (after.rs) runs after `orders-bd`, but no check of that name is in this program; did you mean `orders-db`?",
    ];
    assert_eq!(problems, expected.map(str::to_owned).into());
}

fn without_line(problem: &str) -> String {
    let (before, rest) = problem.split_once(" (").unwrap();
    let (_, after) = rest.split_once(") ").unwrap();
    format!("{before} (after.rs) {after}")
}

/// Compares random graphs of on-demand checks with the rule of the contract, evaluated from the roots.
#[tokio::test(start_paused = true)]
async fn d3_random_graphs_follow_the_rule() {
    for seed in 0..200 {
        let mut random = Random::seeded(seed);
        let count = 2 + random.below(9);
        let scripts: Vec<Script> = (0..count).map(|_| Script::default()).collect();
        let parents: Vec<Vec<usize>> = (0..count).map(|child| (0..child).filter(|_| random.below(3) == 0).collect()).collect();
        // The names are in another order than the graph.
        let name = |index: usize| format!("c{}", (index * 7 + 3) % 11);
        let checks =
            (0..count).map(|index| scripts[index].check(&name(index)).after(parents[index].iter().map(|parent| name(*parent))));
        let health = health(checks);
        let mut runs = vec![0; count];
        for step in 0..20 {
            for script in &scripts {
                script.set([Status::Up, Status::Up, Status::Degraded, Status::Down][random.below(4)]);
            }
            let report = health.report(Kind::Readiness).await;
            let mut expected: Vec<(Status, Option<String>)> = Vec::new();
            for index in 0..count {
                let bad = parents[index].iter().find(|parent| !matches!(expected[**parent].0, Status::Up | Status::Degraded));
                expected.push(match bad.map(|parent| (name(*parent), expected[*parent].clone())) {
                    Some((parent, (Status::Down, _))) => skipped(&parent, "down"),
                    Some((_, skip)) => skip,
                    None => {
                        runs[index] += 1;
                        match scripts[index].0.0.load(SeqCst) {
                            0 => UP,
                            1 => with_reason(Status::Degraded, "late"),
                            _ => with_reason(Status::Down, "refused"),
                        }
                    }
                });
            }
            for index in 0..count {
                assert_eq!(status_of(&report, &name(index)), expected[index], "seed {seed}, step {step}, {}", name(index));
                assert_eq!(scripts[index].runs(), runs[index], "seed {seed}, step {step}, {}", name(index));
            }
        }
    }
}
