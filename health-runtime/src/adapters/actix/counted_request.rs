//! The request that a thread polls at this moment, so that the endpoints can stop counting a probe.
//!
//! The drain middleware owns the guard of a request and lends it to the thread for each poll of the service that it wraps. So
//! counting a request allocates nothing and stores nothing in the request.

use std::cell::Cell;

use crate::core::lifecycle::{InFlightRequests, RequestGuard};

thread_local! {
    static POLLED: Cell<Option<Polled>> = const { Cell::new(None) };
}

/// The request as one middleware counts it.
struct Polled {
    /// `None` once the request does not count.
    guard: Option<RequestGuard>,
    /// The same request as the middleware of another `Health` around it counts it.
    outer: Option<Box<Self>>,
}

impl Polled {
    /// Calls `visit` with the guard of each middleware that counts the request.
    fn for_each(&mut self, mut visit: impl FnMut(&mut Option<RequestGuard>)) {
        let mut next = Some(self);
        while let Some(polled) = next {
            visit(&mut polled.guard);
            next = polled.outer.as_deref_mut();
        }
    }
}

/// Calls `visit` with each guard that belongs to `requests`.
fn for_each_of(requests: &InFlightRequests, mut visit: impl FnMut(&mut Option<RequestGuard>)) {
    POLLED.with(|cell| {
        if let Some(mut polled) = cell.take() {
            polled.for_each(|guard| {
                if guard.as_ref().is_some_and(|guard| guard.belongs_to(requests)) {
                    visit(guard);
                }
            });
            cell.set(Some(polled));
        }
    });
}

/// Starts to count a request, unless another middleware around this one counts it already.
pub(super) fn start(requests: &InFlightRequests) -> Option<RequestGuard> {
    let mut is_counted = false;
    for_each_of(requests, |_| is_counted = true);
    (!is_counted).then(|| requests.start())
}

/// Stops counting the polled request, because it is a probe or a scrape and not a request of the application.
pub(super) fn stop(requests: &InFlightRequests) {
    for_each_of(requests, |guard| *guard = None);
}

/// Calls `poll` while the thread has the guard. Afterwards `guard` is `None` if `poll` stopped counting the request.
pub(super) fn lend<R>(guard: &mut Option<RequestGuard>, poll: impl FnOnce() -> R) -> R {
    if guard.is_none() {
        return poll();
    }
    POLLED.with(|cell| {
        let outer = cell.take().map(Box::new);
        cell.set(Some(Polled { guard: guard.take(), outer }));
        let _returned = ReturnGuard { cell, guard };
        poll()
    })
}

/// Returns the guard to its owner, also after a panic.
struct ReturnGuard<'l> {
    cell: &'l Cell<Option<Polled>>,
    guard: &'l mut Option<RequestGuard>,
}

impl Drop for ReturnGuard<'_> {
    fn drop(&mut self) {
        if let Some(Polled { guard, outer }) = self.cell.take() {
            *self.guard = guard;
            if outer.is_some() {
                self.cell.set(outer.map(|outer| *outer));
            }
        }
    }
}
