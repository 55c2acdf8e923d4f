//! The builder of the check, and the validation of its settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::{GIB, format_bytes};
use super::evaluate::{Minimums, Requirements, Share};
use super::{Disk, Target};
use crate::checks::build_error::{BuildError, build_if_valid};
use crate::checks::shared::SingleFlight;

/// The defaults for space in bytes and for inodes. A percentage alone would be much on a large disk.
const DEFAULT_MIN: [Share; 2] = [Share { percent: 1, at_most: GIB }, Share { percent: 1, at_most: 10_000 }];
const DEFAULT_WARN: [Share; 2] = [Share { percent: 10, at_most: 10 * GIB }, Share { percent: 10, at_most: 100_000 }];

/// Configures and builds a [`Disk`]. Created by [`Disk::builder`].
///
/// Sizes are in bytes, such as `500 * MIB` with the constant [`MIB`](crate::checks::MIB).
#[derive(Debug)]
#[must_use = "no check is created until `build`"]
pub struct DiskBuilder {
    path: PathBuf,
    mount_point: bool,
    allow_read_only: bool,
    min: LevelSettings,
    warn: LevelSettings,
}

/// The settings of one level.
#[derive(Debug, Default)]
struct LevelSettings {
    space_bytes: Option<u64>,
    space_percent: Option<u8>,
    inodes_percent: Option<u8>,
}

impl Disk {
    /// Creates a builder with the default minimums, for the file system that contains this directory or file.
    pub fn builder(path: impl Into<PathBuf>) -> DiskBuilder {
        let (min, warn) = Default::default();
        DiskBuilder { path: path.into(), mount_point: false, allow_read_only: false, min, warn }
    }
}

impl DiskBuilder {
    /// Sets the free space in bytes below which the check is down, such as `500 * MIB`. It replaces the default of
    /// [`min_free_percent`](Self::min_free_percent). If both are set, both count. 0 requires nothing. A default warning is at
    /// least twice as much.
    pub fn min_free(mut self, bytes: u64) -> Self {
        self.min.space_bytes = Some(bytes);
        self
    }

    /// Sets the percentage of free space below which the check is down: 0 to 99, by default 1 or [`GIB`](crate::checks::GIB)
    /// bytes, whichever is smaller. 0 requires nothing.
    pub fn min_free_percent(mut self, percent: u8) -> Self {
        self.min.space_percent = Some(percent);
        self
    }

    /// Sets the percentage of free inodes below which the check is down: 0 to 99, by default 1 or 10,000 inodes, whichever is
    /// smaller. 0 requires nothing.
    pub fn min_free_inodes_percent(mut self, percent: u8) -> Self {
        self.min.inodes_percent = Some(percent);
        self
    }

    /// Sets the free space in bytes below which the check is degraded, such as `2 * GIB`. It replaces the default of
    /// [`warn_free_percent`](Self::warn_free_percent). If both are set, both count. 0 disables the warning.
    pub fn warn_free(mut self, bytes: u64) -> Self {
        self.warn.space_bytes = Some(bytes);
        self
    }

    /// Sets the percentage of free space below which the check is degraded: 0 to 99, by default 10 or `10 * GIB`, whichever is
    /// smaller. 0 disables the warning. With `min_free_percent` the default is at least that percentage.
    pub fn warn_free_percent(mut self, percent: u8) -> Self {
        self.warn.space_percent = Some(percent);
        self
    }

    /// Sets the percentage of free inodes below which the check is degraded: 0 to 99, by default 10 or 100,000 inodes, whichever
    /// is smaller. 0 disables the warning. With `min_free_inodes_percent` the default is at least that percentage.
    pub fn warn_free_inodes_percent(mut self, percent: u8) -> Self {
        self.warn.inodes_percent = Some(percent);
        self
    }

    /// Requires that a file system is mounted at the path itself, including a bind mount. Otherwise the check is down, `no file
    /// system is mounted at the path`. Without this setting, the check of an unmounted volume evaluates the parent file system.
    pub fn mount_point(mut self) -> Self {
        self.mount_point = true;
        self
    }

