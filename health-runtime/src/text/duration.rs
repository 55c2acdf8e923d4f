//! Durations as text: parsed with the grammar of the attribute, and formatted for the page.

#[cfg(feature = "page")]
use std::fmt::Write;
use std::time::Duration;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

const UNIT_NANOS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    // With the Greek letter mu instead of the micro sign.
    ("μs", 1_000),
    ("ns", 1),
];

/// Parses integers with units, such as `1m30s`: each unit at most once, in any order. Too large values saturate.
///
/// `health-macros/src/duration.rs` has the same grammar, with detailed error messages.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let (mut rest, mut total, mut used) = (text, 0_u128, Vec::new());
    while !rest.is_empty() || used.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (name, next) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let (_, unit) = *UNIT_NANOS.iter().find(|(unit, _)| *unit == name)?;
        if digits.is_empty() || used.contains(&unit) {
            return None;
        }
        used.push(unit);
        total += u128::from(digits.parse().unwrap_or(u64::MAX)) * u128::from(unit);
        rest = next;
    }
    let seconds = u64::try_from(total / NANOS_PER_SECOND).unwrap_or(u64::MAX);
    Some(Duration::new(seconds, u32::try_from(total % NANOS_PER_SECOND).unwrap_or_default()))
}

/// Formats a configured duration exactly.
#[cfg(feature = "page")]
pub(crate) fn format_exact(duration: Duration) -> String {
    let (mut text, mut rest) = (String::new(), duration);
    for (seconds, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        let count = rest.as_secs() / seconds;
        if count > 0 {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{count}{unit}");
            rest -= Duration::from_secs(count * seconds);
        }
    }
    if !rest.is_zero() {
        let _ = write!(text, "{rest:?}");
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Formats an age in whole seconds and at most two units.
#[cfg(feature = "page")]
pub(crate) fn format_coarse(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let step = match seconds {
        86_400.. => 3_600,
        3_600.. => 60,
        _ => 1,
    };
    format_exact(Duration::from_secs(seconds - seconds % step))
}

/// Formats a latency with three significant digits.
#[cfg(feature = "page")]
pub(crate) fn format_latency(duration: Duration) -> String {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let step = 10_u64.pow(micros.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let rounded = micros.saturating_add(step / 2) / step * step;
    if rounded == 0 { "0ms".to_owned() } else { format_exact(Duration::from_micros(rounded)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "page")]
    fn micros(count: u64) -> Duration {
        Duration::from_micros(count)
    }

    #[test]
    fn durations_have_the_grammar_of_the_attribute() {
        for (text, expected) in [
            ("500ms", Duration::from_millis(500)),
            ("0s", Duration::ZERO),
            ("1m30s", Duration::from_secs(90)),
            ("30s1m", Duration::from_secs(90)),
            ("1h1m1s1ms1us1ns", Duration::new(3661, 1_001_001)),
            ("7us", Duration::from_micros(7)),
            ("7µs", Duration::from_micros(7)),
            ("7μs", Duration::from_micros(7)),
            ("007ms", Duration::from_millis(7)),
            ("90m", Duration::from_secs(5400)),
            ("18446744073709551615s1h", Duration::from_secs(u64::MAX)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert!(parse("99999999999999999999999h") >= Some(Duration::from_secs(u64::MAX)), "it saturates");
    }

    #[test]
    fn other_texts_are_not_durations() {
        for text in [
            "",
            " ",
            "500",
            "1m30",
            "ms",
            "1.5s",
            "0,5s",
            ".5s",
            "500 ms",
            " 5s",
            "five seconds",
            "-5s",
            "+5s",
            "1s1s",
            "1us1µs",
            "5sec",
            "5MS",
            "5 seconds",
            "1d",
            "PT1H",
            "5s!",
            "٣s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[cfg(feature = "page")]
    #[test]
    fn configured_durations_are_exact() {
        for (duration, text) in [
            (Duration::ZERO, "0s"),
            (Duration::from_millis(1), "1ms"),
            (Duration::from_millis(1_500), "1.5s"),
            (Duration::from_secs(59), "59s"),
            (Duration::from_secs(60), "1m"),
            (Duration::from_secs(90), "1m30s"),
            (Duration::from_millis(90_500), "1m30.5s"),
            (Duration::from_millis(60_250), "1m250ms"),
            (Duration::from_secs(3_600), "1h"),
            (Duration::from_secs(3_601), "1h1s"),
            (Duration::from_secs(86_400), "1d"),
            (Duration::from_secs(90_061), "1d1h1m1s"),
        ] {
            assert_eq!(format_exact(duration), text);
        }
    }

    #[cfg(feature = "page")]
    #[test]
    fn coarse_durations_have_at_most_two_units() {
        for (duration, text) in [
            (Duration::from_millis(999), "0s"),
            (Duration::from_millis(3_999), "3s"),
            (Duration::from_secs(303), "5m3s"),
            (Duration::from_secs(7_503), "2h5m"),
            (Duration::from_secs(7_203), "2h"),
            (Duration::from_secs(277_203), "3d5h"),
            (Duration::from_secs(40_000_000), "462d23h"),
        ] {
            assert_eq!(format_coarse(duration), text);
        }
    }

    #[cfg(feature = "page")]
    #[test]
    fn latencies_have_three_significant_digits() {
        for (duration, text) in [
            (Duration::from_nanos(999), "0ms"),
            (micros(1), "1µs"),
            (micros(999), "999µs"),
            (micros(1_234), "1.23ms"),
            (micros(1_235), "1.24ms"),
            (micros(12_345), "12.3ms"),
            (micros(99_999), "100ms"),
            (micros(750_000), "750ms"),
            (micros(1_234_567), "1.23s"),
            (Duration::from_millis(61_499), "1m1.5s"),
        ] {
            assert_eq!(format_latency(duration), text);
        }
        assert!(!format_latency(Duration::MAX).is_empty());
    }
}
