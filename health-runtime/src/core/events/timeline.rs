//! The last hour of every check, for the page: one byte per minute in a ring buffer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::status::Status;

/// How many minutes are kept, including the current one.
pub(crate) const MINUTES: usize = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// The results of a check within one minute, and whether its status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MinuteSummary(u8);

const CHANGED: MinuteSummary = MinuteSummary(1 << 7);

#[cfg(feature = "page")]
const STATUSES: [Status; 4] = [Status::Down, Status::Unknown, Status::Degraded, Status::Up];

impl MinuteSummary {
    fn from_status(status: Status) -> Self {
        Self(1 << status as u8)
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    #[cfg(feature = "page")]
    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the worst status, or `None` without a result.
    #[cfg(feature = "page")]
    pub(crate) fn worst(self) -> Option<Status> {
        STATUSES.into_iter().find(|status| self.has(Self::from_status(*status)))
    }

    /// Whether the status of the check changed.
    #[cfg(feature = "page")]
    pub(crate) fn has_change(self) -> bool {
        self.has(CHANGED)
    }
}

/// The minutes of one check.
struct MinuteRing {
    minutes: [MinuteSummary; MINUTES],
    /// Index of the current minute.
    head: usize,
    /// When the current minute ends. Most calls come before and only compare.
    head_ends_at: Instant,
}

impl MinuteRing {
    fn new(now: Instant) -> Self {
        Self { minutes: [MinuteSummary::default(); MINUTES], head: 0, head_ends_at: now + MINUTE }
    }

    fn record(&mut self, at: Instant, summary: MinuteSummary) {
        self.advance_to(at);
        if let Some(minute) = self.minutes.get_mut(self.head) {
            minute.add(summary);
        }
    }

    /// Returns the minutes, oldest first.
    fn minutes(&mut self, now: Instant) -> impl Iterator<Item = MinuteSummary> {
        self.advance_to(now);
        let (newer, older) = self.minutes.split_at(self.head + 1);
        older.iter().chain(newer).copied()
    }

    /// Drops minutes older than an hour. When two threads record around the end of a minute, the later time may come first; the
    /// earlier one then counts for the new minute.
    fn advance_to(&mut self, at: Instant) {
        if at < self.head_ends_at {
            return;
        }
        let passed = at.saturating_duration_since(self.head_ends_at).as_secs() / MINUTE.as_secs() + 1;
        for _ in 0..passed.min(MINUTES as u64) {
            self.head = (self.head + 1) % MINUTES;
            self.minutes[self.head] = MinuteSummary::default();
        }
        self.head_ends_at += Duration::from_secs(passed * MINUTE.as_secs());
    }
}

/// The last hour of every check. A lock is held to record or to copy one of them.
pub(crate) struct Timeline {
    /// By the index of the check in the order of names.
    rings: Box<[Mutex<MinuteRing>]>,
}

impl Timeline {
    /// Creates a timeline for this number of checks. Without the feature `page` nothing reads it, so it records nothing.
    pub(crate) fn new(checks: usize) -> Self {
        let checks = if cfg!(feature = "page") { checks } else { 0 };
        let now = Instant::now();
        Self { rings: (0..checks).map(|_| Mutex::new(MinuteRing::new(now))).collect() }
    }

    /// Records the status of a finished run, of a report or of a check that is computed when read.
    pub(crate) fn record_status(&self, index: usize, status: Status, at: Instant) {
        self.record(index, at, MinuteSummary::from_status(status));
    }

    /// Records a transition.
    pub(crate) fn record_change(&self, index: usize, to: Status, at: Instant) {
        let mut minute = MinuteSummary::from_status(to);
        minute.add(CHANGED);
        self.record(index, at, minute);
    }

    /// Returns the last hour of a check, oldest minute first.
    pub(crate) fn minutes(&self, index: usize, now: Instant) -> Vec<MinuteSummary> {
        self.ring(index).map(|mut ring| ring.minutes(now).collect()).unwrap_or_default()
    }

