//! The mounts of the process, as `/proc/self/mountinfo` lists them.

use std::path::PathBuf;

/// One mounted file system.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::checks) struct MountLine<'t> {
    /// The directory of the file system that is mounted.
    pub(in crate::checks) root: PathBuf,
    pub(in crate::checks) mount_point: PathBuf,
    pub(in crate::checks) fs_type: &'t str,
    /// The options of the file system, not those of the mount point.
    pub(in crate::checks) options: &'t str,
}

impl MountLine<'_> {
    pub(in crate::checks) fn has_option(&self, option: &str) -> bool {
        self.options.split(',').any(|found| found == option)
    }
}

/// Parses lines such as `36 35 98:0 /root /mount/point rw … - type source options`, and skips others.
pub(in crate::checks) fn parse(text: &str) -> impl Iterator<Item = MountLine<'_>> {
    text.lines().filter_map(|line| {
        let (paths, file_system) = line.split_once(" - ")?;
        let (mut paths, mut file_system) = (paths.split(' ').skip(3), file_system.split(' '));
        let (root, mount_point) = (unescape(paths.next()?), unescape(paths.next()?));
        Some(MountLine { root, mount_point, fs_type: file_system.next()?, options: file_system.nth(1)? })
    })
}

fn unescape(path: &str) -> PathBuf {
    path.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\").into()
}

#[test]
fn paths_are_unescaped_and_optional_fields_are_skipped() {
    let text = "36 35 98:0 /a\\134b /my\\040mount rw shared:4 master:2 - ext4 /dev/vda rw,emergency_ro\nno line\n";
    let lines: Vec<MountLine<'_>> = parse(text).collect();
    let (root, mount_point) = ("/a\\b".into(), "/my mount".into());
    assert_eq!(lines, [MountLine { root, mount_point, fs_type: "ext4", options: "rw,emergency_ro" }]);
    assert!(lines.iter().all(|line| line.has_option("rw") && !line.has_option("ro") && !line.has_option("emergency")));
}
