//! Thresholds for the usage of a limited resource, in percent: above one it is degraded, above the other it is down.

use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

/// The settings of a builder, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::checks) struct UsageSettings {
    pub(in crate::checks) warn: Option<u8>,
    pub(in crate::checks) max: Option<u8>,
}

/// Valid thresholds in percent. A threshold of 100 is never exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checks) struct UsageThresholds {
    pub(in crate::checks) warn: u8,
    pub(in crate::checks) max: u8,
}

impl UsageSettings {
    /// Applies the defaults, and adds the problems of the settings to `problems`.
    pub(in crate::checks) fn resolve(self, default: UsageThresholds, problems: &mut Vec<String>) -> UsageThresholds {
        let thresholds = UsageThresholds { warn: self.warn.unwrap_or(default.warn), max: self.max.unwrap_or(default.max) };
        let UsageThresholds { warn, max } = thresholds;
        let before = problems.len();
        for (key, percent, default) in [("max_used_percent", max, default.max), ("warn_used_percent", warn, default.warn)] {
            if !(1..=100).contains(&percent) {
                problems.push(format!("`{key}` is {percent}; use 1 to 100, or omit it for {default}"));
            }
        }
        // A default above `max` has no effect and is not a mistake of the caller.
        if problems.len() == before && self.warn.is_some() && warn != 100 && warn > max {
            problems.push(format!(
                "`warn_used_percent` is {warn}, more than `max_used_percent`, which is {max}; use less, or 100 for no warning"
            ));
        }
        thresholds
    }
}

impl UsageThresholds {
    /// Returns the outcome for a usage. `resource` ends the reason "more than 90% of …".
    pub(in crate::checks) fn outcome(self, used: u64, limit: u64, resource: &str) -> Outcome {
        let is_exceeded = |percent: u8| u128::from(used) * 100 > u128::from(percent) * u128::from(limit);
        let reason = |percent: u8| format!("more than {percent}% of {resource}");
        if is_exceeded(self.max) {
            Outcome::down(reason(self.max))
        } else if is_exceeded(self.warn) {
            Outcome::degraded(reason(self.warn))
        } else {
            Outcome::up()
        }
    }
}

/// Returns the outcome if no source of the usage can be read. It is not down: the resource may be free, and a failed liveness check
/// would restart the process for nothing.
pub(in crate::checks) fn unreadable(error: &std::io::Error) -> Outcome {
    Outcome { status: Status::Degraded, ..Outcome::failed_as("usage cannot be read", error) }
}

