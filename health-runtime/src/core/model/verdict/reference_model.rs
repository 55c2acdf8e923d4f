//! The verdict against a naive model of the contract's rules, which keeps every run and looks back at them anew for
//! each question, where the real one keeps counts.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::*;
use crate::core::model::outcome::Outcome;

fn end(result: RunResult) -> End {
    match result {
        RunResult::Up => End::Said(Outcome::up()),
        RunResult::Degraded => End::Said(Outcome::degraded("slow")),
        RunResult::Down => End::Said(Outcome::down("broken")),
        RunResult::TimedOut => End::TimedOut,
        RunResult::Panicked => End::Panicked,
        RunResult::RuntimeStopped => End::RuntimeStopped,
    }
}

fn is_good(result: RunResult) -> bool {
    matches!(result, RunResult::Up | RunResult::Degraded)
}

fn text(result: RunResult, timeout: Duration) -> (Status, String) {
    match result {
        RunResult::Up => (Status::Up, String::new()),
        RunResult::Degraded => (Status::Degraded, "slow".to_owned()),
        RunResult::Down => (Status::Down, "broken".to_owned()),
        RunResult::TimedOut => (Status::Down, format!("timed out after {timeout:?}")),
        RunResult::Panicked => (Status::Down, "panicked".to_owned()),
        RunResult::RuntimeStopped => (Status::Down, "runtime stopped".to_owned()),
    }
}

#[derive(Debug, Clone)]
struct Policy {
    timeout: Duration,
    deadline: Duration,
    /// `None`: a check that is reported and has no interval.
    limit: Option<Duration>,
    failure: u32,
    success: u32,
}

#[derive(Debug, Clone)]
enum Step {
    /// Time passes.
    Wait(Duration),
    /// A run takes off, lasts so long and ends so.
    Run(Duration, RunResult),
    /// A run takes off and is read so long after, while it is still in the air. Then it ends.
    Peek(Duration, RunResult),
}

/// Every run with the moment of its end.
struct Model<'p> {
    policy: &'p Policy,
    runs: Vec<Landed>,
}

#[derive(Debug, Clone, Copy)]
struct Landed {
    ending: RunResult,
    ended: Instant,
    /// A reader found it past its limit.
    seen_stuck: bool,
}

impl Model<'_> {
    /// What the runs say, by the rules of thresholds: look at the last few of them.
    fn shown(&self) -> Option<RunResult> {
        let mut shown: Option<RunResult> = None;
        for (i, Landed { ending: result, seen_stuck, .. }) in self.runs.iter().enumerate() {
            let last = |count: u32, good: bool| {
                let count = count as usize;
                i + 1 >= count && self.runs[i + 1 - count..=i].iter().all(|run| is_good(run.ending) == good)
            };
            let turns = match shown {
                Some(_) if *result == RunResult::RuntimeStopped || *seen_stuck && !is_good(*result) => true,
                Some(held) if is_good(held) && !is_good(*result) => last(self.policy.failure, false),
                Some(held) if !is_good(held) && is_good(*result) => last(self.policy.success, true),
                None | Some(_) => true,
            };
            if turns {
                shown = Some(*result);
            }
        }
        shown
    }

    fn read(&self, now: Instant, asked: Instant, flight: Option<Instant>) -> (Status, String) {
        let Policy { timeout, deadline, limit, .. } = *self.policy;
        if let Some(since) = flight
            && now - since >= timeout + GRACE
        {
            return (Status::Down, format!("still running after {}s", (now - since).as_secs()));
        }
        let fresh = |ended: Instant| ended >= asked || limit.is_none_or(|limit| now - ended <= limit);
        match (self.shown(), self.runs.last()) {
            (Some(shown), Some(Landed { ended, .. })) if fresh(*ended) => text(shown, timeout),
            _ if flight.is_some_and(|since| now - since >= timeout) && now - asked >= deadline => {
                (Status::Down, format!("timed out after {timeout:?}"))
            }
            _ if flight.is_some() && now - asked >= deadline => (Status::Unknown, format!("no result within {deadline:?}")),
            (None, _) => (Status::Unknown, "not run yet".to_owned()),
            _ => (Status::Unknown, "stale".to_owned()),
        }
    }
}

