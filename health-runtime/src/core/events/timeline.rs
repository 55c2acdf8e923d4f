//! The last hour of every check, for the page: one bit per minute and status.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::status::Status;

/// How many minutes are kept, including the current one.
pub(crate) const MINUTES: u64 = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// The last hour of one check. Each number is a set of minutes: bit 0 is the oldest one, bit 59 the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LastHour {
    /// The minutes with a result, by its status.
    results: [u64; 4],
    /// The minutes in which the status changed.
    changes: u64,
}

impl LastHour {
    pub(crate) const EMPTY: Self = Self { results: [0; 4], changes: 0 };

    const CURRENT: u64 = 1 << (MINUTES - 1);

    fn record(&mut self, status: Status, changed: bool) {
        self.results[status as usize] |= Self::CURRENT;
        if changed {
            self.changes |= Self::CURRENT;
        }
    }

    /// Drops the oldest minutes.
    fn advance_by(&mut self, minutes: u64) {
        for set in self.results.iter_mut().chain([&mut self.changes]) {
            *set >>= minutes.min(MINUTES);
        }
    }

    /// Returns the minutes whose worst status this is.
    #[cfg(feature = "page")]
    pub(crate) fn minutes_with(&self, status: Status) -> u64 {
        let worse = self.results.iter().skip(status as usize + 1).fold(0, |all, set| all | set);
        self.results[status as usize] & !worse
    }

    /// Returns the minutes without a result.
    #[cfg(feature = "page")]
    pub(crate) fn minutes_without_result(&self) -> u64 {
        let all = Self::CURRENT | (Self::CURRENT - 1);
        self.results.iter().fold(all, |without, set| without & !set)
    }

    /// Returns the minutes in which the status changed.
    #[cfg(feature = "page")]
    pub(crate) fn minutes_with_change(&self) -> u64 {
        self.changes
    }
}

/// Records the last hour of one check.
struct RecordedHour {
    hour: LastHour,
    /// When the current minute ends. Most calls come before and only compare.
    minute_ends_at: Instant,
}

impl RecordedHour {
    fn new(now: Instant) -> Self {
        Self { hour: LastHour::EMPTY, minute_ends_at: now + MINUTE }
    }

    /// Returns the last hour at this time. When two threads record around the end of a minute, the later time may come first; the
    /// earlier one then counts for the new minute.
    fn hour_at(&mut self, at: Instant) -> &mut LastHour {
        if at >= self.minute_ends_at {
            let passed = at.saturating_duration_since(self.minute_ends_at).as_secs() / MINUTE.as_secs() + 1;
            self.hour.advance_by(passed);
            self.minute_ends_at += Duration::from_secs(passed * MINUTE.as_secs());
        }
        &mut self.hour
    }
}

/// The last hour of every check. A lock is held to record or to copy one of them.
pub(crate) struct Timeline {
    /// By the index of the check in the order of names.
    hours: Box<[Mutex<RecordedHour>]>,
}

impl Timeline {
    /// Creates a timeline for this number of checks. Without the feature `page` nothing reads it, so it records nothing.
    pub(crate) fn new(checks: usize) -> Self {
        let checks = if cfg!(feature = "page") { checks } else { 0 };
        let now = Instant::now();
        Self { hours: (0..checks).map(|_| Mutex::new(RecordedHour::new(now))).collect() }
    }

    /// Records the status of a finished run, of a report or of a check that is computed when read.
    pub(crate) fn record_status(&self, index: usize, status: Status, at: Instant) {
        self.record(index, at, status, false);
    }

    /// Records a transition.
    pub(crate) fn record_change(&self, index: usize, to: Status, at: Instant) {
        self.record(index, at, to, true);
    }

    /// Returns the last hour of a check.
    pub(crate) fn hour(&self, index: usize, now: Instant) -> LastHour {
        self.lock(index).map_or(LastHour::EMPTY, |mut recorded| *recorded.hour_at(now))
    }

    fn record(&self, index: usize, at: Instant, status: Status, changed: bool) {
        if let Some(mut recorded) = self.lock(index) {
            recorded.hour_at(at).record(status, changed);
        }
    }

    fn lock(&self, index: usize) -> Option<MutexGuard<'_, RecordedHour>> {
        self.hours.get(index).map(|hour| hour.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
#[cfg(feature = "page")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const STATUSES: [Status; 4] = [Status::Down, Status::Unknown, Status::Degraded, Status::Up];

    /// The worst status of each minute, oldest first. Each minute is in exactly one set.
    fn worst_statuses(hour: &LastHour) -> Vec<Option<Status>> {
        let has = |set: u64, minute: u64| set >> minute & 1 == 1;
        let worst = |minute| {
            let mut found = STATUSES.into_iter().filter(|status| has(hour.minutes_with(*status), minute));
            let worst = found.next();
            assert_eq!((found.next(), has(hour.minutes_without_result(), minute)), (None, worst.is_none()));
            worst
        };
        (0..MINUTES).map(worst).collect()
    }

    /// One character per minute: the first letter of the worst status, in upper case where it changed.
    fn drawn(hour: &LastHour) -> String {
        let letters = worst_statuses(hour).into_iter().map(|worst| match worst {
            // `up` and `unknown` start with the same letter.
            Some(Status::Unknown) => '?',
            worst => worst.map_or('.', |status| status.as_str().chars().next().unwrap()),
        });
        let changed = |minute: usize| hour.minutes_with_change() >> minute & 1 == 1;
        letters.enumerate().map(|(minute, letter)| if changed(minute) { letter.to_ascii_uppercase() } else { letter }).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_worst_status_of_a_minute_counts_and_old_minutes_are_dropped() {
        let timeline = Timeline::new(2);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let read = |seconds| drawn(&timeline.hour(0, at(seconds)));
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
        assert_eq!(drawn(&timeline.hour(1, at(200))), ".".repeat(60), "each check has its own");
        assert_eq!(timeline.hour(2, at(200)), LastHour::EMPTY, "an unknown index is ignored");
        timeline.record_status(2, Status::Up, at(200));
    }

    #[test]
    fn a_late_record_counts_for_the_current_minute() {
        let began = Instant::now();
        let mut recorded = RecordedHour::new(began);
        recorded.hour_at(began + 7 * MINUTE).record(Status::Up, false);
        recorded.hour_at(began + 6 * MINUTE).record(Status::Down, false);
        assert_eq!(drawn(recorded.hour_at(began + 7 * MINUTE)), format!("{}d", ".".repeat(59)));
    }

    proptest::proptest! {
        #[test]
        fn the_hour_equals_a_list(records in proptest::collection::vec((0..2_000_u64, 0..4_usize), 0..40), after in 0..5_000_u64) {
            let began = Instant::now();
            let (mut recorded, mut list, mut seconds) = (RecordedHour::new(began), BTreeMap::<u64, Status>::new(), 0);
            for (gap, status) in records {
                seconds += gap;
                recorded.hour_at(began + Duration::from_secs(seconds)).record(STATUSES[status], false);
                list.entry(seconds / 60).and_modify(|held| *held = STATUSES[status].max(*held)).or_insert(STATUSES[status]);
            }
            seconds += after;
            let read = worst_statuses(recorded.hour_at(began + Duration::from_secs(seconds)));
            let minute = seconds / 60;
            let expected: Vec<_> = (0..MINUTES).rev().map(|ago| list.get(&minute.checked_sub(ago)?).copied()).collect();
            proptest::prop_assert_eq!(read, expected);
        }
    }
}
