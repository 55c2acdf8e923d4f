//! What some load balancers read that others do not: Envoy a header, HAProxy a code.

use actix_web::http::StatusCode;

use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::report::Report;

/// What is said to them. Nothing of it is on by default.
#[derive(Clone, Copy, Default)]
pub(crate) struct Proxies {
    pub(crate) envoy_degraded: bool,
    pub(crate) drain_code: DrainCode,
}

/// The code of `/readyz` and `/health` while draining. Set with [`HealthService::drain_code`](crate::HealthService::drain_code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DrainCode {
    /// 503, as whenever they are unhealthy. The default.
    #[default]
    ServiceUnavailable,
    /// 404, for HAProxy's `http-check disable-on-404`: the server gets no new sessions and keeps those that it has, where
    /// after a 503 it is down.
    NotFound,
}

impl Proxies {
    pub(crate) fn code(self, report: &Report) -> StatusCode {
        match (report.state(), self.drain_code) {
            (HealthState::Healthy | HealthState::Degraded, _) => StatusCode::OK,
            (HealthState::Unhealthy, DrainCode::NotFound) if report.is_draining() => StatusCode::NOT_FOUND,
            (HealthState::Unhealthy, _) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether Envoy is to see that the answer says degraded. No load balancer asks the other endpoints.
    pub(crate) fn tells_degraded(self, report: &Report, scope: Scope) -> bool {
        let is_asked = matches!(scope, Scope::Kind(Kind::Readiness) | Scope::All);
        self.envoy_degraded && is_asked && report.state() == HealthState::Degraded
    }
}
