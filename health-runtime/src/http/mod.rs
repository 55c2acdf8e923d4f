//! What a probe request means.

pub(crate) mod format;
pub(crate) mod negotiation;
pub(crate) mod options;
pub(crate) mod proxies;
pub(crate) mod query;
pub(crate) mod response;
pub(crate) mod response_cache;
pub(crate) mod routes;
pub(crate) mod service;
