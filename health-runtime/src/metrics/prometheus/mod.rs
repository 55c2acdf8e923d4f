//! The metrics through prometheus-client.

mod collector;
pub(crate) mod exposition;

pub use collector::Collector;
