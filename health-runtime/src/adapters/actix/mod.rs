//! actix-web: the endpoints as a service, the drain middleware, the dedicated port and the worker heartbeat.

mod counted_request;
pub(crate) mod drain_middleware;
mod heartbeat;
pub(crate) mod listener;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics_service;
mod request;
mod response;
mod service;
mod web_data;
