//! The requests that a thread polls at this moment, so that the endpoints can stop counting a probe.
//!
//! The drain middleware owns the guard of a request, and names its counter to the thread for each poll of the service that it wraps.
//! So counting a request allocates nothing and stores nothing in the request.

use std::cell::{Cell, RefCell};

use crate::core::lifecycle::{InFlightRequests, RequestGuard};

/// The id of a counter, or zero where the request does not count.
type CounterId = usize;

thread_local! {
    /// That of the innermost middleware around the service that is polled. A number and not the guard: a thread-local value without
    /// a destructor costs next to nothing.
    static POLLED: Cell<CounterId> = const { Cell::new(0) };
    /// Those of the middleware around that one, which only an application with several has.
    static OUTER: RefCell<Vec<CounterId>> = const { RefCell::new(Vec::new()) };
}

/// Starts to count a request, unless another middleware around this one counts it already.
pub(in crate::adapters) fn start(requests: &InFlightRequests) -> Option<RequestGuard> {
    let (polled, id) = (POLLED.get(), requests.id());
    let is_counted = polled == id || polled != 0 && OUTER.with_borrow(|outer| outer.contains(&id));
    (!is_counted).then(|| requests.start())
}

/// Stops counting the polled request, because it is a probe or a scrape and not a request of the application.
pub(in crate::adapters) fn stop(requests: &InFlightRequests) {
    let id = requests.id();
    if POLLED.get() == id {
        POLLED.set(0);
        requests.finish();
    }
    OUTER.with_borrow_mut(|outer| {
        for outer in outer.iter_mut().filter(|outer| **outer == id) {
            *outer = 0;
            requests.finish();
        }
    });
}

/// Calls `poll` while the thread knows the counter. Afterwards `guard` is `None` if `poll` stopped counting the request.
pub(in crate::adapters) fn lend<R>(guard: &mut Option<RequestGuard>, poll: impl FnOnce() -> R) -> R {
    let _restore = RestoreGuard::new(guard);
    poll()
}

/// Restores the counter of the middleware around this one, also after a panic.
struct RestoreGuard<'g> {
    guard: &'g mut Option<RequestGuard>,
    lent: CounterId,
    has_outer: bool,
}

impl<'g> RestoreGuard<'g> {
    // Not a part of `lend`: generic code, which is compiled in another crate, reaches a thread-local value through a pointer.
    fn new(guard: &'g mut Option<RequestGuard>) -> Option<Self> {
        let lent = guard.as_ref().map(RequestGuard::id)?;
        let outer = POLLED.replace(lent);
        if outer != 0 {
            OUTER.with_borrow_mut(|ids| ids.push(outer));
        }
        Some(Self { guard, lent, has_outer: outer != 0 })
    }
}

impl Drop for RestoreGuard<'_> {
    fn drop(&mut self) {
        let outer = if self.has_outer { OUTER.with_borrow_mut(Vec::pop).unwrap_or_default() } else { 0 };
        if POLLED.replace(outer) != self.lent {
            self.guard.take().into_iter().for_each(RequestGuard::forget);
        }
    }
}
