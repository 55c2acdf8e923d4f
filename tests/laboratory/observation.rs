//! What happens to the fleet in one scenario, once a second.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use crate::fleet::Fleet;
use crate::kubelet::Kubelet;
use crate::monitoring::{Alert, Monitoring};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Observation {
    /// The fewest instances that were in the Service.
    pub(crate) least_ready: usize,
    /// The time until the first instance left the Service, in seconds.
    pub(crate) left_after: Option<u64>,
    /// The round trips to the database in each second.
    rates: Vec<u64>,
    alerts: BTreeSet<Alert>,
    pub(crate) restarts: usize,
}

impl Observation {
    /// Observes for this long.
    pub(crate) fn of(fleet: &Fleet, kubelet: &Kubelet, monitoring: &Monitoring, length: Duration) -> Self {
        let (began, restarts) = (Instant::now(), kubelet.restarts());
        let (mut rates, mut alerts) = (Vec::new(), BTreeSet::new());
        let (mut least_ready, mut left_after) = (kubelet.ready(), None);
        let mut last = (began, fleet.round_trips());
        while began.elapsed() < length {
            thread::sleep(SECOND);
            let now = (Instant::now(), fleet.round_trips());
            let milliseconds = u64::try_from((now.0 - last.0).as_millis()).unwrap();
            rates.push((now.1 - last.1) * 1_000 / milliseconds);
            last = now;
            let ready = kubelet.ready();
            if ready < least_ready {
                (least_ready, left_after) = (ready, left_after.or(Some(began.elapsed().as_secs())));
            }
            alerts.extend(monitoring.alerts());
        }
        Self { least_ready, left_after, rates, alerts, restarts: kubelet.restarts() - restarts }
    }

    pub(crate) fn mean_rate(&self) -> u64 {
        self.rates.iter().sum::<u64>() / u64::try_from(self.rates.len()).unwrap()
    }

    pub(crate) fn peak_rate(&self) -> u64 {
        self.rates.iter().copied().max().unwrap_or_default()
    }

    /// Returns how many instances had each alert.
    pub(crate) fn alerts(&self) -> String {
        let mut counts = BTreeMap::<_, usize>::new();
        self.alerts.iter().for_each(|(name, _)| *counts.entry(name).or_default() += 1);
        let counts: Vec<_> = counts.into_iter().map(|(name, count)| format!("{count} {name}")).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    }
}
