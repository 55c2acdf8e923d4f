//! Health checks for services on actix-web, axum, tower and gRPC. An attribute makes a function a liveness, readiness or startup
//! check; checks are registered at link time, run concurrently, each with a timeout, and are served over HTTP.
//!
#![cfg_attr(feature = "actix", doc = "```standalone_crate,no_run")]
#![cfg_attr(not(feature = "actix"), doc = "```ignore")]
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use actix_web::{App, HttpServer};
//! use health_runtime::{Health, Outcome, health_check};
//!
//! #[derive(Default)]
//! struct Queue {
//!     waiting: AtomicUsize,
//! }
//!
//! /// The queue accepts more work.
//! #[health_check(readiness, timeout = "500ms")]
//! async fn queue(queue: &Queue) -> Outcome {
//!     match queue.waiting.load(Ordering::Relaxed) {
//!         0..1000 => Outcome::up(),
//!         _ => Outcome::down("queue is full"),
//!     }
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let health = Health::builder()
//!         .version(env!("CARGO_PKG_VERSION"))
//!         .state(Queue::default())
//!         .start()?;
//!     // On SIGTERM: not ready at once, drain, then stop.
//!     let shutdown = health.shutdown();
//!     HttpServer::new(move || App::new().service(health.service()))
//!         .shutdown_signal(shutdown)
//!         .bind("127.0.0.1:8080")?
//!         .run()
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! `GET /readyz` returns 200 while the queue accepts work, and 503 with `"error":"queue is full"` while it does not. The text of
//! an `Err`, which may contain anything, is logged instead: the body then shows a phrase from a fixed list, such as
//! `connection refused` or `check failed`.
//!
//! # Endpoints
//!
//! | path | reports |
//! |---|---|
//! | `/livez` | liveness checks |
//! | `/readyz` | readiness checks; unhealthy until startup has passed, while draining and in maintenance |
//! | `/startupz` | startup checks; once they have passed it stays 200 for the life of the process |
//! | `/health`, `/healthz` | every check; unhealthy while starting, draining or in maintenance. **Not a liveness probe** |
//! | `/livez/{check}` … `/health/{check}` | one check |
//!
//! The status code is 200 for healthy and degraded, and 503 for unhealthy.
//!
//! # Main types
//!
//! - [`health_check`]: the attribute, with every option, form of argument and return type. [`health_checks`]: methods as checks.
//! - [`HealthBuilder`], from [`Health::builder`]: registers state and starts the checks.
//! - [`Health`]: reports, subscriptions, drain and shutdown; all clones share one state.
//! - [`HealthService`]: the endpoints and their options.
//! - [`Check`]: a check made at run time, from a closure, [`with`] or [`blocking`]. [`Outcome`]: what a run returns.
//! - [`Policy`], [`PolicyOverride`] and [`Settings`]: timeout, cache, interval, thresholds and criticality of a check, also from
//!   the application's configuration.
//! - [`Reporter`]: pushes a status from application code. [`Heartbeat`]: records the progress of a task. [`Transitions`]: receives every change.
//!
//! # Features
//!
//! What a feature adds is missing without it: the compiler then finds no such method or item. The types of a public dependency
//! are part of this API, so the application needs the same major version of that crate (of a crate at 0.x, the same minor version).
//!
//! | feature | adds | public dependency |
//! |---|---|---|
//! | `actix` (default) | `HealthService` for `App::service`, `Health::middleware`, worker heartbeats, `web::Data` arguments, `Health::listen` | actix-web 4 |
//! | `tower` | `HealthService::tower` and `Health::layer` for servers on tower such as hyper, `Health::listen` | tower-service 0.3, http 1 |
//! | `axum` | `HealthService::router`; implies `tower` | axum 0.8 |
//! | `grpc` | `Health::grpc`: the gRPC health checks for tonic | tonic 0.14 |
//! | `page` (default) | the HTML format, [`Format::Html`] | |
//! | `kubernetes` | `kubernetes::Probes`: the probes of a pod as YAML | |
//! | `openapi` | `HealthService::openapi`: the endpoints in the application's OpenAPI document | utoipa 6 |
//! | `prometheus` | the metrics through the crate prometheus-client: `Health::collector`, `HealthService::metrics`, `Health::metrics_service` | prometheus-client 0.25 |
//! | `metrics` | the same metrics through the facade of the crate metrics | metrics 0.24 |
//! | `opentelemetry` | `Health::opentelemetry_gauges`, and `Health::opentelemetry_events`: one log record per transition | opentelemetry 0.33 |
//! | `systemd` | `Health::notify_systemd`: readiness, status and watchdog notifications | |
//! | `test-util` | tokio's paused clock waits for checks that run on threads; for tests only | |
//! | `sqlx` | `checks::Sqlx`: a check of a database pool | sqlx 0.9 |
//! | `sqlx-migrate` | `checks::Migrations`: a check of the migrations that sqlx applied to a database | sqlx 0.9 |
//! | `redis` | `checks::Redis`: a check of a Redis server | redis 1 |
//! | `http` | `checks::Http`: a check of a URL | reqwest 0.13 |
//! | `memcached`, `tcp`, `dns`, `tls` | [`checks`] of a memcached server, a port, a host name, and certificates | |
//! | `disk`, `memory`, `file_descriptors` | [`checks`] of the machine's resources | |
//! | `aws-lc-rs`, `ring`, `tls12` | the features of rustls with these names, for `http` and `tls` in a program without a TLS provider | rustls 0.23 |
//!
//! tokio 1 and serde 1 are public dependencies of every build.
//!
//! # Guide
//!
//! The [`guide`] has one page per question:
//!
//! - writing checks: [choosing a kind](guide::choosing_a_kind), [what to check](guide::what_to_check),
//!   [several values of one type](guide::several_values), [progress](guide::progress),
//!   [thresholds and caches](guide::thresholds_and_caches), [built-in checks](guide::built_in_checks), [testing](guide::testing)
//! - serving them: [how it works](guide::how_it_works), [endpoints](guide::endpoints), [the HTML page](guide::html_page),
//!   [under middleware](guide::under_middleware), [with axum](guide::with_axum), [with gRPC](guide::with_grpc), [a dedicated port](guide::dedicated_port), [metrics](guide::metrics)
//! - in production: [a fleet](guide::fleet), [Kubernetes](guide::kubernetes), [behind a proxy](guide::behind_a_proxy),
//!   [containers](guide::containers), [systemd](guide::systemd)
//! - problems: [my check is missing](guide::my_check_is_missing), [moving over](guide::moving_over)

