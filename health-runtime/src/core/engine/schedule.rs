//! Background runs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::check_runner::CheckRunner;
use super::jitter::unit_interval;

/// Runs the check periodically until the task is aborted.
pub(super) async fn run_periodically(runner: Arc<CheckRunner>, interval: Duration, grid: Grid, runtime: Handle) {
    let mut schedule = Schedule::new(interval, grid);
    loop {
        runner.run_to_completion(&runtime).await;
        // Counted from the end of the run, so that runs never overlap and a stall causes no burst.
        tokio::select! {
            () = sleep_until(schedule.next(Instant::now())) => {}
            () = runner.parents_recovered() => {}
        }
    }
}

/// Where the runs of all checks of one instance may start: those with one interval share its fiftieths, so that a wake-up of the
/// runtime starts several of them. The phase differs between instances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    origin: Instant,
    phase: f64,
}

impl Grid {
    pub(super) fn new() -> Self {
        Self { origin: Instant::now(), phase: unit_interval(RandomState::new().hash_one(0)) }
    }

    /// Returns the point nearest to `at` that is not before `earliest`, nor after `latest` unless there is none between both.
    fn nearest(&self, interval: Duration, at: Instant, earliest: Instant, latest: Instant) -> Instant {
        let step = interval / POINTS;
        let origin = self.origin + step.mul_f64(self.phase);
        let passed = at.saturating_duration_since(origin) + step / 2;
        let since_point = passed.as_nanos() % step.as_nanos().max(1);
        let point = origin + passed.saturating_sub(Duration::from_nanos(u64::try_from(since_point).unwrap_or_default()));
        match point {
            _ if point < earliest => point + step,
            _ if point > latest => point.checked_sub(step).unwrap_or(point).max(earliest),
            _ => point,
        }
    }
}

/// The points of the grid in one interval.
const POINTS: u32 = 50;

/// The times of the runs of one check. Instances that start together, as in a rollout, must not query a dependency together: the
/// first delay is a random part of the interval, each later one is the interval ± 10 %.
struct Schedule {
    interval: Duration,
    grid: Grid,
    random: RandomState,
    delays: u64,
}

impl Schedule {
    fn new(interval: Duration, grid: Grid) -> Self {
        Self { interval, grid, random: RandomState::new(), delays: 0 }
    }

    /// Returns when the run after one that ended at `now` starts.
    fn next(&mut self, now: Instant) -> Instant {
        self.delays += 1;
        let part = unit_interval(self.random.hash_one(self.delays));
        let (least, most) = if self.delays == 1 { (0.0, 1.0) } else { (0.9, 1.1) };
        let after = |part: f64| now + self.interval.mul_f64(part);
        self.grid.nearest(self.interval, after(least + (most - least) * part), after(least), after(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(10);

    /// Returns when the first runs of a check start, from now on.
    fn starts(rounds: usize, grid: Grid) -> Vec<Duration> {
        let mut schedule = Schedule::new(INTERVAL, grid);
        let began = Instant::now();
        let mut at = began;
        let starts = (0..rounds).map(|_| {
            at = schedule.next(at);
            at - began
        });
        starts.collect()
    }

    #[test]
    fn s11_instances_that_start_together_spread_their_runs() {
        const INSTANCES: usize = 500;
        const ROUNDS: usize = 100;
        let mut runs = vec![0_usize; 10 * (ROUNDS + 20)];
        for _ in 0..INSTANCES {
            for start in starts(ROUNDS, Grid::new()) {
                // In tenths of the interval.
                runs[usize::try_from(start.as_millis() / 1000).unwrap()] += 1;
            }
        }
        // Ten slots are one interval, in which each instance runs once.
        let mean = INSTANCES / 10;
        let most = runs.iter().max().unwrap();
        assert!(*most <= 3 * mean, "{most} in one slot, {mean} on the mean");
    }

    #[test]
    fn delays_stay_within_a_tenth_of_the_interval() {
        for _ in 0..100 {
            let mut schedule = Schedule::new(INTERVAL, Grid::new());
            let mut now = Instant::now();
            for round in 0..100 {
                let next = schedule.next(now);
                let (min, max) = if round == 0 { (0.0, 1.0) } else { (0.9, 1.1) };
                assert!(next >= now + INTERVAL.mul_f64(min) && next <= now + INTERVAL.mul_f64(max), "{round}: {next:?}");
                now = next;
            }
        }
    }

    #[test]
    fn checks_of_one_interval_start_at_the_points_of_one_grid() {
        let grid = Grid::new();
        let step = INTERVAL / POINTS;
        let origin = grid.origin + step.mul_f64(grid.phase);
        for _ in 0..100 {
            let mut schedule = Schedule::new(INTERVAL, grid);
            let mut at = Instant::now() + Duration::from_millis(123);
            for _ in 0..100 {
                at = schedule.next(at);
                assert_eq!((at - origin).as_nanos() % step.as_nanos(), 0);
                // The run takes a while.
                at += Duration::from_micros(1_234);
            }
        }
        assert_ne!(Grid::new().phase.to_bits(), Grid::new().phase.to_bits());
    }
}
