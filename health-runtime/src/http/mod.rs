//! What a probe request means, for any server framework. An adapter calls the two steps of an [`endpoint::Endpoint`].

mod accept;
pub(crate) mod endpoint;
pub(crate) mod format;
#[cfg(feature = "prometheus")]
pub(crate) mod metrics;
mod negotiation;
pub(crate) mod options;
mod query;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod response_cache;
pub(crate) mod routes;
pub(crate) mod service;