#![cfg_attr(docsrs, feature(doc_cfg))]
// Without an adapter nothing serves responses, counts requests or registers workers, and the docs link to missing methods.
#![cfg_attr(not(feature = "actix"), allow(dead_code, unused_imports, reason = "only adapters use them"))]
#![cfg_attr(not(feature = "actix"), allow(rustdoc::broken_intra_doc_links, reason = "the methods are in the adapter"))]

mod adapters;
mod builder;
pub mod checks;
mod core;
#[cfg(any(feature = "actix", not(doctest)))]
pub mod guide;
mod http;
mod integrations;
#[cfg(any(feature = "metrics", feature = "opentelemetry", feature = "prometheus"))]
pub mod metrics;
mod text;

/// Metrics for Prometheus through prometheus-client: a collector for the application's registry, and a service for
/// applications without one.
#[doc = include_str!("metrics/metrics.md")]
#[doc = include_str!("metrics/prometheus.md")]
#[cfg(feature = "prometheus")]
pub mod prometheus {
    #[cfg(feature = "actix")]
    pub use crate::adapters::actix::metrics_service::MetricsService;
    pub use crate::metrics::prometheus::Collector;
}

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use health_macros::{health_check, health_checks};

#[cfg(feature = "test-util")]
pub use self::core::engine::peers::{PeerAnswer, PeerFuture, PeerNetwork};
pub use self::core::engine::{Heartbeat, Reporter, ReporterError};
pub use self::core::events::{Transition, Transitions};
pub use self::core::health::Health;
pub use self::core::lifecycle::Maintenance;
pub use self::core::model::outcome::{Details, IntoOutcome, Outcome};
pub use self::core::model::policy::Policy;
pub use self::core::model::status::{HealthState, Kind, Scope, Status};
pub use self::core::registry::check::Check;
pub use self::core::registry::liveness::LivenessSafe;
pub use self::core::registry::policy_override::PolicyOverride;
pub use self::core::registry::run::{Blocking, Run, With, blocking, with};
pub use self::core::registry::settings::Settings;
pub use self::core::registry::start_error::StartError;
pub use self::core::report::view::Expose;
pub use self::core::report::{CheckReport, Report};
pub use self::http::format::Format;
pub use self::http::options::DrainCode;
pub use self::http::request::ProbeRequest;
pub use self::http::service::HealthService;
#[cfg(feature = "actix")]
pub use adapters::actix::drain_middleware::DrainMiddleware;
#[cfg(feature = "grpc")]
pub use adapters::grpc::GrpcHealth;
#[cfg(any(feature = "actix", feature = "tower"))]
pub use adapters::listener::Listener;
#[cfg(feature = "tower")]
pub use adapters::tower::{drain_layer::DrainLayer, service::TowerHealth};
pub use builder::HealthBuilder;
#[cfg(feature = "kubernetes")]
pub use integrations::kubernetes;
#[cfg(feature = "openapi")]
pub use integrations::openapi;
pub use integrations::peers::Peers;
pub use integrations::probe_client::{probe, probe_from_args, probe_within};
#[cfg(feature = "systemd")]
pub use integrations::systemd;