    /// Allows a read-only file system, which is then up even if little space is free.
    pub fn read_only(mut self) -> Self {
        self.allow_read_only = true;
        self
    }

    /// Creates the check. It reads the file system at its first run, so the path need not exist yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the path is not absolute, a percentage is above 99, or a warning is below the minimum of the same
    /// resource.
    pub fn build(self) -> Result<Disk, BuildError> {
        let Self { path, mount_point, allow_read_only, min, warn } = self;
        let mut problems = Vec::from_iter(path_problem(&path));
        let min = min.resolve("min", DEFAULT_MIN, &mut problems);
        let [space, inodes] = DEFAULT_WARN;
        let space = Share { at_most: space.at_most.max(min.space_bytes.saturating_mul(2)), ..space };
        let defaults = [space.at_least(min.space), inodes.at_least(min.inodes)];
        let warn = warn.resolve("warn", defaults, &mut problems);
        problems.extend(conflicts(&min, &warn));
        let requirements = Requirements { min, warn, allow_read_only };
        build_if_valid("Disk", problems, || {
            let target = Target { path, mount_point, requirements };
            Disk { flight: Arc::new(SingleFlight::without_abandoning(target)) }
        })
    }
}

fn path_problem(path: &Path) -> Option<String> {
    if path.as_os_str().is_empty() {
        Some("`path` is empty; use a directory of the file system, such as `/var/lib/data`".to_owned())
    } else if path.is_relative() {
        let path = path.display();
        Some(format!("`path` `{path}` is relative; use an absolute path such as `/var/lib/data`"))
    } else {
        None
    }
}

impl Share {
    /// Returns the default of a warning, which is never below the minimum.
    fn at_least(self, min: Share) -> Share {
        if min.at_most == u64::MAX && min.percent > 0 { Share::percent(self.percent.max(min.percent)) } else { self }
    }
}

impl LevelSettings {
    /// Applies the defaults. `level` is the prefix of the setting names.
    fn resolve(self, level: &str, [space_default, inodes_default]: [Share; 2], problems: &mut Vec<String>) -> Minimums {
        let Self { space_bytes, space_percent, inodes_percent } = self;
        let space_default = if space_bytes.is_some() { Share::percent(0) } else { space_default };
        let mut share = |key: &str, percent: Option<u8>, default: Share| {
            if let Some(percent @ 100..) = percent {
                problems.push(format!("`{level}_{key}` is {percent}; the maximum is 99, and 0 requires nothing"));
            }
            percent.map_or(default, |percent| Share::percent(if percent > 99 { 0 } else { percent }))
        };
        Minimums {
            space_bytes: space_bytes.unwrap_or(0),
            space: share("free_percent", space_percent, space_default),
            inodes: share("free_inodes_percent", inodes_percent, inodes_default),
        }
    }
}

