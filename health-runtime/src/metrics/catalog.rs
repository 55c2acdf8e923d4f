//! Every metric, and the values of their labels: a fixed set, whatever a request or an error contains.

use crate::core::model::status::{HealthState, Kind, Scope, Status};

/// One metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
}

pub(crate) const STATUS: Metric =
    Metric { name: "health_status", help: "State of a kind: 1 healthy, 0.5 degraded, 0 unhealthy." };
pub(crate) const CHECK_STATUS: Metric =
    Metric { name: "health_check_status", help: "Status of a check: 1 up, 0.5 degraded, 0 down or unknown." };
pub(crate) const RUNS: Metric = Metric { name: "health_check_runs_total", help: "Finished runs of a check, by result." };
pub(crate) const DURATION: Metric = Metric { name: "health_check_duration_seconds", help: "Duration of the runs of a check." };
pub(crate) const AGE: Metric = Metric {
    name: "health_check_age_seconds",
    help: "Time since the last run of a check finished, if its results become stale.",
};
pub(crate) const LAST_SUCCESS: Metric = Metric {
    name: "health_check_last_success_timestamp_seconds",
    help: "Unix time of the last result of a check that was up or degraded.",
};
pub(crate) const STUCK: Metric =
    Metric { name: "health_check_stuck", help: "1 while a run of a check is past its timeout and cannot be cancelled, else 0." };
pub(crate) const SKIPPED: Metric = Metric {
    name: "health_check_skipped",
    help: "1 while a check does not run because a check that it runs after is not up or degraded, else 0.",
};
pub(crate) const WORKER_LAG: Metric = Metric { name: "health_worker_lag_seconds", help: "Age of the oldest worker heartbeat." };
pub(crate) const PROBES: Metric =
    Metric { name: "health_probes_total", help: "Responses to probes, by endpoint and status code." };

/// The endpoints by scope, whatever their paths.
pub(crate) const ENDPOINTS: [(Scope, &str); 4] = [
    (Scope::Kind(Kind::Liveness), "livez"),
    (Scope::Kind(Kind::Readiness), "readyz"),
    (Scope::Kind(Kind::Startup), "startupz"),
    (Scope::All, "health"),
];

/// The status codes of responses. Any other code counts as the last one.
pub(crate) const CODES: [(u16, &str); 7] =
    [(200, "200"), (503, "503"), (400, "400"), (404, "404"), (405, "405"), (406, "406"), (0, "other")];

/// How many of [`CODES`] have a series from the start on, so that the first such response is an increase.
pub(crate) const PREINITIALISED_CODES: usize = 2;

/// Returns the indices of an endpoint and of a status code in their tables.
pub(crate) fn probe_indices(scope: Scope, status_code: u16) -> (usize, usize) {
    let endpoint = ENDPOINTS.iter().position(|(endpoint, _)| *endpoint == scope);
    let code = CODES.iter().position(|(code, _)| *code == status_code);
    (endpoint.unwrap_or(ENDPOINTS.len() - 1), code.unwrap_or(CODES.len() - 1))
}

pub(crate) fn status_value(status: Status) -> f64 {
    match status {
        Status::Up => 1.0,
        Status::Degraded => 0.5,
        Status::Unknown | Status::Down => 0.0,
    }
}

pub(crate) fn state_value(state: HealthState) -> f64 {
    match state {
        HealthState::Healthy => 1.0,
        HealthState::Degraded => 0.5,
        HealthState::Unhealthy => 0.0,
    }
}
