//! The span of a run. A subscriber that panics changes neither the run nor its result.

use tracing::level_filters::LevelFilter;
use tracing::{Span, field};

use crate::core::events::contain::contain_panic;
use crate::core::registry::RegisteredCheck;

#[derive(Clone)]
pub(super) struct RunSpan(Span);

impl RunSpan {
    /// Creates the span of a run. It has no parent: the run serves every probe, not only the request that started it.
    pub(super) fn new(check: &RegisteredCheck) -> Self {
        // Without a subscriber, the feature `log` of tracing would log each span.
        if LevelFilter::current() < LevelFilter::INFO {
            return Self(Span::none());
        }
        let RegisteredCheck { name, kinds, .. } = check;
        let span = contain_panic(|| tracing::info_span!(parent: None, "health_check", %name, %kinds, outcome = field::Empty));
        Self(span.unwrap_or_else(Span::none))
    }

    /// Calls `run`, which must not panic, inside the span.
    pub(super) fn in_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        if self.0.is_none() {
            return run();
        }
        let entered = contain_panic(|| self.0.enter());
        let result = run();
        contain_panic(|| drop(entered));
        result
    }

    pub(super) fn record_outcome(&self, outcome: &'static str) {
        if !self.0.is_none() {
            contain_panic(|| {
                self.0.record("outcome", outcome);
            });
        }
    }
}

impl Drop for RunSpan {
    fn drop(&mut self) {
        if !self.0.is_none() {
            let span = std::mem::replace(&mut self.0, Span::none());
            contain_panic(|| drop(span));
        }
    }
}
