//! Checks that run after others, their parents: a check runs only while all of its parents are up or degraded, and is skipped
//! otherwise.
//!
//! `CheckState::skipped` changes in three places, each a critical section of the state's lock in which the published statuses of
//! the parents are read: a claimed run does not begin ([`CheckRunner::skips_run`]), the published status of a parent changes
//! ([`CheckRunner::update_children`]), and a run finishes ([`CheckRunner::end_skip`]). The last of them therefore sees the latest
//! status of each parent. Lock order: state of a check → state of its parents; the graph has no cycles.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::check_runner::{CheckRunner, Relatives};
use super::run_waiter::RunWaiter;
use crate::core::events::contain::contain_panic;
use crate::core::events::notifier;
use crate::core::model::aggregate::{GroupTally, Quorum, impact};
use crate::core::model::sort::sort_by;
use crate::core::model::status::{HealthState, Scope, Status};
use crate::core::model::verdict::CheckState;
use crate::core::registry::Group;

/// The runs that a claimed run waits for.
pub(super) struct ParentRuns {
    started_at: Instant,
    waiters: Vec<RunWaiter>,
}

/// Connects each check with its parents and its children.
pub(super) fn connect(runners: &[Arc<CheckRunner>]) {
    let mut by_index: HashMap<usize, Relatives> = HashMap::new();
    for runner in runners {
        for parent in runner.check.dependencies().parents.iter().filter_map(|parent| runners.get(*parent)) {
            by_index.entry(runner.index).or_default().parents.push(Arc::clone(parent));
            by_index.entry(parent.index).or_default().children.push(Arc::downgrade(runner));
        }
    }
    for (index, relatives) in by_index {
        if let Some(runner) = runners.get(index) {
            let _ = runner.relatives.set(Box::new(relatives));
        }
    }
}

/// Adds the parents of these checks, their parents and so on, and sorts all so that parents come first: a check changes those that
/// run after it, so it is run and observed before them.
pub(super) fn add_ancestors(checks: &mut Vec<&Arc<CheckRunner>>) {
    if checks.iter().all(|check| check.parents().is_empty()) {
        return;
    }
    let mut known: HashSet<usize> = checks.iter().map(|check| check.index).collect();
    let mut next = 0;
    while let Some(check) = checks.get(next).copied() {
        checks.extend(check.parents().iter().filter(|parent| known.insert(parent.index)));
        next += 1;
    }
    sort_by(checks, |a, b| a.check.dependencies().depth.cmp(&b.check.dependencies().depth));
}

impl CheckRunner {
    pub(super) fn parents(&self) -> &[Arc<Self>] {
        self.relatives.get().map_or(&[], |relatives| &relatives.parents)
    }

    pub(super) fn has_children(&self) -> bool {
        self.relatives.get().is_some_and(|relatives| !relatives.children.is_empty())
    }

    fn children(&self) -> impl Iterator<Item = Arc<Self>> {
        self.relatives.get().into_iter().flat_map(|relatives| &relatives.children).filter_map(Weak::upgrade)
    }

    /// Waits until a skipped check that runs in the background may run again.
    pub(super) async fn parents_recovered(&self) {
        match self.relatives.get() {
            Some(relatives) => relatives.recovered.notified().await,
            None => pending().await,
        }
    }

    /// Returns the reason of a skip, which names the first cause: the reason of a parent that is skipped itself.
    pub(super) fn skip_reason(&self) -> Option<Arc<str>> {
        self.parents().iter().find_map(|parent| {
            let reason = parent.reason_for_children()?;
            let group = parent.check.group.filter(|group| self.check.dependencies().parent_groups.contains(&group.index));
            (!group.is_some_and(|group| self.is_good_group(group))).then_some(reason)
        })
    }

    /// Returns whether a parent that is all instances of a function is not unhealthy.
    fn is_good_group(&self, group: Group) -> bool {
        let is_of_group = |parent: &&Arc<Self>| parent.check.group.is_some_and(|other| other.index == group.index);
        let mut tally = GroupTally::default();
        let quorum = group.quorum().unwrap_or(Quorum { group: group.index, required: usize::MAX });
        for instance in self.parents().iter().filter(is_of_group) {
            let (status, kinds, critical) =
                (instance.published_for_children(), instance.check.kinds, instance.check.policy.critical);
            tally.add(quorum, status, impact(Scope::All, kinds, critical, status, true));
        }
        tally.impact() < HealthState::Unhealthy
    }

