//! The last hour of every check: a byte for each minute, in a ring that forgets the oldest.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::core::model::status::Status;

/// How many minutes are remembered, the one under way among them.
pub(crate) const MINUTES: usize = 60;

const MINUTE: Duration = Duration::from_secs(60);

/// What happened to a check within a minute: which results there were, and whether its status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Minute(u8);

const CHANGED: Minute = Minute(1 << 7);

#[cfg(any(feature = "page", test))]
const STATUSES: [Status; 4] = [Status::Down, Status::Unknown, Status::Degraded, Status::Up];

impl Minute {
    fn of(status: Status) -> Self {
        Self(1 << status as u8)
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    #[cfg(any(feature = "page", test))]
    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The worst that there was; `None` when nothing happened.
    #[cfg(any(feature = "page", test))]
    pub(crate) fn worst(self) -> Option<Status> {
        STATUSES.into_iter().find(|status| self.has(Self::of(*status)))
    }

    /// The status of the check changed.
    #[cfg(any(feature = "page", test))]
    pub(crate) fn has_change(self) -> bool {
        self.has(CHANGED)
    }
}

/// The minutes of one check, in a ring.
struct Hour {
    minutes: [Minute; MINUTES],
    /// Where the minute under way stands.
    place: usize,
    /// When it ends: most runs come before and ask no more than that.
    ends: Instant,
}

impl Hour {
    fn new(now: Instant) -> Self {
        Self { minutes: [Minute::default(); MINUTES], place: 0, ends: now + MINUTE }
    }

    fn note(&mut self, at: Instant, what: Minute) {
        self.come_to(at);
        if let Some(minute) = self.minutes.get_mut(self.place) {
            minute.add(what);
        }
    }

    /// The oldest minute first.
    fn read(&mut self, now: Instant) -> impl Iterator<Item = Minute> {
        self.come_to(now);
        let (newer, older) = self.minutes.split_at(self.place + 1);
        older.iter().chain(newer).copied()
    }

    /// Forgets what is more than an hour old. Of two that come as a minute ends the later one may be first: the other one
    /// counts for the new minute then.
    fn come_to(&mut self, at: Instant) {
        if at < self.ends {
            return;
        }
        let passed = at.saturating_duration_since(self.ends).as_secs() / MINUTE.as_secs() + 1;
        for _ in 0..passed.min(MINUTES as u64) {
            self.place = (self.place + 1) % MINUTES;
            self.minutes[self.place] = Minute::default();
        }
        self.ends += Duration::from_secs(passed * MINUTE.as_secs());
    }
}

/// The last hour of every check, all by one clock. A lock is held to note or to copy one of them.
pub(crate) struct History {
    /// By the places of the checks in the order of names.
    hours: Box<[Mutex<Hour>]>,
}

impl History {
    /// Creates a timeline for every check. Without the feature `page` nothing reads it, so it records nothing.
    pub(crate) fn new(checks: usize) -> Self {
        let now = Instant::now();
        let checks = if cfg!(any(feature = "page", test)) { checks } else { 0 };
        Self { hours: (0..checks).map(|_| Mutex::new(Hour::new(now))).collect() }
    }

    /// A run ended with this result, the application reported it, or a look at what has no run found it.
    pub(crate) fn ran(&self, index: usize, status: Status, at: Instant) {
        self.note(index, at, Minute::of(status));
    }

    /// The status of a check changed.
    pub(crate) fn turned(&self, index: usize, to: Status, at: Instant) {
        let mut minute = Minute::of(to);
        minute.add(CHANGED);
        self.note(index, at, minute);
    }

    /// The last hour of a check, the oldest minute first and the one under way last.
    pub(crate) fn of(&self, index: usize, now: Instant) -> Vec<Minute> {
        self.hour(index).map(|mut hour| hour.read(now).collect()).unwrap_or_default()
    }

    fn note(&self, index: usize, at: Instant, what: Minute) {
        if let Some(mut hour) = self.hour(index) {
            hour.note(at, what);
        }
    }

    fn hour(&self, index: usize) -> Option<MutexGuard<'_, Hour>> {
        self.hours.get(index).map(|hour| hour.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// One character a minute: the first letter of the worst status, large where it changed.
    fn drawn(minutes: impl IntoIterator<Item = Minute>) -> String {
        let one = |minute: Minute| {
            let letter = minute.worst().map_or('.', |status| status.as_str().chars().next().unwrap());
            // `up` and `unknown` begin alike.
            let letter = if minute.worst() == Some(Status::Unknown) { '?' } else { letter };
            if minute.has_change() { letter.to_ascii_uppercase() } else { letter }
        };
        minutes.into_iter().map(one).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_worst_of_a_minute_shows_and_the_oldest_is_forgotten() {
        let history = History::new(2);
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        let read = |seconds| drawn(history.of(0, at(seconds)));
        assert_eq!(read(0), ".".repeat(60));

        history.ran(0, Status::Up, at(3));
        history.turned(0, Status::Up, at(3));
        history.ran(0, Status::Up, at(59));
        history.ran(0, Status::Degraded, at(60));
        history.ran(0, Status::Down, at(119));
        history.turned(0, Status::Unknown, at(181));
        assert_eq!(read(200), format!("{}Ud.?", ".".repeat(56)));
        assert_eq!(read(239), format!("{}Ud.?", ".".repeat(56)));
        assert_eq!(read(240), format!("{}Ud.?.", ".".repeat(55)));
        assert_eq!(read(3_599), format!("Ud.?{}", ".".repeat(56)));
        history.ran(0, Status::Up, at(3_600));
        assert_eq!(read(3_600), format!("d.?{}u", ".".repeat(56)), "the minute of an hour ago makes room");
        assert_eq!(read(86_400), ".".repeat(60));
        assert_eq!(drawn(history.of(1, at(200))), ".".repeat(60), "each check has its own");
        assert!(history.of(2, at(200)).is_empty(), "no check is no panic");
        history.ran(2, Status::Up, at(200));
    }

    #[test]
    fn a_minute_that_has_passed_takes_nothing_any_more() {
        let began = Instant::now();
        let mut hour = Hour::new(began);
        hour.note(began + 7 * MINUTE, Minute::of(Status::Up));
        hour.note(began + 6 * MINUTE, Minute::of(Status::Down));
        assert_eq!(drawn(hour.read(began + 7 * MINUTE)), format!("{}d", ".".repeat(59)));
    }

    proptest::proptest! {
        #[test]
        fn the_ring_keeps_what_a_list_would(notes in proptest::collection::vec((0..2_000_u64, 0..4_usize), 0..40), after in 0..5_000_u64) {
            let began = Instant::now();
            let (mut hour, mut list, mut seconds) = (Hour::new(began), BTreeMap::<u64, Status>::new(), 0);
            for (gap, status) in notes {
                seconds += gap;
                hour.note(began + Duration::from_secs(seconds), Minute::of(STATUSES[status]));
                list.entry(seconds / 60).and_modify(|held| *held = STATUSES[status].max(*held)).or_insert(STATUSES[status]);
            }
            seconds += after;
            let read: Vec<_> = hour.read(began + Duration::from_secs(seconds)).map(Minute::worst).collect();
            let minute = seconds / 60;
            let expected: Vec<_> =
                (0..MINUTES as u64).rev().map(|ago| list.get(&minute.checked_sub(ago)?).copied()).collect();
            proptest::prop_assert_eq!(read, expected);
        }
    }
}
