//! Several values of one type: named state, a check for each value, and their quorum.

#![allow(clippy::unused_async, clippy::needless_pass_by_value, reason = "these are the forms that a check may have")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use actix_web::web;
use futures_util::FutureExt as _;
use health_runtime::{
    Check, Health, HealthBuilder, HealthState, Kind, Outcome, PolicyOverride, Scope, Status, Transition, health_check,
};
use health_tests::probe;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// Its status, which a test changes.
#[derive(Clone, Default)]
struct Pool(Arc<AtomicU8>);

impl Pool {
    fn set(&self, status: Status) {
        self.0.store(status as u8, Ordering::SeqCst);
    }

    fn outcome(&self) -> Outcome {
        match self.0.load(Ordering::SeqCst) {
            0 => Outcome::up(),
            1 => Outcome::degraded("lags"),
            _ => Outcome::down("gone"),
        }
    }
}

trait Tenant: Send + Sync {
    fn id(&self) -> u32;
}

impl Tenant for u32 {
    fn id(&self) -> u32 {
        *self
    }
}

/// The shard answers.
#[health_check(readiness, cache = "0s", tags = ["db"])]
async fn shard(#[each] pool: &Pool) -> Outcome {
    pool.outcome()
}

#[health_check(readiness, cache = "0s", quorum = 1, name = "replicas")]
async fn one_of_three(#[each] pool: &Pool) -> Outcome {
    pool.outcome()
}

#[health_check(liveness, cache = "0s", quorum = 2)]
fn consumers(#[each] running: &AtomicBool) -> Result<(), &'static str> {
    if running.load(Ordering::SeqCst) { Ok(()) } else { Err("stopped") }
}

#[health_check(readiness, startup, name = "tenant")]
fn a_tenant(#[each] tenant: &dyn Tenant, #[named("limit")] limit: web::Data<u32>) -> Outcome {
    if tenant.id() < **limit { Outcome::up().with("id", tenant.id()) } else { Outcome::down("too many") }
}

#[health_check(startup, timeout = "10s", quorum = 1)]
async fn warmed(#[each] time: &Duration) {
    tokio::time::sleep(*time).await;
}

/// Runs while one replica is good.
#[health_check(readiness, cache = "0s", after = ["Replicas"])]
async fn reader() {}

/// Runs while this replica is good.
#[health_check(readiness, cache = "0s", after = ["replicas.b"])]
async fn reader_of_b() {}

#[health_check(readiness, cache = "0s", after = ["shard"])]
async fn writer() {}

#[health_check(readiness, after = ["reader", "nobody"])]
async fn lost(#[each] pool: &Pool) -> Outcome {
    pool.outcome()
}

#[health_check(readiness)]
async fn pair(#[named("primary")] primary: &Pool, #[named("replica")] replica: Option<&Pool>) -> Outcome {
    primary.outcome().with("replica", replica.is_some())
}

#[health_check(readiness)]
async fn single(pool: &Pool) -> Outcome {
    pool.outcome()
}

fn builder(checks: &[&str]) -> HealthBuilder {
    Health::builder().only(checks.iter().copied())
}

fn shards(builder: HealthBuilder, names: &[&str]) -> HealthBuilder {
    names.iter().fold(builder, |builder, name| builder.named_state(*name, Pool::default()))
}

async fn names(health: &Health) -> Vec<String> {
    health.report(Scope::All).await.checks().map(|check| check.name().to_owned()).collect()
}

fn problems(builder: HealthBuilder) -> Vec<String> {
    let error = builder.start().err().unwrap().to_string();
    error.lines().skip(1).map(|line| line.trim_start().to_owned()).collect()
}

/// Returns the place of a function of this file.
fn place(needle: &str) -> String {
    let line = 1 + include_str!("instances.rs").lines().position(|line| line.contains(needle)).unwrap();
    format!("({}:{line})", file!())
}

