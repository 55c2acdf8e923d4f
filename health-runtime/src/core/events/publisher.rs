//! Publishes transitions: to subscribers, to the history of each check, to the recorders and to the log.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::time::Instant;

use super::recorder::{KindStates, Recorder, Recorders};
use super::timeline::Timeline;
use super::{CHANNEL_CAPACITY, CheckHistory, Transition, Transitions};
use crate::core::model::aggregate::{Phase, impact, published_kind_state};
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};
use crate::core::model::verdict::{Observation, Reason};
use crate::core::registry::RegisteredCheck;

/// Owns what was published: the status of each check, the states of the kinds, the histories and the timeline.
///
/// A reader, or a run that finished, compares its observation with the published status without a lock. A difference takes the
/// lock, under which the check is observed again: of two observations, the later one must not publish the older status.
/// Recorders and log are called after the lock is released.
pub(crate) struct TransitionPublisher {
    /// Incremented with everything that can change a response.
    epoch: AtomicU64,
    /// The published status of each check, by its index in the order of names.
    published: Box<[AtomicU8]>,
    inner: Mutex<Inner>,
    timeline: Timeline,
    sender: broadcast::Sender<Transition>,
    recorders: Arc<Recorders>,
}

struct Inner {
    checks: Box<[TrackedCheck]>,
    kinds: KindStates,
    phase: Phase,
    /// The last `Health` was dropped: nothing is published any more, such as the end of the runs that are aborted then.
    closed: bool,
    /// Creates error ids that differ between processes.
    error_ids: RandomState,
    error_count: u64,
}

struct TrackedCheck {
    name: Arc<str>,
    kinds: Kinds,
    critical: bool,
    status: Status,
    history: CheckHistory,
}

/// A transition of a check, for the log.
struct CheckTransition {
    name: Arc<str>,
    from: Status,
    to: Status,
    reason: Option<Reason>,
    error_id: Option<String>,
}

struct KindTransition {
    kind: Kind,
    from: HealthState,
    to: HealthState,
}

impl TransitionPublisher {
    pub(crate) fn new(checks: &[RegisteredCheck], phase: Phase, recorders: Arc<Recorders>) -> Self {
        let tracked = checks.iter().map(|check| TrackedCheck {
            name: Arc::clone(&check.name),
            kinds: check.kinds,
            critical: check.policy.critical,
            status: Status::Unknown,
            history: CheckHistory::default(),
        });
        let kinds = Kind::ALL.map(|_| HealthState::Healthy);
        let mut inner =
            Inner { checks: tracked.collect(), kinds, phase, closed: false, error_ids: RandomState::new(), error_count: 0 };
        inner.kinds = Kind::ALL.map(|kind| inner.state(kind));
        recorders.iter().for_each(|recorder| {
            recorder.store_kind_states(inner.kinds);
            recorder.emit_kind_states();
        });
        Self {
            epoch: AtomicU64::new(0),
            published: checks.iter().map(|_| AtomicU8::new(Status::Unknown as u8)).collect(),
            inner: Mutex::new(inner),
            timeline: Timeline::new(checks.len()),
            sender: broadcast::Sender::new(CHANNEL_CAPACITY),
            recorders,
        }
    }

