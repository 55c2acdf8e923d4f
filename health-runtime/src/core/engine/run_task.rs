//! The task of one run, which says how the run ended, however it ends.

use std::sync::Arc;
use std::thread;

use tokio::time::Instant;
use tracing::level_filters::LevelFilter;
use tracing::{Span, field};

use super::check_runner::Cell;
use super::execute::{self, Ran};
use crate::core::model::verdict::{End, RunResult};
use crate::core::registry::Registered;

/// Says how a run ended, also when its task is dropped or unwinds.
pub(super) struct Landing {
    cell: Arc<Cell>,
    since: Option<Instant>,
    has_landed: bool,
}

impl Landing {
    pub(super) fn new(cell: Arc<Cell>) -> Self {
        Self { cell, since: None, has_landed: false }
    }

    pub(super) async fn fly(mut self) {
        let since = Instant::now();
        self.since = Some(since);
        self.cell.take_off(since);
        let Registered { runner, name, .. } = &*self.cell.check;
        let span = span(&self.cell.check);
        let ran = execute::run(runner, name, self.cell.limits(since), &span, || self.cell.overdue()).await;
        span.record("outcome", RunResult::of(&ran.end).as_str());
        self.has_landed = true;
        self.cell.land(ran, self.since);
    }
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
        if !self.has_landed {
            let end = if thread::panicking() { End::Panicked } else { End::RuntimeStopped };
            self.cell.land(Ran::aside(end), self.since);
        }
    }
}