#[tokio::test(start_paused = true)]
async fn d1_each_named_value_has_a_check() {
    let (eu, us) = (Pool::default(), Pool::default());
    us.set(Status::Down);
    let health = builder(&["shard"]).named_state("eu", eu).named_shared_state("us", Arc::new(us)).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.state(), HealthState::Unhealthy);
    let found: Vec<_> = report.checks().map(|check| (check.name(), check.status(), check.error())).collect();
    assert_eq!(found, [("shard.eu", Status::Up, None), ("shard.us", Status::Down, Some("gone"))]);
    assert_eq!(report.check("shard.eu").unwrap().description(), Some("The shard answers."));
}

#[tokio::test(start_paused = true)]
async fn d1_instances_have_the_tag_and_the_place_of_their_function() {
    let edit = |tags: &'static [&str]| move |policy: &mut health_runtime::Policy| assert_eq!(policy.tags, tags);
    let started = shards(builder(&["shard", "replicas"]), &["eu", "us"])
        .policy("shard.us", edit(&["db", "shard"]))
        .policy("replicas.us", edit(&["replicas"]))
        .policy("SHARD.EU", |policy| policy.critical = false);
    assert_eq!(names(&started.start().unwrap()).await, ["replicas.eu", "replicas.us", "shard.eu", "shard.us"]);
    let duplicate = Check::readiness("Shard.us", || async {});
    let here = format!("({}:{})", file!(), line!() - 1);
    let expected = format!(
        "duplicate check name: health check `Shard.us` {here} and health check `shard.us` {}; rename one, add `name = …` to the attribute",
        place("async fn shard")
    );
    assert_eq!(problems(shards(builder(&["shard"]), &["eu", "us"]).check(duplicate)), [expected]);
}

#[tokio::test(start_paused = true)]
async fn d1_no_named_value_is_a_start_error() {
    let shard = place("async fn shard");
    let none = format!(
        "health check `shard` {shard} takes `#[each] &Pool`, but no named value of that type is given; add `.named_state(\"…\", …)` to the builder, or leave the check out with `.without(\"shard\")`"
    );
    assert_eq!(problems(builder(&["shard"]).state(Pool::default())), [none]);
    let in_arc = format!(
        "health check `shard` {shard} takes `#[each] &Pool`, but only an `Arc` of that type is given; give it with `.named_shared_state(…)`"
    );
    assert_eq!(problems(builder(&["shard"]).named_state("eu", Arc::new(Pool::default()))), [in_arc]);
    let twice = shards(builder(&["shard"]), &["eu"]).named_state("eu", web::Data::new(Pool::default()));
    let in_data = format!(
        "health check `shard` {shard} takes `#[each] &Pool`, but it is given twice, as a value and in a `web::Data`; remove one"
    );
    assert_eq!(problems(twice), [in_data]);
    let tenant = place("fn a_tenant");
    let unsized_state = format!(
        "health check `tenant` {tenant} takes `#[each] &dyn Tenant`, but no named value of that type is given; add `.named_shared_state(\"…\", …)` to the builder, or leave the check out with `.without(\"tenant\")`"
    );
    assert_eq!(problems(builder(&["tenant"]).named_state("limit", 3_u32)), [unsized_state]);
    let left_out = builder(&["shard", "single"]).without("single").without("shards").state(Pool::default());
    assert_eq!(problems(left_out).len(), 3, "`single` twice, `shards` unknown, and no named value");
}

#[tokio::test(start_paused = true)]
async fn d1_state_of_every_form_has_names() {
    let health = builder(&["tenant"])
        .named_shared_state::<dyn Tenant>("acme", Arc::new(7_u32))
        .named_shared_state::<dyn Tenant>("zeta", Arc::new(9_u32))
        .named_state("limit", web::Data::new(8_u32))
        .start()
        .unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("tenant.acme").unwrap().detail("id"), Some(7.into()));
    assert_eq!(report.check("tenant.zeta").unwrap().error(), Some("too many"));

    let pair = |builder: HealthBuilder| async move {
        let report = builder.start().unwrap().report(Kind::Readiness).await;
        report.check("pair").unwrap().detail("replica")
    };
    assert_eq!(pair(shards(builder(&["pair"]), &["primary", "replica", "other"])).await, Some(true.into()));
    assert_eq!(pair(shards(builder(&["pair"]), &["primary"]).state(Pool::default())).await, Some(false.into()));
}

