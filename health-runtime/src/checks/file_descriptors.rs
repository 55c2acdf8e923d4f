//! The file descriptors of the process.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::build_error::BuildError;
use crate::checks::shared::aside::Aside;
use crate::checks::shared::usage_thresholds::{Shares, Thresholds};
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;
use crate::core::registry::liveness::LivenessSafe;

const DEFAULT: Thresholds = Thresholds { warn: 80, max: 95 };

const TABLE: &str = "/proc/self/fd";

/// The process has file descriptors left: files, sockets, pipes, timers. One that has none accepts no connection and opens
/// no file, and often never recovers, so this check may be liveness.
///
/// Open ones count against the soft limit, `ulimit -n`: by default more than 80 % of it is degraded, more than 95 % is down.
/// Details: `open`, and `limit`, which is left out where there is none. For Linux: elsewhere it is down, `entity not found`.
///
/// # What it costs
///
/// Two system calls, no descriptor and nothing outside the process. A kernel before 6.2 does not tell the number, so there
/// the entries of `/proc/self/fd` are counted, one descriptor and some microseconds for each, on a thread of their own.
///
/// ```standalone_crate
/// use health_runtime::checks::FileDescriptors;
/// use health_runtime::{Check, Health, HealthState, Kind, Outcome, health_check};
///
/// /// The same inside an annotated function, which finds it as state.
/// #[health_check(startup)]
/// async fn descriptors(descriptors: &FileDescriptors) -> Outcome {
///     descriptors.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let descriptors = FileDescriptors::builder().max_used_percent(90).build()?;
/// let health =
///     Health::builder().check(Check::liveness("file_descriptors", descriptors.clone())).state(descriptors).start()?;
/// assert_eq!(health.report(Kind::Liveness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileDescriptors {
    thresholds: Thresholds,
    counting: Arc<Aside<u64>>,
}

/// The settings of [`FileDescriptors`]. Made by [`FileDescriptors::builder`].
#[derive(Debug)]
#[must_use = "no check is made until `build`"]
pub struct FileDescriptorsBuilder {
    shares: Shares,
}

impl FileDescriptors {
    /// Begins with the defaults.
    pub fn builder() -> FileDescriptorsBuilder {
        FileDescriptorsBuilder { shares: Shares::default() }
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        match self.open().await {
            Ok(open) => judge(open, getrlimit(Resource::Nofile).current, self.thresholds),
            Err(error) => Outcome::failed(&error),
        }
    }

    /// How many are open; `None` when not even one more can be opened, to count them.
    async fn open(&self) -> io::Result<Option<u64>> {
        let counted = match told(Path::new(TABLE))? {
            0 => self.counting.answer("health:descriptors", || counted(Path::new(TABLE))).await,
            open => Ok(open),
        };
        match counted {
            Err(error) if error.raw_os_error() == Some(Errno::MFILE.raw_os_error()) => Ok(None),
            counted => counted.map(Some),
        }
    }
}

/// The number that the kernel tells since Linux 6.2, as the size of the folder; before, it says 0.
fn told(table: &Path) -> io::Result<u64> {
    Ok(fs::metadata(table)?.len())
}

/// The entries of the folder, without the one that reads it.
fn counted(table: &Path) -> io::Result<u64> {
    let mut count = 0_u64;
    for entry in fs::read_dir(table)? {
        entry?;
        count += 1;
    }
    Ok(count.saturating_sub(1))
}

fn judge(open: Option<u64>, limit: Option<u64>, thresholds: Thresholds) -> Outcome {
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

impl FileDescriptorsBuilder {
    /// Down when more than this share of the limit is open: 1 to 100, 95 by default. When all are open it is down whatever
    /// this says.
    pub fn max_used_percent(mut self, percent: u8) -> Self {
        self.shares.max = Some(percent);
        self
    }

    /// Degraded when more than this share of the limit is open: 1 to 100, 80 by default; 100 for no warning.
    pub fn warn_used_percent(mut self, percent: u8) -> Self {
        self.shares.warn = Some(percent);
        self
    }

    /// Makes the check. Nothing is read yet.
    ///
    /// # Errors
    ///
    /// When a share is not from 1 to 100, or the one that degrades is above the one that is down.
    pub fn build(self) -> Result<FileDescriptors, BuildError> {
        let mut mistakes = Vec::new();
        let thresholds = self.shares.thresholds(DEFAULT, &mut mistakes);
        BuildError::unless("FileDescriptors", mistakes, || FileDescriptors { thresholds, counting: Arc::default() })
    }
}

impl Run for FileDescriptors {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }
}

// They are the process's own, and a restart closes them.
impl LivenessSafe for FileDescriptors {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::test_support::summary::said;

    #[test]
    fn verdicts() {
        for (open, limit, expected) in [
            (Some(8), Some(10), "up; open 8, limit 10"),
            (Some(81), Some(100), "degraded: more than 80% of the file descriptors are open; open 81, limit 100"),
            (Some(95), Some(100), "degraded: more than 80% of the file descriptors are open; open 95, limit 100"),
            (Some(96), Some(100), "down: more than 95% of the file descriptors are open; open 96, limit 100"),
            (Some(100), Some(100), "down: all 100 file descriptors are open; open 100, limit 100"),
            // The limit was lowered below what is open.
            (Some(120), Some(100), "down: all 100 file descriptors are open; open 120, limit 100"),
            (None, Some(100), "down: all 100 file descriptors are open; open 100, limit 100"),
            (Some(0), Some(0), "down: all 0 file descriptors are open; open 0, limit 0"),
            (Some(5000), None, "up; open 5000"),
            (None, None, "down: no file descriptor is free"),
        ] {
            assert_eq!(said(&judge(open, limit, DEFAULT)), expected, "{open:?} of {limit:?}");
        }
        let never = Thresholds { warn: 100, max: 100 };
        assert_eq!(said(&judge(Some(99), Some(100), never)), "up; open 99, limit 100");
        assert_eq!(said(&judge(Some(100), Some(100), never)), "down: all 100 file descriptors are open; open 100, limit 100");
    }

    #[test]
    fn the_descriptor_that_reads_is_not_counted() {
        // Tests beside this one open and close some, so both ways of counting meet only now and then.
        let table = Path::new(TABLE);
        let held: Vec<fs::File> = (0..300).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
        let met = (0..10_000).any(|_| {
            let before = told(table).unwrap();
            assert!(before >= 300, "Linux 6.2 or newer tells the number, not {before}");
            counted(table).unwrap() == before && told(table).unwrap() == before
        });
        assert!(met);
        drop(held);
    }

    #[test]
    fn nonsense_is_refused_at_once() {
        let refused = FileDescriptors::builder().max_used_percent(0).warn_used_percent(120).build().unwrap_err();
        let expected = [
            "`FileDescriptors` cannot be built; 2 problems:",
            "  `max_used_percent` must be from 1 to 100, not 0; leave it out for 95",
            "  `warn_used_percent` must be from 1 to 100, not 120; leave it out for 80",
        ];
        assert_eq!(refused.to_string(), expected.join("\n"));
    }
}
