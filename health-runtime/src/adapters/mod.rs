//! The adapters: the only place that knows a server framework.

#[cfg(feature = "actix")]
pub(crate) mod actix;
#[cfg(feature = "actix")]
pub(crate) mod listener;
