//! The last responses of one worker, each while a new one would be the same.

use std::cell::RefCell;

use super::response::ProbeResponse;
use crate::core::health_inner::{CacheValidity, HealthInner};
use crate::core::report::view::Expose;
use crate::http::format::Format;

/// The last responses of one endpoint in one worker, at most one for each level and format.
///
/// Each worker has a cache that only its thread uses, so a probe takes no lock.
#[derive(Default)]
pub(crate) struct ResponseCache(RefCell<Vec<CacheEntry>>);

/// A response, and until when it may be sent again.
pub(crate) struct CacheEntry {
    pub(super) expose: Expose,
    pub(super) format: Format,
    pub(super) validity: CacheValidity,
    pub(super) response: ProbeResponse,
}

impl ResponseCache {
    /// Returns a response that can be sent without running checks or rendering.
    pub(super) fn get(&self, inner: &HealthInner, expose: Expose, format: Format) -> Option<ProbeResponse> {
        let entries = self.0.try_borrow().ok()?;
        let entry = entries.iter().find(|entry| entry.expose == expose && entry.format == format)?;
        inner.is_valid(&entry.validity).then(|| entry.response.clone())
    }

    /// Replaces the response of the same level and format.
    pub(crate) fn insert(&self, entry: CacheEntry) {
        if let Ok(mut entries) = self.0.try_borrow_mut() {
            entries.retain(|other| other.expose != entry.expose || other.format != entry.format);
            entries.push(entry);
        }
    }
}
