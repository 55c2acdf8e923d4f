//! The settings of the check, and what is wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::evaluate::{Demands, Least};
use super::{Disk, Inner};
use crate::checks::build_error::BuildError;
use crate::checks::shared::aside::Aside;
use crate::checks::shared::byte_size;

const DEFAULT_MIN_PERCENT: u8 = 1;
const DEFAULT_WARN_PERCENT: u8 = 10;

/// The settings of a [`Disk`]. Made by [`Disk::builder`].
///
/// Sizes are one integer and one unit of `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` and `TiB`.
#[derive(Debug)]
#[must_use = "no check is made until `build`"]
pub struct DiskBuilder {
    path: PathBuf,
    mount_point: bool,
    read_only: bool,
    min: Told,
    warn: Told,
}

/// What was said of one level.
#[derive(Debug, Default)]
struct Told {
    space: Option<String>,
    space_percent: Option<u8>,
    inodes_percent: Option<u8>,
}

impl DiskBuilder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, mount_point: false, read_only: false, min: Told::default(), warn: Told::default() }
    }

    /// Down when less than this is free, such as `"500MiB"`. In place of the default share of
    /// [`min_free_percent`](Self::min_free_percent); where both are given, both count. `"0B"` demands nothing.
    pub fn min_free(mut self, size: &str) -> Self {
        self.min.space = Some(size.to_owned());
        self
    }

    /// Down when less than this share is free: 0 to 99, 1 by default. 0 demands nothing.
    pub fn min_free_percent(mut self, percent: u8) -> Self {
        self.min.space_percent = Some(percent);
        self
    }

    /// Down when less than this share of the inodes is free: 0 to 99, 1 by default. 0 demands nothing.
    pub fn min_free_inodes_percent(mut self, percent: u8) -> Self {
        self.min.inodes_percent = Some(percent);
        self
    }

    /// Degraded when less than this is free, such as `"2GiB"`. In place of the default share of
    /// [`warn_free_percent`](Self::warn_free_percent); where both are given, both count. `"0B"` demands nothing.
    pub fn warn_free(mut self, size: &str) -> Self {
        self.warn.space = Some(size.to_owned());
        self
    }

    /// Degraded when less than this share is free: 0 to 99, 10 by default. 0 demands nothing.
    pub fn warn_free_percent(mut self, percent: u8) -> Self {
        self.warn.space_percent = Some(percent);
        self
    }

    /// Degraded when less than this share of the inodes is free: 0 to 99, 10 by default. 0 demands nothing.
    pub fn warn_free_inodes_percent(mut self, percent: u8) -> Self {
        self.warn.inodes_percent = Some(percent);
        self
    }

    /// Demands that a file system is mounted at the path itself, a bind mount included, and is down with
    /// `no file system is mounted at the path` otherwise. Without it, a volume that is not there passes for the file system
    /// around it.
    pub fn mount_point(mut self) -> Self {
        self.mount_point = true;
        self
    }

    /// Lets the file system be read-only, in which case it is up however little is free.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// Makes the check. Nothing is asked yet, and the path need not be there.
    ///
    /// # Errors
    ///
    /// When the path is not absolute, a size is none, a share is above 99, or what degrades is below what is down.
    pub fn build(self) -> Result<Disk, BuildError> {
        let Self { path, mount_point, read_only, min, warn } = self;
        let mut mistakes = Vec::from_iter(mistake_of(&path));
        let min = min.least("min", [DEFAULT_MIN_PERCENT; 2], &mut mistakes);
        // No default warns below what is down.
        let warn_percent = [min.space_percent, min.inodes_percent].map(|min| min.max(DEFAULT_WARN_PERCENT));
        let warn = warn.least("warn", warn_percent, &mut mistakes);
        mistakes.extend(contradictions(&min, &warn));
        let demands = Demands { min, warn, read_only };
        BuildError::unless("Disk", mistakes, || Disk {
            inner: Arc::new(Inner { path, mount_point, demands, figures: Aside::default() }),
        })
    }
}

fn mistake_of(path: &Path) -> Option<String> {
    if path.as_os_str().is_empty() {
        Some("`path` is empty; give a folder of the file system, such as `/var/lib/data`".to_owned())
    } else if path.is_relative() {
        let path = path.display();
        Some(format!("`path` must be absolute, not `{path}`; write it from the root, such as `/var/lib/data`"))
    } else {
        None
    }
}

impl Told {
    /// With the default shares for what nothing was said of. `level` is how the names of the settings begin.
    fn least(self, level: &str, [space_default, inodes_default]: [u8; 2], mistakes: &mut Vec<String>) -> Least {
        let Self { space, space_percent, inodes_percent } = self;
        let space_default = if space.is_some() { 0 } else { space_default };
        let parsed = space.map(|text| byte_size::parse(&text).map_err(|mistake| format!("`{level}_free` {mistake}")));
        let space = parsed.and_then(|parsed| parsed.map_err(|mistake| mistakes.push(mistake)).ok());
        for (key, percent) in [("free_percent", space_percent), ("free_inodes_percent", inodes_percent)] {
            if let Some(percent) = percent.filter(|percent| *percent > 99) {
                mistakes.push(format!("`{level}_{key}` must be from 0 to 99, not {percent}; write 0 to demand nothing"));
            }
        }
        Least {
            space,
            space_percent: space_percent.unwrap_or(space_default),
            inodes_percent: inodes_percent.unwrap_or(inodes_default),
        }
    }
}

