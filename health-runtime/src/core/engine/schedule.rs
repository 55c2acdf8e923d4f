//! Background runs: when the next one is due.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::check_runner::Cell;

/// Runs the check again and again until the task is aborted.
pub(super) async fn follow(cell: Arc<Cell>, interval: Duration, runtime: Handle) {
    let mut spread = Spread::new(interval);
    loop {
        cell.run(&runtime).await;
        // Counted from the end of the run, so that runs never overlap and a stall is not made up for in a burst.
        sleep(spread.next_gap()).await;
    }
}

/// The gaps between runs. Instances that start together, as a rollout's do, must not keep asking together: a random
/// part of the interval comes first, then the interval give or take a tenth.
pub(super) struct Spread {
    interval: Duration,
    random: RandomState,
    gaps: u64,
}

impl Spread {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, random: RandomState::new(), gaps: 0 }
    }

    pub(super) fn next_gap(&mut self) -> Duration {
        self.gaps += 1;
        let part = unit(self.random.hash_one(self.gaps));
        if self.gaps == 1 { self.interval.mul_f64(part) } else { self.interval.mul_f64(0.9 + 0.2 * part) }
    }
}

/// From 0 up to 1, from the upper half of the bits.
fn unit(bits: u64) -> f64 {
    f64::from((bits >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of the first runs of one instance that starts at zero, in tenths of the interval.
    fn slots(rounds: usize) -> Vec<usize> {
        let interval = Duration::from_secs(10);
        let mut spread = Spread::new(interval);
        let mut at = Duration::ZERO;
        let later = (0..rounds).map(|_| {
            at += spread.next_gap();
            usize::try_from(at.as_millis() / 1000).unwrap()
        });
        later.collect()
    }

    #[test]
    fn s11_instances_that_start_together_spread_out() {
        const INSTANCES: usize = 500;
        const ROUNDS: usize = 100;
        let mut runs = vec![0_usize; 10 * (ROUNDS + 20)];
        for _ in 0..INSTANCES {
            for slot in slots(ROUNDS) {
                runs[slot] += 1;
            }
        }
        // Ten slots make an interval, in which each instance runs once.
        let mean = INSTANCES / 10;
        let most = runs.iter().max().unwrap();
        assert!(*most <= 3 * mean, "{most} in one slot, {mean} on the mean");
    }

    #[test]
    fn gaps_stay_within_a_tenth_of_the_interval() {
        let interval = Duration::from_secs(10);
        for _ in 0..100 {
            let mut spread = Spread::new(interval);
            assert!(spread.next_gap() < interval);
            for _ in 0..100 {
                let gap = spread.next_gap();
                assert!(gap >= interval.mul_f64(0.9) && gap <= interval.mul_f64(1.1), "{gap:?}");
            }
        }
    }
}