fn millis(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

fn endings() -> impl Strategy<Value = RunResult> {
    prop_oneof![
        6 => Just(RunResult::Up),
        2 => Just(RunResult::Degraded),
        4 => Just(RunResult::Down),
        2 => Just(RunResult::TimedOut),
        1 => Just(RunResult::Panicked),
        1 => Just(RunResult::RuntimeStopped),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        millis(0..5_000).prop_map(Step::Wait),
        (millis(0..3_000), endings()).prop_map(|(time, result)| Step::Run(time, result)),
        (millis(0..60_000), endings()).prop_map(|(time, result)| Step::Peek(time, result)),
    ];
    prop::collection::vec(step, 0..40)
}

fn policies() -> impl Strategy<Value = Policy> {
    (millis(1..2_000), millis(1..2_000), prop::option::of(millis(1..10_000)), 1..5_u32, 1..5_u32)
        .prop_map(|(timeout, deadline, limit, failure, success)| Policy { timeout, deadline, limit, failure, success })
}

struct Real<'p> {
    policy: &'p Policy,
    standing: Standing,
}

impl Real<'_> {
    fn land(&mut self, result: RunResult, since: Instant, now: Instant, told_down: bool) {
        let run = Finished::new(end(result), Some(now - since), now, self.policy.timeout);
        let thresholds = Thresholds { failure: self.policy.failure, success: self.policy.success };
        let verdict = Verdict::after(self.standing.verdict.as_deref(), run, told_down, thresholds);
        self.standing = Standing { verdict: Some(Arc::new(verdict)), runs: self.standing.runs + 1, ..Standing::default() };
    }

    fn read(&self, now: Instant, asked: Instant) -> (Status, String) {
        let Policy { timeout, deadline, limit, .. } = *self.policy;
        let seen = self.standing.seen(&Reading { now, asked, deadline, timeout, age_limit: limit });
        (seen.status, seen.why.map(|why| why.public.into_owned()).unwrap_or_default())
    }
}

/// Both are asked by a probe that begins now, and by one that began when its deadline was still ahead.
fn compare(real: &Real, model: &Model, now: Instant, flight: Option<Instant>) -> Result<(), TestCaseError> {
    for asked in [now, now - model.policy.deadline] {
        prop_assert_eq!(real.read(now, asked), model.read(now, asked, flight));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_verdict_is_that_of_the_naive_model(policy in policies(), steps in steps()) {
        let mut now = Instant::now() + Duration::from_secs(3600);
        let mut model = Model { policy: &policy, runs: Vec::new() };
        let mut real = Real { policy: &policy, standing: Standing::default() };
        compare(&real, &model, now, None)?;
        for step in steps {
            let (time, result, peek) = match step {
                Step::Wait(time) => {
                    now += time;
                    compare(&real, &model, now, None)?;
                    continue;
                }
                Step::Run(time, result) => (time, result, false),
                Step::Peek(time, result) => (time, result, true),
            };
            let since = now;
            now += time;
            if peek {
                real.standing.flight = Some(Flight { since: Some(since), overdue: false });
                compare(&real, &model, now, Some(since))?;
            }
            let seen_stuck = peek && time >= policy.timeout + GRACE;
            real.land(result, since, now, seen_stuck);
            model.runs.push(Landed { ending: result, ended: now, seen_stuck });
            compare(&real, &model, now, None)?;
            prop_assert_eq!(real.standing.verdict.as_ref().and_then(|verdict| verdict.took), Some(time));
        }
    }
}

#[test]
fn a_run_that_hangs_when_startup_passes_changes_nothing_any_more() {
    let now = Instant::now() + Duration::from_secs(3600);
    let run = Finished::new(end(RunResult::Up), Some(Duration::ZERO), now, Duration::from_secs(1));
    let verdict = Arc::new(Verdict::after(None, run, false, Thresholds { failure: 1, success: 1 }));
    let flight = Some(Flight { since: Some(now), overdue: true });
    let standing = |settled| Standing { verdict: Some(Arc::clone(&verdict)), flight, runs: 1, settled };
    let later = now + Duration::from_secs(60);
    let reading =
        Reading { now: later, asked: later, deadline: Duration::from_secs(1), timeout: Duration::from_secs(1), age_limit: None };
    assert_eq!(standing(false).seen(&reading).status, Status::Down);
    assert_eq!(standing(true).seen(&reading).status, Status::Up);
}