    fn record(&self, index: usize, at: Instant, summary: MinuteSummary) {
        if let Some(mut ring) = self.ring(index) {
            ring.record(at, summary);
        }
    }

    fn ring(&self, index: usize) -> Option<MutexGuard<'_, MinuteRing>> {
        self.rings.get(index).map(|ring| ring.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
#[cfg(feature = "page")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// One character per minute: the first letter of the worst status, in upper case where it changed.
    fn drawn(minutes: impl IntoIterator<Item = MinuteSummary>) -> String {
        let one = |minute: MinuteSummary| {
            let letter = minute.worst().map_or('.', |status| status.as_str().chars().next().unwrap());
            // `up` and `unknown` start with the same letter.
            let letter = if minute.worst() == Some(Status::Unknown) { '?' } else { letter };
            if minute.has_change() { letter.to_ascii_uppercase() } else { letter }
        };
        minutes.into_iter().map(one).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_worst_status_of_a_minute_counts_and_old_minutes_are_dropped() {
        let timeline = Timeline::new(2);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let read = |seconds| drawn(timeline.minutes(0, at(seconds)));
        assert_eq!(read(0), ".".repeat(60));

        timeline.record_status(0, Status::Up, at(3));
        timeline.record_change(0, Status::Up, at(3));
        timeline.record_status(0, Status::Up, at(59));
        timeline.record_status(0, Status::Degraded, at(60));
        timeline.record_status(0, Status::Down, at(119));
        timeline.record_change(0, Status::Unknown, at(181));
        assert_eq!(read(200), format!("{}Ud.?", ".".repeat(56)));
        assert_eq!(read(239), format!("{}Ud.?", ".".repeat(56)));
        assert_eq!(read(240), format!("{}Ud.?.", ".".repeat(55)));
        assert_eq!(read(3_599), format!("Ud.?{}", ".".repeat(56)));
        timeline.record_status(0, Status::Up, at(3_600));
        assert_eq!(read(3_600), format!("d.?{}u", ".".repeat(56)), "the minute of an hour ago is dropped");
        assert_eq!(read(86_400), ".".repeat(60));
        assert_eq!(drawn(timeline.minutes(1, at(200))), ".".repeat(60), "each check has its own");
        assert!(timeline.minutes(2, at(200)).is_empty(), "an unknown index is ignored");
        timeline.record_status(2, Status::Up, at(200));
    }

    #[test]
    fn a_late_record_counts_for_the_current_minute() {
        let began = Instant::now();
        let mut ring = MinuteRing::new(began);
        ring.record(began + 7 * MINUTE, MinuteSummary::from_status(Status::Up));
        ring.record(began + 6 * MINUTE, MinuteSummary::from_status(Status::Down));
        assert_eq!(drawn(ring.minutes(began + 7 * MINUTE)), format!("{}d", ".".repeat(59)));
    }

    proptest::proptest! {
        #[test]
        fn the_ring_equals_a_list(records in proptest::collection::vec((0..2_000_u64, 0..4_usize), 0..40), after in 0..5_000_u64) {
            let began = Instant::now();
            let (mut ring, mut list, mut seconds) = (MinuteRing::new(began), BTreeMap::<u64, Status>::new(), 0);
            for (gap, status) in records {
                seconds += gap;
                ring.record(began + Duration::from_secs(seconds), MinuteSummary::from_status(STATUSES[status]));
                list.entry(seconds / 60).and_modify(|held| *held = STATUSES[status].max(*held)).or_insert(STATUSES[status]);
            }
            seconds += after;
            let read: Vec<_> = ring.minutes(began + Duration::from_secs(seconds)).map(MinuteSummary::worst).collect();
            let minute = seconds / 60;
            let expected: Vec<_> =
                (0..MINUTES as u64).rev().map(|ago| list.get(&minute.checked_sub(ago)?).copied()).collect();
            proptest::prop_assert_eq!(read, expected);
        }
    }
}
