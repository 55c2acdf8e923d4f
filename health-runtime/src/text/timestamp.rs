//! Timestamps as text.

use std::time::{Duration, SystemTime};

/// The last second of the year 9999, after which RFC 3339 has no notation, in seconds since the Unix epoch.
const MAX_UNIX_SECONDS: u64 = 253_402_300_799;

/// Formats a timestamp by RFC 3339, in UTC and rounded to milliseconds: `2025-03-01T12:30:05.250Z`.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    let rounded = at.checked_add(Duration::from_micros(500)).unwrap_or(at);
    // humantime panics outside these limits.
    let (min, max) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(MAX_UNIX_SECONDS));
    humantime::format_rfc3339_millis(rounded.clamp(min, max)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(seconds: u64, nanos: u32) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
    }

    #[test]
    fn rfc3339_is_rounded_to_milliseconds() {
        for (seconds, nanos, expected) in [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (0, 499_999, "1970-01-01T00:00:00.000Z"),
            (0, 500_000, "1970-01-01T00:00:00.001Z"),
            (951_782_399, 999_500_000, "2000-02-29T00:00:00.000Z"),
            (1_740_832_205, 250_000_000, "2025-03-01T12:30:05.250Z"),
        ] {
            assert_eq!(rfc3339(unix(seconds, nanos)), expected);
        }
    }

    #[test]
    fn timestamps_outside_the_limits_are_clamped() {
        let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(before_1970), "1970-01-01T00:00:00.000Z");
        for late in [unix(MAX_UNIX_SECONDS, 999_999_999), unix(MAX_UNIX_SECONDS * 2, 0)] {
            assert_eq!(rfc3339(late), "9999-12-31T23:59:59.000Z");
        }
    }
}
