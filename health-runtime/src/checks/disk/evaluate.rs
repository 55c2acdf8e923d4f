//! Figures → outcome.

use super::usage::{Figures, Part};
use crate::checks::shared::byte_size::Size;
use crate::core::model::outcome::Outcome;
use crate::text::number::Decimal;

/// What is demanded of a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demands {
    /// Less is down.
    pub(super) min: Least,
    /// Less is degraded.
    pub(super) warn: Least,
    /// Whether one that cannot be written is all right.
    pub(super) read_only: bool,
}

/// What must be free at least. Nothing is demanded by a 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Least {
    pub(super) space: Option<Size>,
    pub(super) space_percent: u8,
    pub(super) inodes_percent: u8,
}

impl Demands {
    pub(super) fn outcome(&self, figures: &Figures) -> Outcome {
        if figures.mounted == Some(false) {
            // Its figures are those of another file system.
            return Outcome::down("no file system is mounted at the path");
        }
        let outcome = match self.lack(figures) {
            Some(reason) => Outcome::down(reason),
            None => match self.warn.lack(figures).filter(|_| !figures.read_only) {
                Some(reason) => Outcome::degraded(reason),
                None => Outcome::up(),
            },
        };
        let Part { free, whole } = figures.space;
        if whole == 0 {
            return outcome;
        }
        outcome.with("free_gb", Decimal::gigabytes(free)).with("free_percent", Decimal::percent(free, whole))
    }

    /// Why nothing can be written, or soon nothing can.
    fn lack(&self, figures: &Figures) -> Option<String> {
        if figures.read_only {
            return (!self.read_only).then(|| "read-only file system".to_owned());
        }
        if figures.space.is_full() {
            return Some("no space is free".to_owned());
        }
        if figures.inodes.is_full() {
            return Some("no inode is free".to_owned());
        }
        self.min.lack(figures)
    }
}

impl Least {
    fn lack(&self, Figures { space, inodes, .. }: &Figures) -> Option<String> {
        let size = self.space.as_ref().filter(|size| space.whole > 0 && space.free < size.bytes);
        if let Some(size) = size {
            return Some(format!("less than {} is free", size.text));
        }
        if space.is_below(self.space_percent) {
            return Some(format!("less than {}% is free", self.space_percent));
        }
        let is_below = inodes.is_below(self.inodes_percent);
        is_below.then(|| format!("less than {}% of the inodes are free", self.inodes_percent))
    }
}

impl Part {
    fn is_full(self) -> bool {
        self.whole > 0 && self.free == 0
    }