/// Warnings that would never be seen.
fn contradictions(min: &Least, warn: &Least) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut refuse = |key: &str, warn: &str, min: &str, off: &str| {
        mistakes.push(format!(
            "`warn_{key}` is {warn}, less than `min_{key}`, which is {min}; make it more, or {off} for no warning"
        ));
    };
    if let (Some(min), Some(warn)) = (&min.space, &warn.space)
        && (1..min.bytes).contains(&warn.bytes)
    {
        refuse("free", &warn.text, &min.text, "0B");
    }
    for (key, min, warn) in [
        ("free_percent", min.space_percent, warn.space_percent),
        ("free_inodes_percent", min.inodes_percent, warn.inodes_percent),
    ] {
        if (1..min).contains(&warn) && min <= 99 {
            refuse(key, &warn.to_string(), &min.to_string(), "0");
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::byte_size::parse;

    fn built(builder: DiskBuilder) -> (Least, Least) {
        let disk = builder.build().unwrap();
        (disk.inner.demands.min.clone(), disk.inner.demands.warn.clone())
    }

    fn least(space: Option<&str>, space_percent: u8, inodes_percent: u8) -> Least {
        Least { space: space.map(|text| parse(text).unwrap()), space_percent, inodes_percent }
    }

    #[test]
    fn defaults_stand_where_nothing_is_said() {
        let disk = || Disk::builder("/");
        for (builder, min, warn) in [
            (disk(), least(None, 1, 1), least(None, 10, 10)),
            (disk().min_free("1GB"), least(Some("1GB"), 0, 1), least(None, 10, 10)),
            (disk().min_free("1GB").min_free_percent(5), least(Some("1GB"), 5, 1), least(None, 10, 10)),
            (disk().warn_free("1GB"), least(None, 1, 1), least(Some("1GB"), 0, 10)),
            (disk().min_free_percent(20), least(None, 20, 1), least(None, 20, 10)),
            (disk().min_free_percent(0).warn_free_percent(0), least(None, 0, 1), least(None, 0, 10)),
            (disk().min_free_percent(20).warn_free_percent(0), least(None, 20, 1), least(None, 0, 10)),
            (disk().min_free_inodes_percent(30), least(None, 1, 30), least(None, 10, 30)),
            (disk().min_free("1GB").warn_free("0B"), least(Some("1GB"), 0, 1), least(Some("0B"), 0, 10)),
            (disk().min_free("1GB").warn_free("1GB"), least(Some("1GB"), 0, 1), least(Some("1GB"), 0, 10)),
        ] {
            let text = format!("{builder:?}");
            assert_eq!(built(builder), (min, warn), "{text}");
        }
    }

    fn mistakes(builder: DiskBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let builder = Disk::builder("data").min_free("500mb").min_free_percent(100).warn_free("").warn_free_inodes_percent(255);
        let expected = [
            "`Disk` cannot be built; 5 problems:",
            "  `path` must be absolute, not `data`; write it from the root, such as `/var/lib/data`",
            "  `min_free` must use the unit `MB`, not `mb`; write `500MB`",
            "  `min_free_percent` must be from 0 to 99, not 100; write 0 to demand nothing",
            "  `warn_free` must not be empty; write a number and a unit, such as `500MiB`",
            "  `warn_free_inodes_percent` must be from 0 to 99, not 255; write 0 to demand nothing",
        ];
        assert_eq!(mistakes(builder), expected.join("\n"));
        let expected = [
            "`Disk` cannot be built; 1 problem:",
            "  `path` is empty; give a folder of the file system, such as `/var/lib/data`",
        ];
        assert_eq!(mistakes(Disk::builder("")), expected.join("\n"));
    }

    #[test]
    fn a_warning_that_would_never_be_seen_is_refused() {
        let builder = Disk::builder("/").min_free("500MiB").warn_free("500MB").min_free_percent(5).warn_free_percent(4);
        let expected = [
            "`Disk` cannot be built; 3 problems:",
            "  `warn_free` is 500MB, less than `min_free`, which is 500MiB; make it more, or 0B for no warning",
            "  `warn_free_percent` is 4, less than `min_free_percent`, which is 5; make it more, or 0 for no warning",
            "  `warn_free_inodes_percent` is 1, less than `min_free_inodes_percent`, which is 9; make it more, or 0 for no warning",
        ];
        assert_eq!(mistakes(builder.min_free_inodes_percent(9).warn_free_inodes_percent(1)), expected.join("\n"));
    }
}
