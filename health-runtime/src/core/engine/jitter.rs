//! Random parts of a duration, so that instances do not act in step.

/// Maps the upper 32 bits to the range from 0 (inclusive) to 1 (exclusive).
pub(super) fn unit_interval(bits: u64) -> f64 {
    f64::from((bits >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
}
