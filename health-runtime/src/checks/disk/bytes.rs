//! Units of bytes for settings, and sizes as text.

/// 1024 bytes.
pub const KIB: u64 = 1 << 10;

/// 1024² bytes.
pub const MIB: u64 = 1 << 20;

/// 1024³ bytes.
pub const GIB: u64 = 1 << 30;

/// From the largest unit to the smallest.
const UNITS: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", GIB),
    ("GB", 1_000_000_000),
    ("MiB", MIB),
    ("MB", 1_000_000),
    ("KiB", KIB),
    ("kB", 1_000),
];

/// Formats a size exactly, as an integer of the largest unit that divides it.
pub(super) fn format_bytes(bytes: u64) -> String {
    let divides = |size: u64| bytes > 0 && bytes.is_multiple_of(size);
    match UNITS.iter().find(|(_, size)| divides(*size)) {
        Some((unit, size)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_integers_of_the_largest_unit_that_divides_them() {
        for (bytes, expected) in [
            (0, "0B"),
            (7, "7B"),
            (999, "999B"),
            (1_000, "1kB"),
            (KIB, "1KiB"),
            (KIB + 1, "1025B"),
            (500 * MIB, "500MiB"),
            (500_000_000, "500MB"),
            (1_500_000_000, "1500MB"),
            (3 * GIB / 2, "1536MiB"),
            (1_000_000_000, "1GB"),
            (1024 * GIB, "1TiB"),
            (2_000_000_000_000, "2TB"),
            (1_024_000, "1000KiB"),
            (u64::MAX, "18446744073709551615B"),
        ] {
            assert_eq!(format_bytes(bytes), expected);
        }
    }
}
