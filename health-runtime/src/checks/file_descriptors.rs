//! A check of the file descriptors of the process.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::shared::usage_thresholds::{UsageThresholds, unreadable, usage_builder};
use super::shared::{SingleFlight, builtin_check, partial_debug, spawn_blocking_thread};
use crate::core::model::outcome::Outcome;
use crate::core::registry::liveness::LivenessSafe;

/// The directory with one entry per open file descriptor.
const FD_DIRECTORY: &str = "/proc/self/fd";

/// Checks that the process has free file descriptors: for files, sockets, pipes, timers. Without one it can neither accept
/// connections nor open files, and often never recovers, so this may be a liveness check.
///
/// The number of open descriptors, that of the entries of `/proc/self/fd`, is compared with the soft limit of `getrlimit`,
/// `ulimit -n`: by default more than 80 % is degraded, more than 95 % is down. Details: `open`, and `limit`, which is omitted if there is none.
///
/// If `/proc/self/fd` cannot be read, as on a system other than Linux or in a process without access to its own `/proc`, the
/// check is degraded, `usage cannot be read`, unless no descriptor is free.
///
/// # Cost
///
/// Two system calls, no descriptor and nothing outside the process. A kernel before 6.2 does not report the number. There the
/// check counts the entries of `/proc/self/fd` on a dedicated thread, with one descriptor and some microseconds per entry.
///
/// ```
/// use health_runtime::{Check, checks::FileDescriptors};
///
/// let descriptors = FileDescriptors::builder().max_used_percent(90).build()?;
/// let check = Check::liveness("file_descriptors", descriptors);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct FileDescriptors {
    thresholds: UsageThresholds,
    flight: Arc<SingleFlight<(), u64, io::Error>>,
}

usage_builder! {
    /// Configures and builds a [`FileDescriptors`]. Created by [`FileDescriptors::builder`].
    pub struct FileDescriptorsBuilder for FileDescriptors {
        warn: 80, max: 95, "If all descriptors are open, the check is down with any setting."
    }
}

impl FileDescriptors {
    fn new(thresholds: UsageThresholds) -> Self {
        Self { thresholds, flight: Arc::new(SingleFlight::without_abandoning(())) }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        match self.count_open().await {
            Ok(open) => evaluate(open, getrlimit(Resource::Nofile).current, self.thresholds),
            Err(error) => unreadable(&error),
        }
    }

    /// Returns the number of open descriptors, or `None` if all are open, so that none is left to count them.
    async fn count_open(&self) -> io::Result<Option<u64>> {
        let directory = Path::new(FD_DIRECTORY);
        let count = |_| async { spawn_blocking_thread("health:descriptors", || count_entries(directory))?.await };
        let open = match count_from_metadata(directory) {
            // If no descriptor is free, opening the directory shows it, even one that does not exist.
            Ok(0) | Err(_) => self.flight.join_or_start(count).await,
            Ok(open) => Ok(open),
        };
        match open {
            Err(error) if error.raw_os_error() == Some(Errno::MFILE.raw_os_error()) => Ok(None),
            open => open.map(Some),
        }
    }
}

/// Returns the number that the kernel reports since Linux 6.2 as the size of the directory. Older kernels report 0.
fn count_from_metadata(directory: &Path) -> io::Result<u64> {
    Ok(fs::metadata(directory)?.len())
}

/// Counts the entries of the directory, without the descriptor that reads it.
fn count_entries(directory: &Path) -> io::Result<u64> {
    let mut count = 0_u64;
    for entry in fs::read_dir(directory)? {
        entry?;
        count += 1;
    }
    Ok(count.saturating_sub(1))
}

fn evaluate(open: Option<u64>, limit: Option<u64>, thresholds: UsageThresholds) -> Outcome {
    let (open, limit) = match (open, limit) {
        (Some(open), None) => return Outcome::up().with("open", open),
        (None, None) => return Outcome::down("no file descriptor is free"),
        (open, Some(limit)) => (open.unwrap_or(limit), limit),
    };
    let outcome = if open >= limit {
        Outcome::down(format!("all {limit} file descriptors are open"))
    } else {
        thresholds.outcome(open, limit, "the file descriptors are open")
    };
    outcome.with("open", open).with("limit", limit)
}

builtin_check!(FileDescriptors, external: false);
partial_debug!(FileDescriptors, |check| thresholds: &check.thresholds);

// The descriptors belong to the process, and a restart closes them.
impl LivenessSafe for FileDescriptors {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::test_support::summary::{summary, usage_problems};

    #[test]
    fn usage_above_a_threshold_is_degraded_or_down() {
        for (open, limit, expected) in [
            (Some(8), Some(10), "Up, open 8, limit 10"),
            (Some(81), Some(100), "Degraded: more than 80% of the file descriptors are open, open 81, limit 100"),
            (Some(95), Some(100), "Degraded: more than 80% of the file descriptors are open, open 95, limit 100"),
            (Some(96), Some(100), "Down: more than 95% of the file descriptors are open, open 96, limit 100"),
            (Some(100), Some(100), "Down: all 100 file descriptors are open, open 100, limit 100"),
            // The limit was lowered below the number of open descriptors.
            (Some(120), Some(100), "Down: all 100 file descriptors are open, open 120, limit 100"),
            (None, Some(100), "Down: all 100 file descriptors are open, open 100, limit 100"),
            (Some(0), Some(0), "Down: all 0 file descriptors are open, open 0, limit 0"),
            (Some(5000), None, "Up, open 5000"),
            (None, None, "Down: no file descriptor is free"),
        ] {
            assert_eq!(summary(&evaluate(open, limit, DEFAULT_THRESHOLDS)), expected, "{open:?} of {limit:?}");
        }
        let never = UsageThresholds { warn: 100, max: 100 };
        assert_eq!(summary(&evaluate(Some(99), Some(100), never)), "Up, open 99, limit 100");
        assert_eq!(
            summary(&evaluate(Some(100), Some(100), never)),
            "Down: all 100 file descriptors are open, open 100, limit 100"
        );
    }

    #[test]
    fn the_descriptor_that_reads_the_directory_is_not_counted() {
        const ALONE: &str = "HEALTH_TEST_ALONE";
        // Other tests of this binary open and close descriptors, so the comparison runs in a process of one test.
        if std::env::var_os(ALONE).is_none() {
            let this = concat!(module_path!(), "::the_descriptor_that_reads_the_directory_is_not_counted");
            let this = this.split_once("::").unwrap().1;
            let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
            let output = alone.args(["--exact", this]).env(ALONE, "1").output().unwrap();
            assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
            return;
        }
        let directory = Path::new(FD_DIRECTORY);
        let files: Vec<fs::File> = (0..300).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
        let from_metadata = count_from_metadata(directory).unwrap();
        assert!(from_metadata >= 300, "Linux 6.2 or newer reports the number, not {from_metadata}");
        assert_eq!(count_entries(directory).unwrap(), from_metadata);
        drop(files);
    }

    #[test]
    fn build_reports_all_invalid_settings() {
        let error = FileDescriptors::builder().max_used_percent(0).warn_used_percent(120).build().unwrap_err();
        assert_eq!(error.to_string(), usage_problems("FileDescriptors", [("max", 0, 95), ("warn", 120, 80)]));
    }
}
