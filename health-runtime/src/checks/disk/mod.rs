//! The file system that holds a path.

mod builder;
mod evaluate;
mod usage;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

pub use self::builder::DiskBuilder;
use self::evaluate::Demands;
use self::usage::Figures;
use crate::checks::shared::aside::Aside;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// The file system that holds a path can be written and has room left, in bytes and in inodes.
///
/// By default it is degraded when less than 10 % is free, or less than 10 % of the inodes, and down when it is less than 1 %.
/// Whatever the settings say, it is down when no space or no inode is free, and when the file system is read-only unless
/// [`read_only`](DiskBuilder::read_only) says that it may be. Free is what a process without privileges may use, and its
/// share is counted as `df` does it: blocks that are kept for root are left out. A file system that counts no inodes, as
/// Btrfs, or no space, has none to run out of. A path that is not there is down, `entity not found`.
///
/// Details: `free_gb`, in gigabytes of 10⁹ bytes, and `free_percent`.
///
/// A path where the volume is not mounted lies on the file system around it, whose figures would be shown:
/// [`mount_point`](DiskBuilder::mount_point) demands that one is mounted at the path itself.
///
/// It is no liveness check: a restart frees no space, and the file system may be on another machine.
///
/// # What it costs
///
/// One system call, two with `mount_point`, on a thread of its own, because a network file system that is dead may never
/// answer; while one call hangs there is no second. Nothing is written, so a disk that fails is seen once the kernel has
/// turned its file system read-only.
///
/// ```standalone_crate
/// use health_runtime::checks::Disk;
/// use health_runtime::{Check, Health, HealthState, Kind, Outcome, health_check};
///
/// /// The same inside an annotated function, which finds it as state.
/// #[health_check(startup)]
/// async fn uploads(disk: &Disk) -> Outcome {
///     disk.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let disk = Disk::builder(std::env::temp_dir()).min_free("1MiB").warn_free("2MiB").build()?;
/// let health = Health::builder().check(Check::readiness("disk", disk.clone())).state(disk).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Disk {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    mount_point: bool,
    demands: Demands,
    figures: Aside<Figures>,
}

impl Disk {
    /// Begins with the file system that holds this path, a folder or a file, and the defaults.
    pub fn builder(path: impl Into<PathBuf>) -> DiskBuilder {
        DiskBuilder::new(path.into())
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let inner = Arc::clone(&self.inner);
        let read = move || Figures::read(&inner.path, inner.mount_point);
        match self.inner.figures.answer("health:disk", read).await {
            Ok(figures) => self.inner.demands.outcome(&figures),
            Err(error) => Outcome::failed(&error),
        }
    }
}

impl Run for Disk {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("path", &self.inner.path).finish_non_exhaustive()
    }
}
