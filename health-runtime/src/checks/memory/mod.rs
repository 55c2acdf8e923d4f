//! A check of the memory that the process can use.

mod cgroup;
mod meminfo;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use self::cgroup::Mount;
use crate::checks::shared::builtin_check;
use crate::checks::shared::usage_thresholds::{UsageThresholds, usage_builder};
use crate::core::model::outcome::Outcome;
use crate::core::registry::liveness::LivenessSafe;
use crate::text::number::Decimal;

/// Checks that the used memory is below the limit: that of the container, else the memory of the machine.
///
/// By default more than 90 % used is degraded, more than 95 % is down. The limit is the lowest of the control groups (version
/// 2 or 1) of the process that are visible to it. If none is below the memory of the machine, the machine counts. As a liveness
/// check it restarts a process with a memory leak before the kernel kills it, which helps only if the limit is that of the
/// container alone.
///
/// Used memory is memory that the kernel cannot reclaim. It excludes the page cache, `active_file` and `inactive_file` of the
/// kernel's statistics, and on the machine `MemAvailable`. The working set of the kubelet excludes only `inactive_file`, so it
/// is higher. The kernel uses neither: it kills a process when it finds nothing to reclaim. Swap does not count.
///
/// Details: `used_percent`, and `limit_mb`, in whole megabytes of 10⁶ bytes. Linux only: on other systems it is down,
/// `entity not found`.
///
/// # Cost
///
/// Each run reads about five small files in `/proc` and `/sys`, and one more for each ancestor group, and nothing outside the
/// machine. The mount points of the groups are read once.
///
/// ```
/// use health_runtime::{Check, checks::Memory};
///
/// let check = Check::liveness("memory", Memory::builder().warn_used_percent(85).build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Memory {
    thresholds: UsageThresholds,
    files: Arc<ProcFs>,
}

usage_builder! {
    /// Configures and builds a [`Memory`]. Created by [`Memory::builder`].
    pub struct MemoryBuilder for Memory { warn: 90, max: 95, "With 100 the check is never down." }
}

impl Memory {
    fn new(thresholds: UsageThresholds) -> Self {
        Self { thresholds, files: Arc::new(ProcFs::at(Path::new("/"))) }
    }

    /// Runs the check once. For use in an annotated function.
    #[expect(clippy::unused_async, reason = "`run` is async in every built-in check")]
    pub async fn run(&self) -> Outcome {
        match self.files.read_usage() {
            Ok(usage) => evaluate(usage, self.thresholds),
            Err(error) => Outcome::failed(&error),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MemoryUsage {
    used_bytes: u64,
    limit_bytes: u64,
}

fn evaluate(MemoryUsage { used_bytes, limit_bytes }: MemoryUsage, thresholds: UsageThresholds) -> Outcome {
    thresholds
        .outcome(used_bytes, limit_bytes, "the memory is used")
        .with("used_percent", Decimal::percent(used_bytes, limit_bytes))
        .with("limit_mb", limit_bytes.saturating_add(500_000) / 1_000_000)
}

/// The file systems `/proc` and `/sys` of the kernel below a root directory.
#[derive(Debug)]
struct ProcFs {
    root: PathBuf,
    mounts: OnceLock<Vec<Mount>>,
}

impl ProcFs {
    fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), mounts: OnceLock::new() }
    }

    fn read_usage(&self) -> io::Result<MemoryUsage> {
        let machine = meminfo::read_usage(&self.root)?;
        let mounts = match self.mounts.get() {
            Some(mounts) => mounts,
            None => cgroup::read_mounts(&self.root).map(|mounts| self.mounts.get_or_init(|| mounts))?,
        };
        Ok(cgroup::read_usage(&self.root, mounts, machine.limit_bytes)?.unwrap_or(machine))
    }
}

/// Parses a number in a file of the kernel.
fn parse_number(text: &str) -> io::Result<u64> {
    let text = text.trim();
    text.parse().map_err(|_| invalid_data(format!("`{text}` is not a number")))
}

fn invalid_data(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

builtin_check!(Memory, external: false);

// The memory belongs to the process, and a restart frees it.
impl LivenessSafe for Memory {}