    /// Returns the published status as children see it: a startup check that let startup pass runs no more, and is good.
    fn published_for_children(&self) -> Status {
        let is = |status: &Status| self.publisher.is_published(self.index, *status);
        match [Status::Up, Status::Degraded, Status::Down].into_iter().find(is).unwrap_or(Status::Unknown) {
            Status::Unknown | Status::Down if self.check.is_startup_only() && self.state.with(|state| state.frozen) => Status::Up,
            status => status,
        }
    }

    /// Whether a check is skipped only because of failures that are limited, so that its skip is limited too.
    pub(super) fn has_limited_parents(&self) -> bool {
        let is_bad = |parent: &&Arc<Self>| parent.reason_for_children().is_some();
        let mut bad = self.parents().iter().filter(is_bad).peekable();
        bad.peek().is_some() && bad.all(|parent| self.publisher.is_limited(parent.index))
    }

    fn reason_for_children(&self) -> Option<Arc<str>> {
        match self.published_for_children() {
            Status::Up | Status::Degraded => None,
            status @ (Status::Unknown | Status::Down) => {
                let reason = || format!("skipped: {} is {status}", self.check.name).into();
                Some(self.state.with(|state| state.skipped.clone()).unwrap_or_else(reason))
            }
        }
    }

    /// Brings the parents up to date for a run that is claimed now, as a probe that started at `started_at` does. The caller has
    /// done so for their parents.
    pub(super) fn refresh_parents(&self, started_at: Instant, runtime: &Handle) -> ParentRuns {
        let waiters = self.parents().iter().filter_map(|parent| parent.ensure_result(started_at, runtime));
        ParentRuns { started_at, waiters: waiters.collect() }
    }

    /// Waits for the runs of the parents. Returns whether one of them prevents the claimed run, which has then ended.
    pub(super) async fn skips_run(&self, parents: ParentRuns) -> bool {
        for waiter in parents.waiters {
            waiter.finished_or_overdue().await;
        }
        let now = Instant::now();
        self.parents().iter().for_each(|parent| drop(parent.observe_and_publish(now, parents.started_at)));
        let skip = self.state.update(|state| {
            let reason = self.skip_reason()?;
            state.in_flight = None;
            state.ended_runs += 1;
            let is_news = !state.frozen && state.skipped.as_ref() != Some(&reason);
            if is_news {
                state.skipped = Some(reason);
            }
            Some(is_news)
        });
        match skip {
            Some(true) => self.publish(Instant::now(), None),
            Some(false) => drop(contain_panic(|| self.state.notify_waiters())),
            None => {}
        }
        notifier::flush();
        skip.is_some()
    }

    /// Ends the skip of a check that has run, unless a parent still prevents its runs. Returns whether it ended.
    pub(super) fn end_skip(&self, state: &mut CheckState) -> bool {
        let ends = state.skipped.is_some() && self.skip_reason().is_none();
        if ends {
            state.skipped = None;
        }
        ends
    }

    /// Skips the children of a check that is neither up nor degraded any more, and their children. Lets background runs begin where
    /// all parents are good again.
    pub(super) fn update_children(&self) {
        let mut pending: VecDeque<Arc<Self>> = self.children().collect();
        while let Some(child) = pending.pop_front() {
            if child.update_skip() {
                pending.extend(child.children());
            }
        }
    }

    /// Returns whether the check is skipped from now on, or for another reason.
    fn update_skip(&self) -> bool {
        let (is_news, recovered) = self.state.update(|state| match (self.skip_reason(), &state.skipped) {
            _ if state.frozen => (false, false),
            (Some(reason), current) if current.as_ref() != Some(&reason) => {
                state.skipped = Some(reason);
                (true, false)
            }
            // The end of a run in flight ends the skip.
            (None, Some(_)) => (false, state.in_flight.is_none()),
            (Some(_) | None, _) => (false, false),
        });
        let is_skipped = || self.state.with(|state| state.skipped.is_some() && !state.frozen);
        let is_news = is_news || is_skipped() && self.has_limited_parents() != self.publisher.is_limited(self.index);
        if is_news {
            self.publish_own(Instant::now(), None);
        }
        if let Some(relatives) = self.relatives.get().filter(|_| recovered && self.check.policy.interval.is_some()) {
            relatives.recovered.notify_one();
        }
        is_news
    }
}
