//! `"1m30s"` → `Duration`, with the messages for what is no duration.

use std::time::Duration;

const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    // The Greek letter, which some keyboards give in place of the micro sign.
    ("μs", 1_000),
    ("ns", 1),
];

/// Reads a duration: integers with units, one after the other, each unit at most once, in any order.
/// One too long for its type saturates, so that the limit of the option refuses it.
///
/// An error is the part of a sentence that follows the name of the option.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    if text.trim().is_empty() {
        return Err("must not be empty; write a number and a unit, such as `500ms`".to_owned());
    }
    if text.contains(char::is_whitespace) {
        let joined: String = text.split_whitespace().collect();
        return Err(with_remedy("must not contain spaces", parse(&joined).ok().map(|_| joined)));
    }
    if text.starts_with(['-', '+']) {
        let unsigned = text.trim_start_matches(['-', '+']);
        return Err(with_remedy("must not have a sign", parse(unsigned).ok().map(|_| unsigned.to_owned())));
    }
    if text.contains(['.', ',']) {
        return Err(with_remedy("must not have a fraction", without_fractions(text)));
    }
    let mut total = Duration::ZERO;
    let mut seen: Vec<u64> = Vec::new();
    let mut repeated = None;
    for (digits, unit) in parts(text) {
        if unit.is_empty() {
            return Err(format!("must say which unit `{digits}` has; write `{text}ms` or `{text}s`"));
        }
        if digits.is_empty() {
            return Err(format!("must have a number before `{unit}`; write a duration such as `500ms`"));
        }
        let Some(nanos) = unit_nanos(unit) else {
            return Err(unknown_unit(text, unit));
        };
        if seen.contains(&nanos) {
            repeated = repeated.or(Some(unit));
        }
        seen.push(nanos);
        total = total.saturating_add(scaled(digits, nanos));
    }
    match repeated {
        None => Ok(total),
        Some(unit) => Err(with_remedy(&format!("must use the unit `{unit}` once"), Some(written(total)))),
    }
}

/// As it would be written in the attribute.
pub(crate) fn written(duration: Duration) -> String {
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

/// Digits and what stands between them and the next digits. A text that starts with a unit gives empty digits first.
fn parts(text: &str) -> Vec<(&str, &str)> {
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

fn unit_nanos(unit: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, nanos)| nanos)
}

fn scaled(digits: &str, nanos: u64) -> Duration {
    let number: u64 = digits.parse().unwrap_or(u64::MAX);
    let total = u128::from(number) * u128::from(nanos);
    let (secs, rest) = (total / 1_000_000_000, total % 1_000_000_000);
    match (u64::try_from(secs), u32::try_from(rest)) {
        (Ok(secs), Ok(rest)) => Duration::new(secs, rest),
        _ => Duration::MAX,
    }
}

fn with_remedy(mistake: &str, remedy: Option<String>) -> String {
    format!("{mistake}; write `{}`", remedy.unwrap_or_else(|| "500ms".to_owned()))
}

fn unknown_unit(text: &str, unit: &str) -> String {
    let Some(meant) = meant_unit(unit) else {
        return format!("must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `{unit}`; write a duration such as `500ms`");
    };
    let corrected: String =
        parts(text).into_iter().flat_map(|(digits, unit)| [digits, meant_unit(unit).unwrap_or(unit)]).collect();
    with_remedy(&format!("must use the unit `{meant}`, not `{unit}`"), parse(&corrected).ok().map(|_| corrected))
}

fn meant_unit(unit: &str) -> Option<&'static str> {
    match unit.to_lowercase().trim_matches('_') {
        "s" | "sec" | "secs" | "second" | "seconds" => Some("s"),
        "m" | "min" | "mins" | "minute" | "minutes" => Some("m"),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "us" | "µs" | "μs" | "usec" | "micro" | "micros" | "microsecond" | "microseconds" => Some("us"),
        "ns" | "nsec" | "nano" | "nanos" | "nanosecond" | "nanoseconds" => Some("ns"),
        _ => None,
    }
}

/// `1.5s` → `1s500ms`, when it is one number with one unit and comes out in whole nanoseconds.
fn without_fractions(text: &str) -> Option<String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))?);
    let (whole, fraction) = number.split_once(['.', ','])?;
    let nanos = u128::from(unit_nanos(unit)?);
    let divisor = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let tenths: u128 = format!("{whole}{fraction}").parse().ok()?;
    let total = tenths.checked_mul(nanos)?;
    if total % divisor != 0 {
        return None;
    }
    Some(written(Duration::from_nanos(u64::try_from(total / divisor).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
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
    fn mistakes() {
        for (text, expected) in [
            ("", "must not be empty; write a number and a unit, such as `500ms`"),
            ("  ", "must not be empty; write a number and a unit, such as `500ms`"),
            ("500", "must say which unit `500` has; write `500ms` or `500s`"),
            ("1m30", "must say which unit `30` has; write `1m30ms` or `1m30s`"),
            ("ms", "must have a number before `ms`; write a duration such as `500ms`"),
            ("1.5s", "must not have a fraction; write `1s500ms`"),
            ("0,5s", "must not have a fraction; write `500ms`"),
            (".5s", "must not have a fraction; write `500ms`"),
            ("1.0000000000000000001h", "must not have a fraction; write `500ms`"),
            ("1.5", "must not have a fraction; write `500ms`"),
            ("1.5.5s", "must not have a fraction; write `500ms`"),
            ("500 ms", "must not contain spaces; write `500ms`"),
            (" 1m 30s ", "must not contain spaces; write `1m30s`"),
            ("five seconds", "must not contain spaces; write `500ms`"),
            ("-5s", "must not have a sign; write `5s`"),
            ("+5s", "must not have a sign; write `5s`"),
            ("--5s", "must not have a sign; write `5s`"),
            ("1s1s", "must use the unit `s` once; write `2s`"),
            ("1us1µs", "must use the unit `µs` once; write `2us`"),
            ("5sec", "must use the unit `s`, not `sec`; write `5s`"),
            ("1m5secs", "must use the unit `s`, not `secs`; write `1m5s`"),
            ("5MS", "must use the unit `ms`, not `MS`; write `5ms`"),
            ("5min30sec", "must use the unit `m`, not `min`; write `5m30s`"),
            ("5min5min", "must use the unit `m`, not `min`; write `500ms`"),
            ("1d", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `d`; write a duration such as `500ms`"),
            ("5s!", "must use the units `ns`, `us`, `ms`, `s`, `m` and `h`, not `s!`; write a duration such as `500ms`"),
            ("٣s", "must have a number before `٣s`; write a duration such as `500ms`"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn written_durations_read_back() {
        for duration in [Duration::ZERO, Duration::new(3661, 1_001_001), Duration::from_millis(1500), Duration::from_nanos(1)] {
            assert_eq!(parse(&written(duration)), Ok(duration));
        }
    }
}
