//! Lengths of time, as the attribute writes them: `500ms`, `1m30s`.

use std::fmt::Write;
use std::time::Duration;

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
const MINUTE: u64 = 60;

/// To the last digit, for what somebody has set.
pub(crate) fn exact(length: Duration) -> String {
    let (mut text, mut rest) = (String::new(), length);
    for (seconds, unit) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')] {
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

/// What a reader takes in: whole seconds, and no more than two units.
pub(crate) fn coarse(length: Duration) -> String {
    let seconds = length.as_secs();
    let step = match seconds {
        DAY.. => HOUR,
        HOUR.. => MINUTE,
        _ => 1,
    };
    exact(Duration::from_secs(seconds - seconds % step))
}

/// How long a run took, to three digits.
pub(crate) fn latency(length: Duration) -> String {
    let micros = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
    let step = 10_u64.pow(micros.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let rounded = micros.saturating_add(step / 2) / step * step;
    if rounded == 0 { "0ms".to_owned() } else { exact(Duration::from_micros(rounded)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(count: u64) -> Duration {
        Duration::from_micros(count)
    }

    #[test]
    fn what_was_set_is_told_to_the_last_digit() {
        for (length, text) in [
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
            assert_eq!(exact(length), text);
        }
    }

    #[test]
    fn a_reader_is_told_two_units() {
        for (length, text) in [
            (Duration::from_millis(999), "0s"),
            (Duration::from_millis(3_999), "3s"),
            (Duration::from_secs(303), "5m3s"),
            (Duration::from_secs(7_503), "2h5m"),
            (Duration::from_secs(7_203), "2h"),
            (Duration::from_secs(277_203), "3d5h"),
            (Duration::from_secs(40_000_000), "462d23h"),
        ] {
            assert_eq!(coarse(length), text);
        }
    }

    #[test]
    fn a_latency_has_three_digits() {
        for (length, text) in [
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
            assert_eq!(latency(length), text);
        }
        assert!(!latency(Duration::MAX).is_empty());
    }
}
