//! Plain values and pure functions: from the outcome of a run to the state of a kind.

pub(crate) mod aggregate;
pub(crate) mod detail;
pub(crate) mod error_class;
pub(crate) mod name;
pub(crate) mod outcome;
pub(crate) mod policy;
pub(crate) mod sort;
pub(crate) mod status;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod verdict;
