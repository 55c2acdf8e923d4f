//! A check of the file system that contains a path.

mod builder;
mod bytes;
mod evaluate;
mod usage;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use self::builder::DiskBuilder;
pub use self::bytes::{GIB, KIB, MIB};
use self::evaluate::Requirements;
use self::usage::FsUsage;
use super::shared::{SingleFlight, builtin_check, partial_debug, spawn_blocking_thread};
use crate::core::model::outcome::Outcome;

/// Checks that the file system that contains a path is not read-only and has free space and free inodes.
///
/// | without settings | space | inodes |
/// |---|---|---|
/// | degraded below | 10 % or 10 GiB, whichever is smaller | 10 % or 100,000, whichever is smaller |
/// | down below | 1 % or 1 GiB, whichever is smaller | 1 % or 10,000, whichever is smaller |
///
/// With any settings it is down when no space or no inode is free, and when the file system is read-only, unless
/// [`read_only`](DiskBuilder::read_only) allows that. The figures are those of `statvfs`. Free is what an unprivileged process
/// can use, `f_bavail` and `f_favail`, and the percentage is that of `df`: blocks that are reserved for root are excluded. A
/// file system that does not count inodes, such as Btrfs, or does not count space, has no limit for it. A path that does not
/// exist is down, `entity not found`.
///
/// A file system that gave up after an error is down too: `read-only file system`, also if ext4 only shows `emergency_ro` in
/// `/proc/self/mountinfo`; `file system is shut down` if ext4 shows `shutdown` there, or if the path of XFS returns an I/O error.
///
/// Details: `free_gb`, in gigabytes of 10⁹ bytes, and `free_percent`.
///
/// It must not be a liveness check: a restart frees no space, and the file system may be on another machine.
///
/// # Cost
///
/// A few system calls, and `/proc/self/mountinfo`, on a dedicated thread, because a call to a network file system may hang
/// forever. While one call hangs, no second one starts. The check writes nothing, so it detects a failing disk only after the
/// kernel has stopped writing to its file system.
///
/// ```
/// use health_runtime::Check;
/// use health_runtime::checks::{Disk, GIB, MIB};
///
/// let uploads = Disk::builder("/var/lib/uploads");
/// let uploads = uploads.min_free(500 * MIB).warn_free(2 * GIB).mount_point();
/// let disk = Check::readiness("disk", uploads.build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Disk {
    flight: Arc<SingleFlight<Target, FsUsage, io::Error>>,
}

struct Target {
    path: PathBuf,
    mount_point: bool,
    requirements: Requirements,
}

impl Disk {
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let usage = self.flight.join_or_start(|target| async {
            spawn_blocking_thread("health:disk", move || FsUsage::read(&target.path, target.mount_point))?.await
        });
        match usage.await {
            Ok(usage) => self.flight.target().requirements.outcome(&usage),
            Err(error) => Outcome::failed(&error),
        }
    }
}

builtin_check!(Disk, external: true);
partial_debug!(Disk, |disk| path: &disk.flight.target().path);
