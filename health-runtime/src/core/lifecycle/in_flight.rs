//! Counts the application's requests in flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::request_rate::RequestRate;

/// The number of requests in flight, if a middleware counts them.
#[derive(Default)]
pub(crate) struct InFlightRequests {
    is_enabled: AtomicBool,
    /// Every guard holds a clone, so that the reference count is the number of requests.
    requests: Arc<()>,
    rate: OnceLock<RequestRate>,
}

/// One request, from the call of its service until its body is sent or dropped.
pub(crate) struct RequestGuard(Arc<()>);

impl InFlightRequests {
    /// Marks the requests as counted from now on.
    pub(crate) fn enable(&self) {
        self.is_enabled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.is_enabled.load(Ordering::Relaxed)
    }

    pub(crate) fn start(&self) -> RequestGuard {
        RequestGuard(Arc::clone(&self.requests))
    }

    /// Returns the rate of the requests, which is counted from the first call on.
    pub(crate) fn rate(&self) -> &RequestRate {
        self.rate.get_or_init(RequestRate::new)
    }

    /// Returns the number of requests in flight, or `None` if they are not counted.
    pub(crate) fn count(&self) -> Option<usize> {
        self.is_enabled().then(|| Arc::strong_count(&self.requests) - 1)
    }
}

impl RequestGuard {
    pub(crate) fn belongs_to(&self, requests: &InFlightRequests) -> bool {
        Arc::ptr_eq(&self.0, &requests.requests)
    }
}
