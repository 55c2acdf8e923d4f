//! The checks of one process and what runs them. Nothing here depends on a web framework, a client library or an exporter.

pub(crate) mod engine;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod health_inner;
pub(crate) mod lifecycle;
pub(crate) mod model;
pub(crate) mod registry;
pub(crate) mod report;
