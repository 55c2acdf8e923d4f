//! The usage of the file system that contains a path.

use std::io;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};

/// The space in bytes and the inodes that an unprivileged process can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FsUsage {
    /// Whether the path itself is a mount point; `None` if that was not requested.
    pub(super) is_mount_point: Option<bool>,
    pub(super) read_only: bool,
    pub(super) space: Capacity,
    pub(super) inodes: Capacity,
}

/// The free part of a total. A total of 0 has no limit: such a file system does not count the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) free: u64,
    pub(super) total: u64,
}

impl FsUsage {
    /// Reads the usage. Blocks while the file system does not respond.
    pub(super) fn read(path: &Path, detect_mount_point: bool) -> io::Result<Self> {
        let stats = statvfs(path)?;
        Ok(Self {
            is_mount_point: if detect_mount_point { Some(is_mount_point(path)?) } else { None },
            read_only: stats.f_flag.contains(StatVfsMountFlags::RDONLY),
            space: space(stats.f_blocks, stats.f_bfree, stats.f_bavail, stats.f_frsize),
            inodes: Capacity { free: stats.f_favail, total: stats.f_files },
        })
    }
}

/// Computes the space as `df` does: the total excludes free blocks that are reserved for root.
fn space(blocks: u64, free: u64, available: u64, block_size: u64) -> Capacity {
    let used = blocks.saturating_sub(free);
    let in_bytes = |blocks: u64| blocks.saturating_mul(block_size);
    Capacity { free: in_bytes(available), total: in_bytes(used.saturating_add(available)) }
}

fn is_mount_point(path: &Path) -> io::Result<bool> {
    mount_root_from_statx(path)?.map_or_else(|| differs_from_parent(path), Ok)
}

/// Asks the kernel, which reports mount points since Linux 5.8, including bind mounts.
#[cfg(target_os = "linux")]
fn mount_root_from_statx(path: &Path) -> io::Result<Option<bool>> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    use rustix::io::Errno;

    match statx(CWD, path, AtFlags::empty(), StatxFlags::empty()) {
        Ok(stats) => {
            let is_known = stats.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
            Ok(is_known.then(|| stats.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)))
        }
        // An old kernel, or a sandbox that blocks the call.
        Err(Errno::NOSYS | Errno::PERM) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn mount_root_from_statx(_path: &Path) -> io::Result<Option<bool>> {
    Ok(None)
}

/// Returns whether the directory is on another file system than its parent, or is the root, which is its own parent.
fn differs_from_parent(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let (own, parent) = (path.metadata()?, path.join("..").metadata()?);
    Ok(own.dev() != parent.dev() || own.ino() == parent.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_detected() {
        for (path, expected) in [("/", true), ("/proc", true), ("/proc/", true), ("/proc/self", false), ("/usr/bin", false)] {
            let path = Path::new(path);
            assert_eq!(is_mount_point(path).unwrap(), expected, "{}", path.display());
            assert_eq!(differs_from_parent(path).unwrap(), expected, "{}", path.display());
        }
        let missing = Path::new("/nothing/here");
        assert_eq!(is_mount_point(missing).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(differs_from_parent(missing).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn blocks_that_are_reserved_for_root_are_excluded() {
        for (blocks, free, available, free_bytes, total_bytes) in [
            (1000, 400, 400, 1_638_400, 4_096_000),
            (1000, 400, 350, 1_433_600, 3_891_200),
            (1000, 50, 0, 0, 3_891_200),
            (1000, 1000, 950, 3_891_200, 3_891_200),
            (0, 0, 0, 0, 0),
            (u64::MAX, 0, u64::MAX, u64::MAX, u64::MAX),
            (10, 20, 20, 81_920, 81_920),
        ] {
            let expected = Capacity { free: free_bytes, total: total_bytes };
            assert_eq!(space(blocks, free, available, 4096), expected, "{blocks} {free} {available}");
        }
    }

    #[test]
    fn a_file_system_without_blocks_has_no_limit() {
        let usage = FsUsage::read(Path::new("/proc"), true).unwrap();
        assert_eq!(
            usage,
            FsUsage {
                is_mount_point: Some(true),
                read_only: usage.read_only,
                space: Capacity { free: 0, total: 0 },
                inodes: Capacity { free: 0, total: 0 }
            }
        );
    }

    #[test]
    fn a_file_system_on_a_disk_has_space_and_inodes() {
        let FsUsage { is_mount_point, space, inodes, .. } = FsUsage::read(&std::env::temp_dir(), false).unwrap();
        assert_eq!(is_mount_point, None);
        assert!(space.free > 0 && space.free <= space.total, "{space:?}");
        assert!(inodes.free <= inodes.total, "{inodes:?}");
    }
}
