//! `"1m30s"` → `Duration`, with a message for each kind of mistake.

use std::time::Duration;

const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    // With the micro sign, then with the Greek letter that some keyboards have.
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

/// Parses integers with units, without separators, each unit at most once, in any order.
/// A value that is too large for the type saturates, so that the maximum of the option rejects it.
///
/// An error is the part of a message that follows the name of the option.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text.trim().is_empty() {
        return Err("must not be empty; write a number and a unit, such as `500ms`".to_owned());
    }
    if text.contains(char::is_whitespace) {
        return Err(with_corrected("must not contain spaces", &text.split_whitespace().collect::<String>()));
    }
    if text.starts_with(['-', '+']) {
        return Err(with_corrected("must not have a sign", text.trim_start_matches(['-', '+'])));
    }
    if text.contains(['.', ',']) {
        return Err("must not have a fraction; use a smaller unit, as in `1s500ms`".to_owned());
    }
    let mut total = Duration::ZERO;
    let mut seen: Vec<u64> = Vec::new();
    let mut repeated = None;
    for (digits, unit) in split_at_units(text) {
        if unit.is_empty() {
            return Err(format!("must have a unit after `{digits}`; write `{text}ms` or `{text}s`"));
        }
        if digits.is_empty() {
            return Err(format!("must have a number before `{unit}`; write a duration such as `500ms`"));
        }
        let Some(&(_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let units = "`ns`, `us`, `ms`, `s`, `m` and `h`";
            return Err(format!("must use the units {units}, not `{unit}`; write a duration such as `500ms`"));
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
        Some(unit) => Err(format!("must use the unit `{unit}` once; write `{}`", format(total))),
    }
}

/// Formats a duration as it is written in the attribute.
pub(crate) fn format(duration: Duration) -> String {
    let mut nanos = duration.as_nanos();
    let mut text = String::new();
    for (unit, size) in UNITS {
        let size = u128::from(size);
        if nanos >= size {
            text.extend([(nanos / size).to_string().as_str(), unit]);
            nanos %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Returns each run of digits with the text up to the next digit. The first digits are empty if `text` starts with a unit.
fn split_at_units(text: &str) -> Vec<(&str, &str)> {
    let mut rest = text;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, next) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        parts.push((digits, unit));
        rest = next;
    }
    parts
}

/// Suggests `corrected` if that is a duration.
fn with_corrected(rule: &str, corrected: &str) -> String {
    let suggestion = if parse(corrected).is_ok() { corrected } else { "500ms" };
    format!("{rule}; write `{suggestion}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRACTION: &str = "must not have a fraction; use a smaller unit, as in `1s500ms`";

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
            ("1.5s", FRACTION),
            ("0,5s", FRACTION),
            (".5s", FRACTION),
            ("1.0000000000000000001h", FRACTION),
            ("1.5", FRACTION),
            ("1.5.5s", FRACTION),
            ("500 ms", "must not contain spaces; write `500ms`"),
            (" 1m 30s ", "must not contain spaces; write `1m30s`"),
            ("five seconds", "must not contain spaces; write `500ms`"),
            ("-5s", "must not have a sign; write `5s`"),
            ("+5s", "must not have a sign; write `5s`"),
            ("--5s", "must not have a sign; write `5s`"),
            ("1s1s", "must use the unit `s` once; write `2s`"),
            ("1us1µs", "must use the unit `µs` once; write `2us`"),
            ("5sec", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `sec`; write a duration such as `500ms`"),
            ("1m5secs", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `secs`; write a duration such as `500ms`"),
            ("5MS", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `MS`; write a duration such as `500ms`"),
            ("5min30sec", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `min`; write a duration such as `500ms`"),
            ("5min5min", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `min`; write a duration such as `500ms`"),
            ("1d", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `d`; write a duration such as `500ms`"),
            ("5s!", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `s!`; write a duration such as `500ms`"),
            ("٣s", "must have a number before `٣s`; write a duration such as `500ms`"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_formatted_duration_parses_to_the_same_value() {
        for duration in [Duration::ZERO, Duration::new(3661, 1_001_001), Duration::from_millis(1500), Duration::from_nanos(1)] {
            assert_eq!(parse(&format(duration)), Ok(duration));
        }
    }
}
