//! `"1m30s"` → `Duration`, with a message for each kind of mistake. `health-runtime` has this code too, for configuration.

use std::time::Duration;

/// Of each unit: its names, other words that mean it, and its nanoseconds.
const UNITS: [(&[&str], &[&str], u64); 7] = [
    (&[], &["d", "day", "days"], 86_400_000_000_000),
    (&["h"], &["hr", "hrs", "hour", "hours"], 3_600_000_000_000),
    (&["m"], &["min", "mins", "minute", "minutes"], 60_000_000_000),
    (&["s"], &["sec", "secs", "second", "seconds"], 1_000_000_000),
    (&["ms"], &["msec", "msecs", "milli", "millis", "millisecond", "milliseconds"], 1_000_000),
    // With the micro sign, then with the Greek letter that some keyboards have.
    (&["us", "µs", "μs"], &["usec", "usecs", "micro", "micros", "microsecond", "microseconds"], 1_000),
    (&["ns"], &["nsec", "nsecs", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
];

/// Parses integers with units, without separators, each unit at most once, in any order.
/// A value that is too large for the type saturates, so that the maximum of the option rejects it.
///
/// An error is the part of a message that follows the name of the option.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let rejected = |rule: &str| match meant(text) {
        Some(duration) => Err(format!("{rule}; write `{}`", format(duration))),
        None => Err(format!("{rule}; write a duration such as `500ms`")),
    };
    if text.trim().is_empty() {
        return Err("must not be empty; write a number and a unit, such as `500ms`".to_owned());
    }
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return rejected(&format!("must have a number before `{}`", text.trim()));
    }
    if text.contains(char::is_whitespace) {
        return rejected("must not contain spaces");
    }
    if text.starts_with(['-', '+']) {
        return rejected("must not have a sign");
    }
    if text.contains(['.', ',']) {
        return rejected("must not have a fraction");
    }
    let mut total = Duration::ZERO;
    let mut seen: Vec<u64> = Vec::new();
    let mut repeated = None;
    for (digits, unit) in split_at_units(text, |c| c.is_ascii_digit()) {
        if unit.is_empty() {
            return Err(format!("must have a unit after `{digits}`; write `{text}ms` or `{text}s`"));
        }
        if digits.is_empty() {
            return rejected(&format!("must have a number before `{unit}`"));
        }
        let Some(&(_, _, nanos)) = UNITS.iter().find(|(names, ..)| names.contains(&unit)) else {
            return rejected(&format!("must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `{unit}`"));
        };
        if seen.contains(&nanos) {
            repeated = repeated.or(Some(unit));
        }
        seen.push(nanos);
        let number: u64 = digits.parse().unwrap_or(u64::MAX);
        total = total.saturating_add(number.checked_mul(nanos).map_or(Duration::MAX, Duration::from_nanos));
    }
    match repeated {
        None => Ok(total),
        Some(unit) => rejected(&format!("must use the unit `{unit}` once")),
    }
}

