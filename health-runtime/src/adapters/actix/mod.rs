//! actix-web: the endpoints as a service, the drain middleware, the dedicated port and the worker heartbeat.
//!
//! - `service`: mounts a `HealthService`, or a `Health` with the default options.
//! - `probe_service`: one endpoint in one worker.
//! - `request`, `response`: conversions from and to the types of `http`.
//! - `drain_middleware`: what a drain needs from the requests of the application.
//! - `heartbeat`: the heartbeat of one worker.
//! - `listener`: the endpoints on a dedicated port.
//! - `metrics_service`: `/metrics`, for an application without a registry (feature `prometheus`).
//! - `web_data`: `web::Data<T>` as an argument of a check.

pub(crate) mod drain_middleware;
mod heartbeat;
pub(crate) mod listener;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics_service;
mod probe_service;
mod request;
mod response;
mod service;
mod web_data;
