//! A naive model of the contract's rules, which keeps every run and evaluates all of them for each question, where the verdict
//! keeps counts.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::super::*;
use crate::core::model::outcome::Outcome;
use crate::text::number::format_elapsed;

fn outcome(result: RunResult) -> RunOutcome {
    match result {
        RunResult::Up => RunOutcome::Returned(Outcome::up()),
        RunResult::Degraded => RunOutcome::Returned(Outcome::degraded("slow")),
        RunResult::Down => RunOutcome::Returned(Outcome::down("broken")),
        RunResult::TimedOut => RunOutcome::TimedOut,
        RunResult::Panicked => RunOutcome::Panicked,
        RunResult::RuntimeStopped => RunOutcome::RuntimeStopped,
    }
}

fn is_good(result: RunResult) -> bool {
    matches!(result, RunResult::Up | RunResult::Degraded)
}

fn status_and_reason(result: RunResult, timeout: Duration) -> (Status, String) {
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
    /// `None`: a reported check without an interval.
    max_age: Option<Duration>,
    failure_threshold: u32,
    success_threshold: u32,
    /// Instead of a `failure_threshold` above 1.
    grace: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Step {
    /// Time passes.
    Wait(Duration),
    /// A run starts, takes this long and finishes with this result.
    Run(Duration, RunResult),
    /// A run starts, the check is read after this time while it is in flight, then the run finishes.
    ReadDuringRun(Duration, RunResult),
    /// The check is skipped, and the skip ends with the next run.
    Skip,
}

/// Every run, oldest first.
struct Model<'p> {
    policy: &'p Policy,
    runs: Vec<ModelRun>,
}

#[derive(Debug, Clone, Copy)]
struct ModelRun {
    result: RunResult,
    finished_at: Instant,
    /// A reader observed it as overdue.
    observed_overdue: bool,
    /// It is the first run after a skip.
    after_skip: bool,
}

impl Model<'_> {
    /// Returns the result that is published at `now`, from the last runs.
    fn published(&self, now: Instant) -> Option<RunResult> {
        let mut published: Option<RunResult> = None;
        for (i, ModelRun { result, observed_overdue, after_skip, finished_at }) in self.runs.iter().copied().enumerate() {
            if self.grace_ended(i, finished_at, published) {
                published = self.runs.get(i - 1).map(|run| run.result);
            }
            let last = |count: u32, good: bool| {
                let count = count as usize;
                i + 1 >= count && self.runs[i + 1 - count..=i].iter().all(|run| is_good(run.result) == good)
            };
            let changes = match published {
                Some(_) if result == RunResult::RuntimeStopped || after_skip || observed_overdue && !is_good(result) => true,
                Some(current) if is_good(current) && !is_good(result) && self.policy.grace.is_some() => {
                    self.grace_end(i + 1).is_none_or(|ends_at| finished_at >= ends_at)
                }
                Some(current) if is_good(current) && !is_good(result) => last(self.policy.failure_threshold, false),
                Some(current) if !is_good(current) && is_good(result) => last(self.policy.success_threshold, true),
                None | Some(_) => true,
            };
            if changes {
                published = Some(result);
            }
        }
        let runs = self.runs.len();
        if self.grace_ended(runs, now, published) { self.runs.last().map(|run| run.result) } else { published }
    }

    /// Whether the grace of the first `count` runs has ended at `now`, while a good result is still published.
    fn grace_ended(&self, count: usize, now: Instant, published: Option<RunResult>) -> bool {
        let failed = self.runs[..count].last().is_some_and(|run| !is_good(run.result));
        failed && published.is_some_and(is_good) && self.grace_end(count).is_some_and(|ends_at| now >= ends_at)
    }

    /// Returns when the grace after the last good one of the first `count` runs ends. A skip ends it.
    fn grace_end(&self, count: usize) -> Option<Instant> {
        let runs = &self.runs[..count];
        let since_skip = runs.iter().rposition(|run| run.after_skip).unwrap_or(0);
        let last_good = runs[since_skip..].iter().rfind(|run| is_good(run.result))?;
        Some(last_good.finished_at + self.policy.grace?)
    }

    fn observe(&self, now: Instant, probe_started_at: Instant, in_flight: Option<Instant>) -> (Status, String) {
        let Policy { timeout, deadline, max_age, .. } = *self.policy;
        if let Some(started_at) = in_flight
            && now - started_at >= timeout + OVERDUE_SLACK
        {
            return (Status::Down, format!("still running after {}", format_elapsed(now - started_at)));
        }
        let fresh =
            |finished_at: Instant| finished_at >= probe_started_at || max_age.is_none_or(|max_age| now - finished_at <= max_age);
        match (self.published(now), self.runs.last()) {
            (Some(published), Some(ModelRun { finished_at, .. })) if fresh(*finished_at) => status_and_reason(published, timeout),
            _ if in_flight.is_some_and(|started_at| now - started_at >= timeout) && now - probe_started_at >= deadline => {
                (Status::Down, format!("timed out after {timeout:?}"))
            }
            _ if in_flight.is_some() && now - probe_started_at >= deadline => {
                (Status::Unknown, format!("no result within {deadline:?}"))
            }
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
        (millis(0..60_000), endings()).prop_map(|(time, result)| Step::ReadDuringRun(time, result)),
        Just(Step::Skip),
    ];
    prop::collection::vec(step, 0..40)
}

