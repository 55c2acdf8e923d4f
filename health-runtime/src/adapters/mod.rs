//! The adapters: the only place that knows a server framework.

#[cfg(feature = "actix")]
pub(crate) mod actix;
#[cfg(any(feature = "actix", feature = "grpc", feature = "tower"))]
mod counted_request;
#[cfg(feature = "grpc")]
pub(crate) mod grpc;
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) mod listener;
#[cfg(any(feature = "actix", feature = "tower"))]
mod load_metrics;
#[cfg(feature = "tower")]
pub(crate) mod tower;
