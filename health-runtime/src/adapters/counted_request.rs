//! The requests that a thread polls at this moment, so that the endpoints can stop counting a probe.
//!
//! The drain middleware owns the guard of a request and lends it to the thread for each poll of the service that it wraps. So
//! counting a request allocates nothing and stores nothing in the request.

use std::cell::RefCell;

use crate::core::lifecycle::{InFlightRequests, RequestGuard};

thread_local! {
    /// One entry for each middleware around the service that is polled; `None` where the request does not count.
    static POLLED: RefCell<Vec<Option<RequestGuard>>> = const { RefCell::new(Vec::new()) };
}

/// Starts to count a request, unless another middleware around this one counts it already.
pub(in crate::adapters) fn start(requests: &InFlightRequests) -> Option<RequestGuard> {
    let is_counted = |guard: &Option<RequestGuard>| guard.as_ref().is_some_and(|guard| guard.belongs_to(requests));
    (!POLLED.with_borrow(|guards| guards.iter().any(is_counted))).then(|| requests.start())
}

/// Stops counting the polled request, because it is a probe or a scrape and not a request of the application.
pub(in crate::adapters) fn stop(requests: &InFlightRequests) {
    POLLED.with_borrow_mut(|guards| {
        for guard in guards {
            guard.take_if(|guard| guard.belongs_to(requests));
        }
    });
}

/// Lends the guard to the thread until the returned value is dropped. Afterwards `guard` is `None` if the endpoints stopped counting
/// the request.
pub(in crate::adapters) fn lend(guard: &mut Option<RequestGuard>) -> Lent<'_> {
    POLLED.with_borrow_mut(|guards| guards.push(guard.take()));
    Lent(guard)
}

/// A guard that the thread has. Its owner gets it back also after a panic.
pub(in crate::adapters) struct Lent<'g>(&'g mut Option<RequestGuard>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.0 = POLLED.with_borrow_mut(Vec::pop).flatten();
    }
}