/// Defines the builder of a check with usage thresholds: its settings with their defaults, and a `build` that calls `$check::new`.
macro_rules! usage_builder {
    (
        $(#[$attribute:meta])*
        pub struct $builder:ident for $check:ident { warn: $warn:literal, max: $max:literal $(, $max_note:literal)? }
    ) => {
        const DEFAULT_THRESHOLDS: UsageThresholds = UsageThresholds { warn: $warn, max: $max };

        $(#[$attribute])*
        #[derive(Debug)]
        #[must_use = "no check is created until `build`"]
        pub struct $builder {
            usage: $crate::checks::shared::usage_thresholds::UsageSettings,
        }

        impl $check {
            /// Creates a builder with the default thresholds.
            pub fn builder() -> $builder {
                $builder { usage: Default::default() }
            }
        }

        impl $builder {
            #[doc = concat!("Sets the percentage of the limit above which the check is down: 1 to 100, ", $max, " by default.")]
            $(#[doc = $max_note])?
            pub fn max_used_percent(mut self, percent: u8) -> Self {
                self.usage.max = Some(percent);
                self
            }

            #[doc = concat!("Sets the percentage of the limit above which the check is degraded: 1 to 100, ", $warn, " by default.")]
            /// 100 disables the warning.
            pub fn warn_used_percent(mut self, percent: u8) -> Self {
                self.usage.warn = Some(percent);
                self
            }

            /// Creates the check. It reads nothing before its first run.
            ///
            /// # Errors
            ///
            /// Returns an error if a percentage is not from 1 to 100, or if the warning is above the maximum.
            pub fn build(self) -> Result<$check, $crate::checks::BuildError> {
                let mut problems = Vec::new();
                let thresholds = self.usage.resolve(DEFAULT_THRESHOLDS, &mut problems);
                $crate::checks::build_error::build_if_valid(stringify!($check), problems, || $check::new(thresholds))
            }
        }
    };
}

pub(in crate::checks) use usage_builder;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::shared::test_support::summary::summary;

    const DEFAULT: UsageThresholds = UsageThresholds { warn: 90, max: 95 };

    #[test]
    fn valid_settings_are_resolved() {
        for (warn, max, expected) in [
            (None, None, DEFAULT),
            (Some(80), None, UsageThresholds { warn: 80, max: 95 }),
            (Some(95), None, UsageThresholds { warn: 95, max: 95 }),
            (None, Some(100), UsageThresholds { warn: 90, max: 100 }),
            (None, Some(85), UsageThresholds { warn: 90, max: 85 }),
            (Some(100), Some(85), UsageThresholds { warn: 100, max: 85 }),
            (Some(1), Some(1), UsageThresholds { warn: 1, max: 1 }),
        ] {
            let mut problems = Vec::new();
            assert_eq!(UsageSettings { warn, max }.resolve(DEFAULT, &mut problems), expected);
            assert_eq!(problems, Vec::<String>::new(), "{warn:?} {max:?}");
        }
    }

    #[test]
    fn every_invalid_setting_is_a_problem() {
        let invalid_max = |percent| format!("`max_used_percent` is {percent}; use 1 to 100, or omit it for 95");
        let invalid_warn = |percent| format!("`warn_used_percent` is {percent}; use 1 to 100, or omit it for 90");
        let too_high = |warn, max| {
            format!(
                "`warn_used_percent` is {warn}, more than `max_used_percent`, which is {max}; use less, or 100 for no warning"
            )
        };
        for (warn, max, expected) in [
            (None, Some(0), vec![invalid_max(0)]),
            (None, Some(101), vec![invalid_max(101)]),
            (Some(0), Some(255), vec![invalid_max(255), invalid_warn(0)]),
            (Some(101), Some(50), vec![invalid_warn(101)]),
            (Some(96), None, vec![too_high(96, 95)]),
            (Some(50), Some(49), vec![too_high(50, 49)]),
        ] {
            let mut problems = Vec::new();
            UsageSettings { warn, max }.resolve(DEFAULT, &mut problems);
            assert_eq!(problems, expected, "{warn:?} {max:?}");
        }
    }

    #[test]
    fn usage_above_a_threshold_is_degraded_or_down() {
        for (used, limit, thresholds, expected) in [
            (0, 1000, DEFAULT, "Up"),
            (900, 1000, DEFAULT, "Up"),
            (901, 1000, DEFAULT, "Degraded: more than 90% of it"),
            (950, 1000, DEFAULT, "Degraded: more than 90% of it"),
            (951, 1000, DEFAULT, "Down: more than 95% of it"),
            (2000, 1000, DEFAULT, "Down: more than 95% of it"),
            (1000, 1000, UsageThresholds { warn: 100, max: 100 }, "Up"),
            (86, 100, UsageThresholds { warn: 90, max: 85 }, "Down: more than 85% of it"),
            (1, 0, DEFAULT, "Down: more than 95% of it"),
            (u64::MAX, u64::MAX, DEFAULT, "Down: more than 95% of it"),
            (u64::MAX / 2, u64::MAX, DEFAULT, "Up"),
        ] {
            assert_eq!(summary(&thresholds.outcome(used, limit, "it")), expected, "{used} of {limit}");
        }
    }
}
