//! The metrics that there are, and the values that their labels can have: a fixed set, whatever a request or an error
//! brings.

use crate::core::model::status::{HealthState, Kind, Scope, Status};

/// One metric, under the name that a reader sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
}

pub(crate) const STATUS: Family =
    Family { name: "health_status", help: "State of a kind: 1 healthy, 0.5 degraded, 0 unhealthy." };
pub(crate) const CHECK_STATUS: Family =
    Family { name: "health_check_status", help: "Status of a check: 1 up, 0.5 degraded, 0 down or unknown." };
pub(crate) const RUNS: Family =
    Family { name: "health_check_runs_total", help: "Runs of a check that ended, by how they ended." };
pub(crate) const DURATION: Family = Family { name: "health_check_duration_seconds", help: "How long the runs of a check took." };
pub(crate) const AGE: Family =
    Family { name: "health_check_age_seconds", help: "Time since the last run of a check ended, where its results grow old." };
pub(crate) const LAST_SUCCESS: Family =
    Family { name: "health_check_last_success_timestamp_seconds", help: "When a check was up or degraded last, as Unix time." };
pub(crate) const STUCK: Family =
    Family { name: "health_check_stuck", help: "1 while a run of a check is past its limit and cannot be cut off, else 0." };
pub(crate) const WORKER_LAG: Family =
    Family { name: "health_worker_lag_seconds", help: "Time since the worker of the server turned that turned longest ago." };
pub(crate) const PROBES: Family = Family { name: "health_probes_total", help: "Answers to probes, by endpoint and status code." };

/// What can be asked, whatever path it is mounted at.
pub(crate) const ENDPOINTS: [(Scope, &str); 4] = [
    (Scope::Kind(Kind::Liveness), "livez"),
    (Scope::Kind(Kind::Readiness), "readyz"),
    (Scope::Kind(Kind::Startup), "startupz"),
    (Scope::All, "health"),
];

/// The codes that probes are answered with; any other would be counted as the last.
pub(crate) const CODES: [(u16, &str); 7] =
    [(200, "200"), (503, "503"), (400, "400"), (404, "404"), (405, "405"), (406, "406"), (0, "other")];

/// Those that every endpoint gives sooner or later. Their series begin at zero, so that the first answer is an increase.
pub(crate) const USUAL_CODES: usize = 2;

/// The place of an endpoint and of a code in their tables.
pub(crate) fn probe_slots(scope: Scope, code: u16) -> (usize, usize) {
    let endpoint = ENDPOINTS.iter().position(|(held, _)| *held == scope);
    let code = CODES.iter().position(|(held, _)| *held == code);
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
