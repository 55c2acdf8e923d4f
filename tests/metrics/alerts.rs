//! A real Prometheus that scrapes a real server: an alert fires, and clears.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web::ServiceConfig;
use health_runtime::{Check, Outcome};
use health_tests::checks::health;
use health_tests::database;
use health_tests::folder::Folder;
use health_tests::http;
use health_tests::orders::Orders;
use health_tests::server::Server;
use health_tests::until;

use crate::prometheus::{Alertmanager, PATIENCE, Prometheus};

/// Serves a check that is down while the flag is set, and as many checks that run after it.
fn server(is_down: &Arc<AtomicBool>, children: usize) -> Server {
    let is_down = Arc::clone(is_down);
    Server::start(move || {
        let run = move || {
            let is_down = Arc::clone(&is_down);
            async move { if is_down.load(Ordering::SeqCst) { Outcome::down("out of order") } else { Outcome::up() } }
        };
        let interval = Duration::from_millis(50);
        let child = |number| Check::readiness(format!("c{number}"), || async {}).after(["database"]).interval(interval);
        let database = Check::readiness("database", run).interval(interval);
        let health = health([database].into_iter().chain((0..children).map(child)));
        move |config: &mut ServiceConfig| {
            config.service(health.service()).service(health.metrics_service());
        }
    })
}

impl Prometheus {
    /// Returns the names of the firing alerts.
    fn firing(&self) -> Option<Vec<String>> {
        let data = self.query("alerts")?;
        let firing = data["alerts"].as_array()?.iter().filter(|alert| alert["state"] == "firing");
        let mut names: Vec<_> = firing.filter_map(|alert| Some(alert["labels"]["alertname"].as_str()?.to_owned())).collect();
        names.sort();
        Some(names)
    }
}

#[test]
fn an_alert_fires_and_clears() {
    let is_down = Arc::default();
    let server = server(&is_down, 0);
    let prometheus = Prometheus::start(server.address());
    prometheus.until("the scrape succeeds", "targets", |data| {
        let target = &data["activeTargets"][0];
        (target["health"] == "up" && target["lastError"] == "").then_some(())
    });
    let value = "query?query=health_check_status%7Bcheck%3D%22database%22%7D";
    prometheus.until("the check is up", value, |data| (data["result"][0]["value"][1] == "1").then_some(()));
    assert_eq!(prometheus.firing(), Some(vec![]));

    is_down.store(true, Ordering::SeqCst);
    let both = ["HealthCheckDown", "HealthNotReady"];
    until(PATIENCE, "both alerts fire", || prometheus.firing().filter(|firing| *firing == both));

    is_down.store(false, Ordering::SeqCst);
    until(PATIENCE, "the alerts clear", || prometheus.firing().filter(Vec::is_empty));
    // The rules that did not fire were evaluated too.
    prometheus.until("every rule is fine", "rules", |data| {
        let rules = data["groups"][0]["rules"].as_array()?;
        (rules.len() == 6 && rules.iter().all(|rule| rule["health"] == "ok")).then_some(())
    });
}

#[test]
fn d4_one_alert_fires_for_a_database_and_the_checks_after_it() {
    let is_down = Arc::default();
    let server = server(&is_down, 12);
    let alertmanager = Alertmanager::start();
    let prometheus = Prometheus::start_with_alertmanager(server.address(), &alertmanager);
    let up = "query?query=sum(health_check_status)";
    prometheus.until("13 checks are up", up, |data| (data["result"][0]["value"][1] == "13").then_some(()));
    is_down.store(true, Ordering::SeqCst);
    let skipped = "query?query=sum(health_check_skipped)";
    prometheus.until("12 checks are skipped", skipped, |data| (data["result"][0]["value"][1] == "12").then_some(()));
    let named = |name: &str, check: &str| vec![(name.to_owned(), check.to_owned())];
    let inhibited = || alertmanager.alerts(true).filter(|alerts| *alerts == named("HealthCheckDown", "database"));
    until(PATIENCE, "the alert of the database is inhibited", inhibited);
    // Other alerts would fire with the same evaluations.
    let iterations = || prometheus.query("rules").map(|data| data["groups"][0]["lastEvaluation"].to_string());
    let last = until(PATIENCE, "an evaluation", iterations);
    until(PATIENCE, "another evaluation", || iterations().filter(|evaluation| *evaluation != last));
    assert_eq!(alertmanager.alerts(false), Some(named("HealthNotReady", "")));
    assert_eq!(alertmanager.alerts(true), Some(named("HealthCheckDown", "database")));
}

/// The orders example, built and started as a reader would.
#[test]
fn an_alert_on_the_orders_example_fires_and_clears() {
    let folder = Folder::new();
    let database = folder.path().join("orders.db");
    let orders = Orders::start(&folder, &[("ORDERS_DB", database.to_str().unwrap())]);
    let address = orders.address;
    // Periodic probes, as a kubelet sends them: a scrape runs no check.
    let probing = Arc::new(AtomicBool::new(true));
    let keep_probing = Arc::clone(&probing);
    let kubelet = std::thread::spawn(move || {
        while keep_probing.load(Ordering::SeqCst) {
            let _ = http::get(address, "/readyz");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let prometheus = Prometheus::start(address);
    let value = "query?query=health_check_status%7Bcheck%3D%22orders%22%7D";
    prometheus.until("the check is up", value, |data| (data["result"][0]["value"][1] == "1").then_some(()));

    database::run(&database, "ALTER TABLE orders RENAME TO orders_gone");
    let fires = |firing: &Vec<String>| firing.iter().any(|name| name == "HealthNotReady");
    until(PATIENCE, "the alert fires", || prometheus.firing().filter(fires));
    database::run(&database, "ALTER TABLE orders_gone RENAME TO orders");
    until(PATIENCE, "the alert clears", || prometheus.firing().filter(|firing| !fires(firing)));
    probing.store(false, Ordering::SeqCst);
    kubelet.join().unwrap();
}
