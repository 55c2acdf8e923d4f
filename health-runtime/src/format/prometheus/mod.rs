//! The metrics of a health, as Prometheus reads them.
//!
//! - `collector`: from what was counted to prometheus-client's encoder.
//! - `text`: the two texts of an exposition.

mod collector;
mod text;

pub use collector::Collector;
pub(crate) use text::Exposition;
