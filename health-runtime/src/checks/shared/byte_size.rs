//! `"500MiB"` → bytes, with the messages for what is no size.

const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

/// A number of bytes, with the text that said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checks) struct Size {
    pub(in crate::checks) bytes: u64,
    pub(in crate::checks) text: String,
}

/// Reads a size: one integer and one unit.
///
/// An error is the part of a sentence that follows the name of the setting.
pub(in crate::checks) fn parse(text: &str) -> Result<Size, String> {
    if text.trim().is_empty() {
        return Err("must not be empty; write a number and a unit, such as `500MiB`".to_owned());
    }
    if text.contains(char::is_whitespace) {
        let joined: String = text.split_whitespace().collect();
        return Err(with_remedy("must not contain spaces", corrected(&joined)));
    }
    if text.starts_with(['-', '+']) {
        return Err(with_remedy("must not have a sign", corrected(text.trim_start_matches(['-', '+']))));
    }
    if text.contains(['.', ',']) {
        return Err(with_remedy("must not have a fraction", without_fraction(text)));
    }
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    if digits.is_empty() {
        return Err(format!("must have a number before `{unit}`; write a size such as `500MiB`"));
    }
    if unit.is_empty() {
        let remedy = match corrected(&format!("{digits}MiB")) {
            Some(remedy) => format!("`{digits}MB` or `{remedy}`"),
            None => "a size such as `500MiB`".to_owned(),
        };
        return Err(format!("must say which unit `{digits}` has; write {remedy}"));
    }
    let Some(unit_bytes) = bytes_of(unit) else {
        return Err(unknown_unit(digits, unit));
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_bytes));
    match bytes {
        Some(bytes) => Ok(Size { bytes, text: text.to_owned() }),
        None => Err(format!("must be less than 16 EiB, not `{text}`; write a size such as `500MiB`")),
    }
}

fn bytes_of(unit: &str) -> Option<u64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, bytes)| bytes)
}

fn corrected(text: &str) -> Option<String> {
    parse(text).ok().map(|size| size.text)
}

fn with_remedy(mistake: &str, remedy: Option<String>) -> String {
    format!("{mistake}; write `{}`", remedy.unwrap_or_else(|| "500MiB".to_owned()))
}

fn unknown_unit(digits: &str, unit: &str) -> String {
    match meant_unit(unit) {
        Some(meant) => with_remedy(&format!("must use the unit `{meant}`, not `{unit}`"), corrected(&format!("{digits}{meant}"))),
        None => format!(
            "must use the units `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` and `TiB`, not `{unit}`; \
             write a size such as `500MiB`"
        ),
    }
}

/// What other tools write, and what people do.
fn meant_unit(unit: &str) -> Option<&'static str> {
    match unit.to_lowercase().trim_matches('_') {
        "b" | "byte" | "bytes" => Some("B"),
        "k" | "kb" | "kilobyte" | "kilobytes" => Some("kB"),
        "m" | "mb" | "megabyte" | "megabytes" => Some("MB"),
        "g" | "gb" | "gigabyte" | "gigabytes" => Some("GB"),
        "t" | "tb" | "terabyte" | "terabytes" => Some("TB"),
        "ki" | "kib" | "kibibyte" | "kibibytes" => Some("KiB"),
        "mi" | "mib" | "mebibyte" | "mebibytes" => Some("MiB"),
        "gi" | "gib" | "gibibyte" | "gibibytes" => Some("GiB"),
        "ti" | "tib" | "tebibyte" | "tebibytes" => Some("TiB"),
        _ => None,
    }
}

