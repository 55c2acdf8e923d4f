//! Publishes transitions: to the history of each check, to subscribers, to the recorders and to the log.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::time::Instant;

use super::check_history::{CheckHistory, ErrorId, HistorySnapshot};
use super::kind_impacts::{CountedCheck, KindImpacts};
use super::recorder::{KindStates, Recorder, Recorders};
use super::subscribers::Subscribers;
use super::timeline::Timeline;
use super::transition_log::{self, CheckTransition};
use super::{Transition, Transitions};
use crate::core::model::aggregate::Phase;
use crate::core::model::status::{Kind, Status};
use crate::core::model::verdict::Observation;
use crate::core::registry::RegisteredCheck;

/// Owns what was published: the status of each check, the states of the kinds, the histories and the timeline.
///
/// A reader, or a run that finished, compares its observation with the published status without a lock. A difference takes the
/// lock, under which the check is observed again: of two observations, the later one must not publish the older status.
/// Under the lock a transition is also queued for subscribers and for the log, so that both get all in one order. They and the
/// recorders are called after the lock is released.
pub(crate) struct TransitionPublisher {
    /// Incremented with everything that can change a response.
    epoch: AtomicU64,
    /// The published status of each check, by its index in the order of names, with [`LIMITED`] where its failure is limited.
    published: Box<[AtomicU8]>,
    inner: Mutex<Inner>,
    timeline: Timeline,
    recorders: Arc<Recorders>,
    drain_started_at: Arc<OnceLock<Instant>>,
}

struct Inner {
    checks: Box<[TrackedCheck]>,
    impacts: KindImpacts,
    kinds: KindStates,
    phase: Phase,
    /// Closed once the last `Health` was dropped: nothing is published any more, such as the end of the runs that are aborted
    /// then.
    subscribers: Subscribers,
    /// Creates error ids that differ between processes.
    error_ids: RandomState,
    error_count: u64,
}

struct TrackedCheck {
    check: Arc<RegisteredCheck>,
    status: Status,
    /// Its failure is limited.
    limited: bool,
    skipped: bool,
    history: CheckHistory,
}

/// The bit of a published status that is set while the failure makes the kinds at most degraded.
const LIMITED: u8 = 0x80;

impl TransitionPublisher {
    pub(crate) fn new(checks: &[Arc<RegisteredCheck>], phase: Phase, recorders: Arc<Recorders>) -> Self {
        let mut impacts = KindImpacts::default();
        let tracked = checks.iter().map(|check| {
            impacts.add(CountedCheck::new(check, false), Status::Unknown);
            TrackedCheck {
                check: Arc::clone(check),
                status: Status::Unknown,
                limited: false,
                skipped: false,
                history: CheckHistory::default(),
            }
        });
        let checks: Box<[_]> = tracked.collect();
        let kinds = impacts.states(phase);
        recorders.store_kind_states(kinds);
        recorders.call(Recorder::emit_kind_states);
        let (subscribers, error_ids) = (Subscribers::default(), RandomState::new());
        Self {
            epoch: AtomicU64::new(0),
            published: checks.iter().map(|_| AtomicU8::new(Status::Unknown as u8)).collect(),
            timeline: Timeline::new(checks.len()),
            inner: Mutex::new(Inner { checks, impacts, kinds, phase, subscribers, error_ids, error_count: 0 }),
            recorders,
            drain_started_at: Arc::default(),
        }
    }

    /// Returns when the drain began, once it has.
    pub(crate) fn drain_started_at(&self) -> Option<Instant> {
        self.drain_started_at.get().copied()
    }

    /// Returns the cell that the lifecycle sets when the drain begins.
    pub(crate) fn drain_start(&self) -> &Arc<OnceLock<Instant>> {
        &self.drain_started_at
    }