fn policies() -> impl Strategy<Value = Policy> {
    let times = (millis(1..2_000), millis(1..2_000), prop::option::of(millis(1..10_000)));
    (times, 1..5_u32, 1..5_u32, prop::option::of(millis(1..10_000))).prop_map(
        |((timeout, deadline, max_age), failure_threshold, success_threshold, grace)| {
            let failure_threshold = if grace.is_some() { 1 } else { failure_threshold };
            Policy { timeout, deadline, max_age, failure_threshold, success_threshold, grace }
        },
    )
}

struct Subject<'p> {
    policy: &'p Policy,
    state: CheckState,
}

impl Subject<'_> {
    fn finish_run(&mut self, result: RunResult, started_at: Instant, now: Instant, observed_overdue: bool) {
        let run = FinishedRun::new(outcome(result), Some(now - started_at), now, self.policy.timeout, &MaskMemo::default());
        let Policy { failure_threshold: failure, success_threshold: success, grace, .. } = *self.policy;
        let seen = SeenBefore { overdue: observed_overdue, skipped: self.state.skipped.is_some() };
        let verdict = Verdict::apply_run(
            self.state.verdict.as_ref(),
            run,
            seen,
            Thresholds { failure, success, grace, return_delay: None },
        );
        self.state =
            CheckState { verdict: Some(Arc::new(verdict)), ended_runs: self.state.ended_runs + 1, ..CheckState::default() };
    }

    fn observe(&self, now: Instant, probe_started_at: Instant) -> (Status, String) {
        let Policy { timeout, deadline, max_age, .. } = *self.policy;
        let observation =
            self.state.observe(&ReadContext { now, probe_started_at, deadline, timeout, max_age, max_silence: None });
        (observation.status, observation.reason.map(|reason| reason.public.into_owned()).unwrap_or_default())
    }
}

/// Compares both for a probe that starts now and for one whose deadline passes now.
fn compare(subject: &Subject, model: &Model, now: Instant, in_flight: Option<Instant>) -> Result<(), TestCaseError> {
    for probe_started_at in [now, now - model.policy.deadline] {
        prop_assert_eq!(subject.observe(now, probe_started_at), model.observe(now, probe_started_at, in_flight));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_verdict_equals_that_of_the_naive_model(policy in policies(), steps in steps()) {
        let mut now = Instant::now() + Duration::from_secs(3600);
        let mut model = Model { policy: &policy, runs: Vec::new() };
        let mut subject = Subject { policy: &policy, state: CheckState::default() };
        compare(&subject, &model, now, None)?;
        for step in steps {
            let (time, result, read_during_run) = match step {
                Step::Wait(time) => {
                    now += time;
                    if subject.state.skipped.is_some() {
                        continue;
                    }
                    compare(&subject, &model, now, None)?;
                    continue;
                }
                Step::Skip => {
                    subject.state.skipped = Some("skipped: database is down".into());
                    let skipped = (Status::Unknown, "skipped: database is down".to_owned());
                    prop_assert_eq!(subject.observe(now, now), skipped);
                    continue;
                }
                Step::Run(time, result) => (time, result, false),
                Step::ReadDuringRun(time, result) => (time, result, true),
            };
            let started_at = now;
            now += time;
            let after_skip = subject.state.skipped.is_some();
            let read_during_run = read_during_run && !after_skip;
            if read_during_run {
                subject.state.in_flight = Some(InFlightRun { started_at: Some(started_at), ..InFlightRun::default() });
                compare(&subject, &model, now, Some(started_at))?;
            }
            let observed_overdue = read_during_run && time >= policy.timeout + OVERDUE_SLACK;
            subject.finish_run(result, started_at, now, observed_overdue);
            model.runs.push(ModelRun { result, finished_at: now, observed_overdue, after_skip });
            compare(&subject, &model, now, None)?;
            prop_assert_eq!(subject.state.verdict.as_ref().and_then(|verdict| verdict.duration), Some(time));
        }
    }
}

#[test]
fn an_overdue_run_does_not_change_a_frozen_state() {
    let now = Instant::now() + Duration::from_secs(3600);
    let run = FinishedRun::new(outcome(RunResult::Up), Some(Duration::ZERO), now, Duration::from_secs(1), &MaskMemo::default());
    let verdict = Arc::new(Verdict::apply_run(
        None,
        run,
        SeenBefore::default(),
        Thresholds { failure: 1, success: 1, grace: None, return_delay: None },
    ));
    let in_flight = Some(InFlightRun { started_at: Some(now), overdue: true, ..InFlightRun::default() });
    let state = |frozen| CheckState { verdict: Some(Arc::clone(&verdict)), in_flight, frozen, ..CheckState::default() };
    let later = now + Duration::from_secs(60);
    let context = ReadContext {
        now: later,
        probe_started_at: later,
        deadline: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        max_age: None,
        max_silence: None,
    };
    assert_eq!(state(false).observe(&context).status, Status::Down);
    assert_eq!(state(true).observe(&context).status, Status::Up);
}
