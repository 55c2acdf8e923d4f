//! One probe: what is asked, run and waited for, and the report that comes of it.

use std::sync::Arc;

use tokio::time::Instant;

use crate::engine::Engine;
use crate::lifecycle::Lifecycle;
use crate::registry::Registered;
use crate::report::{CheckReport, Identity, Report, startup_state};
use crate::status::{HealthState, Kind, Scope};

/// Everything that one `Health` is made of.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) lifecycle: Arc<Lifecycle>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) since: Instant,
}

/// What a probe asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) scope: Scope,
    /// One check of the scope, by its very name.
    pub(crate) check: Option<&'q str>,
}

impl From<Scope> for Question<'_> {
    fn from(scope: Scope) -> Self {
        Self { scope, check: None }
    }
}

impl Question<'_> {
    fn covers(&self, check: &Registered) -> bool {
        let in_scope = match self.scope {
            Scope::Kind(kind) => check.kinds.has(kind),
            Scope::Whole => true,
        };
        in_scope && self.check.is_none_or(|name| *check.name == *name)
    }
}

impl Core {
    /// Whether there is anything to say.
    pub(crate) fn knows(&self, question: &Question<'_>) -> bool {
        question.check.is_none() || self.engine.checks().any(|check| question.covers(check))
    }

    /// Runs what is stale, waits for it at most until the deadline, and says what there is.
    pub(crate) async fn report(&self, question: &Question<'_>) -> Report {
        let asked = Instant::now();
        let starting = !self.lifecycle.phase().started;
        // Nobody but the readiness probe may ever come by while the service starts.
        let startup_too = starting && matches!(question.scope, Scope::Kind(Kind::Readiness) | Scope::Whole);
        let runs = |check: &Registered| {
            let settled = !starting && check.is_startup_only();
            (question.covers(check) || startup_too && check.kinds.has(Kind::Startup)) && !settled
        };
        self.engine.refresh(asked, runs).await;
        self.read(question, asked)
    }

    /// What there is now, for a probe that began at `asked`.
    fn read(&self, question: &Question<'_>, asked: Instant) -> Report {
        let now = Instant::now();
        if !self.lifecycle.phase().started {
            let seen = self.engine.seen(now, asked, false, |check| check.kinds.has(Kind::Startup));
            if startup_state(seen) < HealthState::Unhealthy {
                self.lifecycle.pass_startup();
            }
        }
        let phase = self.lifecycle.phase();
        let seen = self.engine.seen(now, asked, phase.started, |check| question.covers(check));
        let checks = seen.map(|(check, seen)| CheckReport::new(check, seen)).collect();
        let identity = Identity { version: self.version.clone(), uptime: now.saturating_duration_since(self.since) };
        Report::new(question.scope, checks, phase, identity)
    }
}
