//! Counts the application's requests in flight.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::request_rate::RequestRate;

/// The number of requests in flight, if a middleware counts them.
#[derive(Default)]
pub(crate) struct InFlightRequests {
    is_enabled: AtomicBool,
    count: Arc<AtomicUsize>,
    rate: OnceLock<RequestRate>,
}

/// One request, from the call of its service until its body is sent or dropped.
pub(crate) struct RequestGuard(Option<Arc<AtomicUsize>>);

/// Returns the address of a counter, which no other one has while it exists.
fn id(count: &Arc<AtomicUsize>) -> usize {
    Arc::as_ptr(count).addr()
}

impl InFlightRequests {
    /// Marks the requests as counted from now on.
    pub(crate) fn enable(&self) {
        self.is_enabled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.is_enabled.load(Ordering::Relaxed)
    }

    pub(crate) fn start(&self) -> RequestGuard {
        self.count.fetch_add(1, Ordering::Relaxed);
        RequestGuard(Some(Arc::clone(&self.count)))
    }

    /// Stops counting a request. Call [`RequestGuard::forget`] for its guard.
    pub(crate) fn finish(&self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }

    /// Identifies the counter among those of all `Health`s. Not zero.
    pub(crate) fn id(&self) -> usize {
        id(&self.count)
    }

    /// Returns the rate of the requests, which is counted from the first call on.
    pub(crate) fn rate(&self) -> &RequestRate {
        self.rate.get_or_init(RequestRate::new)
    }

    /// Returns the number of requests in flight, or `None` if they are not counted.
    pub(crate) fn count(&self) -> Option<usize> {
        self.is_enabled().then(|| self.count.load(Ordering::Relaxed))
    }
}

impl RequestGuard {
    /// Returns the id of the counter, or zero once it is forgotten.
    pub(crate) fn id(&self) -> usize {
        self.0.as_ref().map_or(0, id)
    }

    /// Drops the guard of a request that no longer counts.
    pub(crate) fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
