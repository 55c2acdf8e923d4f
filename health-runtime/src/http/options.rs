//! What an endpoint shows to which request, in which format, and what it sends to load balancers.

use std::sync::Arc;

use super::request::ProbeRequest;
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::report::Report;
use crate::core::report::view::Expose;
use crate::http::format::Format;

type ExposeRule = Arc<dyn Fn(&ProbeRequest<'_>) -> bool + Send + Sync>;

#[derive(Clone, Default)]
pub(crate) struct EndpointOptions {
    pub(crate) expose: Expose,
    /// In the order of the calls of `expose_when`.
    pub(crate) expose_rules: Vec<(ExposeRule, Expose)>,
    pub(crate) ignores_exclude: bool,
    pub(crate) format: Format,
    pub(crate) envoy_degraded: bool,
    pub(crate) drain_code: DrainCode,
}

/// The status code of `/readyz` and `/health` while draining.
///
/// Set with [`HealthService::drain_code`](crate::HealthService::drain_code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DrainCode {
    /// 503, the code of every unhealthy state. The default.
    #[default]
    ServiceUnavailable,
    /// 404, for `http-check disable-on-404` of `HAProxy`: the server gets no new sessions and keeps its current ones. With 503
    /// it would be marked down.
    NotFound,
}

impl EndpointOptions {
    /// Returns the level for a request: that of the first rule that matches, else the general one.
    pub(super) fn expose(&self, request: &ProbeRequest<'_>) -> Expose {
        let matching = self.expose_rules.iter().find(|(rule, _)| rule(request));
        matching.map_or(self.expose, |(_, level)| *level)
    }

    pub(super) fn status_code(&self, report: &Report) -> u16 {
        match (report.state(), self.drain_code) {
            (HealthState::Healthy | HealthState::Degraded, _) => 200,
            (HealthState::Unhealthy, DrainCode::NotFound) if report.is_draining() => 404,
            (HealthState::Unhealthy, _) => 503,
        }
    }

    /// Returns whether the response has the header `x-envoy-degraded`. Load balancers probe readiness and `/health` only.
    pub(super) fn sends_degraded_header(&self, report: &Report, scope: Scope) -> bool {
        let is_for_load_balancers = matches!(scope, Scope::Kind(Kind::Readiness) | Scope::All);
        self.envoy_degraded && is_for_load_balancers && report.state() == HealthState::Degraded
    }
}
