//! Prometheus and Alertmanager, with the rules of `examples/prometheus`.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;

use health_tests::folder::Folder;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{http, installed, until, workspace};

use crate::PATIENCE;

/// An outage of 30 s stands for one of 10 minutes, so the times of the rules are divided by this.
const FASTER: u32 = 20;

pub(crate) struct Monitoring {
    // Dropped before their folder.
    _programs: [Program; 2],
    alertmanager: SocketAddr,
    _folder: Folder,
}

/// The name and the instance of an alert.
pub(crate) type Alert = (String, String);

impl Monitoring {
    pub(crate) fn start(instances: &[SocketAddr]) -> Self {
        let folder = Folder::new();
        let [prometheus, alertmanager] = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let examples = workspace::root().join("examples/prometheus");
        let rules = fs::read_to_string(examples.join("alerts.yml")).unwrap();
        fs::write(folder.path().join("alerts.yml"), rules.lines().map(faster).collect::<String>()).unwrap();
        let targets: Vec<_> = instances.iter().map(|address| format!("\"{address}\"")).collect();
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
             rule_files: [alerts.yml]\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: [\"{alertmanager}\"]}}]}}]}}\n\
             scrape_configs: [{{job_name: orders, static_configs: [{{targets: [{}]}}]}}]\n",
            targets.join(", ")
        );
        fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let mut first = installed::program("prometheus-alertmanager", "Alertmanager", "prometheus-alertmanager");
        first.arg(format!("--config.file={}", examples.join("alertmanager.yml").display()));
        first.arg(format!("--storage.path={}", folder.path().join("alertmanager").display()));
        first.args([&format!("--web.listen-address={alertmanager}"), "--cluster.listen-address="]);
        let mut second = installed::program("prometheus", "Prometheus", "prometheus");
        second.arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()));
        second.arg(format!("--storage.tsdb.path={}", folder.path().join("prometheus").display()));
        second.arg(format!("--web.listen-address={prometheus}"));
        let programs = [&mut first, &mut second].map(Program::start);
        for address in [prometheus, alertmanager] {
            until(PATIENCE, "the monitoring responds", || {
                http::get(address, "/-/ready").ok().filter(|ready| ready.status == 200)
            });
        }
        Self { _programs: programs, alertmanager, _folder: folder }
    }

    /// Returns the alerts of which Alertmanager notifies now.
    pub(crate) fn alerts(&self) -> BTreeSet<Alert> {
        let alerts = http::get_json(self.alertmanager, "/api/v2/alerts?active=true&inhibited=false&silenced=false");
        let label = |alert: &serde_json::Value, name: &str| alert["labels"][name].as_str().unwrap_or_default().to_owned();
        let alerts = alerts.as_ref().and_then(|alerts| alerts.as_array());
        alerts.into_iter().flatten().map(|alert| (label(alert, "alertname"), label(alert, "instance"))).collect()
    }
}

/// Returns a line of the rules with shorter times.
fn faster(line: &str) -> String {
    match line.trim_start().strip_prefix("for: ").and_then(|delay| delay.strip_suffix('m')?.parse::<u32>().ok()) {
        Some(minutes) => format!("        for: {}s\n", minutes * 60 / FASTER),
        // 15 minutes.
        None => format!("{}\n", line.replace("[15m]", "[45s]")),
    }
}
