//! Texts: credentials masked, lengths limited, numbers, durations and timestamps formatted.

pub(crate) mod duration;
pub(crate) mod mask;
pub(crate) mod number;
pub(crate) mod problems;
pub(crate) mod timestamp;
pub(crate) mod truncate;