    pub(crate) fn recorders(&self) -> &Arc<Recorders> {
        &self.recorders
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub(crate) fn subscribe(&self) -> Transitions {
        Transitions(self.sender.subscribe())
    }

    /// Returns the number of changes so far. A response that was made after this read is current as long as it stays the same.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Invalidates prepared responses. Call it when the changed state can be read.
    pub(crate) fn bump_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn is_published(&self, index: usize, status: Status) -> bool {
        self.published.get(index).is_some_and(|published| published.load(Ordering::SeqCst) == status as u8)
    }

    /// Observes a check under the lock and publishes a status that differs from the published one.
    ///
    /// The check is observed again after its status was stored. A run that changes the state meanwhile either finds the stored
    /// status with [`is_published`](Self::is_published), and publishes its own, or is observed here; so no transition is lost.
    pub(crate) fn publish(&self, index: usize, observe: impl Fn() -> (Instant, Observation)) {
        let (mut checks, mut kinds) = (Vec::new(), Vec::new());
        let mut inner = self.lock();
        while !inner.closed {
            let (now, observation) = observe();
            let Some(transition) = inner.transition(index, observation, now) else { break };
            let CheckTransition { from, to, .. } = transition;
            self.timeline.record_change(index, to, now);
            if let Some(published) = self.published.get(index) {
                published.store(to as u8, Ordering::SeqCst);
            }
            let reason = transition.reason.as_ref().map(|reason| reason.public.to_string());
            // Without a subscriber there is no receiver, which is not an error.
            let _ = self.sender.send(Transition::Check { name: transition.name.to_string(), from, to, reason });
            checks.push(transition);
            kinds.extend(self.publish_kinds(&mut inner));
        }
        drop(inner);
        if !checks.is_empty() {
            self.recorders.iter().for_each(Recorder::emit_kind_states);
        }
        checks.iter().for_each(CheckTransition::log);
        kinds.iter().for_each(KindTransition::log);
    }

    /// Publishes nothing from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    /// Returns the history of a check at `now`.
    pub(crate) fn history(&self, index: usize, now: Instant) -> CheckHistory {
        let history = self.lock().checks.get(index).map(|check| check.history.clone());
        CheckHistory { minutes: self.timeline.minutes(index, now), ..history.unwrap_or_default() }
    }

    /// Publishes the phase of the process. A phase never goes back.
    pub(crate) fn set_phase(&self, phase: Phase) {
        let mut inner = self.lock();
        let Phase { started, draining } = inner.phase;
        inner.phase = Phase { started: started || phase.started, draining: draining || phase.draining };
        let kinds = self.publish_kinds(&mut inner);
        drop(inner);
        self.bump_epoch();
        self.recorders.iter().for_each(Recorder::emit_kind_states);
        kinds.iter().for_each(KindTransition::log);
    }

    fn publish_kinds(&self, inner: &mut Inner) -> Vec<KindTransition> {
        let states = Kind::ALL.map(|kind| inner.state(kind));
        let previous = std::mem::replace(&mut inner.kinds, states);
        self.recorders.iter().for_each(|recorder| recorder.store_kind_states(states));
        let pairs = Kind::ALL.into_iter().zip(previous.into_iter().zip(states));
        let changed = pairs.filter(|(_, (from, to))| from != to);
        let transitions: Vec<_> = changed.map(|(kind, (from, to))| KindTransition { kind, from, to }).collect();
        for KindTransition { kind, from, to } in &transitions {
            let _ = self.sender.send(Transition::Kind { kind: *kind, from: *from, to: *to });
        }
        transitions
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn transition(&mut self, index: usize, observation: Observation, now: Instant) -> Option<CheckTransition> {
        let check = self.checks.get_mut(index).filter(|check| check.status != observation.status)?;
        let from = std::mem::replace(&mut check.status, observation.status);
        let error_id = observation.reason.as_ref().map(|_| {
            self.error_count += 1;
            format!("{:016x}", self.error_ids.hash_one(self.error_count))
        });
        // The time of the last change never goes back, even where an older run or report decides.
        let changed_at = observation.changed_at(now);
        let since = check.history.since.map_or(changed_at, |last| changed_at.max(last));
        check.history.push(since, observation.status, observation.reason.as_ref(), error_id.clone());
        Some(CheckTransition {
            name: Arc::clone(&check.name),
            from,
            to: observation.status,
            reason: observation.reason,
            error_id,
        })
    }

    fn state(&self, kind: Kind) -> HealthState {
        let checks = self.checks.iter().filter(|check| check.kinds.has(kind));
        let impacts = checks
            .map(|check| impact(Scope::Kind(kind), check.kinds, check.critical, check.status, check.history.transitions > 0));
        published_kind_state(kind, impacts.max().unwrap_or(HealthState::Healthy), self.phase)
    }
}

impl CheckTransition {
    fn log(&self) {
        let Self { name, from, to, reason, error_id } = self;
        if let (Some(reason), Some(error_id)) = (reason, error_id) {
            let error = reason.full();
            tracing::warn!(check = %name, %from, %to, %error_id, error, "health check `{name}` changed from {from} to {to}");
        } else {
            tracing::info!(check = %name, %from, %to, "health check `{name}` changed from {from} to {to}");
        }
    }
}

impl KindTransition {
    fn log(&self) {
        let Self { kind, from, to } = self;
        if to > from {
            tracing::warn!(%kind, %from, %to, "{kind} changed from {from} to {to}");
        } else {
            tracing::info!(%kind, %from, %to, "{kind} changed from {from} to {to}");
        }
    }
}