/// Finds warnings that have no effect, because the check is down first.
fn conflicts(min: &Minimums, warn: &Minimums) -> impl Iterator<Item = String> {
    let levels = [
        ("free", warn.space_bytes, min.space_bytes),
        ("free_percent", warn.space.percent.into(), min.space.percent.into()),
        ("free_inodes_percent", warn.inodes.percent.into(), min.inodes.percent.into()),
    ];
    levels.into_iter().filter(|(_, warn, min)| (1..*min).contains(warn)).map(|(key, warn, min)| {
        let [warn, min] = [warn, min].map(|level| if key == "free" { format_bytes(level) } else { level.to_string() });
        format!("`warn_{key}` is {warn}, less than `min_{key}`, which is {min}; use more, or 0 for no warning")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::MIB;

    const GB: u64 = 1_000_000_000;

    fn built(builder: DiskBuilder) -> (Minimums, Minimums) {
        let disk = builder.build().unwrap();
        let requirements = disk.flight.target().requirements;
        (requirements.min, requirements.warn)
    }

    fn minimums(space_bytes: u64, space: Share, inodes: Share) -> Minimums {
        Minimums { space_bytes, space, inodes }
    }

    #[test]
    fn defaults_apply_to_levels_without_settings() {
        let disk = || Disk::builder("/");
        let of = Share::percent;
        let [min_space, min_inodes] = [Share { percent: 1, at_most: GIB }, Share { percent: 1, at_most: 10_000 }];
        let [warn_space, warn_inodes] = [Share { percent: 10, at_most: 10 * GIB }, Share { percent: 10, at_most: 100_000 }];
        let (min, warn) = (minimums(0, min_space, min_inodes), minimums(0, warn_space, warn_inodes));
        let no_min = Minimums { space: of(0), ..min };
        let no_warn = Minimums { space: of(0), ..warn };
        for (builder, expected_min, expected_warn) in [
            (disk(), min, warn),
            (disk().min_free(GB), Minimums { space_bytes: GB, ..no_min }, warn),
            (
                disk().min_free(8 * GIB),
                Minimums { space_bytes: 8 * GIB, ..no_min },
                Minimums { space: Share { percent: 10, at_most: 16 * GIB }, ..warn },
            ),
            (
                disk().min_free(GB).min_free_percent(5),
                Minimums { space_bytes: GB, space: of(5), ..min },
                Minimums { space: of(10), ..warn },
            ),
            (disk().warn_free(GB), min, Minimums { space_bytes: GB, ..no_warn }),
            (disk().warn_free_percent(7), min, Minimums { space: of(7), ..warn }),
            (disk().min_free_percent(20), Minimums { space: of(20), ..min }, Minimums { space: of(20), ..warn }),
            (disk().min_free_percent(0), no_min, warn),
            (disk().min_free_percent(0).warn_free_percent(0), no_min, no_warn),
            (disk().min_free_percent(20).warn_free_percent(0), Minimums { space: of(20), ..min }, no_warn),
            (disk().min_free_inodes_percent(30), Minimums { inodes: of(30), ..min }, Minimums { inodes: of(30), ..warn }),
            (disk().min_free(GB).warn_free(0), Minimums { space_bytes: GB, ..no_min }, no_warn),
            (disk().min_free(GB).warn_free(GB), Minimums { space_bytes: GB, ..no_min }, Minimums { space_bytes: GB, ..no_warn }),
        ] {
            let text = format!("{builder:?}");
            assert_eq!(built(builder), (expected_min, expected_warn), "{text}");
        }
    }

    fn problems(builder: DiskBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn build_reports_all_invalid_settings() {
        let builder = Disk::builder("data").min_free_percent(100).warn_free_inodes_percent(255);
        let expected = [
            "`Disk` cannot be built; 3 problems:",
            "  `path` `data` is relative; use an absolute path such as `/var/lib/data`",
            "  `min_free_percent` is 100; the maximum is 99, and 0 requires nothing",
            "  `warn_free_inodes_percent` is 255; the maximum is 99, and 0 requires nothing",
        ];
        assert_eq!(problems(builder), expected.join("\n"));
        let expected = [
            "`Disk` cannot be built; 1 problem:",
            "  `path` is empty; use a directory of the file system, such as `/var/lib/data`",
        ];
        assert_eq!(problems(Disk::builder("")), expected.join("\n"));
    }

    #[test]
    fn a_warning_without_effect_is_rejected() {
        let builder = Disk::builder("/").min_free(500 * MIB).warn_free(500_000_000).min_free_percent(5).warn_free_percent(4);
        let expected = [
            "`Disk` cannot be built; 3 problems:",
            "  `warn_free` is 500MB, less than `min_free`, which is 500MiB; use more, or 0 for no warning",
            "  `warn_free_percent` is 4, less than `min_free_percent`, which is 5; use more, or 0 for no warning",
            "  `warn_free_inodes_percent` is 1, less than `min_free_inodes_percent`, which is 9; use more, or 0 for no warning",
        ];
        assert_eq!(problems(builder.min_free_inodes_percent(9).warn_free_inodes_percent(1)), expected.join("\n"));
    }
}
