//! F1 to F8: a failing check of a shared dependency asks other instances.

use std::collections::BTreeMap;
use std::future::{pending, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::test::TestRequest;
use health_runtime::{
    Check, Health, HealthBuilder, HealthState, Kind, PeerAnswer, PeerFuture, PeerNetwork, Peers, Status, Transition,
};
use health_tests::alone;
use health_tests::checks::{builder, status_of, with_reason};
use health_tests::log::Log;
use health_tests::probe::{get, send};
use health_tests::test_name;
use tokio::time::{Instant, sleep};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

const SECOND: Duration = Duration::from_secs(1);

/// The instances as one of them sees them. Each number that it draws is `random`, the largest by default.
#[derive(Clone)]
struct Network(Arc<Instances>);

struct Instances {
    /// `None` does not answer.
    statuses: Mutex<BTreeMap<SocketAddr, Option<Status>>>,
    resolves: AtomicBool,
    random: AtomicU64,
    /// The results of the peers are old.
    is_stale: AtomicBool,
    asked: Mutex<Vec<(Duration, SocketAddr)>>,
    began: Instant,
}

fn address(index: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, index], 8080))
}

impl Network {
    fn new(statuses: &[Option<Status>]) -> Self {
        let network = Self(Arc::new(Instances {
            statuses: Mutex::default(),
            resolves: AtomicBool::new(true),
            random: AtomicU64::new(u64::MAX),
            is_stale: AtomicBool::new(false),
            asked: Mutex::default(),
            began: Instant::now(),
        }));
        network.set(statuses);
        network
    }

    fn set(&self, statuses: &[Option<Status>]) {
        *self.0.statuses.lock().unwrap() = (1..).map(address).zip(statuses.iter().copied()).collect();
    }

    /// Returns when a peer was asked, in seconds, and how often since the last call.
    fn asked(&self) -> Vec<(u64, usize)> {
        let mut counts = BTreeMap::new();
        for (at, _) in self.0.asked.lock().unwrap().drain(..) {
            *counts.entry(at.as_secs()).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }
}

impl PeerNetwork for Network {
    fn look_up(&self) -> PeerFuture<'_, io::Result<Vec<SocketAddr>>> {
        let addresses = self.0.statuses.lock().unwrap().keys().copied().collect();
        let resolves = self.0.resolves.load(SeqCst);
        Box::pin(ready(if resolves { Ok(addresses) } else { Err(io::ErrorKind::NotFound.into()) }))
    }

    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<PeerAnswer>> {
        assert_eq!(check, "database");
        self.0.asked.lock().unwrap().push((self.0.began.elapsed(), peer));
        match self.0.statuses.lock().unwrap().get(&peer).copied() {
            Some(Some(status)) => {
                let age = if self.0.is_stale.load(SeqCst) { Duration::MAX } else { Duration::ZERO };
                Box::pin(ready(Some(PeerAnswer { status, age })))
            }
            _ => Box::pin(pending()),
        }
    }

    fn random(&self) -> u64 {
        self.0.random.load(SeqCst)
    }
}

/// One instance whose database is good until it is switched off.
struct Instance {
    health: Health,
    database: Arc<AtomicBool>,
    network: Network,
}

impl Instance {
    /// Starts an instance that is ready, and switches its database off.
    async fn failing(statuses: &[Option<Status>]) -> Self {
        let instance = Self::start(statuses, |builder| builder).await;
        instance.database.store(false, SeqCst);
        instance
    }

    async fn start(statuses: &[Option<Status>], configure: impl FnOnce(HealthBuilder) -> HealthBuilder) -> Self {
        let (database, network) = (Arc::new(AtomicBool::new(true)), Network::new(statuses));
        let state = Arc::clone(&database);
        let check = Check::readiness("database", move || ready(if state.load(SeqCst) { Ok(()) } else { Err("bad") }));
        let check = check.shared(true).cache(Duration::ZERO);
        let builder = configure(builder([]).peers(Peers::simulated(network.clone())));
        let health = builder.check(check).start().unwrap();
        let instance = Self { health, database, network };
        assert_eq!(instance.observed().await, (Healthy, Status::Up, None));
        sleep(Duration::from_millis(1)).await;
        instance
    }

