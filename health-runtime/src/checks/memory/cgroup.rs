//! The memory of the control group of the process and of its ancestors, in cgroup version 2 or 1.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{MemoryUsage, invalid_data, parse_number};

/// The file names and keys of a version. The values of a group include those of its descendants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    limit: &'static str,
    used: &'static str,
    cache_keys: [&'static str; 2],
}

const V2: Version = Version { limit: "memory.max", used: "memory.current", cache_keys: ["inactive_file", "active_file"] };

const V1: Version = Version {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cache_keys: ["total_inactive_file", "total_active_file"],
};

/// A mounted hierarchy that may account for memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    version: Version,
    /// The group at the mount point. In a container it may be the group of the container.
    root_group: PathBuf,
    path: PathBuf,
}

/// Reads the mounted hierarchies from `/proc/self/mountinfo`.
pub(super) fn read_mounts(root: &Path) -> io::Result<Vec<Mount>> {
    let mountinfo = read_if_exists(&root.join("proc/self/mountinfo"))?;
    Ok(mountinfo.iter().flat_map(|text| text.lines()).filter_map(parse_mount).collect())
}

/// Returns the usage of the group with the lowest limit, if one is below the memory of the machine.
pub(super) fn read_usage(root: &Path, mounts: &[Mount], machine_bytes: u64) -> io::Result<Option<MemoryUsage>> {
    let Some(groups) = read_if_exists(&root.join("proc/self/cgroup"))? else { return Ok(None) };
    let Some((version, group)) = own_group(&groups) else { return Ok(None) };
    let Some((mount, relative)) = locate(mounts, version, Path::new(group)) else { return Ok(None) };
    let mount_point = root.join(mount.path.strip_prefix("/").unwrap_or(&mount.path));
    let mut lowest: Option<(u64, PathBuf)> = None;
    // Of equal limits the outermost counts, because its usage is the highest. A group that does not exist has no limit: in a
    // container the path may be that of the host.
    for directory in relative.ancestors().map(|group| mount_point.join(group)) {
        let limit = read_limit(&directory.join(version.limit))?.filter(|limit| *limit < machine_bytes);
        if let Some(limit) = limit.filter(|limit| lowest.as_ref().is_none_or(|(lowest, _)| limit <= lowest)) {
            lowest = Some((limit, directory));
        }
    }
    let Some((limit_bytes, directory)) = lowest else { return Ok(None) };
    Ok(Some(MemoryUsage { used_bytes: read_used(&directory, version)?, limit_bytes }))
}

/// Finds the group that accounts for the memory of this process. A controller is in one hierarchy, so if version 1 has the memory
/// controller, version 2 does not.
fn own_group(text: &str) -> Option<(Version, &str)> {
    let has_memory = |controllers: &str| controllers.split(',').any(|controller| controller == "memory");
    let groups = || text.lines().filter_map(parse_group);
    let one = groups().find(|[_, controllers, _]| has_memory(controllers));
    let two = groups().find(|[id, controllers, _]| *id == "0" && controllers.is_empty());
    one.map(|[.., group]| (V1, group)).or(two.map(|[.., group]| (V2, group)))
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

/// Parses a line: `36 35 98:0 /root /mount/point rw … - type source options`.
fn parse_mount(line: &str) -> Option<Mount> {
    let (paths, file_system) = line.split_once(" - ")?;
    let (mut paths, mut file_system) = (paths.split(' ').skip(3), file_system.split(' '));
    let (root_group, mount_point) = (paths.next()?, paths.next()?);
    let version = match (file_system.next()?, file_system.nth(1)?) {
        ("cgroup2", _) => V2,
        ("cgroup", options) if options.split(',').any(|option| option == "memory") => V1,
        _ => return None,
    };
    Some(Mount { version, root_group: unescape(root_group), path: unescape(mount_point) })
}

fn unescape(path: &str) -> PathBuf {
    path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\").into()
}

fn read_limit(file: &Path) -> io::Result<Option<u64>> {
    match read_if_exists(file)?.as_deref().map(str::trim) {
        None | Some("max") => Ok(None),
        Some(limit) => parse_number(limit).map(Some),
    }
}

/// Reads the used memory without the page cache, which the kernel frees on demand.
fn read_used(directory: &Path, version: Version) -> io::Result<u64> {
    let used = parse_number(&fs::read_to_string(directory.join(version.used))?)?;
    let stat = fs::read_to_string(directory.join("memory.stat"))?;
    version.cache_keys.iter().try_fold(used, |used, key| {
        let count = stat.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        let count = count.ok_or_else(|| invalid_data(format!("memory.stat has no `{key}`")))?;
        Ok(used.saturating_sub(parse_number(count)?))
    })
}

/// Reads a file, or returns `None` if it does not exist. A path of the kernel may contain bytes that are not UTF-8.
fn read_if_exists(file: &Path) -> io::Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
