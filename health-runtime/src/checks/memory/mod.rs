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
use crate::checks::shared::usage_thresholds::{UsageThresholds, unreadable, usage_builder};
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;
use crate::core::registry::liveness::LivenessSafe;
use crate::text::number::Decimal;

/// Checks that the used memory is below the limit: that of the container, else the memory of the machine.
///
/// By default more than 90 % used is degraded, more than 95 % is down. The limit is the lowest of the control groups (version
/// 2 or 1) of the process that are visible to it. If none is below the memory of the machine, the machine counts. As a liveness
/// check it restarts a process with a memory leak before the kernel kills it, which helps only if the limit is that of the
/// container alone.
///
/// Used memory is memory that the kernel cannot give back. The working set of the kubelet excludes only `inactive_file`, so it
/// is higher. The kernel uses neither: it kills a process when it finds nothing to reclaim. Swap does not count.
///
/// | source | used memory |
/// |---|---|
/// | control group, version 2 | `memory.current` without `inactive_file`, `active_file` and `slab_reclaimable` of `memory.stat` |
/// | control group, version 1 | `memory.usage_in_bytes` without `total_inactive_file`, `total_active_file` and all memory of the kernel, `memory.kmem.usage_in_bytes`, since version 1 does not count the reclaimable part |
/// | machine | `MemTotal` without `MemAvailable` of `/proc/meminfo` |
///
/// A source that cannot be read is left out. The page cache without its two lists is `file` or `total_cache` without shared
/// memory. If the page cache is unknown, it counts as used, and the check is at most degraded. If no source can be read, as on
/// a system other than Linux, the check is degraded, `usage cannot be read`.
///
/// Details: `used_percent`, and `limit_mb`, in whole megabytes of 10⁶ bytes.
///
/// # Cost
///
/// Each run reads about six small files in `/proc` and `/sys`, and one more for each ancestor group, and nothing outside the
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
            Err(error) => unreadable(&error),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MemoryUsage {
    used_bytes: u64,
    limit_bytes: u64,
    /// Whether the used memory may include page cache, which can fill the limit without harm.
    may_include_cache: bool,
}

fn evaluate(usage: MemoryUsage, thresholds: UsageThresholds) -> Outcome {
    let MemoryUsage { used_bytes, limit_bytes, may_include_cache } = usage;
    let mut outcome = thresholds.outcome(used_bytes, limit_bytes, "the memory is used");
    if may_include_cache {
        outcome.status = outcome.status.min(Status::Degraded);
    }
    outcome
        .with("used_percent", Decimal::percent(used_bytes, limit_bytes))
        .with("limit_mb", limit_bytes.saturating_add(500_000) / 1_000_000)
}

/// A limit that is none, if the memory of the machine is unknown: version 1 writes nearly 2⁶³ for no limit.
const UNLIMITED: u64 = 1 << 62;

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
        let machine = meminfo::read_usage(&self.root);
        let mounts = self.mounts.get_or_init(|| cgroup::read_mounts(&self.root));
        let machine_bytes = machine.as_ref().map_or(UNLIMITED, |machine| machine.limit_bytes);
        cgroup::read_usage(&self.root, mounts, machine_bytes).map_or(machine, Ok)
    }
}

builtin_check!(Memory, external: false);

// The memory belongs to the process, and a restart frees it.
impl LivenessSafe for Memory {}
