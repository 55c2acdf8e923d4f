//! Texts: credentials masked, lengths limited, numbers, durations and timestamps formatted.

#[cfg(feature = "page")]
pub(crate) mod duration;
pub(crate) mod mask;
pub(crate) mod number;
pub(crate) mod problems;
pub(crate) mod suggest;
pub(crate) mod timestamp;
pub(crate) mod truncate;

/// The grammar of durations in the attribute, in configuration and in environment variables.
pub(crate) mod duration_grammar {
    health_macros::duration_grammar!();
}
