//! actix-web: the endpoints as a service, the drain middleware, the connections of the dedicated port and the worker heartbeat.

pub(super) mod connection;
pub(crate) mod drain_middleware;
mod heartbeat;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics_service;
mod request;
mod response;
mod service;
mod web_data;
