//! What a probe request means, for any server framework.
//!
//! Data flows one way, and an adapter calls the two steps of an [`endpoint::Endpoint`]:
//!
//! ```text
//! ProbeRequest ─prepare─▶ Ready(ProbeResponse)
//!                    └──▶ Evaluate ─evaluate (async)─▶ ProbeResponse, for the ResponseCache too
//! ```
//!
//! - `service`: `HealthService`, the options and routes that the application sets.
//! - `routes`: which path is served for which scope.
//! - `options`: what an endpoint shows to which request, and in which format.
//! - `request`, `response`: a probe request and its response, without a framework's types.
//! - `endpoint`: one route and the checks below it.
//! - `response_cache`: the last responses of one worker, while they are valid.
//! - `query`, `accept`, `negotiation`: the query and the `Accept` header of a request.
//! - `proxies`: what Envoy and `HAProxy` read that other load balancers do not.
//! - `metrics`: the response to a scrape (feature `prometheus`).
//! - `format`: a report as bytes, one file for each format.

mod accept;
pub(crate) mod endpoint;
pub(crate) mod format;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics;
mod negotiation;
mod options;
pub(crate) mod proxies;
mod query;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod response_cache;
pub(crate) mod routes;
pub(crate) mod service;
