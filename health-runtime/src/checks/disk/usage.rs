//! What the kernel says of the file system that holds a path.

use std::io;
use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};

/// Space in bytes and inodes, as far as an unprivileged process may use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    /// Whether the path itself is where a file system is mounted; only where that is asked.
    pub(super) mounted: Option<bool>,
    pub(super) read_only: bool,
    pub(super) space: Part,
    pub(super) inodes: Part,
}

/// What is free of a whole. A whole of 0 has no end: such a file system does not count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) free: u64,
    pub(super) whole: u64,
}

impl Figures {
    /// Blocks for as long as the file system does not answer.
    pub(super) fn read(path: &Path, asks_mounted: bool) -> io::Result<Self> {
        let figures = statvfs(path)?;
        Ok(Self {
            mounted: if asks_mounted { Some(is_mount_point(path)?) } else { None },
            read_only: figures.f_flag.contains(StatVfsMountFlags::RDONLY),
            space: space(figures.f_blocks, figures.f_bfree, figures.f_bavail, figures.f_frsize),
            inodes: Part { free: figures.f_favail, whole: figures.f_files },
        })
    }
}

/// As `df` has it: blocks that are free but kept for root are no part of the whole.
fn space(blocks: u64, free: u64, available: u64, block_size: u64) -> Part {
    let used = blocks.saturating_sub(free);
    let in_bytes = |blocks: u64| blocks.saturating_mul(block_size);
    Part { free: in_bytes(available), whole: in_bytes(used.saturating_add(available)) }
}

fn is_mount_point(path: &Path) -> io::Result<bool> {
    match told(path)? {
        Some(told) => Ok(told),
        None => differs_from_parent(path),
    }
}

/// What the kernel tells since Linux 5.8, of bind mounts too.
#[cfg(target_os = "linux")]
fn told(path: &Path) -> io::Result<Option<bool>> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    use rustix::io::Errno;

    match statx(CWD, path, AtFlags::empty(), StatxFlags::empty()) {
        Ok(found) => {
            let is_known = found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
            Ok(is_known.then(|| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)))
        }
        // An old kernel, or a sandbox that knows no such call.
        Err(Errno::NOSYS | Errno::PERM) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn told(_path: &Path) -> io::Result<Option<bool>> {
    Ok(None)
}

/// Whether the folder is on another file system than the one around it, or is the root, which has none around it.
fn differs_from_parent(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let (own, parent) = (path.metadata()?, path.join("..").metadata()?);
    Ok(own.dev() != parent.dev() || own.ino() == parent.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_told_from_other_folders() {
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
    fn blocks_that_are_kept_for_root_are_left_out() {
        for (blocks, free, available, free_bytes, whole_bytes) in [
            (1000, 400, 400, 1_638_400, 4_096_000),
            (1000, 400, 350, 1_433_600, 3_891_200),
            (1000, 50, 0, 0, 3_891_200),
            (1000, 1000, 950, 3_891_200, 3_891_200),
            (0, 0, 0, 0, 0),
            (u64::MAX, 0, u64::MAX, u64::MAX, u64::MAX),
            (10, 20, 20, 81_920, 81_920),
        ] {
            let expected = Part { free: free_bytes, whole: whole_bytes };
            assert_eq!(space(blocks, free, available, 4096), expected, "{blocks} {free} {available}");
        }
    }

    #[test]
    fn a_file_system_without_blocks_has_none_to_run_out_of() {
        let figures = Figures::read(Path::new("/proc"), true).unwrap();
        assert_eq!(
            figures,
            Figures {
                mounted: Some(true),
                read_only: figures.read_only,
                space: Part { free: 0, whole: 0 },
                inodes: Part { free: 0, whole: 0 }
            }
        );
    }

    #[test]
    fn a_real_one_has_some_of_both() {
        let Figures { mounted, space, inodes, .. } = Figures::read(&std::env::temp_dir(), false).unwrap();
        assert_eq!(mounted, None);
        assert!(space.free > 0 && space.free <= space.whole, "{space:?}");
        assert!(inodes.free <= inodes.whole, "{inodes:?}");
    }
}