#[tokio::test(start_paused = true)]
async fn d1_a_missing_name_is_a_start_error_with_the_nearest_one() {
    let takes = format!(
        "health check `pair` {} takes `#[named(\"primary\")] &Pool`, but no value of that type has that name",
        place("async fn pair")
    );
    let pair = || builder(&["pair"]);
    assert_eq!(problems(pair()), [format!("{takes}; add `.named_state(\"primary\", …)` to the builder")]);
    assert_eq!(problems(shards(pair(), &["replica", "primry"])), [format!("{takes}; did you mean `primry`?")]);
    assert_eq!(problems(shards(pair(), &["Primary"])), [format!("{takes}; did you mean `Primary`?")]);
    assert_eq!(problems(shards(pair(), &["eu", "us"])), [format!("{takes}; there are `eu`, `us`")]);
    let single = format!(
        "health check `single` {} takes `&Pool`, but every value of that type has a name, `eu`; add `#[named(\"…\")]` or `#[each]` to the argument",
        place("async fn single")
    );
    assert_eq!(problems(shards(builder(&["single"]), &["eu"])), [single]);
}

#[tokio::test(start_paused = true)]
async fn d1_duplicate_empty_and_invalid_names_are_start_errors() {
    let pool = "instances::Pool";
    let here = |offset: u32| format!("`behaviour::{pool}` ({}:{offset})", file!());
    let line = line!() + 1;
    let twice = builder(&["shard"]).named_state("eu", Pool::default()).named_state("EU", Pool::default());
    let duplicates = problems(twice);
    assert_eq!(duplicates[0], format!("{} is given as state `EU` twice; rename one", here(line)));
    let line = line!() + 1;
    let empty = shards(builder(&["shard"]), &["eu"]).named_state("", Pool::default());
    assert_eq!(
        problems(empty),
        [format!("{} is given as state with an empty name; choose one, or use `shared_state`", here(line))]
    );
    let long = "x".repeat(58);
    let shard = place("async fn shard");
    assert_eq!(
        problems(shards(builder(&["shard"]), &["eu west", &long, "us"])),
        [
            format!(
                "health check `shard.eu west` {shard} has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them"
            ),
            format!("health check `shard.{long}` {shard} has a name of more than 63 bytes; shorten it"),
        ]
    );
    // Names of other values are free.
    shards(builder(&["pair"]), &["primary", "eu west"]).start().unwrap();
}

