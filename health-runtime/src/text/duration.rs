//! Durations as the page shows them.

use std::fmt::{self, Debug, Display, Formatter};
use std::time::Duration;

/// A configured duration, displayed exactly.
pub(crate) struct Exact(pub(crate) Duration);

/// An age, displayed in whole seconds and at most two units.
pub(crate) struct Coarse(pub(crate) Duration);

/// A latency, displayed with three significant digits.
pub(crate) struct Latency(pub(crate) Duration);

impl Display for Exact {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest.is_zero() {
            return f.write_str("0s");
        }
        for (seconds, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
            let count = rest.as_secs() / seconds;
            if count > 0 {
                write!(f, "{count}{unit}")?;
                rest -= Duration::from_secs(count * seconds);
            }
        }
        if rest.is_zero() { Ok(()) } else { rest.fmt(f) }
    }
}

impl Display for Coarse {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let step = match seconds {
            86_400.. => 3_600,
            3_600.. => 60,
            _ => 1,
        };
        Exact(Duration::from_secs(seconds - seconds % step)).fmt(f)
    }
}

impl Display for Latency {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let micros = u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX);
        let step = 10_u64.pow(micros.checked_ilog10().unwrap_or(0).saturating_sub(2));
        let rounded = micros.saturating_add(step / 2) / step * step;
        if rounded == 0 { f.write_str("0ms") } else { Exact(Duration::from_micros(rounded)).fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(count: u64) -> Duration {
        Duration::from_micros(count)
    }

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
            assert_eq!(Exact(duration).to_string(), text);
        }
    }

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
            assert_eq!(Coarse(duration).to_string(), text);
        }
    }

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
            assert_eq!(Latency(duration).to_string(), text);
        }
        assert!(!Latency(Duration::MAX).to_string().is_empty());
    }
}
