//! tower: the endpoints as a service for axum, hyper and every other server on tower, the drain layer, and the connections of the
//! dedicated port.

#[cfg(any(not(feature = "actix"), feature = "test-util"))]
pub(super) mod connection;
pub(crate) mod drain_layer;
mod path;
mod request;
mod response;
#[cfg(feature = "axum")]
mod router;
pub(crate) mod service;
