//! The last responses of an endpoint, each while a new one would be the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::negotiation::AcceptCache;
use super::response::{Body, ProbeResponse};
use crate::core::health_inner::{CacheValidity, HealthInner};
use crate::core::report::view::Expose;
use crate::http::format::Format;

/// The maximum number of responses without a check's name.
const MAX_RESPONSES: usize = 8;
/// The maximum length of the body of such a response in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// The maximum number of single checks with a response.
const MAX_CHECKS: usize = 1024;
/// The maximum length of the body of a single check in bytes.
const MAX_CHECK_BODY: usize = 4096;

/// The last responses of one endpoint.
///
/// A lock is held only to look one up or to insert one: no check and no code of the application runs meanwhile. Each worker of
/// actix-web has one cache; the threads of another server share one. Its size is limited: a few responses for all checks
/// of the endpoint, and one for each single check.
#[derive(Default)]
pub(crate) struct ResponseCache {
    pub(super) formats: AcceptCache,
    responses: Mutex<Vec<CacheEntry>>,
    checks: Mutex<HashMap<Box<str>, CacheEntry>>,
}

/// What a response without `?tag=` and `?exclude=` depends on, besides the states of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) expose: Expose,
    pub(super) format: Format,
    pub(super) verbose: bool,
}

/// A response, and until when it may be sent again.
pub(super) struct CacheEntry {
    pub(super) check: Option<Box<str>>,
    pub(super) variant: Variant,
    pub(super) validity: CacheValidity,
    /// The number of requests in flight that the response shows.
    pub(super) in_flight: Option<usize>,
    pub(super) response: ProbeResponse,
}

impl ResponseCache {
    /// Returns a response that can be sent without running checks or rendering.
    pub(super) fn get(&self, inner: &HealthInner, check: Option<&str>, variant: Variant) -> Option<ProbeResponse> {
        let current = |entry: &CacheEntry| {
            let in_flight = || if variant.verbose { inner.lifecycle.in_flight().count() } else { None };
            let is_current = entry.variant == variant && inner.is_valid(&entry.validity) && entry.in_flight == in_flight();
            is_current.then(|| entry.response.clone())
        };
        match check {
            None => lock(&self.responses).iter().find_map(current),
            Some(check) => current(lock(&self.checks).get(check)?),
        }
    }

    /// Replaces the response of the same variant, or of the same check.
    pub(super) fn insert(&self, mut entry: CacheEntry) {
        let length = match &entry.response.body {
            Body::Full(bytes) => bytes.len(),
            Body::LengthOnly(_) => return,
        };
        if let Some(check) = entry.check.take() {
            if length <= MAX_CHECK_BODY {
                let mut checks = lock(&self.checks);
                if checks.len() >= MAX_CHECKS && !checks.contains_key(&check) {
                    checks.clear();
                }
                checks.insert(check, entry);
            }
        } else if length <= MAX_BODY {
            let mut responses = lock(&self.responses);
            responses.retain(|other| other.variant != entry.variant);
            if responses.len() >= MAX_RESPONSES {
                responses.remove(0);
            }
            responses.push(entry);
        }
    }
}

fn lock<T>(entries: &Mutex<T>) -> MutexGuard<'_, T> {
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
impl ResponseCache {
    /// Returns the number of responses for all checks and for single checks.
    pub(super) fn lengths(&self) -> (usize, usize) {
        (lock(&self.responses).len(), lock(&self.checks).len())
    }
}