    async fn observed(&self) -> (HealthState, Status, Option<String>) {
        let report = self.health.report(Kind::Readiness).await;
        let (status, reason) = status_of(&report, "database");
        (report.state(), status, reason)
    }

    /// Probes once a second for this many seconds. Returns each different state with the second in which it was first seen.
    async fn probe_for(&self, seconds: u32) -> Vec<(u32, HealthState, Option<String>)> {
        let mut seen: Vec<(u32, HealthState, Option<String>)> = Vec::new();
        for second in 0..seconds {
            let (state, _, reason) = self.observed().await;
            if seen.last().is_none_or(|last| (last.1, &last.2) != (state, &reason)) {
                seen.push((second, state, reason));
            }
            sleep(SECOND).await;
        }
        seen
    }
}

fn seen(second: u32, state: HealthState, reason: &str) -> (u32, HealthState, Option<String>) {
    (second, state, (!reason.is_empty()).then(|| reason.to_owned()))
}

use HealthState::{Degraded, Healthy, Unhealthy};

const UP: Option<Status> = Some(Status::Up);
const DOWN: Option<Status> = Some(Status::Down);

#[tokio::test(start_paused = true)]
async fn f1_a_failure_at_every_asked_peer_leaves_the_instance_in_rotation() {
    let instance = Instance::failing(&[DOWN; 9]).await;
    let mut transitions = instance.health.subscribe();
    let everywhere = "down here and at 3 of 3 peers";
    assert_eq!(instance.probe_for(60).await, [seen(0, Degraded, everywhere)]);
    let (code, body) = get(&instance.health, "/readyz").await;
    let expected = format!(
        r#"{{"status":"degraded","checks":{{"database":{{"status":"down","latency_ms":0,"error":"{everywhere}"}}}},"uptime_seconds":60}}"#
    );
    assert_eq!((code, body), (200, expected));
    assert_eq!(get(&instance.health, "/livez").await.0, 200);
    let scrape = send(instance.health.service().metrics("/metrics"), TestRequest::with_uri("/metrics")).await.body;
    for sample in [r#"health_status{kind="readiness"} 0.5"#, r#"health_check_status{check="database"} 0.0"#] {
        assert!(scrape.lines().any(|line| line == sample), "{sample}: {scrape}");
    }
    let kind = |from, to| Transition::Kind { kind: Kind::Readiness, from, to };
    let down = Transition::Check {
        name: "database".to_owned(),
        from: Status::Up,
        to: Status::Down,
        reason: Some("check failed".to_owned()),
    };
    assert_eq!(transitions.next().await, Some(down));
    assert_eq!(transitions.next().await, Some(kind(Healthy, Degraded)));
    // With the largest random number the interval is 5.5 s.
    let asked = instance.network.asked();
    assert_eq!(asked[0], (0, 6), "before the failure is published, and after");
    let later: Vec<(u64, usize)> = (1..11).map(|question| ((5_500 * question + 1) / 1_000, 3)).collect();
    assert_eq!(asked[1..], later);

    instance.database.store(true, SeqCst);
    assert_eq!(instance.probe_for(20).await, [seen(0, Healthy, "")]);
    assert_eq!(instance.network.asked(), [], "a check that is up asks nobody");
}

#[tokio::test(start_paused = true)]
async fn f2_an_instance_that_fails_alone_leaves_with_the_first_response() {
    let instance = Instance::failing(&[UP; 9]).await;
    assert_eq!(get(&instance.health, "/readyz").await.0, 503);
    assert_eq!(instance.probe_for(30).await, [seen(0, Unhealthy, "check failed")]);
    let asked = instance.network.asked();
    assert_eq!(asked[..3], [(0, 6), (5, 3), (11, 3)], "before the failure is published, and after");

    // It returns within ten seconds after the database is back.
    instance.database.store(true, SeqCst);
    assert_eq!(instance.probe_for(30).await, [seen(0, Unhealthy, "check failed"), seen(10, Healthy, "")]);
    // A second failure begins again.
    instance.database.store(false, SeqCst);
    assert_eq!(instance.probe_for(30).await, [seen(0, Unhealthy, "check failed")]);
}