    pub(crate) fn recorders(&self) -> &Arc<Recorders> {
        &self.recorders
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    pub(crate) fn subscribe(&self) -> Transitions {
        self.lock().subscribers.subscribe()
    }

    /// Returns the published state of each kind.
    #[cfg(feature = "grpc")]
    pub(crate) fn kind_states(&self) -> KindStates {
        self.lock().kinds
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
        self.published(index).is_some_and(|published| published & !LIMITED == status as u8)
    }

    /// Whether the failure of a check is published as limited.
    pub(crate) fn is_limited(&self, index: usize) -> bool {
        self.published(index).is_some_and(|published| published & LIMITED != 0)
    }

    /// Whether exactly this is published.
    pub(crate) fn is_current(&self, index: usize, status: Status, limited: bool) -> bool {
        self.published(index) == Some(encode(status, limited))
    }

    fn published(&self, index: usize) -> Option<u8> {
        self.published.get(index).map(|published| published.load(Ordering::SeqCst))
    }

    /// Observes a check under the lock and publishes a status, or a limit of its impact, that differs from the published one.
    ///
    /// The check is observed again after its status was stored. A run that changes the state meanwhile either finds the stored
    /// status with [`is_published`](Self::is_published), and publishes its own, or is observed here; so no transition is lost.
    ///
    /// The caller waits for the log, with [`notifier::flush`](super::notifier::flush), once it has done everything else.
    pub(crate) fn publish(&self, index: usize, observe: impl Fn() -> (Instant, Observation)) {
        let mut changed = false;
        let mut inner = self.lock();
        while !inner.subscribers.is_closed() {
            let (now, observation) = observe();
            let encoded = encode(observation.status, observation.limited);
            let Some(change) = inner.change(index, observation, now) else { break };
            if let Some(published) = self.published.get(index) {
                published.store(encoded, Ordering::SeqCst);
            }
            if let Change::Status(transition) = change {
                let CheckTransition { from, to, .. } = transition;
                self.timeline.record_change(index, to, now);
                self.recorders.store_status(index, to);
                inner.subscribers.push(|| {
                    let reason = transition.reason.as_ref().map(|reason| reason.public.to_string());
                    Transition::Check { name: transition.name.to_string(), from, to, reason }
                });
                transition.log();
            }
            self.publish_kinds(&mut inner);
            changed = true;
        }
        drop(inner);
        if changed {
            self.notify(move |recorders| {
                recorders.call(move |recorder| {
                    recorder.emit_status(index);
                    recorder.emit_kind_states();
                });
            });
        }
    }

    /// Publishes nothing from now on, and ends every subscription.
    pub(crate) fn close(&self) {
        self.lock().subscribers.close();
        self.send_to_subscribers();
    }

    /// Returns the history of a check at `now`.
    pub(crate) fn history(&self, index: usize, now: Instant) -> HistorySnapshot {
        let history = self.lock().checks.get(index).map(|check| check.history.clone());
        HistorySnapshot { history: history.unwrap_or_default(), last_hour: self.timeline.hour(index, now) }
    }

    /// Publishes the phase of the process, read under the lock: of two changes, the later one must not publish the older phase.
    /// Prepared responses are invalidated first. The caller waits for the log.
    pub(crate) fn update_phase(&self, phase: impl FnOnce() -> Phase) {
        self.bump_epoch();
        let mut inner = self.lock();
        inner.phase = phase();
        self.publish_kinds(&mut inner);
        drop(inner);
        self.notify(|recorders| recorders.call(Recorder::emit_kind_states));
    }

    fn publish_kinds(&self, inner: &mut Inner) {
        let states = inner.impacts.states(inner.phase);
        let previous = std::mem::replace(&mut inner.kinds, states);
        self.recorders.store_kind_states(states);
        for (kind, (from, to)) in Kind::ALL.into_iter().zip(previous.into_iter().zip(states)) {
            if from != to {
                inner.subscribers.push(|| Transition::Kind { kind, from, to });
                transition_log::log_kind(kind, from, to);
            }
        }
    }

    /// Calls code of the application about what was published: subscribers and recorders. Call it without a lock.
    fn notify(&self, record: impl FnOnce(&Arc<Recorders>)) {
        self.send_to_subscribers();
        record(&self.recorders);
    }

    fn send_to_subscribers(&self) {
        let next_batch = |sent| self.lock().subscribers.next_batch(sent);
        let mut batch = next_batch(false);
        while let Some(unsent) = batch {
            unsent.send();
            batch = next_batch(true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encode(status: Status, limited: bool) -> u8 {
    status as u8 | if limited { LIMITED } else { 0 }
}

/// What an observation changes.
enum Change {
    Status(CheckTransition),
    /// Only the impact on the kinds.
    Impact,
}

impl Inner {
    fn change(&mut self, index: usize, observation: Observation, now: Instant) -> Option<Change> {
        let check = self.checks.get_mut(index)?;
        let before = CountedCheck::new(&check.check, check.limited);
        let counted = CountedCheck::new(&check.check, observation.limited);
        let is_same_impact = counted.critical == before.critical;
        if check.status == observation.status && is_same_impact {
            return None;
        }
        self.impacts.change((before, check.status), (counted, observation.status));
        check.limited = observation.limited;
        if check.status == observation.status {
            return Some(Change::Impact);
        }
        let from = std::mem::replace(&mut check.status, observation.status);
        let was_skipped = std::mem::replace(&mut check.skipped, observation.skipped);
        let error_id = observation.reason.as_ref().map(|_| {
            self.error_count += 1;
            ErrorId(self.error_ids.hash_one(self.error_count))
        });
        // The time of the last change never goes back, even where an older run or report decides.
        let changed_at = observation.changed_at(now);
        let since = check.history.since().map_or(changed_at, |last| changed_at.max(last));
        let is_good = observation.reason.is_none();
        check.history.push(since, observation.status, observation.reason.as_ref(), error_id);
        Some(Change::Status(CheckTransition {
            name: Arc::clone(&check.check.name),
            from,
            to: observation.status,
            reason: observation.reason,
            error_id,
            // The transition of the first cause is in the log.
            is_consequence: observation.skipped || was_skipped && is_good,
        }))
    }
}