    fn is_below(self, percent: u8) -> bool {
        u128::from(self.free) * 100 < u128::from(percent) * u128::from(self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::byte_size::parse;
    use crate::checks::shared::test_support::summary::said;

    const ALL_FREE: Part = Part { free: 1_000_000, whole: 1_000_000 };
    const NONE: Part = Part { free: 0, whole: 0 };

    fn least(space: Option<&str>, space_percent: u8, inodes_percent: u8) -> Least {
        Least { space: space.map(|text| parse(text).unwrap()), space_percent, inodes_percent }
    }

    fn outcome(demands: &Demands, space: Part, inodes: Part) -> String {
        said(&demands.outcome(&Figures { mounted: None, read_only: false, space, inodes }))
    }

    /// So many megabytes of a gigabyte.
    fn megabytes(free: u64) -> Part {
        Part { free: free * 1_000_000, whole: 1_000_000_000 }
    }

    #[test]
    fn space() {
        let percent = Demands { min: least(None, 5, 0), warn: least(None, 10, 0), read_only: false };
        let bytes = Demands { min: least(Some("50MB"), 0, 0), warn: least(Some("100MB"), 0, 0), read_only: false };
        let both = Demands { min: least(Some("10MB"), 5, 0), warn: least(Some("500MB"), 10, 0), read_only: false };
        let off = Demands { min: least(Some("0B"), 0, 0), warn: least(None, 0, 0), read_only: false };
        for (demands, free, expected) in [
            (&percent, megabytes(1000), "up; free_gb 1, free_percent 100"),
            (&percent, megabytes(100), "up; free_gb 0.1, free_percent 10"),
            (&percent, megabytes(99), "degraded: less than 10% is free; free_gb 0.099, free_percent 9.9"),
            (&percent, megabytes(50), "degraded: less than 10% is free; free_gb 0.05, free_percent 5"),
            (&percent, megabytes(49), "down: less than 5% is free; free_gb 0.049, free_percent 4.9"),
            (&percent, megabytes(0), "down: no space is free; free_gb 0, free_percent 0"),
            (&bytes, megabytes(100), "up; free_gb 0.1, free_percent 10"),
            (&bytes, megabytes(99), "degraded: less than 100MB is free; free_gb 0.099, free_percent 9.9"),
            (&bytes, megabytes(50), "degraded: less than 100MB is free; free_gb 0.05, free_percent 5"),
            (&bytes, megabytes(49), "down: less than 50MB is free; free_gb 0.049, free_percent 4.9"),
            (&both, megabytes(500), "up; free_gb 0.5, free_percent 50"),
            (&both, megabytes(499), "degraded: less than 500MB is free; free_gb 0.499, free_percent 49.9"),
            (&both, megabytes(49), "down: less than 5% is free; free_gb 0.049, free_percent 4.9"),
            (&both, megabytes(9), "down: less than 10MB is free; free_gb 0.009, free_percent 0.9"),
            (&off, megabytes(1), "up; free_gb 0.001, free_percent 0.1"),
            (&off, megabytes(0), "down: no space is free; free_gb 0, free_percent 0"),
            (&off, Part { free: u64::MAX, whole: u64::MAX }, "up; free_gb 18446744073.71, free_percent 100"),
        ] {
            assert_eq!(outcome(demands, free, NONE), expected, "{demands:?} {free:?}");
        }
    }

    #[test]
    fn inodes() {
        let demands = Demands { min: least(None, 0, 5), warn: least(None, 0, 10), read_only: false };
        for (free, expected) in [
            (1000, "up"),
            (100, "up"),
            (99, "degraded: less than 10% of the inodes are free"),
            (49, "down: less than 5% of the inodes are free"),
            (0, "down: no inode is free"),
        ] {
            let said = outcome(&demands, ALL_FREE, Part { free, whole: 1000 });
            assert_eq!(said, format!("{expected}; free_gb 0.001, free_percent 100"), "{free}");
        }
        let off = Demands { min: least(None, 0, 0), warn: least(None, 0, 0), read_only: false };
        let full = outcome(&off, ALL_FREE, Part { free: 0, whole: 1000 });
        assert_eq!(full, "down: no inode is free; free_gb 0.001, free_percent 100");
    }

    #[test]
    fn what_a_file_system_does_not_count_it_cannot_run_out_of() {
        let demands = Demands { min: least(Some("50MB"), 5, 5), warn: least(Some("1GB"), 10, 10), read_only: false };
        assert_eq!(outcome(&demands, NONE, NONE), "up");
        assert_eq!(outcome(&demands, NONE, Part { free: 0, whole: 1 }), "down: no inode is free");
        assert_eq!(outcome(&demands, megabytes(1000), NONE), "up; free_gb 1, free_percent 100");
    }

    #[test]
    fn a_read_only_file_system_is_down_unless_it_may_be_one() {
        let figures = |read_only, free| Figures { mounted: None, read_only, space: megabytes(free), inodes: NONE };
        let demands = |read_only| Demands { min: least(None, 5, 0), warn: least(None, 10, 0), read_only };
        for (allowed, is, free, expected) in [
            (false, true, 1000, "down: read-only file system; free_gb 1, free_percent 100"),
            (true, true, 1000, "up; free_gb 1, free_percent 100"),
            (true, true, 70, "up; free_gb 0.07, free_percent 7"),
            (true, true, 0, "up; free_gb 0, free_percent 0"),
            (true, false, 0, "down: no space is free; free_gb 0, free_percent 0"),
            (true, false, 70, "degraded: less than 10% is free; free_gb 0.07, free_percent 7"),
        ] {
            assert_eq!(said(&demands(allowed).outcome(&figures(is, free))), expected, "{allowed} {is} {free}");
        }
    }

    #[test]
    fn the_figures_of_another_mount_are_not_shown() {
        let demands = Demands { min: least(None, 5, 0), warn: least(None, 10, 0), read_only: false };
        let figures = |mounted| Figures { mounted, read_only: false, space: megabytes(1000), inodes: NONE };
        for (mounted, expected) in [
            (Some(false), "down: no file system is mounted at the path"),
            (Some(true), "up; free_gb 1, free_percent 100"),
            (None, "up; free_gb 1, free_percent 100"),
        ] {
            assert_eq!(said(&demands.outcome(&figures(mounted))), expected, "{mounted:?}");
        }
    }
}
