//! actix-web: the endpoints as a service, the drain middleware, the dedicated port and the worker heartbeat.

pub(crate) mod drain_middleware;
pub(crate) mod endpoint;
pub(crate) mod heartbeat;
pub(crate) mod listener;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics_service;
