//! How much of something may be used: more than one share is degraded, more than another is down.

use crate::core::model::outcome::Outcome;

/// What the builder was told, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::checks) struct Shares {
    pub(in crate::checks) warn: Option<u8>,
    pub(in crate::checks) max: Option<u8>,
}

/// Shares that make sense together. One of 100 is never exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) struct Thresholds {
    pub(in crate::checks) warn: u8,
    pub(in crate::checks) max: u8,
}

impl Shares {
    /// These, else those of `default`, and what is wrong with them.
    pub(in crate::checks) fn thresholds(self, default: Thresholds, mistakes: &mut Vec<String>) -> Thresholds {
        let thresholds = Thresholds { warn: self.warn.unwrap_or(default.warn), max: self.max.unwrap_or(default.max) };
        let Thresholds { warn, max } = thresholds;
        let before = mistakes.len();
        for (key, share, default) in [("max_used_percent", max, default.max), ("warn_used_percent", warn, default.warn)] {
            if !(1..=100).contains(&share) {
                mistakes.push(format!("`{key}` must be from 1 to 100, not {share}; leave it out for {default}"));
            }
        }
        // A default that is not reached does no harm.
        if mistakes.len() == before && self.warn.is_some() && warn != 100 && warn > max {
            mistakes.push(format!(
                "`warn_used_percent` is {warn}, more than `max_used_percent`, which is {max}; make it less, or 100 for no warning"
            ));
        }
        thresholds
    }
}

impl Thresholds {
    /// What it means that `used` of `whole` are. `what` ends the sentence "more than 90% of …".
    pub(in crate::checks) fn outcome(self, used: u64, whole: u64, what: &str) -> Outcome {
        let exceeded = |share: u8| u128::from(used) * 100 > u128::from(share) * u128::from(whole);
        let reason = |share: u8| format!("more than {share}% of {what}");
        if exceeded(self.max) {
            Outcome::down(reason(self.max))
        } else if exceeded(self.warn) {
            Outcome::degraded(reason(self.warn))
        } else {
            Outcome::up()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::test_support::summary::said;

    const DEFAULT: Thresholds = Thresholds { warn: 90, max: 95 };

    #[test]
    fn thresholds_that_make_sense() {
        for (warn, max, expected) in [
            (None, None, DEFAULT),
            (Some(80), None, Thresholds { warn: 80, max: 95 }),
            (Some(95), None, Thresholds { warn: 95, max: 95 }),
            (None, Some(100), Thresholds { warn: 90, max: 100 }),
            (None, Some(85), Thresholds { warn: 90, max: 85 }),
            (Some(100), Some(85), Thresholds { warn: 100, max: 85 }),
            (Some(1), Some(1), Thresholds { warn: 1, max: 1 }),
        ] {
            let mut mistakes = Vec::new();
            assert_eq!(Shares { warn, max }.thresholds(DEFAULT, &mut mistakes), expected);
            assert_eq!(mistakes, Vec::<String>::new(), "{warn:?} {max:?}");
        }
    }

    #[test]
    fn thresholds_that_make_none() {
        let max_of = |share| format!("`max_used_percent` must be from 1 to 100, not {share}; leave it out for 95");
        let warn_of = |share| format!("`warn_used_percent` must be from 1 to 100, not {share}; leave it out for 90");
        let more = |warn, max| {
            format!(
                "`warn_used_percent` is {warn}, more than `max_used_percent`, which is {max}; make it less, or 100 for no warning"
            )
        };
        for (warn, max, expected) in [
            (None, Some(0), vec![max_of(0)]),
            (None, Some(101), vec![max_of(101)]),
            (Some(0), Some(255), vec![max_of(255), warn_of(0)]),
            (Some(101), Some(50), vec![warn_of(101)]),
            (Some(96), None, vec![more(96, 95)]),
            (Some(50), Some(49), vec![more(50, 49)]),
        ] {
            let mut mistakes = Vec::new();
            Shares { warn, max }.thresholds(DEFAULT, &mut mistakes);
            assert_eq!(mistakes, expected, "{warn:?} {max:?}");
        }
    }

    #[test]
    fn verdicts() {
        for (used, whole, thresholds, expected) in [
            (0, 1000, DEFAULT, "up"),
            (900, 1000, DEFAULT, "up"),
            (901, 1000, DEFAULT, "degraded: more than 90% of it"),
            (950, 1000, DEFAULT, "degraded: more than 90% of it"),
            (951, 1000, DEFAULT, "down: more than 95% of it"),
            (2000, 1000, DEFAULT, "down: more than 95% of it"),
            (1000, 1000, Thresholds { warn: 100, max: 100 }, "up"),
            (86, 100, Thresholds { warn: 90, max: 85 }, "down: more than 85% of it"),
            (1, 0, DEFAULT, "down: more than 95% of it"),
            (u64::MAX, u64::MAX, DEFAULT, "down: more than 95% of it"),
            (u64::MAX / 2, u64::MAX, DEFAULT, "up"),
        ] {
            assert_eq!(said(&thresholds.outcome(used, whole, "it")), expected, "{used} of {whole}");
        }
    }
}
