//! The guide: one page per question, each with an example that compiles.
//!
//! Writing checks:
//!
//! - [`choosing_a_kind`]: liveness, readiness or startup?
//! - [`what_to_check`]: which dependencies need a check, and which do not.
//! - [`several_values`]: shards, tenants and replicas, methods, constants.
//! - [`progress`]: tasks that hang, and instances that are ready on a database they cannot use.
//! - [`thresholds_and_caches`]: how often a check runs, and how soon its status changes.
//! - [`built_in_checks`]: checks of databases, caches, URLs, certificates and the machine.
//! - [`testing`]: unit tests of checks and of responses.
//!
//! Serving them:
//!
//! - [`how_it_works`]: from the attribute to the response.
//! - [`endpoints`]: paths, query parameters, formats, and how much a response shows.
//! - [`html_page`]: what a browser shows.
//! - [`under_middleware`]: keeping authentication, redirects and access logs away from probes.
//! - [`with_axum`]: the endpoints on axum and other servers on tower.
//! - [`with_grpc`]: the gRPC health checks.
//! - [`dedicated_port`]: probes that a busy server still answers.
//! - [`metrics`]: Prometheus, the `metrics` facade and OpenTelemetry.
//!
//! In production:
//!
//! - [`fleet`]: a dependency of all instances is away.
//! - [`kubernetes`]: the three probes, and how a pod stops.
//! - [`behind_a_proxy`]: `HAProxy`, Envoy, cloud load balancers.
//! - [`containers`]: `HEALTHCHECK` in an image without curl.
//! - [`systemd`]: notifications and the watchdog.
//!
//! Problems:
//!
//! - [`my_check_is_missing`]: what the linker leaves out, and how to keep it.
//! - [`moving_over`]: replacing a hand-written endpoint step by step.

// The pages link to items of several features, so their links are checked only when all of those are on.
#![cfg_attr(
    not(all(
        feature = "axum",
        feature = "grpc",
        feature = "openapi",
        feature = "opentelemetry",
        feature = "prometheus",
        feature = "systemd"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]

#[doc = include_str!("choosing_a_kind.md")]
pub mod choosing_a_kind {}

#[doc = include_str!("what_to_check.md")]
pub mod what_to_check {}

#[doc = include_str!("several_values.md")]
pub mod several_values {}

#[doc = include_str!("progress.md")]
pub mod progress {}

#[doc = include_str!("thresholds_and_caches.md")]
pub mod thresholds_and_caches {}

#[doc = include_str!("built_in_checks.md")]
pub mod built_in_checks {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("how_it_works.md")]
pub mod how_it_works {}

#[doc = include_str!("endpoints.md")]
pub mod endpoints {}

#[doc = include_str!("html_page.md")]
pub mod html_page {}

#[doc = include_str!("under_middleware.md")]
pub mod under_middleware {}

#[doc = include_str!("with_axum.md")]
pub mod with_axum {}

#[doc = include_str!("with_grpc.md")]
pub mod with_grpc {}

#[doc = include_str!("dedicated_port.md")]
pub mod dedicated_port {}

#[doc = include_str!("metrics.md")]
pub mod metrics {}

#[doc = include_str!("fleet.md")]
pub mod fleet {}

#[doc = include_str!("kubernetes.md")]
pub mod kubernetes {}

#[doc = include_str!("behind_a_proxy.md")]
pub mod behind_a_proxy {}

#[doc = include_str!("containers.md")]
pub mod containers {}

#[doc = include_str!("systemd.md")]
pub mod systemd {}

#[doc = include_str!("my_check_is_missing.md")]
pub mod my_check_is_missing {}

#[doc = include_str!("moving_over.md")]
pub mod moving_over {}