#[tokio::test(start_paused = true)]
async fn f2_old_results_of_peers_are_asked_for_again_after_a_random_delay() {
    let instance = Instance::failing(&[UP; 9]).await;
    instance.network.0.is_stale.store(true, SeqCst);
    assert_eq!(instance.probe_for(30).await, [seen(0, Degraded, "check failed"), seen(5, Unhealthy, "check failed")]);

    let instance = Instance::failing(&[UP; 9]).await;
    instance.network.0.is_stale.store(true, SeqCst);
    instance.network.0.random.store(u64::MAX / 5 * 2, SeqCst);
    assert_eq!(instance.probe_for(10).await, [seen(0, Degraded, "check failed"), seen(2, Unhealthy, "check failed")]);
    instance.database.store(true, SeqCst);
    assert_eq!(instance.probe_for(30).await, [seen(0, Unhealthy, "check failed"), seen(4, Healthy, "")]);
}

#[tokio::test(start_paused = true)]
async fn f2_the_first_response_waits_at_most_a_tenth_of_a_second_for_peers() {
    let instance = Instance::failing(&[None; 9]).await;
    let began = Instant::now();
    assert_eq!(get(&instance.health, "/readyz").await.0, 200);
    assert_eq!(began.elapsed(), Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn f2_a_failure_during_the_delay_before_the_return_ends_the_return() {
    let instance = Instance::failing(&[UP; 9]).await;
    assert_eq!(instance.probe_for(6).await, [seen(0, Unhealthy, "check failed")]);
    instance.database.store(true, SeqCst);
    assert_eq!(instance.probe_for(9).await, [seen(0, Unhealthy, "check failed")]);
    instance.database.store(false, SeqCst);
    assert_eq!(instance.probe_for(30).await, [seen(0, Unhealthy, "check failed")]);
    instance.database.store(true, SeqCst);
    assert_eq!(instance.probe_for(12).await, [seen(0, Unhealthy, "check failed"), seen(10, Healthy, "")]);
}

#[tokio::test(start_paused = true)]
async fn f2_only_the_run_that_turns_the_check_to_down_asks_first() {
    let instance = Instance::start(&[UP; 9], |builder| builder.policy("database", |policy| policy.failure_threshold = 3)).await;
    instance.database.store(false, SeqCst);
    assert_eq!(instance.probe_for(2).await, [seen(0, Healthy, "")]);
    assert_eq!(instance.network.asked(), []);
    assert_eq!(instance.probe_for(5).await, [seen(0, Unhealthy, "check failed")]);
    assert_eq!(instance.network.asked(), [(2, 6)]);
}

#[tokio::test(start_paused = true)]
async fn f2_at_the_end_of_a_grace_the_task_asks() {
    let instance =
        Instance::start(&[UP; 9], |builder| builder.policy("database", |policy| policy.grace = Some(10 * SECOND))).await;
    instance.database.store(false, SeqCst);
    let states = instance.probe_for(30).await;
    assert_eq!(states[0], seen(0, Healthy, ""));
    assert_eq!(states.last(), Some(&seen(10, Unhealthy, "check failed")), "{states:?}");
    assert_eq!(instance.network.asked()[0], (10, 3));
}

#[tokio::test(start_paused = true)]
async fn f3_without_a_vote_a_failure_counts_in_full() {
    for statuses in [&[None; 9][..], &[Some(Status::Unknown); 9]] {
        let instance = Instance::failing(statuses).await;
        let states = instance.probe_for(30).await;
        assert_eq!(states.first(), Some(&seen(0, Degraded, "check failed")));
        let (second, state, _) = states.last().unwrap();
        assert_eq!((*state, states.len()), (Unhealthy, 2));
        assert!(*second <= 8, "two questions of a second each, and the delay: {second}");
    }
}

#[tokio::test(start_paused = true)]
async fn f3_an_instance_without_peers_leaves_at_once() {
    for statuses in [&[][..], &[UP]] {
        let instance = Instance::failing(statuses).await;
        assert_eq!(instance.probe_for(9).await, [seen(0, Unhealthy, "check failed")]);
    }
}

#[tokio::test(start_paused = true)]
async fn f4_no_more_than_the_rest_leaves() {
    let instance = Instance::start(&[UP; 10], |builder| builder).await;
    instance.network.set(&[UP; 5]);
    instance.database.store(false, SeqCst);
    let stays = "down here, and fewer than 5 of 10 instances would stay in rotation";
    assert_eq!(instance.probe_for(30).await, [seen(0, Degraded, stays)]);
    // Others return, and this one may leave.
    instance.network.set(&[UP; 6]);
    let states = instance.probe_for(10).await;
    assert_eq!(states.first(), Some(&seen(0, Degraded, stays)));
    assert_eq!(states.last().map(|last| (last.1, last.2.as_deref())), Some((Unhealthy, Some("check failed"))));
}

#[tokio::test(start_paused = true)]
async fn f4_an_instance_stays_where_most_of_its_peers_fail() {
    // Its random numbers choose the 6th, the 7th and the 8th.
    let instance = Instance::failing(&[UP, UP, UP, UP, UP, DOWN, DOWN, UP, UP, UP]).await;
    let stays = "down here, and fewer than 5 of 10 instances would stay in rotation";
    assert_eq!(instance.probe_for(60).await, [seen(0, Degraded, "check failed"), seen(5, Degraded, stays)]);
}

#[tokio::test(start_paused = true)]
async fn f4_a_lookup_that_fails_keeps_the_last_addresses() {
    let instance = Instance::failing(&[DOWN; 9]).await;
    instance.network.0.resolves.store(false, SeqCst);
    let states = instance.probe_for(60).await;
    assert_eq!(states.last(), Some(&seen(0, Degraded, "down here and at 3 of 3 peers")));
}

#[tokio::test(start_paused = true)]
async fn f5_an_instance_that_stays_broken_alone_leaves_once_the_others_have_recovered() {
    let instance = Instance::failing(&[DOWN; 9]).await;
    assert_eq!(instance.probe_for(60).await.last(), Some(&seen(0, Degraded, "down here and at 3 of 3 peers")));
    instance.network.set(&[UP; 9]);
    let expected = [seen(0, Degraded, "down here and at 3 of 3 peers"), seen(1, Unhealthy, "check failed")];
    assert_eq!(instance.probe_for(30).await, expected);
    // And returns, degraded, when the failure reaches the others.
    instance.network.set(&[DOWN; 9]);
    let states = instance.probe_for(10).await;
    assert_eq!(states.last().map(|last| (last.1, last.2.as_deref())), Some((Degraded, Some("down here and at 3 of 3 peers"))));
}

#[tokio::test(start_paused = true)]
async fn f6_a_first_result_that_is_down_counts_in_full_until_peers_fail_too() {
    let network = Network::new(&[UP; 9]);
    let check = || Check::readiness("database", || ready(Err::<(), _>("bad"))).shared(true).cache(Duration::ZERO);
    let health = builder([]).peers(Peers::simulated(network.clone())).check(check()).start().unwrap();
    for _ in 0..20 {
        assert_eq!(health.report(Kind::Readiness).await.state(), Unhealthy);
        sleep(SECOND).await;
    }
    network.set(&[DOWN; 9]);
    sleep(6 * SECOND).await;
    assert_eq!(health.report(Kind::Readiness).await.state(), Degraded);
}

#[tokio::test(start_paused = true)]
async fn f6_a_run_that_times_out_is_limited_too() {
    let hangs = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&hangs);
    let run = move || {
        let hangs = state.load(SeqCst);
        async move {
            if hangs {
                pending::<()>().await;
            }
        }
    };
    let network = Network::new(&[DOWN; 3]);
    let check = Check::readiness("database", run).shared(true).cache(Duration::ZERO);
    let health = builder([]).peers(Peers::simulated(network)).check(check).start().unwrap();
    assert_eq!(health.report(Kind::Readiness).await.state(), Healthy);
    hangs.store(true, SeqCst);
    let report = health.report(Kind::Readiness).await;
    let everywhere = with_reason(Status::Down, "down here and at 3 of 3 peers");
    assert_eq!((report.state(), status_of(&report, "database")), (Degraded, everywhere));
}

#[tokio::test(start_paused = true)]
async fn f7_a_check_that_is_skipped_because_of_a_limited_failure_is_limited_too() {
    let child = || Check::readiness("orders", || async {}).after(["database"]).cache(Duration::ZERO);
    let instance = Instance::start(&[DOWN; 9], |builder| builder.check(child())).await;
    instance.database.store(false, SeqCst);
    let everywhere = "down here and at 3 of 3 peers";
    assert_eq!(instance.probe_for(30).await, [seen(0, Degraded, everywhere)]);
    let report = instance.health.report(Kind::Readiness).await;
    assert_eq!(status_of(&report, "orders"), with_reason(Status::Unknown, "skipped: database is down"));
    instance.network.set(&[UP; 9]);
    let states = instance.probe_for(30).await;
    assert_eq!(states.last().map(|last| last.1), Some(Unhealthy));
}

#[tokio::test(start_paused = true)]
async fn f7_a_failure_of_another_check_counts_in_full() {
    let other = Check::readiness("other", || ready(Err::<(), _>("bad"))).cache(Duration::ZERO);
    let database = Check::readiness("database", || ready(Err::<(), _>("bad"))).shared(true).cache(Duration::ZERO);
    let health = builder([]).peers(Peers::simulated(Network::new(&[DOWN; 9]))).check(other).check(database).start().unwrap();
    for _ in 0..10 {
        assert_eq!(health.report(Kind::Readiness).await.state(), Unhealthy);
        sleep(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn f8_without_peers_the_option_adds_a_tag_and_a_warning() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let (file, line) = (file!(), line!() + 1);
    let check = Check::readiness("database", || ready(Err::<(), _>("bad"))).shared(true).tags(["storage"]);
    let health = builder([check]).start().unwrap();
    assert_eq!(
        log.lines(),
        [format!(
            "WARN health check `database` ({file}:{line}) has `shared`, which has no effect without peers; add `.peers(Peers::dns(\"name:port\"))`"
        )]
    );
    let (code, body) = get(&health, "/readyz?tag=shared&verbose").await;
    assert_eq!(code, 503);
    assert!(body.contains(r#""tags":["storage","shared"]"#), "{body}");
}

#[test]
fn f8_start_rejects_what_peers_cannot_be() {
    let run = || async {};
    let shared = |check: Check| check.shared(true);
    let problems = |builder: HealthBuilder| builder.start().unwrap_err().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _context = runtime.enter();
    for (check, problem) in [
        (Check::liveness("x", run), "is a liveness check with `shared`; remove it, or make the check a readiness check"),
        (Check::startup("x", run), "has `shared` but is not a readiness check; add readiness, or remove `shared`"),
        (Check::readiness("x", run).critical(false), "has both `shared` and `critical = false`; remove one"),
        (Check::reported("x", Kind::Readiness), "has no runs, so its `shared` has no effect; remove it"),
    ] {
        let found = problems(builder([]).check(shared(check)));
        assert!(found.ends_with(problem), "{found}");
    }
    for (peers, problem) in [
        (Peers::dns("orders"), "`peers` has \"orders\", which is not a host and a port; write them as in `orders-headless:8080`"),
        (
            Peers::dns("http://a:80"),
            "`peers` has \"http://a:80\", which is not a host and a port; write them as in `orders-headless:8080`",
        ),
        (Peers::dns("a:80/x"), "`peers` has \"a:80/x\", which is not a host and a port; write them as in `orders-headless:8080`"),
        (Peers::list([""; 0]), "`peers` has an empty list; give the instances, such as `orders-headless:8080`"),
        (Peers::dns("a:80").keep(1.5), "`peers` has a `keep` of 1.5; give a part from 0 to 1"),
        (Peers::dns("a:80").keep(f64::NAN), "`peers` has a `keep` of NaN; give a part from 0 to 1"),
        (Peers::dns("a:80").path("readyz"), "`peers` has the path \"readyz\"; start it with `/`, as in `/readyz`"),
        (Peers::dns("a:80").leave_within(90_000 * SECOND), "`peers` has a `leave_within` of 90000s; the maximum is 24h"),
        (Peers::dns("a:80").readmit_within(90_000 * SECOND), "`peers` has a `readmit_within` of 90000s; the maximum is 24h"),
    ] {
        let found = problems(builder([]).check(Check::readiness("x", run).shared(true)).peers(peers));
        assert!(found.ends_with(problem), "{found}");
    }
}
