//! The memory that the process may use.

mod cgroup;
mod meminfo;
#[cfg(test)]
mod tests;
mod usage;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use self::cgroup::Mount;
use self::usage::Figures;
use super::build_error::BuildError;
use crate::checks::shared::usage_thresholds::{Shares, Thresholds};
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;
use crate::core::registry::liveness::LivenessSafe;
use crate::text::number::Decimal;

const DEFAULT: Thresholds = Thresholds { warn: 90, max: 95 };

/// There is memory left below the limit: that of the container, else the machine's.
///
/// By default more than 90 % used is degraded, more than 95 % is down. The limit is the tightest of the control groups that the
/// process is in, of version 2 or 1, as far as they can be seen from here; where none is below the machine's memory, the machine
/// counts. As liveness it restarts a process that leaks before the kernel kills it, which helps only where the limit is the
/// container's own.
///
/// Used is what cannot be given back: the page cache is left out, `active_file` and `inactive_file` in the words of the kernel,
/// and on the machine all that is `MemAvailable`. The kubelet's working set leaves out `inactive_file` alone, so it is the
/// greater; the kernel kills by neither, but when it finds nothing to give back. Swap does not count.
///
/// Details: `used_percent`, and `limit_mb`, in whole megabytes of 10⁶ bytes. For Linux: elsewhere it is down,
/// `entity not found`.
///
/// # What it costs
///
/// About five small files below `/proc` and `/sys`, one more for each group around the process, and nothing outside the machine.
/// Where the groups are mounted is looked up once.
///
/// ```standalone_crate
/// use health_runtime::checks::Memory;
/// use health_runtime::{Check, Health, Kind, Outcome, Status, health_check};
///
/// /// The same inside an annotated function, which finds it as state.
/// #[health_check(readiness)]
/// async fn room(memory: &Memory) -> Outcome {
///     memory.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let memory = Memory::builder().warn_used_percent(99).max_used_percent(99).build()?;
/// let health = Health::builder().check(Check::liveness("memory", memory.clone())).state(memory).start()?;
/// let report = health.report(Kind::Liveness).await;
/// assert_eq!(report.check("memory").map(|check| check.status()), Some(Status::Up));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    thresholds: Thresholds,
    source: Source,
}

/// The settings of a [`Memory`]. Made by [`Memory::builder`].
#[derive(Debug)]
#[must_use = "no check is made until `build`"]
pub struct MemoryBuilder {
    shares: Shares,
}

impl Memory {
    /// Begins with the defaults.
    pub fn builder() -> MemoryBuilder {
        MemoryBuilder { shares: Shares::default() }
    }

    /// One run, for use inside an annotated function.
    #[expect(clippy::unused_async, reason = "every check is run in the same way")]
    pub async fn run(&self) -> Outcome {
        match self.inner.source.read() {
            Ok(figures) => judge(figures, self.inner.thresholds),
            Err(error) => Outcome::failed(&error),
        }
    }
}

fn judge(Figures { used, limit }: Figures, thresholds: Thresholds) -> Outcome {
    let outcome = thresholds.outcome(used, limit, "the memory is used");
    outcome.with("used_percent", Decimal::percent(used, limit)).with("limit_mb", limit.saturating_add(500_000) / 1_000_000)
}

/// The files that the kernel shows, below `root`.
#[derive(Debug)]
struct Source {
    root: PathBuf,
    mounts: OnceLock<Vec<Mount>>,
}

impl Source {
    fn below(root: &Path) -> Self {
        Self { root: root.to_owned(), mounts: OnceLock::new() }
    }

    fn read(&self) -> io::Result<Figures> {
        let machine = meminfo::figures(&self.root)?;
        Ok(cgroup::figures(&self.root, self.mounts()?, machine.limit)?.unwrap_or(machine))
    }

    fn mounts(&self) -> io::Result<&[Mount]> {
        match self.mounts.get() {
            Some(mounts) => Ok(mounts),
            None => cgroup::mounts(&self.root).map(|mounts| &**self.mounts.get_or_init(|| mounts)),
        }
    }
}

impl MemoryBuilder {
    /// Down when more than this share of the limit is used: 1 to 100, 95 by default; 100 for never.
    pub fn max_used_percent(mut self, percent: u8) -> Self {
        self.shares.max = Some(percent);
        self
    }

    /// Degraded when more than this share of the limit is used: 1 to 100, 90 by default; 100 for no warning.
    pub fn warn_used_percent(mut self, percent: u8) -> Self {
        self.shares.warn = Some(percent);
        self
    }

    /// Makes the check. Nothing is read yet.
    ///
    /// # Errors
    ///
    /// When a share is not from 1 to 100, or the one that degrades is above the one that is down.
    pub fn build(self) -> Result<Memory, BuildError> {
        let mut mistakes = Vec::new();
        let thresholds = self.shares.thresholds(DEFAULT, &mut mistakes);
        BuildError::unless("Memory", mistakes, || Memory {
            inner: Arc::new(Inner { thresholds, source: Source::below(Path::new("/")) }),
        })
    }
}

impl Run for Memory {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }
}

// It is the process's own, and a restart gives it back.
impl LivenessSafe for Memory {}
