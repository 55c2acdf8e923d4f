//! What was told last of each check and kind, and so what is a change.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::time::Instant;

use super::{KEPT, Meters, Transition, Transitions};
use crate::core::model::check_history::Record;
use crate::core::model::report::{Phase, effect, state_of_kind};
use crate::core::model::status::{HealthState, Kind, Kinds, Scope, Status};
use crate::core::model::verdict::{Seen, Why};
use crate::core::registry::Registered;

/// What was told last. A reader asks without a lock whether there is news; only news takes one, for as long as it
/// takes to compare and to hand over.
pub(crate) struct Ledger {
    /// Counts up with everything that may change an answer.
    epoch: AtomicU64,
    /// The told status of each check, by its place in the order of names.
    told: Box<[AtomicU8]>,
    book: Mutex<Book>,
    bus: broadcast::Sender<Transition>,
    meters: Arc<Meters>,
}

struct Book {
    entries: Box<[Entry]>,
    kinds: [(Kind, HealthState); 3],
    phase: Phase,
    /// For ids that tell this process from others.
    ids: RandomState,
    count: u64,
}

struct Entry {
    name: Arc<str>,
    kinds: Kinds,
    critical: bool,
    status: Status,
    record: Record,
}

/// A change of a check, for the log.
struct Told {
    name: Arc<str>,
    from: Status,
    to: Status,
    why: Option<Why>,
    error_id: Option<String>,
}

impl Ledger {
    pub(crate) fn new(checks: &[Registered], phase: Phase) -> Self {
        let entries: Box<[Entry]> = checks
            .iter()
            .map(|check| Entry {
                name: Arc::clone(&check.name),
                kinds: check.kinds,
                critical: check.policy.critical,
                status: Status::Unknown,
                record: Record::default(),
            })
            .collect();
        let told = entries.iter().map(|_| AtomicU8::new(Status::Unknown as u8)).collect();
        let mut book =
            Book { entries, kinds: Kind::ALL.map(|kind| (kind, HealthState::Healthy)), phase, ids: RandomState::new(), count: 0 };
        book.kinds = Kind::ALL.map(|kind| (kind, book.state(kind)));
        let meters = Arc::new(Meters::new(checks.iter(), book.kinds));
        Self { epoch: AtomicU64::new(0), told, book: Mutex::new(book), bus: broadcast::Sender::new(KEPT), meters }
    }

    pub(crate) fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    pub(crate) fn subscribe(&self) -> Transitions {
        Transitions(self.bus.subscribe())
    }

    /// The number of changes so far. An answer made after this was read holds as long as it stays the same.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// A check's standing has changed: to be called when the change can be read.
    pub(crate) fn advance(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether this status of the check was told last.
    pub(crate) fn is_told(&self, index: usize, status: Status) -> bool {
        self.told.get(index).is_some_and(|told| told.load(Ordering::Acquire) == status as u8)
    }

    /// Tells what `read` sees of a check, if that is news. It is read anew under the lock, at the moment then: of two readers
    /// that saw different things, the later one to come must not tell the older thing.
    pub(crate) fn tell(&self, index: usize, read: impl FnOnce(Instant) -> Seen) {
        let mut book = self.book();
        let now = Instant::now();
        let seen = read(now);
        let Some(told) = book.turn(index, seen, now) else { return };
        self.meters.history().turned(index, told.to, now);
        if let Some(status) = self.told.get(index) {
            status.store(told.to as u8, Ordering::Release);
        }
        let name = told.name.to_string();
        let reason = told.why.as_ref().map(|why| why.public.to_string());
        // Without a subscriber nobody needs to hear it.
        let _ = self.bus.send(Transition::Check { name, from: told.from, to: told.to, reason });
        let kinds = self.tell_kinds(&mut book);
        drop(book);
        // A log or a recorder that is slow must not hold up the readers that have news of their own.
        self.meters.say_kinds();
        told.log();
        kinds.into_iter().flatten().for_each(log_kind);
    }

    /// What is remembered of the changes of a check at `now`, by its place in the order of names.
    pub(crate) fn record(&self, index: usize, now: Instant) -> Record {
        let record = self.book().entries.get(index).map(|entry| entry.record.clone());
        Record { hour: self.meters.history().of(index, now), ..record.unwrap_or_default() }
    }

    /// Tells that the process has come further in its life.
    pub(crate) fn enter(&self, phase: Phase) {
        let mut book = self.book();
        book.phase = Phase { started: book.phase.started || phase.started, draining: book.phase.draining || phase.draining };
        let kinds = self.tell_kinds(&mut book);
        drop(book);
        self.meters.say_kinds();
        self.advance();
        kinds.into_iter().flatten().for_each(log_kind);
    }

    fn tell_kinds(&self, book: &mut Book) -> [Option<(Kind, HealthState, HealthState)>; 3] {
        let now = Kind::ALL.map(|kind| (kind, book.state(kind)));
        let before = std::mem::replace(&mut book.kinds, now);
        self.meters.keep_kinds(now);
        let changes = [0, 1, 2].map(|i| (before[i].1 != now[i].1).then_some((now[i].0, before[i].1, now[i].1)));
        for (kind, from, to) in changes.into_iter().flatten() {
            let _ = self.bus.send(Transition::Kind { kind, from, to });
        }
        changes
    }

    /// Nothing under the lock can panic half-way: a poisoned one is as good as any.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn turn(&mut self, index: usize, seen: Seen, now: Instant) -> Option<Told> {
        let entry = self.entries.get_mut(index).filter(|entry| entry.status != seen.status)?;
        let from = std::mem::replace(&mut entry.status, seen.status);
        let error_id = seen.why.as_ref().map(|_| {
            self.count += 1;
            format!("{:016x}", self.ids.hash_one(self.count))
        });
        // It never goes back, whatever an older word or run says.
        let since = entry.record.since.map_or(seen.since(now), |last| seen.since(now).max(last));
        entry.record.turn(since, seen.status, seen.why.as_ref(), error_id.clone());
        Some(Told { name: Arc::clone(&entry.name), from, to: seen.status, why: seen.why, error_id })
    }

    fn state(&self, kind: Kind) -> HealthState {
        let scope = Scope::Kind(kind);
        let entries = self.entries.iter().filter(|entry| entry.kinds.has(kind));
        let worst =
            entries.map(|entry| effect(scope, entry.kinds, entry.critical, entry.status, entry.record.transitions > 0)).max();
        state_of_kind(kind, worst.unwrap_or(HealthState::Healthy), self.phase)
    }
}

impl Told {
    fn log(&self) {
        let Self { name, from, to, why, error_id } = self;
        if let (Some(why), Some(error_id)) = (why, error_id) {
            let error = why.chain.as_deref().unwrap_or(&why.public);
            tracing::warn!(check = %name, %from, %to, %error_id, error, "health check turned {to}");
        } else {
            tracing::info!(check = %name, %from, %to, "health check turned {to}");
        }
    }
}

fn log_kind((kind, from, to): (Kind, HealthState, HealthState)) {
    if to > from {
        tracing::warn!(%kind, %from, %to, "{kind} turned {to}");
    } else {
        tracing::info!(%kind, %from, %to, "{kind} turned {to}");
    }
}
