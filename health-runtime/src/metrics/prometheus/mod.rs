//! Metrics for Prometheus through prometheus-client: a collector for the application's registry, and a service for applications
//! without one.
#![doc = include_str!("../metrics.md")]
//!
//! A scrape runs no check, waits for none and changes nothing. The status of an on-demand check is therefore that of its last run,
//! however old; its age is a separate metric. The status of a check with an `interval` is 0 once its result is stale.
//!
//! With the registry of the application:
//!
//! ```
//! use health_runtime::{Check, Health, Kind};
//! use prometheus_client::encoding::text::encode;
//! use prometheus_client::registry::Registry;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let health = Health::builder().check(Check::readiness("queue", || async {})).start()?;
//! let mut registry = Registry::default();
//! registry.register_collector(Box::new(health.collector()));
//!
//! health.report(Kind::Readiness).await;
//! let mut text = String::new();
//! encode(&mut text, &registry)?;
//! assert!(text.contains("health_check_runs_total{check=\"queue\",result=\"up\"} 1\n"));
//! # Ok(())
//! # }
//! ```
//!
//! Without a registry, [`Health::metrics_service`](crate::Health::metrics_service) serves `/metrics` (feature `actix`). It has no access control: mount
//! it on a path that only trusted clients can reach, because it exposes check names.
//!
#![cfg_attr(feature = "actix", doc = "```no_run")]
#![cfg_attr(not(feature = "actix"), doc = "```ignore")]
//! use actix_web::{App, HttpServer};
//! use health_runtime::Health;
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let health = Health::builder().start()?;
//!     HttpServer::new(move || App::new().service(health.service()).service(health.metrics_service()))
//!         .bind("127.0.0.1:8080")?
//!         .run()
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! `examples/prometheus/alerts.yml` in the repository has rules for these metrics.

mod collector;
pub(crate) mod exposition;

#[cfg(feature = "actix")]
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
pub use crate::adapters::actix::metrics_service::MetricsService;
pub use collector::Collector;