#[tokio::test(start_paused = true)]
async fn d1_the_name_of_the_function_is_all_its_instances() {
    let all = || shards(builder(&["shard", "replicas"]), &["eu", "us"]).require(["shard", "shard.eu"]);
    let found = |builder: HealthBuilder| async move { names(&builder.start().unwrap()).await };
    let others = [
        "bounded_by_a_constant",
        "consumers",
        "lost",
        "orders",
        "ping",
        "without-self",
        "pair",
        "reader",
        "reader_of_b",
        "writer",
        "single",
        "tenant",
        "warmed",
        "SHARD",
        "replicas.us",
    ];
    let without = others.into_iter().fold(shards(Health::builder(), &["eu", "us"]), HealthBuilder::without);
    assert_eq!(found(without).await, ["replicas.eu"]);
    assert_eq!(found(all().without("shard.eu")).await, ["replicas.eu", "replicas.us", "shard.us"]);
    let one = shards(builder(&["shard.us"]), &["eu", "us"]);
    assert_eq!(found(one).await, ["shard.us"]);
    let overrides = |json: &str| serde_json::from_str::<BTreeMap<String, PolicyOverride>>(json).unwrap();
    let disabled = all().overrides(overrides(r#"{ "shard": { "enabled": false }, "shard.us": { "enabled": true } }"#));
    assert_eq!(found(disabled).await, ["replicas.eu", "replicas.us", "shard.us"]);

    let is_critical = |builder: HealthBuilder| async move {
        let report = builder.start().unwrap().report(Kind::Readiness).await;
        ["shard.eu", "shard.us"].map(|name| report.check(name).unwrap().is_critical())
    };
    assert_eq!(is_critical(all()).await, [true, true]);
    assert_eq!(is_critical(all().policy("Shard", |policy| policy.critical = false)).await, [false, false]);
    assert_eq!(is_critical(all().overrides(overrides(r#"{ "shard": { "critical": false } }"#))).await, [false, false]);
    let later = all().policy("shard", |policy| policy.critical = false).policy("shard.us", |policy| policy.critical = true);
    assert_eq!(is_critical(later).await, [false, true]);
    let others_stay =
        all().policy("shard.us", |policy| policy.critical = false).policy("shard", |policy| policy.success_threshold = 2);
    assert_eq!(is_critical(others_stay).await, [true, false]);
    assert_eq!(
        problems(all().without("shards")),
        ["`without` names health check `shards`, but no linked check of that name is in this program; did you mean `shard`?"]
    );
    let taken = Check::readiness("SHARD", || async {});
    let here = format!("({}:{})", file!(), line!() - 1);
    let expected = format!(
        "duplicate check name: health check `SHARD` {here} and health check `shard` {}; rename one, add `name = …` to the attribute",
        place("async fn shard")
    );
    assert_eq!(problems(shards(builder(&["shard"]), &["eu"]).check(taken)), [expected]);
}

async fn state(health: &Health, scope: impl Into<Scope>) -> HealthState {
    health.report(scope).await.state()
}

#[tokio::test(start_paused = true)]
async fn d2_one_of_three_replicas_is_enough() {
    let pools: Vec<Pool> = (0..3).map(|_| Pool::default()).collect();
    let start = |critical: bool| {
        let builder = builder(&["replicas"]).policy("replicas", move |policy| policy.critical = critical);
        let all = pools.iter().zip(["a", "b", "c"]);
        all.fold(builder, |builder, (pool, name)| builder.named_state(name, pool.clone())).start().unwrap()
    };
    let (critical, optional) = (start(true), start(false));
    for statuses in
        (0..27).map(|code| [code % 3, code / 3 % 3, code / 9].map(|code| [Status::Up, Status::Degraded, Status::Down][code]))
    {
        pools.iter().zip(statuses).for_each(|(pool, status)| pool.set(status));
        let good = statuses.iter().filter(|status| **status < Status::Down).count();
        let expected = match good {
            0 => HealthState::Unhealthy,
            3 if statuses == [Status::Up; 3] => HealthState::Healthy,
            _ => HealthState::Degraded,
        };
        assert_eq!(state(&critical, Kind::Readiness).await, expected, "{statuses:?}");
        assert_eq!(state(&critical, Scope::All).await, expected, "{statuses:?}");
        assert_eq!(state(&optional, Kind::Readiness).await, expected.min(HealthState::Degraded), "{statuses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn d2_a_quorum_counts_unknown_liveness_instances_as_good() {
    let running = |running: bool| AtomicBool::new(running);
    let started = |values: [bool; 3]| {
        let builder = builder(&["consumers"]);
        values
            .into_iter()
            .zip(["a", "b", "c"])
            .fold(builder, |builder, (value, name)| builder.named_state(name, running(value)))
            .start()
    };
    for (values, expected) in [
        ([true; 3], HealthState::Healthy),
        ([true, true, false], HealthState::Degraded),
        ([true, false, false], HealthState::Unhealthy),
    ] {
        assert_eq!(state(&started(values).unwrap(), Kind::Liveness).await, expected, "{values:?}");
    }
    let stuck = builder(&["consumers"])
        .named_state("a", running(true))
        .named_state("b", running(false))
        .named_state("c", running(true))
        .policy("consumers.c", |policy| policy.interval = Some(Duration::from_hours(1)))
        .start()
        .unwrap();
    let report = stuck.report(Kind::Liveness).await;
    assert_eq!(report.check("consumers.b").unwrap().status(), Status::Down);
    assert_eq!(report.state(), HealthState::Degraded);
}

#[tokio::test]
async fn d2_a_quorum_above_the_number_of_instances_is_a_start_error() {
    let consumers = place("fn consumers");
    let one = builder(&["consumers"]).named_state("a", AtomicBool::new(true));
    let expected = format!(
        "health check `consumers` {consumers} has a `quorum` of 2, but one instance; lower it, or add named values to the builder"
    );
    assert_eq!(problems(one), [expected]);
    let enough = builder(&["consumers.a"]).named_state("a", AtomicBool::new(true)).named_state("b", AtomicBool::new(true));
    assert_eq!(state(&enough.start().unwrap(), Kind::Liveness).await, HealthState::Healthy, "one of two is left out");
}

#[tokio::test(start_paused = true)]
async fn d2_startup_passes_with_its_quorum_and_keeps_the_results_that_follow() {
    let times = [("a", 0), ("b", 5), ("c", 60)].map(|(name, secs)| (name, Duration::from_secs(secs)));
    let builder = times.into_iter().fold(builder(&["warmed"]), |builder, (name, time)| builder.named_state(name, time));
    let health = builder.start().unwrap();
    let statuses = |report: Arc<health_runtime::Report>| {
        let checks = report.checks().map(|check| (check.status(), check.error().map(ToOwned::to_owned)));
        (report.state(), checks.collect::<Vec<_>>())
    };
    let missing = |error: &str| (Status::Unknown, Some(error.to_owned()));
    let first = statuses(health.report(Kind::Startup).await);
    let none = missing("no result within 900ms");
    assert_eq!(first, (HealthState::Degraded, vec![(Status::Up, None), none.clone(), none]));
    assert_eq!(state(&health, Kind::Readiness).await, HealthState::Healthy);
    tokio::time::sleep(Duration::from_secs(15)).await;
    let last = statuses(health.report(Kind::Startup).await);
    let timed_out = (Status::Down, Some("timed out after 10s".to_owned()));
    assert_eq!(last, (HealthState::Degraded, vec![(Status::Up, None), (Status::Up, None), timed_out]));
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(statuses(health.report(Kind::Startup).await), last, "no instance runs again");
}

#[actix_web::test]
async fn d2_the_rule_is_over_the_instances_that_a_response_selects() {
    tokio::time::pause();
    let pools: Vec<Pool> = (0..3).map(|_| Pool::default()).collect();
    let named = pools.iter().zip(["a", "b", "c"]);
    let health =
        named.fold(builder(&["replicas"]), |builder, (pool, name)| builder.named_state(name, pool.clone())).start().unwrap();
    pools[1].set(Status::Down);
    pools[2].set(Status::Down);
    for (path, code) in [
        ("/readyz", 200),
        ("/readyz/replicas.a", 200),
        ("/readyz/replicas.b", 503),
        ("/readyz?exclude=replicas.b", 200),
        ("/readyz?exclude=replicas.a", 503),
        ("/readyz?exclude=replicas.a&exclude=replicas.b&exclude=replicas.c", 200),
        ("/health", 200),
        ("/health?tag=replicas", 200),
        ("/health?tag=replicas&exclude=replicas.a", 503),
        ("/readyz/replicas", 404),
        ("/health?tag=nope", 404),
    ] {
        // The second response may be a prepared one.
        assert_eq!(probe::codes(&health, [path, path]).await, [code, code], "{path}");
    }
    let (_, body) = probe::get(&health, "/readyz?format=microprofile").await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["status"], "UP");
    assert_eq!(body["checks"].as_array().unwrap().iter().map(|check| &check["status"]).collect::<Vec<_>>(), ["UP"; 3]);
    let (_, body) = probe::get(&health, "/readyz/replicas.b?format=microprofile").await;
    assert!(body.starts_with(r#"{"status":"DOWN","checks":[{"name":"replicas.b","status":"DOWN""#), "{body}");
}

#[tokio::test(start_paused = true)]
async fn d2_transitions_and_metrics_of_a_kind_follow_the_quorum() {
    let pools: Vec<Pool> = (0..2).map(|_| Pool::default()).collect();
    let named = pools.iter().zip(["a", "b"]);
    let health =
        named.fold(builder(&["replicas"]), |builder, (pool, name)| builder.named_state(name, pool.clone())).start().unwrap();
    let mut transitions = health.subscribe();
    let (mut kinds, mut gauges) = (Vec::new(), Vec::new());
    for (pool, status) in [(0, Status::Up), (0, Status::Down), (1, Status::Down), (0, Status::Up), (1, Status::Up)] {
        pools[pool].set(status);
        health.report(Kind::Readiness).await;
        let mut registry = Registry::default();
        registry.register_collector(Box::new(health.collector()));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let gauge = text.lines().find_map(|line| line.strip_prefix("health_status{kind=\"readiness\"} "));
        gauges.push(gauge.unwrap().to_owned());
        while let Some(Some(transition)) = transitions.next().now_or_never() {
            if let Transition::Kind { from, to, .. } = transition {
                kinds.push((from, to));
            }
        }
    }
    let [healthy, degraded, unhealthy] = [HealthState::Healthy, HealthState::Degraded, HealthState::Unhealthy];
    let states = [unhealthy, degraded, healthy, degraded, unhealthy, degraded, healthy];
    assert_eq!(kinds, states.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>());
    assert_eq!(gauges, ["1.0", "0.5", "0.0", "0.5", "1.0"]);
}

#[tokio::test(start_paused = true)]
async fn d3_the_name_of_a_function_is_a_parent_while_its_group_is_not_unhealthy() {
    let pools: Vec<Pool> = (0..2).map(|_| Pool::default()).collect();
    let named = pools.iter().zip(["a", "b"]);
    let checks = ["replicas", "shard", "reader", "reader_of_b", "writer"];
    let health = named.fold(builder(&checks), |builder, (pool, name)| builder.named_state(name, pool.clone())).start().unwrap();
    let errors = || async {
        let report = health.report(Kind::Readiness).await;
        ["reader", "reader_of_b", "writer"].map(|name| report.check(name).unwrap().error().map(ToOwned::to_owned))
    };
    let skipped = |text: &str| Some(format!("skipped: {text}"));
    assert_eq!(errors().await, [None, None, None]);
    pools[1].set(Status::Down);
    assert_eq!(errors().await, [None, skipped("replicas.b is down"), skipped("shard.b is down")]);
    pools[0].set(Status::Down);
    assert_eq!(errors().await, [skipped("replicas.a is down"), skipped("replicas.b is down"), skipped("shard.a is down")]);
    pools[0].set(Status::Up);
    assert_eq!(errors().await, [None, skipped("replicas.b is down"), skipped("shard.b is down")]);
    pools[1].set(Status::Degraded);
    assert_eq!(errors().await, [None, None, None]);

    let left_out = shards(builder(&["writer", "shard.a"]), &["a", "b"]).start().unwrap();
    assert_eq!(names(&left_out).await, ["shard.a", "writer"]);
    let unknown = problems(shards(builder(&["lost", "reader"]), &["a", "b"]));
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert!(unknown[0].starts_with(&format!("health check `lost.a` {} ", place("async fn lost"))), "{unknown:?}");
}
