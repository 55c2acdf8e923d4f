//! A Prometheus for one test.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::http;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::until;
use serde_json::Value;

use crate::scrape::{example, tool};

/// Longer than a few scrapes and evaluations take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);

/// A Prometheus that scrapes `target` and evaluates the example's rules, five times a second and without their delays.
pub(crate) struct Prometheus {
    // Dropped before the folder that it writes into.
    program: Program,
    address: SocketAddr,
    _folder: Folder,
}

impl Prometheus {
    pub(crate) fn start(target: SocketAddr) -> Self {
        Self::start_with(target, "")
    }

    /// Starts one that sends its alerts to an Alertmanager.
    pub(crate) fn start_with_alertmanager(target: SocketAddr, alertmanager: &Alertmanager) -> Self {
        let address = alertmanager.address;
        Self::start_with(target, &format!("alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{address}\"]}}]}}]}}\n"))
    }

    fn start_with(target: SocketAddr, alerting: &str) -> Self {
        let folder = Folder::new();
        let rules = fs::read_to_string(example("alerts.yml")).unwrap();
        let at_once = |line: &str| if line.trim_start().starts_with("for:") { String::new() } else { format!("{line}\n") };
        fs::write(folder.path().join("alerts.yml"), rules.lines().map(at_once).collect::<String>()).unwrap();
        let config = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}\n\
             rule_files: [alerts.yml]\n\
             {alerting}\
             scrape_configs: [{{job_name: test, static_configs: [{{targets: [\"{target}\"]}}]}}]\n"
        );
        fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = tool("prometheus");
        command
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"));
        let program = Program::start(&mut command);
        let prometheus = Self { program, address, _folder: folder };
        until(PATIENCE, "Prometheus responds", || http::get(address, "/-/ready").ok().filter(|response| response.status == 200));
        prometheus
    }

    pub(crate) fn query(&self, what: &str) -> Option<Value> {
        Some(http::get_json(self.address, &format!("/api/v1/{what}"))?["data"].take())
    }

    /// Waits until its API returns something.
    pub(crate) fn until<T>(&self, what: &str, path: &str, mut parse: impl FnMut(&Value) -> Option<T>) -> T {
        let mut last = Value::Null;
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            until(PATIENCE, what, || {
                last = self.query(path)?;
                parse(&last)
            })
        }));
        found.unwrap_or_else(|_| panic!("{what}: {last:#}\n{:#?}", self.program.errors()))
    }
}

/// An Alertmanager with the example's configuration.
pub(crate) struct Alertmanager {
    // Dropped before the folder that it writes into.
    _program: Program,
    address: SocketAddr,
    _folder: Folder,
}

impl Alertmanager {
    pub(crate) fn start() -> Self {
        let folder = Folder::new();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = tool("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", example("alertmanager.yml").display()))
            .arg(format!("--storage.path={}", folder.path().display()))
            .arg(format!("--web.listen-address={address}"))
            // It is alone.
            .arg("--cluster.listen-address=");
        let program = Program::start(&mut command);
        let ready = || http::get(address, "/-/ready").ok().filter(|response| response.status == 200);
        until(PATIENCE, "the Alertmanager responds", ready);
        Self { _program: program, address, _folder: folder }
    }

    /// Returns the name and the check of each alert, sorted: those that notify, or those that another one inhibits.
    pub(crate) fn alerts(&self, inhibited: bool) -> Option<Vec<(String, String)>> {
        let path = format!("/api/v2/alerts?active={}&inhibited={inhibited}&silenced=false", !inhibited);
        let alerts = http::get_json(self.address, &path)?;
        let label = |alert: &Value, name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        let mut names: Vec<_> =
            alerts.as_array()?.iter().map(|alert| (label(alert, "alertname"), label(alert, "check"))).collect();
        names.sort();
        Some(names)
    }
}
