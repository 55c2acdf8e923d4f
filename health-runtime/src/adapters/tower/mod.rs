//! tower: the endpoints as a service for axum, hyper and every other server on tower, and the drain layer.

pub(crate) mod drain_layer;
mod path;
mod request;
mod response;
#[cfg(feature = "axum")]
mod router;
pub(crate) mod service;
