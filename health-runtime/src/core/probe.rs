//! One probe: what is asked, run and waited for, and the report that comes of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::core::engine::Engine;
use crate::core::lifecycle::Lifecycle;
use crate::core::model::report::{CheckReport, Identity, Report, startup_state};
use crate::core::model::status::{HealthState, Kind, Scope};
use crate::core::registry::Registered;

/// Everything that one `Health` is made of.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) since: Instant,
}

/// What a probe asks for.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) scope: Scope,
    /// One check of the scope, by its very name.
    pub(crate) check: Option<String>,
    /// Those that have one of these tags, where any is given.
    pub(crate) tags: Vec<String>,
    /// Left out of this answer.
    pub(crate) excluded: Vec<String>,
    /// With what is remembered of each check, and the requests under way.
    pub(crate) verbose: bool,
}

impl From<Scope> for Question {
    fn from(scope: Scope) -> Self {
        Self { scope, check: None, tags: Vec::new(), excluded: Vec::new(), verbose: false }
    }
}

impl Question {
    fn asks_for(&self, check: &Registered) -> bool {
        let in_scope = match self.scope {
            Scope::Kind(kind) => check.kinds.has(kind),
            Scope::All => true,
        };
        in_scope && self.check.as_ref().is_none_or(|name| *check.name == **name) && self.is_tagged(check)
    }

    fn is_tagged(&self, check: &Registered) -> bool {
        self.tags.is_empty() || check.policy.tags.iter().any(|tag| self.tags.contains(tag))
    }

    fn covers(&self, check: &Registered) -> bool {
        self.asks_for(check) && !self.excluded.iter().any(|name| *check.name == **name)
    }
}

impl Core {
    /// Whether there is anything to say.
    pub(crate) fn knows(&self, question: &Question) -> bool {
        let mut checks = self.engine.checks();
        match question.check {
            Some(_) => checks.any(|check| question.asks_for(check)),
            // A tag that no check has at all is a mistake; one that none of this kind has leaves nothing to fail.
            None => question.tags.is_empty() || checks.any(|check| question.is_tagged(check)),
        }
    }

    /// The checks that the question names and leaves out, in the order of their names.
    pub(crate) fn left_out<'c>(&'c self, question: &'c Question) -> impl Iterator<Item = &'c str> {
        let left_out = |check: &&Arc<Registered>| question.asks_for(check) && !question.covers(check);
        self.engine.checks().filter(left_out).map(|check| &*check.name)
    }

    /// Runs what is stale, waits for it at most until the deadline, and says what there is.
    pub(crate) async fn report(&self, question: &Question) -> (Report, Option<Lease>) {
        let asked = Instant::now();
        // Nobody but the readiness probe may ever come by while the service starts.
        let startup_too = !self.lifecycle.phase().started && matches!(question.scope, Scope::Kind(Kind::Readiness) | Scope::All);
        let needed = |check: &Registered| question.covers(check) || startup_too && check.kinds.has(Kind::Startup);
        self.engine.refresh(asked, needed).await;
        // Read before the checks are: an answer that was made from older standings must not pass for a newer one.
        let epoch = self.engine.ledger().epoch();
        let now = Instant::now();
        let report = self.read(question, now, asked);
        // The next second of the uptime is another answer.
        let next_second = self.since + Duration::from_secs(report.uptime().as_secs() + 1);
        let lease = self.engine.holds_until(now, needed).map(|until| Lease { epoch, until: until.min(next_second) });
        (report, lease)
    }

    /// Whether an answer of before is still the one that would be made now.
    pub(crate) fn holds(&self, lease: &Lease) -> bool {
        lease.epoch == self.engine.ledger().epoch() && Instant::now() < lease.until
    }

    /// What there is at `now`, for a probe that began at `asked`.
    fn read(&self, question: &Question, now: Instant, asked: Instant) -> Report {
        if !self.lifecycle.phase().started {
            let startup = self.engine.peek(now, asked, |check| check.kinds.has(Kind::Startup));
            if startup_state(&startup) < HealthState::Unhealthy && self.lifecycle.pass_startup() {
                self.engine.settle_startup(&startup);
            }
        }
        let seen = self.engine.seen(now, asked, |check| question.covers(check));
        let mut checks = Vec::with_capacity(if question.check.is_some() { 1 } else { self.engine.checks().count() });
        checks.extend(seen.map(|(check, seen)| {
            let record = question.verbose.then(|| self.engine.record(check, now));
            CheckReport::new(check, seen, record)
        }));
        let uptime = now.saturating_duration_since(self.since);
        let in_flight = if question.verbose { self.lifecycle.in_flight().count() } else { None };
        let identity = Identity { version: self.version.clone(), uptime, now, in_flight };
        Report::new(question.scope, checks, self.lifecycle.phase(), identity)
    }
}

/// How long an answer stays the one that would be made anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    epoch: u64,
    until: Instant,
}
