//! Health checks for actix-web services: an attribute on an async function makes it a liveness, readiness or startup
//! check, found at link time and served over HTTP.
//!
#![cfg_attr(feature = "actix", doc = "```standalone_crate,no_run")]
#![cfg_attr(not(feature = "actix"), doc = "```ignore")]
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use actix_web::{App, HttpServer};
//! use health_runtime::{Health, health_check};
//!
//! #[derive(Default)]
//! struct Queue {
//!     waiting: AtomicUsize,
//! }
//!
//! /// The queue takes more work.
//! #[health_check(readiness, timeout = "500ms")]
//! async fn queue(queue: &Queue) -> Result<(), &'static str> {
//!     if queue.waiting.load(Ordering::Relaxed) < 1000 { Ok(()) } else { Err("queue is full") }
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let health = Health::builder().version(env!("CARGO_PKG_VERSION")).state(Queue::default()).start()?;
//!     let shutdown = health.shutdown(); // on SIGTERM: not ready at once, drain, then stop
//!     HttpServer::new(move || App::new().service(health.service()))
//!         .shutdown_signal(shutdown)
//!         .bind("127.0.0.1:8080")?
//!         .run()
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! Now `GET /readyz` answers 200 while the queue takes work and 503 while it does not, `/livez` and `/startupz` answer for
//! the checks of their kinds, and `/health` for all. The attribute's own page, [`health_check`], has every option, form of
//! argument and return type; [`Check`] makes checks at run time.
//!
//! Data flows one way, and a module uses only those below it:
//!
//! ```text
//! #[health_check] fn ─macro─▶ descriptor ─linker─▶ registry ─state─▶ check ─engine─▶ verdict ─▶ report ─▶ bytes ─▶ HTTP
//!
//! container   a client that asks, for an image that has none
//! prometheus  what a reader of metrics finds (feature `prometheus`), and so `metrics`
//! openapi     the endpoints in the application's own document (feature `openapi`)
//! kubernetes  what is declared, as the probes of a pod
//! checks      a database, a cache, an outside API, the disk, the memory (each a feature)
//! adapters    actix-web: requests, responses, middleware, dedicated port (feature `actix`)
//! http        what a probe means: paths, methods, headers
//! format      a view, as bytes
//! view        how much of a report a reader may see
//! health      the face, and its builder
//! systemd     what a service manager is told (feature `systemd`)
//! probe       one probe: what is asked, run and waited for
//! lifecycle   startup latch, drain, signals
//! reporter    a status that the application pushes
//! engine      one run, one check, many at once
//! events      transitions: subscribers, log, metrics
//! report      verdicts → report
//! record      what is remembered of the changes of a check
//! history     the last hour of each check, a byte a minute
//! verdict     runs → verdict: thresholds, age
//! registry    linked descriptors and checks made at run time → checks, or every problem at once
//! context     state that checks borrow, by type
//! check       a check made at run time
//! overrides   changes to policies from the application's configuration
//! limits      what the run under way has to keep to
//! paused      threads, and the paused clock of tests
//! workers     which workers of the server turn
//! policy      timeout, freshness, thresholds, criticality
//! outcome     what one run says
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
// Without an adapter nothing serves responses, counts requests or registers workers, and the docs link to missing methods.
#![cfg_attr(not(feature = "actix"), expect(dead_code, unused_imports, reason = "only adapters use them"))]
#![cfg_attr(not(feature = "actix"), allow(rustdoc::broken_intra_doc_links, reason = "the methods are in the adapter"))]

mod adapters;
#[cfg(any(
    feature = "disk",
    feature = "dns",
    feature = "file_descriptors",
    feature = "http",
    feature = "memcached",
    feature = "memory",
    feature = "redis",
    feature = "sqlx",
    feature = "tcp",
    feature = "tls",
))]
pub mod checks;
mod core;
pub mod guide;
mod http;
mod integrations;
#[cfg(any(feature = "metrics", feature = "prometheus"))]
pub mod metrics;
mod text;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use health_macros::health_check;

pub use self::core::builder::HealthBuilder;
pub use self::core::engine::{Reporter, ReporterError};
pub use self::core::events::{Transition, Transitions};
pub use self::core::health::Health;
pub use self::core::model::outcome::{Details, IntoOutcome, Outcome};
pub use self::core::model::policy::Policy;
pub use self::core::model::report::{CheckReport, Report};
pub use self::core::model::report_view::Expose;
pub use self::core::model::status::{HealthState, Kind, Scope, Status};
pub use self::core::registry::check::{Check, Run};
pub use self::core::registry::liveness::LivenessSafe;
pub use self::core::registry::policy_override::PolicyOverride;
pub use self::core::registry::start_error::StartError;
#[cfg(feature = "actix")]
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
pub use adapters::actix::{drain_middleware::DrainMiddleware, listener::Listener};
pub use http::format::Format;
pub use http::proxies::DrainCode;
pub use http::request::ProbeRequest;
pub use http::service::HealthService;
pub use integrations::kubernetes;
#[cfg(feature = "openapi")]
#[cfg_attr(docsrs, doc(cfg(feature = "openapi")))]
pub use integrations::openapi;
pub use integrations::probe_client::{probe, probe_from_args, probe_within};
#[cfg(feature = "systemd")]
#[cfg_attr(docsrs, doc(cfg(feature = "systemd")))]
pub use integrations::systemd;
#[cfg(feature = "prometheus")]
#[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
pub use metrics::prometheus;
