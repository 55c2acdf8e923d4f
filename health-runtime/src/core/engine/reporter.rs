//! A status that the application pushes, in place of a run.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::core::engine::Words;
use crate::core::model::status::Status;

/// Pushes the status of a check made with [`Check::reported`](crate::Check::reported).
///
/// Dropping it takes its word back. Of several reporters of one check the worst word counts. Each report counts as one
/// run for the thresholds, whoever makes it.
///
/// Where the check has an `interval`, a word that is not said again grows old, whatever other reporters say meanwhile: the check
/// is `stale` once one of them has been silent for too long, unless another says that it is down.
///
/// ```
/// use health_runtime::{Check, Health, HealthState, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let health = Health::builder().check(Check::reported("leader", Kind::Readiness)).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.check("leader").unwrap().error(), Some("not run yet"));
/// let leader = health.reporter("leader")?;
/// leader.up();
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// leader.down("lost the lease");
/// assert_eq!(health.report(Kind::Readiness).await.check("leader").unwrap().error(), Some("lost the lease"));
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it takes its word back"]
pub struct Reporter {
    words: Words,
    id: u64,
}

impl Reporter {
    pub(crate) fn new(words: &Words) -> Self {
        Self { words: words.clone(), id: words.admit() }
    }

    /// All is well.
    pub fn up(&self) {
        self.words.say(self.id, Status::Up, Cow::Borrowed(""));
    }

    /// It works, but not as it should.
    pub fn degraded(&self, reason: impl Into<Cow<'static, str>>) {
        self.words.say(self.id, Status::Degraded, reason.into());
    }

    /// It does not work.
    pub fn down(&self, reason: impl Into<Cow<'static, str>>) {
        self.words.say(self.id, Status::Down, reason.into());
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.words.take_back(self.id);
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("id", &self.id).finish_non_exhaustive()
    }
}

/// No check of this name was made with [`Check::reported`](crate::Check::reported).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReporterError {
    pub(crate) name: String,
    pub(crate) there: There,
}

/// What there is of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    Nothing,
    Run,
    Watched,
}

impl fmt::Display for ReporterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.there {
            There::Nothing => {
                write!(f, "there is no health check `{name}`; add `Check::reported(\"{name}\", …)` to the builder")
            }
            There::Run => write!(f, "health check `{name}` is run, not reported; make it with `Check::reported`"),
            There::Watched => {
                write!(f, "health check `{name}` watches the workers, and nobody reports it; make another with `Check::reported`")
            }
        }
    }
}

impl Error for ReporterError {}
