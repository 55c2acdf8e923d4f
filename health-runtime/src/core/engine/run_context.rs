//! What the run under way has to keep to, for code below it that must end sooner.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::policy::{DEFAULT_DEADLINE, DEFAULT_TIMEOUT, Policy};

thread_local! {
    static CURRENT: Cell<Option<Limits>> = const { Cell::new(None) };
}

/// The limits of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) since: Instant,
    /// The run is cut off when this has passed.
    pub(crate) timeout: Duration,
    /// How old a result of the check may be and still count.
    pub(crate) age: Duration,
}

impl Limits {
    /// Those of the run that this thread is in; outside of any, those of a check that says nothing of its own.
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlx")),
        expect(dead_code, reason = "only a check that has to end before its limit asks")
    )]
    pub(crate) fn current() -> Self {
        CURRENT.get().unwrap_or_else(|| Self {
            since: Instant::now(),
            timeout: DEFAULT_TIMEOUT,
            age: Policy::default().age_limit(DEFAULT_DEADLINE),
        })
    }

    /// How long the run may still take.
    #[cfg_attr(not(any(feature = "redis", feature = "sqlx")), expect(dead_code, reason = "as `current`"))]
    pub(crate) fn left(&self) -> Duration {
        (self.since + self.timeout).saturating_duration_since(Instant::now())
    }

    /// Runs what these are the limits of.
    pub(crate) fn hold<R>(self, run: impl FnOnce() -> R) -> R {
        let _before = Before(CURRENT.replace(Some(self)));
        run()
    }
}

/// Puts back what was there, also when what ran panics.
struct Before(Option<Limits>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_innermost_run_and_go_with_it() {
        let since = Instant::now();
        let of = |seconds| Limits { since, timeout: Duration::from_secs(1), age: Duration::from_secs(seconds) };
        let seen = of(1).hold(|| {
            let panicked = std::panic::catch_unwind(|| of(2).hold(|| std::panic::resume_unwind(Box::new(CURRENT.get()))));
            (panicked.expect_err("it unwinds").downcast::<Option<Limits>>().expect("what it saw"), CURRENT.get())
        });
        assert_eq!((*seen.0, seen.1), (Some(of(2)), Some(of(1))));
        assert_eq!(CURRENT.get(), None);
    }
}
