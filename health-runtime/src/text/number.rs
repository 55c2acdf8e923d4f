//! Numbers with a fixed precision.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// A decimal number. It serialises without trailing zeros: as `1`, not as `1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    units: u64,
    /// The number of units in one, a power of ten.
    scale: u32,
}

impl Decimal {
    /// Returns a duration in milliseconds, truncated to microseconds.
    pub(crate) fn millis(duration: Duration) -> Self {
        Self { units: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX), scale: 1000 }
    }

    /// Returns a size in gigabytes of 10⁹ bytes, rounded to megabytes.
    #[cfg(all(feature = "disk", unix))]
    pub(crate) fn gigabytes(bytes: u64) -> Self {
        Self { units: divide_rounded(u128::from(bytes), 1_000_000), scale: 1000 }
    }

    /// Returns `part` as a percentage of `total`, rounded to a tenth; 100 if `total` is 0.
    #[cfg(any(feature = "disk", feature = "memory"))]
    pub(crate) fn percent(part: u64, total: u64) -> Self {
        let units = if total == 0 { 1000 } else { divide_rounded(u128::from(part) * 1000, total) };
        Self { units, scale: 10 }
    }
}

#[cfg(any(feature = "disk", feature = "memory"))]
fn divide_rounded(dividend: u128, divisor: u64) -> u64 {
    let divisor = u128::from(divisor);
    u64::try_from((dividend + divisor / 2) / divisor).unwrap_or(u64::MAX)
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scale = u64::from(self.scale);
        if self.units.is_multiple_of(scale) {
            serializer.serialize_u64(self.units / scale)
        } else {
            // Exact up to 2^53 units: 285 years in microseconds, 9 EB in megabytes.
            #[expect(clippy::cast_precision_loss)]
            serializer.serialize_f64(self.units as f64 / f64::from(self.scale))
        }
    }
}

/// Formats a time that passes: in whole seconds, rounded down, and below 1 s in whole milliseconds.
pub(crate) fn format_elapsed(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{}ms", duration.as_millis()),
        seconds => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(decimal: Decimal) -> String {
        serde_json::to_string(&decimal).unwrap()
    }

    #[test]
    fn a_time_that_passes_is_rounded_down() {
        for (millis, text) in [(0, "0ms"), (7, "7ms"), (999, "999ms"), (1_000, "1s"), (25_999, "25s"), (90_000, "90s")] {
            assert_eq!(format_elapsed(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn milliseconds_have_microsecond_precision_without_trailing_zeros() {
        for (micros, expected) in [
            (0, "0"),
            (1, "0.001"),
            (100, "0.1"),
            (999, "0.999"),
            (1_000, "1"),
            (2_500, "2.5"),
            (12_345, "12.345"),
            (750_000, "750"),
            (86_400_000_001, "86400000.001"),
        ] {
            assert_eq!(json(Decimal::millis(Duration::from_micros(micros))), expected);
        }
        assert_eq!(json(Decimal::millis(Duration::from_nanos(1_999))), "0.001");
    }

    #[cfg(feature = "disk")]
    #[test]
    fn gigabytes_are_rounded_to_megabytes() {
        for (bytes, expected) in [
            (0, "0"),
            (499_999, "0"),
            (500_000, "0.001"),
            (42_500_000_000, "42.5"),
            (42_499_600_000, "42.5"),
            (1_000_000_000, "1"),
            (1_234_567_890_123, "1234.568"),
            (u64::MAX, "18446744073.71"),
        ] {
            assert_eq!(json(Decimal::gigabytes(bytes)), expected, "{bytes}");
        }
    }

    #[cfg(any(feature = "disk", feature = "memory"))]
    #[test]
    fn percentages_are_rounded_to_a_tenth() {
        for (part, total, expected) in [
            (0, 100, "0"),
            (1, 3, "33.3"),
            (2, 3, "66.7"),
            (1, 2000, "0.1"),
            (1, 2001, "0"),
            (50, 100, "50"),
            (100, 100, "100"),
            (11, 10, "110"),
            (0, 0, "100"),
            (5, 0, "100"),
            (u64::MAX, u64::MAX, "100"),
        ] {
            assert_eq!(json(Decimal::percent(part, total)), expected, "{part} {total}");
        }
    }
}
