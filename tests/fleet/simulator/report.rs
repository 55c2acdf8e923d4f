//! The figures of a scenario as a table of text.

use std::fmt::Write;

use super::blame::{Blame, Decided};
use super::clients::{Requests, WayCounts};
use super::policy::Policy;
use super::simulation::Figures;

/// The titles of the columns, in two lines.
const TITLES: [[&str; 10]; 2] = [
    ["", "ready", "min. capacity", "failed", "failed", "no replica/stopped/", "", "peak at", "check queries", "out"],
    ["policy", "min.", "Svc/Envoy/LB", "plain", "needing", "overload/dependency", "restarts", "recovery", "/replica/s", "after"],
];

/// Returns one row for each policy. Shares are of all requests of that kind after startup.
pub(crate) fn table(compared: &[(Policy, Figures)]) -> String {
    let mut rows: Vec<Vec<String>> = TITLES.iter().map(|titles| titles.iter().map(ToString::to_string).collect()).collect();
    rows.extend(compared.iter().map(|(policy, figures)| row(*policy, figures)));
    align(&rows)
}

/// Returns one row for each policy, and a column for each number of replicas.
pub(crate) fn probe_load_table(sizes: &[usize], loads: &[(Policy, Vec<f64>)]) -> String {
    let titles = sizes.iter().map(ToString::to_string);
    let mut rows: Vec<Vec<String>> = vec![std::iter::once("policy".to_owned()).chain(titles).collect()];
    rows.extend(loads.iter().map(|(policy, loads)| {
        let loads = loads.iter().map(|load| format!("{load:.2}"));
        std::iter::once(policy.name().to_owned()).chain(loads).collect()
    }));
    align(&rows)
}

/// Returns one row for each policy.
pub(crate) fn blame_table(blames: &[(Policy, Blame)]) -> String {
    let decided = |Decided { rightly, all }: Decided| format!("{rightly} of {all}");
    let mut rows = vec![["policy", "right", "fault everywhere", "fault at a few replicas"].map(str::to_owned).to_vec()];
    rows.extend(blames.iter().map(|(policy, blame)| {
        vec![policy.name().to_owned(), percent(blame.share(), 2), decided(blame.everywhere), decided(blame.here)]
    }));
    align(&rows)
}

fn row(policy: Policy, figures: &Figures) -> Vec<String> {
    let Figures { min_ready, ways, causes, restarts, recovery_peak, check_rate, out_after, .. } = figures;
    let capacities: Vec<String> = ways.iter().map(|way| percent(way.min_capacity, 0)).collect();
    let share = |part: fn(Requests) -> f64| {
        let sum = |count: fn(&WayCounts) -> Requests| ways.iter().map(|way| part(count(way))).sum::<f64>();
        percent(sum(|way| way.failed) / sum(|way| way.sent), 2)
    };
    let failed = [causes.no_replica, causes.stopped, causes.overload, causes.dependency];
    let sent: f64 = ways.iter().map(|way| way.sent.total()).sum();
    let failed = failed.map(|cause| percent(cause / sent, 2));
    vec![
        policy.name().to_owned(),
        percent(*min_ready, 0),
        capacities.join("/"),
        share(|requests| requests.plain),
        share(|requests| requests.needing),
        failed.join("/"),
        restarts.to_string(),
        format!("{recovery_peak:.2}x"),
        format!("{check_rate:.2}"),
        out_after.map_or("never".to_owned(), |after| format!("{:.2}s", after.as_secs_f64())),
    ]
}

fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}%", share * 100.0)
}

/// Returns rows with aligned columns.
fn align(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
            if column == 0 {
                let _ = write!(line, "{cell:<width$}");
            } else {
                let _ = write!(line, "  {cell:>width$}");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