/// `1.5GiB` → `1536MiB`, when it comes out in whole bytes.
fn without_fraction(text: &str) -> Option<String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))?);
    let (whole, fraction) = number.split_once(['.', ','])?;
    let divisor = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scaled = digits.checked_mul(u128::from(bytes_of(unit)?))?;
    let bytes = u64::try_from(scaled / divisor).ok().filter(|_| scaled.is_multiple_of(divisor))?;
    let is_binary = unit.contains('i');
    let mut units = UNITS.iter().filter(|(name, size)| *size == 1 || name.contains('i') == is_binary);
    units
        .find(|(_, size)| *size == 1 || bytes > 0 && bytes.is_multiple_of(*size))
        .map(|(name, size)| format!("{}{name}", bytes / size))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0B", 0),
            ("7B", 7),
            ("1kB", 1_000),
            ("1KiB", 1_024),
            ("500MB", 500_000_000),
            ("500MiB", 524_288_000),
            ("007MB", 7_000_000),
            ("2GB", 2_000_000_000),
            ("2GiB", 2_147_483_648),
            ("3TB", 3_000_000_000_000),
            ("3TiB", 3_298_534_883_328),
            ("18446744073709551615B", u64::MAX),
            ("16777215TiB", 16_777_215 << 40),
        ] {
            assert_eq!(parse(text), Ok(Size { bytes, text: text.to_owned() }), "{text}");
        }
    }

    #[test]
    fn mistakes() {
        for (text, expected) in [
            ("", "must not be empty; write a number and a unit, such as `500MiB`"),
            ("  ", "must not be empty; write a number and a unit, such as `500MiB`"),
            ("500", "must say which unit `500` has; write `500MB` or `500MiB`"),
            ("99999999999999999999", "must say which unit `99999999999999999999` has; write a size such as `500MiB`"),
            ("MiB", "must have a number before `MiB`; write a size such as `500MiB`"),
            ("half", "must have a number before `half`; write a size such as `500MiB`"),
            ("1.5GiB", "must not have a fraction; write `1536MiB`"),
            ("1,5GB", "must not have a fraction; write `1500MB`"),
            (".5kB", "must not have a fraction; write `500B`"),
            ("2.0TiB", "must not have a fraction; write `2TiB`"),
            ("0.0MB", "must not have a fraction; write `0B`"),
            ("0.1KiB", "must not have a fraction; write `500MiB`"),
            ("1.5", "must not have a fraction; write `500MiB`"),
            ("1.5.5GB", "must not have a fraction; write `500MiB`"),
            ("99999999999.9TB", "must not have a fraction; write `500MiB`"),
            ("0.00000000000000000000000000000000000000001TB", "must not have a fraction; write `500MiB`"),
            ("500 MiB", "must not contain spaces; write `500MiB`"),
            (" 5GB ", "must not contain spaces; write `5GB`"),
            ("five gigabytes", "must not contain spaces; write `500MiB`"),
            ("-5GB", "must not have a sign; write `5GB`"),
            ("+5GB", "must not have a sign; write `5GB`"),
            ("-5", "must not have a sign; write `500MiB`"),
            ("500mb", "must use the unit `MB`, not `mb`; write `500MB`"),
            ("500M", "must use the unit `MB`, not `M`; write `500MB`"),
            ("500Mi", "must use the unit `MiB`, not `Mi`; write `500MiB`"),
            ("8KB", "must use the unit `kB`, not `KB`; write `8kB`"),
            ("8kib", "must use the unit `KiB`, not `kib`; write `8KiB`"),
            ("1gigabyte", "must use the unit `GB`, not `gigabyte`; write `1GB`"),
            ("12bytes", "must use the unit `B`, not `bytes`; write `12B`"),
            ("99999999999999999999tb", "must use the unit `TB`, not `tb`; write `500MiB`"),
            (
                "1PB",
                "must use the units `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` and `TiB`, not `PB`; write a size such as `500MiB`",
            ),
            (
                "1GB500MB",
                "must use the units `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` and `TiB`, not `GB500MB`; write a size such as `500MiB`",
            ),
            ("٣MB", "must have a number before `٣MB`; write a size such as `500MiB`"),
            ("16777216TiB", "must be less than 16 EiB, not `16777216TiB`; write a size such as `500MiB`"),
            ("18446744073709551616B", "must be less than 16 EiB, not `18446744073709551616B`; write a size such as `500MiB`"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_whole_number_of_any_unit_is_a_size(number in 0_u64..16_000_000, index in 0..UNITS.len()) {
            let (unit, size) = UNITS[index];
            let text = format!("{number}{unit}");
            prop_assert_eq!(parse(&text), Ok(Size { bytes: number * size, text }));
        }

        #[test]
        fn a_remedy_is_a_size(text in "[-+]?[0-9]{0,25}[.,]?[0-9]{0,45} ?[kKmMgGtTiIbBx_]{0,4}") {
            if let Err(message) = parse(&text) {
                let remedy = message.rsplit('`').nth(1).unwrap();
                prop_assert!(parse(remedy).is_ok(), "{text}: {message}");
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
