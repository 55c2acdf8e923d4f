//! The evaluation of the usage of a file system.

use super::bytes::format_bytes;
use super::usage::{Capacity, FsUsage};
use crate::core::model::outcome::Outcome;
use crate::text::number::Decimal;

/// The requirements of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requirements {
    /// Less is down.
    pub(super) min: Minimums,
    /// Less is degraded.
    pub(super) warn: Minimums,
    /// Whether a read-only file system is up.
    pub(super) allow_read_only: bool,
}

/// The minimums of free space and inodes. 0 requires nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Minimums {
    pub(super) space_bytes: u64,
    pub(super) space: Share,
    pub(super) inodes: Share,
}

/// A percentage of a total, or a number if that is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) percent: u8,
    pub(super) at_most: u64,
}

impl Requirements {
    pub(super) fn outcome(&self, usage: &FsUsage) -> Outcome {
        if usage.is_mount_point == Some(false) {
            // The usage is that of another file system.
            return Outcome::down("no file system is mounted at the path");
        }
        let outcome = match self.violation(usage) {
            Some(reason) => Outcome::down(reason),
            None => match self.warn.violation(usage).filter(|_| !usage.read_only) {
                Some(reason) => Outcome::degraded(reason),
                None => Outcome::up(),
            },
        };
        let Capacity { free, total } = usage.space;
        if total == 0 {
            return outcome;
        }
        outcome.with("free_gb", Decimal::gigabytes(free)).with("free_percent", Decimal::percent(free, total))
    }

    /// Returns the reason why the file system cannot be written, or soon cannot.
    fn violation(&self, usage: &FsUsage) -> Option<String> {
        if usage.shut_down {
            return Some("file system is shut down".to_owned());
        }
        if usage.read_only {
            return (!self.allow_read_only).then(|| "read-only file system".to_owned());
        }
        if usage.space.is_full() {
            return Some("no space is free".to_owned());
        }
        if usage.inodes.is_full() {
            return Some("no inode is free".to_owned());
        }
        self.min.violation(usage)
    }
}

impl Minimums {
    fn violation(&self, FsUsage { space, inodes, .. }: &FsUsage) -> Option<String> {
        if space.total > 0 && space.free < self.space_bytes {
            return Some(format!("less than {} is free", format_bytes(self.space_bytes)));
        }
        if self.space.is_above(*space) {
            return Some(match self.space.number_for(*space) {
                Some(bytes) => format!("less than {} is free", format_bytes(bytes)),
                None => format!("less than {}% is free", self.space.percent),
            });
        }
        self.inodes.is_above(*inodes).then(|| match self.inodes.number_for(*inodes) {
            Some(number) => format!("less than {number} inodes are free"),
            None => format!("less than {}% of the inodes are free", self.inodes.percent),
        })
    }
}

impl Share {
    pub(super) fn percent(percent: u8) -> Self {
        Self { percent, at_most: u64::MAX }
    }

    /// Returns the number, if it is less than the percentage of the total.
    fn number_for(self, Capacity { total, .. }: Capacity) -> Option<u64> {
        (u128::from(self.at_most) * 100 < u128::from(self.percent) * u128::from(total)).then_some(self.at_most)
    }

    /// Returns whether less than this is free.
    fn is_above(self, capacity: Capacity) -> bool {
        match self.number_for(capacity) {
            Some(number) => capacity.free < number,
            None => u128::from(capacity.free) * 100 < u128::from(self.percent) * u128::from(capacity.total),
        }
    }
}

