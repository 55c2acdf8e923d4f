//! The limits of the current run, for code inside a check that must finish earlier.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::policy::{DEFAULT_DEADLINE, DEFAULT_TIMEOUT, Policy};

thread_local! {
    static CURRENT: Cell<Option<RunContext>> = const { Cell::new(None) };
}

/// The limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunContext {
    pub(crate) started_at: Instant,
    pub(crate) timeout: Duration,
    /// The maximum age of a result of the check.
    pub(crate) max_age: Duration,
}

#[cfg_attr(not(any(feature = "redis", feature = "sqlx")), allow(dead_code, reason = "only these checks read the context"))]
impl RunContext {
    /// Returns the context of the run on this thread, or that of a check with default options outside of a run.
    pub(crate) fn current() -> Self {
        CURRENT.get().unwrap_or_else(|| Self {
            started_at: Instant::now(),
            timeout: DEFAULT_TIMEOUT,
            max_age: Policy::default().max_age(DEFAULT_DEADLINE),
        })
    }

    /// Returns the time until the timeout.
    pub(crate) fn remaining(&self) -> Duration {
        (self.started_at + self.timeout).saturating_duration_since(Instant::now())
    }

    /// Calls `run` with this context as the current one, where a check may read it.
    pub(crate) fn scope<R>(self, run: impl FnOnce() -> R) -> R {
        if !cfg!(any(feature = "redis", feature = "sqlx", test)) {
            return run();
        }
        let _restore = RestoreGuard(CURRENT.replace(Some(self)));
        run()
    }
}

/// Restores the previous context, also after a panic.
struct RestoreGuard(Option<RunContext>);

impl Drop for RestoreGuard {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_context_is_current_until_its_scope_ends() {
        let started_at = Instant::now();
        let context = |seconds| RunContext { started_at, timeout: Duration::from_secs(1), max_age: Duration::from_secs(seconds) };
        let seen = context(1).scope(|| {
            let panicked = std::panic::catch_unwind(|| context(2).scope(|| std::panic::resume_unwind(Box::new(CURRENT.get()))));
            (panicked.expect_err("it unwinds").downcast::<Option<RunContext>>().expect("the context"), CURRENT.get())
        });
        assert_eq!((*seen.0, seen.1), (Some(context(2)), Some(context(1))));
        assert_eq!(CURRENT.get(), None);
    }
}
