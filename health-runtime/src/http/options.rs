//! What an endpoint shows to which request, in which format, and what it sends to load balancers.

use std::sync::Arc;

use super::proxies::ProxyOptions;
use super::request::ProbeRequest;
use crate::core::report::view::Expose;
use crate::http::format::Format;

type ExposeRule = Arc<dyn Fn(&ProbeRequest<'_>) -> bool + Send + Sync>;

#[derive(Clone)]
pub(crate) struct EndpointOptions {
    pub(crate) expose: Expose,
    /// In the order of the calls of `expose_when`.
    pub(crate) expose_rules: Vec<(ExposeRule, Expose)>,
    /// Whether `?exclude=` has an effect.
    pub(crate) allow_exclude: bool,
    pub(crate) format: Format,
    pub(crate) proxies: ProxyOptions,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        let (expose, format, proxies) = (Expose::default(), Format::default(), ProxyOptions::default());
        Self { expose, expose_rules: Vec::new(), allow_exclude: true, format, proxies }
    }
}

impl EndpointOptions {
    /// Returns the level for a request: that of the first rule that matches, else the general one.
    pub(super) fn expose(&self, request: &ProbeRequest<'_>) -> Expose {
        let matching = self.expose_rules.iter().find(|(rule, _)| rule(request));
        matching.map_or(self.expose, |(_, level)| *level)
    }

    /// Returns every level that a request can get.
    #[cfg(feature = "openapi")]
    pub(super) fn expose_levels(&self) -> impl Iterator<Item = Expose> {
        self.expose_rules.iter().map(|(_, level)| *level).chain([self.expose])
    }
}