impl Capacity {
    fn is_full(self) -> bool {
        self.total > 0 && self.free == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::test_support::summary::summary;

    const MB: u64 = 1_000_000;

    const ALL_FREE: Capacity = Capacity { free: 1_000_000, total: 1_000_000 };
    const UNCOUNTED: Capacity = Capacity { free: 0, total: 0 };

    fn minimums(space_bytes: u64, space_percent: u8, inodes_percent: u8) -> Minimums {
        Minimums { space_bytes, space: Share::percent(space_percent), inodes: Share::percent(inodes_percent) }
    }

    fn outcome(requirements: &Requirements, space: Capacity, inodes: Capacity) -> String {
        summary(&requirements.outcome(&FsUsage { is_mount_point: None, read_only: false, shut_down: false, space, inodes }))
    }

    /// Returns a capacity of one gigabyte with this number of free megabytes.
    fn megabytes(free: u64) -> Capacity {
        Capacity { free: free * MB, total: 1000 * MB }
    }

    #[test]
    fn space_below_a_minimum_is_degraded_or_down() {
        let percent = Requirements { min: minimums(0, 5, 0), warn: minimums(0, 10, 0), allow_read_only: false };
        let bytes = Requirements { min: minimums(50 * MB, 0, 0), warn: minimums(100 * MB, 0, 0), allow_read_only: false };
        let both = Requirements { min: minimums(10 * MB, 5, 0), warn: minimums(500 * MB, 10, 0), allow_read_only: false };
        let off = Requirements { min: minimums(0, 0, 0), warn: minimums(0, 0, 0), allow_read_only: false };
        for (requirements, free, expected) in [
            (&percent, megabytes(1000), "Up, free_gb 1, free_percent 100"),
            (&percent, megabytes(100), "Up, free_gb 0.1, free_percent 10"),
            (&percent, megabytes(99), "Degraded: less than 10% is free, free_gb 0.099, free_percent 9.9"),
            (&percent, megabytes(50), "Degraded: less than 10% is free, free_gb 0.05, free_percent 5"),
            (&percent, megabytes(49), "Down: less than 5% is free, free_gb 0.049, free_percent 4.9"),
            (&percent, megabytes(0), "Down: no space is free, free_gb 0, free_percent 0"),
            (&bytes, megabytes(100), "Up, free_gb 0.1, free_percent 10"),
            (&bytes, megabytes(99), "Degraded: less than 100MB is free, free_gb 0.099, free_percent 9.9"),
            (&bytes, megabytes(50), "Degraded: less than 100MB is free, free_gb 0.05, free_percent 5"),
            (&bytes, megabytes(49), "Down: less than 50MB is free, free_gb 0.049, free_percent 4.9"),
            (&both, megabytes(500), "Up, free_gb 0.5, free_percent 50"),
            (&both, megabytes(499), "Degraded: less than 500MB is free, free_gb 0.499, free_percent 49.9"),
            (&both, megabytes(49), "Down: less than 5% is free, free_gb 0.049, free_percent 4.9"),
            (&both, megabytes(9), "Down: less than 10MB is free, free_gb 0.009, free_percent 0.9"),
            (&off, megabytes(1), "Up, free_gb 0.001, free_percent 0.1"),
            (&off, megabytes(0), "Down: no space is free, free_gb 0, free_percent 0"),
            (&off, Capacity { free: u64::MAX, total: u64::MAX }, "Up, free_gb 18446744073.71, free_percent 100"),
        ] {
            assert_eq!(outcome(requirements, free, UNCOUNTED), expected, "{requirements:?} {free:?}");
        }
    }

    #[test]
    fn inodes_below_a_minimum_are_degraded_or_down() {
        let requirements = Requirements { min: minimums(0, 0, 5), warn: minimums(0, 0, 10), allow_read_only: false };
        for (free, expected) in [
            (1000, "Up"),
            (100, "Up"),
            (99, "Degraded: less than 10% of the inodes are free"),
            (49, "Down: less than 5% of the inodes are free"),
            (0, "Down: no inode is free"),
        ] {
            let text = outcome(&requirements, ALL_FREE, Capacity { free, total: 1000 });
            assert_eq!(text, format!("{expected}, free_gb 0.001, free_percent 100"), "{free}");
        }
        let off = Requirements { min: minimums(0, 0, 0), warn: minimums(0, 0, 0), allow_read_only: false };
        let full = outcome(&off, ALL_FREE, Capacity { free: 0, total: 1000 });
        assert_eq!(full, "Down: no inode is free, free_gb 0.001, free_percent 100");
    }

    #[test]
    fn the_smaller_of_a_percentage_and_a_number_counts() {
        let (min, warn) = (Share { percent: 1, at_most: 20 * MB }, Share { percent: 10, at_most: 200 * MB });
        let no_inodes = Share::percent(0);
        let requirements = Requirements {
            min: Minimums { space_bytes: 0, space: min, inodes: no_inodes },
            warn: Minimums { space_bytes: 0, space: warn, inodes: no_inodes },
            allow_read_only: false,
        };
        for (free, total, expected) in [
            (100, 1000, "Up, free_gb 0.1, free_percent 10"),
            (99, 1000, "Degraded: less than 10% is free, free_gb 0.099, free_percent 9.9"),
            (9, 1000, "Down: less than 1% is free, free_gb 0.009, free_percent 0.9"),
            (199, 2000, "Degraded: less than 10% is free, free_gb 0.199, free_percent 10"),
            (200, 10_000, "Up, free_gb 0.2, free_percent 2"),
            (199, 10_000, "Degraded: less than 200MB is free, free_gb 0.199, free_percent 2"),
            (20, 10_000, "Degraded: less than 200MB is free, free_gb 0.02, free_percent 0.2"),
            (19, 10_000, "Down: less than 20MB is free, free_gb 0.019, free_percent 0.2"),
            (0, 10_000, "Down: no space is free, free_gb 0, free_percent 0"),
        ] {
            let space = Capacity { free: free * MB, total: total * MB };
            assert_eq!(outcome(&requirements, space, UNCOUNTED), expected, "{free} of {total}");
        }
        let inodes = |share| Minimums { space_bytes: 0, space: Share::percent(0), inodes: share };
        let requirements = Requirements {
            min: inodes(Share { percent: 1, at_most: 20 }),
            warn: inodes(Share { percent: 10, at_most: 200 }),
            allow_read_only: false,
        };
        for (free, total, expected) in [
            (9, 100, "Degraded: less than 10% of the inodes are free"),
            (200, 10_000, "Up"),
            (199, 10_000, "Degraded: less than 200 inodes are free"),
            (19, 10_000, "Down: less than 20 inodes are free"),
        ] {
            let text = outcome(&requirements, ALL_FREE, Capacity { free, total });
            assert_eq!(text, format!("{expected}, free_gb 0.001, free_percent 100"), "{free} of {total}");
        }
    }

    #[test]
    fn a_resource_that_a_file_system_does_not_count_has_no_limit() {
        let requirements =
            Requirements { min: minimums(50 * MB, 5, 5), warn: minimums(1000 * MB, 10, 10), allow_read_only: false };
        assert_eq!(outcome(&requirements, UNCOUNTED, UNCOUNTED), "Up");
        assert_eq!(outcome(&requirements, UNCOUNTED, Capacity { free: 0, total: 1 }), "Down: no inode is free");
        assert_eq!(outcome(&requirements, megabytes(1000), UNCOUNTED), "Up, free_gb 1, free_percent 100");
    }

    #[test]
    fn a_read_only_file_system_is_down_unless_it_is_allowed() {
        let usage = |read_only, free| FsUsage {
            is_mount_point: None,
            read_only,
            shut_down: false,
            space: megabytes(free),
            inodes: UNCOUNTED,
        };
        let requirements = |allow_read_only| Requirements { min: minimums(0, 5, 0), warn: minimums(0, 10, 0), allow_read_only };
        for (allowed, read_only, free, expected) in [
            (false, true, 1000, "Down: read-only file system, free_gb 1, free_percent 100"),
            (true, true, 1000, "Up, free_gb 1, free_percent 100"),
            (true, true, 70, "Up, free_gb 0.07, free_percent 7"),
            (true, true, 0, "Up, free_gb 0, free_percent 0"),
            (true, false, 0, "Down: no space is free, free_gb 0, free_percent 0"),
            (true, false, 70, "Degraded: less than 10% is free, free_gb 0.07, free_percent 7"),
        ] {
            assert_eq!(
                summary(&requirements(allowed).outcome(&usage(read_only, free))),
                expected,
                "{allowed} {read_only} {free}"
            );
        }
        for allowed in [false, true] {
            let shut_down = FsUsage { shut_down: true, ..usage(false, 1000) };
            let expected = "Down: file system is shut down, free_gb 1, free_percent 100";
            assert_eq!(summary(&requirements(allowed).outcome(&shut_down)), expected);
        }
    }

    #[test]
    fn the_usage_of_another_mount_is_not_shown() {
        let requirements = Requirements { min: minimums(0, 5, 0), warn: minimums(0, 10, 0), allow_read_only: false };
        let usage = |is_mount_point| FsUsage {
            is_mount_point,
            read_only: false,
            shut_down: false,
            space: megabytes(1000),
            inodes: UNCOUNTED,
        };
        for (is_mount_point, expected) in [
            (Some(false), "Down: no file system is mounted at the path"),
            (Some(true), "Up, free_gb 1, free_percent 100"),
            (None, "Up, free_gb 1, free_percent 100"),
        ] {
            assert_eq!(summary(&requirements.outcome(&usage(is_mount_point))), expected, "{is_mount_point:?}");
        }
    }
}
