//! A rounded figure, as a detail shows it.

use serde::{Serialize, Serializer};

/// So many parts of one: tenths, thousandths. In JSON without trailing zeros, `1` and never `1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    units: u64,
    of_one: u32,
}

impl Decimal {
    /// Bytes in gigabytes of 10⁹, to the megabyte.
    #[cfg(feature = "disk")]
    pub(crate) fn gigabytes(bytes: u64) -> Self {
        Self { units: rounded(u128::from(bytes), 1_000_000), of_one: 1000 }
    }

    /// A part in percent of the whole, to a tenth. Of nothing everything is taken.
    pub(crate) fn percent(part: u64, whole: u64) -> Self {
        let units = if whole == 0 { 1000 } else { rounded(u128::from(part) * 1000, whole) };
        Self { units, of_one: 10 }
    }
}

fn rounded(number: u128, by: u64) -> u64 {
    let by = u128::from(by);
    u64::try_from((number + by / 2) / by).unwrap_or(u64::MAX)
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of_one = u64::from(self.of_one);
        if self.units.is_multiple_of(of_one) {
            serializer.serialize_u64(self.units / of_one)
        } else {
            // Exact up to 2^53 units, which are 9 EB.
            #[expect(clippy::cast_precision_loss)]
            serializer.serialize_f64(self.units as f64 / f64::from(self.of_one))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(decimal: Decimal) -> String {
        serde_json::to_string(&decimal).unwrap()
    }

    #[cfg(feature = "disk")]
    #[test]
    fn gigabytes_are_rounded_to_the_megabyte() {
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

    #[test]
    fn percent_are_rounded_to_a_tenth() {
        for (part, whole, expected) in [
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
            assert_eq!(json(Decimal::percent(part, whole)), expected, "{part} {whole}");
        }
    }
}
