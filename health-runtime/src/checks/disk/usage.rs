//! The usage of the file system that contains a path.

use std::path::Path;
use std::{fs, io};

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::io::Errno;

use crate::checks::shared::mountinfo;

/// The space in bytes and the inodes that an unprivileged process can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FsUsage {
    /// Whether the path itself is a mount point; `None` if that was not requested.
    pub(super) is_mount_point: Option<bool>,
    pub(super) read_only: bool,
    /// Whether the file system stopped after an error, so that it can neither be written nor read.
    pub(super) shut_down: bool,
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
        let options = Options::read(path);
        // XFS does not list it and fails every other call.
        let is_broken = path.metadata().is_err_and(|error| error.raw_os_error() == Some(Errno::IO.raw_os_error()));
        Ok(Self {
            is_mount_point: if detect_mount_point && !is_broken { Some(is_mount_point(path)?) } else { None },
            read_only: stats.f_flag.contains(StatVfsMountFlags::RDONLY) || options.emergency_ro,
            shut_down: options.shutdown || is_broken,
            space: space(stats.f_blocks, stats.f_bfree, stats.f_bavail, stats.f_frsize),
            inodes: Capacity { free: stats.f_favail, total: stats.f_files },
        })
    }
}

/// The options of ext4 after an error. The flags of the mount do not change then.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    emergency_ro: bool,
    shutdown: bool,
}

impl Options {
    /// Reads the options of the file system that contains the path. Without `/proc` there are none.
    fn read(path: &Path) -> Self {
        let mountinfo = fs::read("/proc/self/mountinfo").unwrap_or_default();
        path.canonicalize().map_or_else(|_| Self::default(), |path| Self::find(&String::from_utf8_lossy(&mountinfo), &path))
    }

    /// Of several mounts at one mount point the last is visible.
    fn find(mountinfo: &str, path: &Path) -> Self {
        let mounts = mountinfo::parse(mountinfo).filter(|line| path.starts_with(&line.mount_point));
        let innermost = mounts.max_by_key(|line| line.mount_point.components().count());
        innermost.map_or_else(Self::default, |line| Self {
            emergency_ro: line.has_option("emergency_ro"),
            shutdown: line.has_option("shutdown"),
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
    mount_root_from_statx(path).map_or_else(|| differs_from_parent(path), Ok)
}

/// Asks the kernel, which reports mount points since Linux 5.8, including bind mounts. A sandbox may block the call.
#[cfg(target_os = "linux")]
fn mount_root_from_statx(path: &Path) -> Option<bool> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};

    let stats = statx(CWD, path, AtFlags::empty(), StatxFlags::empty()).ok()?;
    let is_known = stats.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
    is_known.then(|| stats.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn mount_root_from_statx(_path: &Path) -> Option<bool> {
    None
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
    fn the_options_are_those_of_the_innermost_visible_mount() {
        let mountinfo = "27 1 254:0 / / rw - ext4 /dev/vda rw\n\
                         42 27 7:0 / /data rw - ext4 /dev/loop0 rw,errors=remount-ro,emergency_ro\n\
                         43 42 7:1 / /data/logs rw - ext4 /dev/loop1 rw,shutdown\n\
                         44 27 7:2 / /mnt rw - ext4 /dev/loop2 rw,emergency_ro\n\
                         45 44 7:3 / /mnt rw - ext4 /dev/loop3 rw\n";
        for (path, emergency_ro, shutdown) in [
            ("/data", true, false),
            ("/data/uploads", true, false),
            ("/database", false, false),
            ("/data/logs/today", false, true),
            ("/mnt/x", false, false),
            ("/", false, false),
        ] {
            assert_eq!(Options::find(mountinfo, Path::new(path)), Options { emergency_ro, shutdown }, "{path}");
        }
        assert_eq!(Options::find("", Path::new("/data")), Options::default());
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
                shut_down: false,
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
