//! The task of one run, which says how the run ended, however it ends.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;
use tracing::level_filters::LevelFilter;
use tracing::{Span, field};

use super::cell::Cell;
use super::run::{self, Ran};
use crate::registry::Registered;
use crate::verdict::{End, RunResult};

/// Says how a run ended, also when its task is dropped or unwinds.
pub(super) struct Landing {
    cell: Arc<Cell>,
    since: Option<Instant>,
    ran: Option<(Ran, Instant)>,
}

impl Landing {
    pub(super) fn new(cell: Arc<Cell>) -> Self {
        Self { cell, since: None, ran: None }
    }

    pub(super) async fn fly(mut self) {
        let since = Instant::now();
        self.since = Some(since);
        self.cell.take_off(since);
        let Registered { runner, name, policy, .. } = &*self.cell.check;
        let span = span(&self.cell.check);
        let mut ran = run::run(runner, name, self.cell.limits(since), &span, || self.cell.overdue()).await;
        let ended = Instant::now();
        if matches!(ran.end, End::Said(_)) && is_late(ended.saturating_duration_since(since), ran.last, policy.timeout) {
            ran.end = End::TimedOut;
        }
        span.record("outcome", RunResult::of(&ran.end).as_str());
        self.ran = Some((ran, ended));
    }
}

/// Whether a run that took so long held its thread itself when it came to its limit. One that its runtime kept waiting until
/// after the limit, for the sake of another, is not late.
fn is_late(took: Duration, last: Duration, timeout: Duration) -> bool {
    took >= timeout && took.saturating_sub(last) < timeout
}

/// A child of nothing: the run is everybody's, not of the request that came first.
fn span(check: &Registered) -> Span {
    // Without a subscriber, tracing's feature `log` makes lines of a span, and a run is to be none in any log.
    if LevelFilter::current() < LevelFilter::INFO {
        return Span::none();
    }
    let Registered { name, kinds, .. } = check;
    tracing::info_span!(parent: None, "health_check", %name, %kinds, outcome = field::Empty)
}

impl Drop for Landing {
    fn drop(&mut self) {
        let end = || if thread::panicking() { End::Panicked } else { End::RuntimeStopped };
        let broken = || (Ran::aside(end()), Instant::now());
        let (ran, ended) = self.ran.take().unwrap_or_else(broken);
        self.cell.land(ran, self.since, ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_late_that_held_its_thread_at_its_limit() {
        let ms = Duration::from_millis;
        for (took, last, expected) in [
            (99, 99, false),
            (100, 1, true),
            (185, 95, true),
            (185, 85, false),
            (185, 86, true),
            (100, 0, false),
            (2_000, 1, false),
            (2_000, 2_000, true),
        ] {
            assert_eq!(is_late(ms(took), ms(last), ms(100)), expected, "{took} {last}");
        }
    }
}
