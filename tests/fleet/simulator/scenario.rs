//! What goes wrong, and when.

use std::time::Duration;

use super::dependency::Condition;

/// Which replicas lose their connection to the dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutOff {
    None,
    /// This many zones of three.
    Zones(usize),
    /// This many replicas.
    First(usize),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    Dependency(Condition),
    Network(CutOff),
}

/// One scenario. Its faults begin after the warm-up.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// For file names.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Each fault and how long it lasts.
    pub(crate) faults: Vec<(Fault, Duration)>,
    /// How long the simulation goes on after the last fault.
    pub(crate) rest: Duration,
}

/// The time before the first fault: startup, and then the steady state.
pub(crate) const WARM_UP: Duration = Duration::from_mins(1);
/// The part of the warm-up in which the fleet starts.
pub(crate) const START_UP: Duration = Duration::from_secs(40);

impl Scenario {
    pub(crate) fn all() -> [Self; 7] {
        let minutes = Duration::from_mins;
        let scenario = |name, title, faults, rest| Self { name, title, faults, rest: minutes(rest) };
        let away = Fault::Dependency(Condition::Away);
        let silent = Fault::Dependency(Condition::Silent);
        let up = |capacity| Fault::Dependency(Condition::Up(capacity));
        let cut_off = Fault::Network;
        [
            // Longer than the maximum back-off of the kubelet.
            scenario("away", "dependency away for 10 minutes", vec![(away, minutes(10))], 6),
            scenario("brown-out", "dependency with a tenth of its capacity for 3 minutes", vec![(up(0.1), minutes(3))], 2),
            scenario("zone", "one zone of three cut off for 3 minutes", vec![(cut_off(CutOff::Zones(1)), minutes(3))], 2),
            scenario("zones", "two zones of three cut off for 5 minutes", vec![(cut_off(CutOff::Zones(2)), minutes(5))], 2),
            scenario("replica", "one replica cut off for 2 minutes", vec![(cut_off(CutOff::First(1)), minutes(2))], 1),
            scenario(
                "left-behind",
                "dependency away for 2 minutes, and one replica cut off from it for 2 minutes more",
                vec![(away, minutes(2)), (cut_off(CutOff::First(1)), minutes(2))],
                1,
            ),
            scenario(
                "recovery",
                "dependency silent for 2 minutes, then at 60 % of its capacity for 1 minute",
                vec![(silent, minutes(2)), (up(0.6), minutes(1))],
                3,
            ),
        ]
    }

    /// Returns each fault, and when it begins.
    fn timeline(&self) -> impl Iterator<Item = (Fault, Duration)> {
        self.faults.iter().scan(WARM_UP, |ends_at, (fault, length)| {
            let begins_at = *ends_at;
            *ends_at += *length;
            Some((*fault, begins_at))
        })
    }

    /// Returns the fault at this time since the start.
    pub(crate) fn fault_at(&self, time: Duration) -> Fault {
        let begun = self.timeline().take_while(|(_, begins_at)| *begins_at <= time);
        begun.last().map_or(Fault::None, |(fault, _)| if time < self.faults_end_at() { fault } else { Fault::None })
    }

    /// Returns when replicas are cut off. After every fault, if none are.
    pub(crate) fn cut_off_at(&self) -> Duration {
        let mut cut_off = self.timeline().filter(|(fault, _)| matches!(fault, Fault::Network(_)));
        cut_off.next().map_or(self.faults_end_at(), |(_, begins_at)| begins_at)
    }

    /// Returns when the first fault ends: from then on the dependency returns.
    pub(crate) fn recovers_at(&self) -> Duration {
        WARM_UP + self.faults.first().map_or(Duration::ZERO, |(_, length)| *length)
    }

    /// Returns when the last fault ends.
    pub(crate) fn faults_end_at(&self) -> Duration {
        WARM_UP + self.faults.iter().map(|(_, length)| *length).sum::<Duration>()
    }

    /// Returns the length of the simulation.
    pub(crate) fn length(&self) -> Duration {
        self.faults_end_at() + self.rest
    }
}
