//! The memory of the process's control group, and of those around it, as the kernel has it in version 2 or version 1.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::usage::{Figures, invalid, number};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Two,
    One,
}

/// How a version names what is needed of it. The figures of a group hold those of the groups below it.
struct Names {
    limit: &'static str,
    used: &'static str,
    cache: [&'static str; 2],
}

impl Version {
    fn names(self) -> Names {
        match self {
            Self::Two => Names { limit: "memory.max", used: "memory.current", cache: ["inactive_file", "active_file"] },
            Self::One => Names {
                limit: "memory.limit_in_bytes",
                used: "memory.usage_in_bytes",
                cache: ["total_inactive_file", "total_active_file"],
            },
        }
    }
}

/// Where a hierarchy that may count memory is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    version: Version,
    /// The group that stands at the top of it, which in a container may be its own.
    top: PathBuf,
    point: PathBuf,
}

/// The hierarchies among all that is mounted, from `/proc/self/mountinfo`.
pub(super) fn mounts(root: &Path) -> io::Result<Vec<Mount>> {
    Ok(read(&root.join("proc/self/mountinfo"))?.iter().flat_map(|text| text.lines()).filter_map(mount).collect())
}

/// The figures of the group with the tightest limit below that of the machine, if there is one.
pub(super) fn figures(root: &Path, mounts: &[Mount], machine: u64) -> io::Result<Option<Figures>> {
    let Some(groups) = read(&root.join("proc/self/cgroup"))? else { return Ok(None) };
    let Some((version, group)) = own_group(&groups) else { return Ok(None) };
    let Some((mount, below)) = place(mounts, version, Path::new(group)) else { return Ok(None) };
    let top = root.join(mount.point.strip_prefix("/").unwrap_or(&mount.point));
    let names = version.names();
    let mut tightest: Option<(u64, PathBuf)> = None;
    // Of equal limits the outermost counts, which most is used of. A group that is not there has no limit: in a container
    // the path may be that of the host.
    for folder in below.ancestors().map(|group| top.join(group)) {
        let limit = limit(&folder.join(names.limit))?.filter(|limit| *limit < machine);
        if let Some(limit) = limit.filter(|limit| tightest.as_ref().is_none_or(|(least, _)| limit <= least)) {
            tightest = Some((limit, folder));
        }
    }
    tightest.map(|(limit, folder)| Ok(Figures { used: used(&folder, &names)?, limit })).transpose()
}

/// The group that counts the memory of this process. A controller is in one hierarchy, so where version 1 has it, the line of
/// version 2 says nothing of memory.
fn own_group(text: &str) -> Option<(Version, &str)> {
    let counts_memory = |controllers: &str| controllers.split(',').any(|controller| controller == "memory");
    let one = text.lines().filter_map(fields).find(|[_, controllers, _]| counts_memory(controllers));
    let two = text.lines().filter_map(fields).find(|[id, controllers, _]| *id == "0" && controllers.is_empty());
    match (one, two) {
        (Some([.., group]), _) => Some((Version::One, group)),
        (None, Some([.., group])) => Some((Version::Two, group)),
        (None, None) => None,
    }
}

/// One line: `4:memory:/group`, or `0::/group`. Only the last part may hold a colon.
fn fields(line: &str) -> Option<[&str; 3]> {
    let (id, rest) = line.split_once(':')?;
    let (controllers, group) = rest.split_once(':')?;
    Some([id, controllers, group])
}

/// The mount that shows the group, and where below its top. One that shows it nowhere is that of a container: its top is as near
/// as one can come.
fn place<'m>(mounts: &'m [Mount], version: Version, group: &Path) -> Option<(&'m Mount, PathBuf)> {
    let of_version = || mounts.iter().filter(move |mount| mount.version == version);
    let shown = of_version().find_map(|mount| Some((mount, group.strip_prefix(&mount.top).ok()?)));
    let shown = shown.filter(|(_, below)| below.components().all(|part| matches!(part, Component::Normal(_))));
    match shown {
        Some((mount, below)) => Some((mount, below.to_owned())),
        None => of_version().next().map(|mount| (mount, PathBuf::new())),
    }
}

/// One line: `36 35 98:0 /top /point rw … - type source options`.
fn mount(line: &str) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let (mut place, mut kind) = (place.split(' ').skip(3), kind.split(' '));
    let (top, point) = (place.next()?, place.next()?);
    let version = match (kind.next()?, kind.nth(1)?) {
        ("cgroup2", _) => Version::Two,
        ("cgroup", options) if options.split(',').any(|option| option == "memory") => Version::One,
        _ => return None,
    };
    Some(Mount { version, top: unescaped(top), point: unescaped(point) })
}

fn unescaped(path: &str) -> PathBuf {
    path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\").into()
}

fn limit(file: &Path) -> io::Result<Option<u64>> {
    match read(file)?.as_deref().map(str::trim) {
        None | Some("max") => Ok(None),
        Some(limit) => number(limit).map(Some),
    }
}

/// What is used without the page cache, which the kernel gives back when memory is asked for.
fn used(folder: &Path, names: &Names) -> io::Result<u64> {
    let used = number(&fs::read_to_string(folder.join(names.used))?)?;
    let counts = fs::read_to_string(folder.join("memory.stat"))?;
    names.cache.iter().try_fold(used, |used, key| {
        let count = counts.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        let count = count.ok_or_else(|| invalid(format!("memory.stat has no `{key}`")))?;
        Ok(used.saturating_sub(number(count)?))
    })
}

/// `None` for a file that is not there. Names that are not UTF-8 are none of ours.
fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
