//! Background runs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::check_runner::CheckRunner;

/// Runs the check periodically until the task is aborted.
pub(super) async fn run_periodically(runner: Arc<CheckRunner>, interval: Duration, runtime: Handle) {
    let mut jitter = Jitter::new(interval);
    loop {
        runner.run_to_completion(&runtime).await;
        // Counted from the end of the run, so that runs never overlap and a stall causes no burst.
        tokio::select! {
            () = sleep(jitter.next_delay()) => {}
            () = runner.parents_recovered() => {}
        }
    }
}

/// The delays between runs. Instances that start together, as in a rollout, must not query a dependency together: the first
/// delay is a random part of the interval, each later one is the interval ± 10 %.
struct Jitter {
    interval: Duration,
    random: RandomState,
    delays: u64,
}

impl Jitter {
    fn new(interval: Duration) -> Self {
        Self { interval, random: RandomState::new(), delays: 0 }
    }

    fn next_delay(&mut self) -> Duration {
        self.delays += 1;
        let part = unit_interval(self.random.hash_one(self.delays));
        if self.delays == 1 { self.interval.mul_f64(part) } else { self.interval.mul_f64(0.9 + 0.2 * part) }
    }
}

/// Maps the upper 32 bits to the range from 0 (inclusive) to 1 (exclusive).
fn unit_interval(bits: u64) -> f64 {
    f64::from((bits >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns when the first runs of one instance start, in tenths of the interval.
    fn slots(rounds: usize) -> Vec<usize> {
        let interval = Duration::from_secs(10);
        let mut jitter = Jitter::new(interval);
        let mut at = Duration::ZERO;
        let starts = (0..rounds).map(|_| {
            at += jitter.next_delay();
            usize::try_from(at.as_millis() / 1000).unwrap()
        });
        starts.collect()
    }

    #[test]
    fn s11_instances_that_start_together_spread_their_runs() {
        const INSTANCES: usize = 500;
        const ROUNDS: usize = 100;
        let mut runs = vec![0_usize; 10 * (ROUNDS + 20)];
        for _ in 0..INSTANCES {
            for slot in slots(ROUNDS) {
                runs[slot] += 1;
            }
        }
        // Ten slots are one interval, in which each instance runs once.
        let mean = INSTANCES / 10;
        let most = runs.iter().max().unwrap();
        assert!(*most <= 3 * mean, "{most} in one slot, {mean} on the mean");
    }

    #[test]
    fn delays_stay_within_a_tenth_of_the_interval() {
        let interval = Duration::from_secs(10);
        for _ in 0..100 {
            let mut jitter = Jitter::new(interval);
            assert!(jitter.next_delay() < interval);
            for _ in 0..100 {
                let delay = jitter.next_delay();
                assert!(delay >= interval.mul_f64(0.9) && delay <= interval.mul_f64(1.1), "{delay:?}");
            }
        }
    }
}
