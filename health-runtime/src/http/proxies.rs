//! What some load balancers read and others do not: a header for Envoy, a status code for `HAProxy`.

use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::report::Report;

/// The options for load balancers. All are off by default.
#[derive(Clone, Copy, Default)]
pub(crate) struct ProxyOptions {
    pub(crate) envoy_degraded: bool,
    pub(crate) drain_code: DrainCode,
}

/// The status code of `/readyz` and `/health` while draining.
///
/// Set with [`HealthService::drain_code`](crate::HealthService::drain_code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DrainCode {
    /// 503, as for every unhealthy state. The default.
    #[default]
    ServiceUnavailable,
    /// 404, for `http-check disable-on-404` of `HAProxy`: the server gets no new sessions and keeps its current ones. With 503
    /// it would be marked down.
    NotFound,
}

impl ProxyOptions {
    pub(super) fn status_code(self, report: &Report) -> u16 {
        match (report.state(), self.drain_code) {
            (HealthState::Healthy | HealthState::Degraded, _) => 200,
            (HealthState::Unhealthy, DrainCode::NotFound) if report.is_draining() => 404,
            (HealthState::Unhealthy, _) => 503,
        }
    }

    /// Returns whether the response has the header `x-envoy-degraded`. Load balancers probe readiness and `/health` only.
    pub(super) fn sends_degraded_header(self, report: &Report, scope: Scope) -> bool {
        let is_for_load_balancers = matches!(scope, Scope::Kind(Kind::Readiness) | Scope::All);
        self.envoy_degraded && is_for_load_balancers && report.state() == HealthState::Degraded
    }
}
