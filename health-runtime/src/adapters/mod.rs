//! The adapters: the only place that knows a server framework.

#[cfg(feature = "actix")]
pub(crate) mod actix;
#[cfg(any(feature = "actix", feature = "tower"))]
mod counted_request;
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) mod listener;
#[cfg(feature = "tower")]
pub(crate) mod tower;
