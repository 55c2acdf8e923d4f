//! Whether a failure of a check counts in full, where other instances are asked about it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// The limit of the impact of a failure, for a check that asks other instances.
///
/// ```text
///              good run              failed run                 other instances fail too
///  ┌──────┐ ───────────▶ ┌───────┐ ───────────▶ ┌───────────┐ ─────────────▶ ┌─────────┐
///  │ full │              │ armed │              │ undecided │                │ limited │
///  └──────┘              └───────┘              └───────────┘                └─────────┘
///                          ▲    │                     │                           │
///                 good run │    │ failed run,         │ it fails only here        │
///                          │    ▼ and only here       ▼                           │
///                          └──────────────────── ┌──────┐ ◀───────────────────────┘
///                                                │ left │ ───────────────────────▶ limited
///                                                └──────┘
/// ```
///
/// In each phase but *full* and *left* a failure is limited. Each limit ends with time alone, so a failure counts in full if the task
/// that asks has stopped.
#[derive(Debug, Clone)]
pub(crate) struct FailureCap {
    phase: Phase,
    /// How long a failure is limited before other instances were asked.
    undecided_limit: Duration,
    /// The run that finishes next fails only here.
    fails_only_here: bool,
}

#[derive(Debug, Clone, Default)]
enum Phase {
    /// No run was good yet, so the instance is not in rotation because of this check.
    #[default]
    Full,
    Armed,
    Undecided {
        until: Instant,
    },
    Limited {
        until: Instant,
        reason: Arc<str>,
    },
    /// The instance left rotation because of this check.
    Left,
}

impl FailureCap {
    pub(crate) fn new(undecided_limit: Duration) -> Self {
        Self { phase: Phase::default(), undecided_limit, fails_only_here: false }
    }

    /// Follows a run that finished at `now`, after which the check is up or degraded, or is not.
    pub(crate) fn apply_run(&mut self, was_good: bool, is_good: bool, now: Instant) {
        let fails_only_here = std::mem::take(&mut self.fails_only_here);
        self.phase = match &self.phase {
            _ if is_good => Phase::Armed,
            // Armed: the check was good until its grace ended, with time alone.
            Phase::Armed | Phase::Left if fails_only_here => Phase::Left,
            Phase::Armed => Phase::Undecided { until: now + self.undecided_limit },
            _ if was_good => Phase::Undecided { until: now + self.undecided_limit },
            _ => return,
        };
    }

    /// Lets the failure of the run that finishes next count in full.
    pub(crate) fn expect_failure_only_here(&mut self) {
        self.fails_only_here = true;
    }

    /// Limits the impact of the failure until then, for this reason.
    pub(crate) fn limit(&mut self, until: Instant, reason: Arc<str>) {
        self.phase = Phase::Limited { until, reason };
    }

    /// Lets the failure count in full.
    pub(crate) fn leave(&mut self) {
        self.phase = Phase::Left;
    }

    /// Whether the instance left rotation because of this check.
    pub(crate) fn has_left(&self) -> bool {
        matches!(self.phase, Phase::Left)
    }

    /// Returns until when a failure that began at `failing_since` is limited. `None` if it counts in full.
    pub(crate) fn limited_until(&self, failing_since: Instant) -> Option<Instant> {
        match self.phase {
            Phase::Full | Phase::Left => None,
            // A run that is past its timeout, or the end of a grace: no run has finished.
            Phase::Armed => Some(failing_since + self.undecided_limit),
            Phase::Undecided { until } | Phase::Limited { until, .. } => Some(until),
        }
    }

    /// Returns why the failure is limited, once that is decided.
    pub(crate) fn reason(&self) -> Option<&Arc<str>> {
        if let Phase::Limited { reason, .. } = &self.phase { Some(reason) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_ends_with_time_alone() {
        let (second, began) = (Duration::from_secs(1), Instant::now());
        let at = |seconds: u32| began + seconds * second;
        let mut cap = FailureCap::new(9 * second);
        cap.apply_run(false, false, began);
        assert_eq!(cap.limited_until(began), None, "no run was good yet");
        cap.apply_run(false, true, at(1));
        assert_eq!(cap.limited_until(at(5)), Some(at(14)), "a run is past its timeout since 5 s");
        cap.apply_run(true, false, at(6));
        cap.apply_run(false, false, at(8));
        assert_eq!((cap.limited_until(at(6)), cap.reason()), (Some(at(15)), None), "later failures do not extend it");
        cap.limit(at(20), "everywhere".into());
        cap.apply_run(false, false, at(10));
        assert_eq!((cap.limited_until(at(6)), cap.reason().map(|reason| &**reason)), (Some(at(20)), Some("everywhere")));
        cap.leave();
        assert_eq!((cap.limited_until(at(6)), cap.has_left()), (None, true));
        cap.apply_run(false, true, at(30));
        cap.expect_failure_only_here();
        cap.apply_run(true, false, at(31));
        assert_eq!((cap.limited_until(at(31)), cap.has_left()), (None, true), "decided before the run finished");
        cap.apply_run(true, true, at(31));
        cap.apply_run(false, false, at(32));
        assert_eq!(cap.limited_until(at(32)), Some(at(41)), "its grace ended with time alone");
    }
}
