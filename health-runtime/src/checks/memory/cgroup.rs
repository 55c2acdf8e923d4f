//! The memory of the control group of the process and of its ancestors, in cgroup version 2 or 1.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::MemoryUsage;
use crate::checks::shared::mountinfo::{self, MountLine};

/// The file names and keys of a version. The values of a group include those of its descendants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    limit: &'static str,
    used: &'static str,
    /// The file with the memory of the kernel, if `memory.stat` does not have the reclaimable part of it.
    kernel: Option<&'static str>,
    stat_prefix: &'static str,
    /// The key of the page cache, which includes shared memory.
    cache: &'static str,
    usual_mount_point: &'static str,
}

const V2: Version = Version {
    limit: "memory.max",
    used: "memory.current",
    kernel: None,
    stat_prefix: "",
    cache: "file",
    usual_mount_point: "/sys/fs/cgroup",
};

const V1: Version = Version {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    kernel: Some("memory.kmem.usage_in_bytes"),
    stat_prefix: "total_",
    cache: "cache",
    usual_mount_point: "/sys/fs/cgroup/memory",
};

/// A mounted hierarchy that may account for memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    version: Version,
    /// The group at the mount point. In a container it may be the group of the container.
    root_group: PathBuf,
    path: PathBuf,
}

/// Reads the mounted hierarchies from `/proc/self/mountinfo`, or returns those of a usual system if that cannot be read.
pub(super) fn read_mounts(root: &Path) -> Vec<Mount> {
    match read_text(&root.join("proc/self/mountinfo")) {
        Ok(mountinfo) => mountinfo::parse(&mountinfo).filter_map(memory_mount).collect(),
        Err(_) => {
            [V1, V2].map(|version| Mount { version, root_group: "/".into(), path: version.usual_mount_point.into() }).into()
        }
    }
}

/// Returns the usage of the group with the lowest limit that is below the memory of the machine, among the groups whose limit
/// and usage can be read.
pub(super) fn read_usage(root: &Path, mounts: &[Mount], machine_bytes: u64) -> Option<MemoryUsage> {
    let groups = read_text(&root.join("proc/self/cgroup")).unwrap_or_default();
    let mut lowest: Option<MemoryUsage> = None;
    for (version, group) in own_groups(&groups) {
        let Some((mount, relative)) = locate(mounts, version, Path::new(group)) else { continue };
        let mount_point = root.join(mount.path.strip_prefix("/").unwrap_or(&mount.path));
        // Of equal limits the outermost counts, because its usage is the highest. A group that does not exist has no limit: in
        // a container the path may be that of the host.
        for directory in relative.ancestors().map(|group| mount_point.join(group)) {
            let limit = read_number(&directory.join(version.limit)).filter(|limit| *limit < machine_bytes);
            let limit = limit.filter(|limit| lowest.is_none_or(|lowest| *limit <= lowest.limit_bytes));
            lowest = limit.and_then(|limit_bytes| read_used(&directory, version, limit_bytes)).or(lowest);
        }
    }
    lowest
}

/// Finds the group that accounts for the memory of this process. A controller is in one hierarchy, so if version 1 has the memory
/// controller, version 2 does not. If neither is found, the group may be that of either mount point.
fn own_groups(text: &str) -> Vec<(Version, &str)> {
    let has_memory = |controllers: &str| controllers.split(',').any(|controller| controller == "memory");
    let groups = || text.lines().filter_map(parse_group);
    let one = groups().find(|[_, controllers, _]| has_memory(controllers));
    let two = groups().find(|[id, controllers, _]| *id == "0" && controllers.is_empty());
    let found = one.map(|[.., group]| (V1, group)).or(two.map(|[.., group]| (V2, group)));
    found.map_or_else(|| vec![(V1, "/"), (V2, "/")], |found| vec![found])
}

/// Parses a line: `4:memory:/group`, or `0::/group`. Only the last field may contain a colon.
fn parse_group(line: &str) -> Option<[&str; 3]> {
    let mut fields = line.splitn(3, ':');
    Some([fields.next()?, fields.next()?, fields.next()?])
}

/// Finds the mount that contains the group, and the path of the group in it. A mount that does not contain the group is that of a
/// container, and its root group is the nearest visible group.
fn locate<'m>(mounts: &'m [Mount], version: Version, group: &Path) -> Option<(&'m Mount, PathBuf)> {
    let same_version = || mounts.iter().filter(move |mount| mount.version == version);
    let found = same_version().find_map(|mount| Some((mount, group.strip_prefix(&mount.root_group).ok()?)));
    let found = found.filter(|(_, relative)| relative.components().all(|part| matches!(part, Component::Normal(_))));
    match found {
        Some((mount, relative)) => Some((mount, relative.to_owned())),
        None => same_version().next().map(|mount| (mount, PathBuf::new())),
    }
}

fn memory_mount(line: MountLine<'_>) -> Option<Mount> {
    let version = match line.fs_type {
        "cgroup2" => V2,
        "cgroup" if line.has_option("memory") => V1,
        _ => return None,
    };
    Some(Mount { version, root_group: line.root, path: line.mount_point })
}

/// Reads the used memory without what the kernel frees on demand: the page cache and slab caches such as names of files. A figure
/// that is missing counts as used.
fn read_used(directory: &Path, version: Version, limit_bytes: u64) -> Option<MemoryUsage> {
    let used = read_number(&directory.join(version.used))?;
    let stat = read_text(&directory.join("memory.stat")).unwrap_or_default();
    let figure = |key: &str| {
        let mut lines = stat.lines();
        lines.find_map(|line| parse_number(line.strip_prefix(version.stat_prefix)?.strip_prefix(key)?.strip_prefix(' ')?))
    };
    let (cache, may_include_cache) = match (figure("inactive_file"), figure("active_file")) {
        (Some(inactive), Some(active)) => (inactive.saturating_add(active), false),
        (inactive, active) => match figure(version.cache).zip(figure("shmem")) {
            Some((cache, shared)) => (cache.saturating_sub(shared), false),
            None => (inactive.or(active).unwrap_or(0), true),
        },
    };
    // Version 1 does not tell which part of the kernel's memory is reclaimable, and the names of files alone can fill the limit.
    let kernel = version.kernel.map_or_else(|| figure("slab_reclaimable"), |file| read_number(&directory.join(file)));
    let used_bytes = used.saturating_sub(cache).saturating_sub(kernel.unwrap_or(0));
    Some(MemoryUsage { used_bytes, limit_bytes, may_include_cache })
}

/// Reads a number, or returns `None` if there is none. A group without a limit has `max`.
fn read_number(file: &Path) -> Option<u64> {
    parse_number(&read_text(file).ok()?)
}

fn parse_number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// Reads a file. A path of the kernel may contain bytes that are not UTF-8.
fn read_text(file: &Path) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(file)?).into_owned())
}
