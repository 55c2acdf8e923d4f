//! The queries of the Grafana dashboard against a real Prometheus that scrapes a real server.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use actix_web::web::ServiceConfig;
use health_runtime::{Check, Outcome};
use health_tests::checks::builder;
use health_tests::http;
use health_tests::server::Server;
use health_tests::{until, workspace};
use serde_json::Value;

use crate::prometheus::{PATIENCE, Prometheus};

/// The names of metrics with the names of their labels, as Prometheus stores them.
type Series = BTreeMap<String, BTreeSet<String>>;

/// A query of a panel, and the legend of its lines.
struct Query {
    expression: String,
    legend: String,
}

fn dashboard() -> Value {
    let file = workspace::root().join("examples/grafana/health.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn items<'a>(value: &'a Value, what: &str) -> &'a [Value] {
    value.as_array().unwrap_or_else(|| panic!("no list of {what}"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}"))
}

fn queries(dashboard: &Value) -> Vec<Query> {
    let panels = items(&dashboard["panels"], "panels").iter();
    let targets = panels.flat_map(|panel| items(&panel["targets"], text(panel, "title")));
    let query = |target| Query { expression: text(target, "expr").to_owned(), legend: text(target, "legendFormat").to_owned() };
    targets.map(query).collect()
}

/// Returns the queries of the menus at the top, as `(series, label)`.
fn variables(dashboard: &Value) -> Vec<(String, String)> {
    let variables = items(&dashboard["templating"]["list"], "variables").iter().filter(|variable| variable["type"] == "query");
    variables
        .map(|variable| {
            let query = text(&variable["query"], "query");
            let inner = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
            let (series, label) = inner.and_then(|inner| inner.rsplit_once(", ")).unwrap_or_else(|| panic!("{query}"));
            (series.to_owned(), label.to_owned())
        })
        .collect()
}

/// Returns the metrics in an expression with the labels that select them.
fn selectors(expression: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let starts = expression.match_indices("health_").map(|(at, _)| &expression[at..]);
    starts
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (name, rest) = rest.split_at(end);
            let matchers = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(inner, _)| inner);
            let label = |matcher: &'_ str| matcher.find(['=', '!']).unwrap_or_else(|| panic!("{expression}"));
            (name, matchers.split(',').filter(|m| !m.is_empty()).map(|m| &m[..label(m)]).collect())
        })
        .collect()
}

/// Returns the labels in a legend, such as `{{check}} {{result}}`.
fn labels(legend: &str) -> Vec<&str> {
    legend.split("{{").skip(1).map(|rest| rest.split_once("}}").expect("a label ends").0).collect()
}

/// Fills in the variables as Grafana does when everything is selected.
fn filled_in(expression: &str) -> String {
    let mut filled = expression.replace("$__rate_interval", "1m");
    for variable in ["$job", "$instance", "$check"] {
        filled = filled.replace(variable, ".*");
    }
    assert!(!filled.contains('$'), "an unknown variable: {expression}");
    filled
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _infallible = write!(encoded, "%{byte:02X}");
        encoded
    })
}

/// Starts a server that has all metrics: a check that is up, one that fails, one that is skipped, watched workers.
fn server() -> Server {
    Server::start(|| {
        let checks = [
            Check::readiness("database", || async {}),
            Check::readiness("cache", || async { Outcome::down("out of order") }).critical(false),
            Check::readiness("prices", || async {}).critical(false).after(["cache"]),
        ];
        let checks = checks.into_iter().map(|check| check.interval(Duration::from_millis(50)));
        let health = builder(checks).watch_workers(Duration::from_secs(10)).start().unwrap();
        move |config: &mut ServiceConfig| {
            config.service(health.service()).service(health.metrics_service());
        }
    })
}

fn series(prometheus: &Prometheus) -> Series {
    // Probes come last: they are counted from the first one on.
    let all = format!("series?match[]={}", encoded("{__name__=~\"health_.*\"}"));
    let found = prometheus.until("the series are there", &all, |data| {
        let found = data.as_array()?.clone();
        ["health_probes_total", "health_check_last_success_timestamp_seconds", "health_worker_lag_seconds"]
            .iter()
            .all(|name| found.iter().any(|one| one["__name__"] == *name))
            .then_some(found)
    });
    let mut series = Series::new();
    for one in &found {
        series.entry(text(one, "__name__").to_owned()).or_default().extend(one.as_object().unwrap().keys().cloned());
    }
    series
}

fn assert_known(series: &Series, expression: &str) {
    for (metric, used) in selectors(expression) {
        let known = series.get(metric).unwrap_or_else(|| panic!("there is no metric `{metric}`: {expression}"));
        let unknown: Vec<_> = used.into_iter().filter(|label| !known.contains(*label)).collect();
        assert!(unknown.is_empty(), "`{metric}` has no labels {unknown:?}: {expression}");
    }
}

#[test]
fn every_dashboard_query_finds_samples() {
    let dashboard = dashboard();
    let server = server();
    let prometheus = Prometheus::start(server.address());
    assert_eq!(http::get(server.address(), "/readyz").unwrap().status, 200);
    let series = series(&prometheus);
    for (selected, label) in variables(&dashboard) {
        assert_known(&series, &selected);
        let (metric, _) = selectors(&selected)[0];
        assert!(series[metric].contains(&label), "`{metric}` has no label `{label}`");
    }
    for Query { expression, legend } in queries(&dashboard) {
        assert_known(&series, &expression);
        let ask = format!("query?query={}", encoded(&filled_in(&expression)));
        let found = prometheus.until(&expression, &ask, |data| {
            let found = data["result"].as_array()?;
            (!found.is_empty()).then(|| found.clone())
        });
        for one in &found {
            let missing: Vec<_> = labels(&legend).into_iter().filter(|label| one["metric"][label].is_null()).collect();
            assert!(missing.is_empty(), "the legend of `{expression}` names {missing:?}, which is not in {one}");
        }
    }
}

#[test]
fn the_dashboard_shows_every_metric() {
    let server = server();
    // The time of a success is there after the first run.
    let scrape = until(PATIENCE, "a check has run", || {
        let text = http::get(server.address(), "/metrics").ok()?.text().to_owned();
        text.contains("health_check_last_success_timestamp_seconds{").then_some(text)
    });
    let families: BTreeSet<_> = scrape.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let queries = queries(&dashboard());
    let metrics = queries.iter().flat_map(|query| selectors(&query.expression)).map(|(metric, _)| metric);
    let shown: BTreeSet<_> = metrics.map(|metric| metric.strip_suffix("_bucket").unwrap_or(metric)).collect();
    assert_eq!(shown, families);
}
