//! Texts: credentials masked, lengths limited, numbers and durations formatted.

pub(crate) mod duration;
pub(crate) mod mask;
#[cfg(any(feature = "disk", feature = "memory"))]
pub(crate) mod number;
pub(crate) mod problems;
pub(crate) mod truncate;
