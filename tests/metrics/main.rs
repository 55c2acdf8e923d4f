//! What operators see of a health: the metrics of a scrape, those of the facade, and the alerts made of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "the values of gauges are exact")]

mod alerts;
mod dashboard;
mod exposition;
mod facade;
mod opentelemetry;
mod prometheus;
mod promtool;
mod rotel;
mod scrape;
mod secrets;
mod service;
mod workers;
