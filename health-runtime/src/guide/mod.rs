//! How to use this crate well: a page for each question, each with an example that compiles.
//!
//! - [`choosing_a_kind`]: liveness, readiness or startup?
//! - [`what_to_check`]: and what not.
//! - [`thresholds_and_caches`]: how often a check runs, and how soon it turns.
//! - [`kubernetes`]: the three probes, and the end of a pod.
//! - [`behind_a_proxy`]: `HAProxy`, Envoy, a load balancer of a cloud.
//! - [`under_middleware`]: keeping authentication, redirects and access logs away from probes.
//! - [`testing`]: your checks, and your service's answers.
//! - [`my_check_is_missing`]: what the linker leaves out, and how to keep it.
//! - [`moving_over`]: from a hand-written endpoint.

#[doc = include_str!("choosing_a_kind.md")]
pub mod choosing_a_kind {}

#[doc = include_str!("what_to_check.md")]
pub mod what_to_check {}

#[doc = include_str!("thresholds_and_caches.md")]
pub mod thresholds_and_caches {}

#[doc = include_str!("kubernetes.md")]
pub mod kubernetes {}

#[cfg(any(feature = "actix", not(doctest)))]
#[doc = include_str!("behind_a_proxy.md")]
pub mod behind_a_proxy {}

#[cfg(any(feature = "actix", not(doctest)))]
#[doc = include_str!("under_middleware.md")]
pub mod under_middleware {}

#[cfg(any(feature = "actix", not(doctest)))]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("my_check_is_missing.md")]
pub mod my_check_is_missing {}

#[cfg(any(feature = "actix", not(doctest)))]
#[doc = include_str!("moving_over.md")]
pub mod moving_over {}