/// Formats a duration as it is written in the attribute.
pub(crate) fn format(duration: Duration) -> String {
    let mut nanos = duration.as_nanos();
    let mut text = String::new();
    for (names, _, size) in UNITS {
        let size = u128::from(size);
        if let Some(unit) = names.first().filter(|_| nanos >= size) {
            text.extend([(nanos / size).to_string().as_str(), unit]);
            nanos %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Returns what a text probably means that is not a duration, such as `5 seconds`, `1.5s` or `-5S`.
fn meant(text: &str) -> Option<Duration> {
    let text = text.to_lowercase().replace(|c: char| c.is_whitespace() || matches!(c, '-' | '+' | '_'), "");
    let mut total = Duration::ZERO;
    for (number, word) in split_at_units(&text, |c| c.is_ascii_digit() || c == '.') {
        let (.., nanos) = UNITS.iter().find(|(names, words, _)| names.contains(&word) || words.contains(&word))?;
        let seconds = number.parse::<f64>().ok()? * Duration::from_nanos(*nanos).as_secs_f64();
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
    }
    Some(total)
}

/// Returns each number with the text up to the next one. The first number is empty if `text` starts with a unit.
fn split_at_units(text: &str, is_number: fn(char) -> bool) -> Vec<(&str, &str)> {
    let mut rest = text;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c| !is_number(c)).unwrap_or(rest.len()));
        let (unit, next) = after.split_at(after.find(is_number).unwrap_or(after.len()));
        parts.push((number, unit));
        rest = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_durations() {
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
            ("99999999999999999999999h", Duration::MAX),
            ("18446744073709551615h", Duration::MAX),
            ("18446744073709551615s1h", Duration::MAX),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_durations() {
        for (text, expected) in [
            ("", "must not be empty; write a number and a unit, such as `500ms`"),
            ("  ", "must not be empty; write a number and a unit, such as `500ms`"),
            ("500", "must have a unit after `500`; write `500ms` or `500s`"),
            ("1m30", "must have a unit after `30`; write `1m30ms` or `1m30s`"),
            ("ms", "must have a number before `ms`; write a duration such as `500ms`"),
            ("five seconds", "must have a number before `five seconds`; write a duration such as `500ms`"),
            ("٣s", "must have a number before `٣s`; write a duration such as `500ms`"),
            ("PT1H", "must have a number before `PT`; write a duration such as `500ms`"),
            ("1.5s", "must not have a fraction; write `1s500ms`"),
            ("0.1h", "must not have a fraction; write `6m`"),
            (".5s", "must not have a fraction; write `500ms`"),
            ("1.0000000000000000001h", "must not have a fraction; write `1h`"),
            ("1.5 minutes", "must not contain spaces; write `1m30s`"),
            ("0,5s", "must not have a fraction; write a duration such as `500ms`"),
            ("1,000ms", "must not have a fraction; write a duration such as `500ms`"),
            ("1.5", "must not have a fraction; write a duration such as `500ms`"),
            ("1.5.5s", "must not have a fraction; write a duration such as `500ms`"),
            ("500 ms", "must not contain spaces; write `500ms`"),
            ("5 seconds", "must not contain spaces; write `5s`"),
            ("2 Hours 5 min", "must not contain spaces; write `2h5m`"),
            (" 1m 30s ", "must not contain spaces; write `1m30s`"),
            ("5 parsecs", "must not contain spaces; write a duration such as `500ms`"),
            ("-5s", "must not have a sign; write `5s`"),
            ("+5 sec", "must not contain spaces; write `5s`"),
            ("--5s", "must not have a sign; write `5s`"),
            ("1s1s", "must use the unit `s` once; write `2s`"),
            ("1us1µs", "must use the unit `µs` once; write `2us`"),
            ("5sec", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `sec`; write `5s`"),
            ("1m5secs", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `secs`; write `1m5s`"),
            ("5MS", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `MS`; write `5ms`"),
            ("5min30sec", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `min`; write `5m30s`"),
            ("1d", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `d`; write `24h`"),
            ("1_000ms", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `_`; write `1s`"),
            ("5s!", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `s!`; write a duration such as `500ms`"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn every_word_for_a_unit_has_the_fitting_suggestion() {
        for (_, words, nanos) in UNITS {
            for word in words {
                let suggestion = format!("; write `{}`", format(Duration::from_nanos(3 * nanos)));
                assert!(parse(&format!("3 {word}")).unwrap_err().ends_with(&suggestion), "{word}");
            }
        }
    }

    #[test]
    fn a_formatted_duration_parses_to_the_same_value() {
        for duration in [Duration::ZERO, Duration::new(3661, 1_001_001), Duration::from_millis(1500), Duration::from_nanos(1)] {
            assert_eq!(parse(&format(duration)), Ok(duration));
        }
    }
}
