//! Plain values and pure functions: from the outcome of a run to the report of a probe.

pub(crate) mod check_history;
pub(crate) mod detail;
pub(crate) mod error_class;
pub(crate) mod name;
pub(crate) mod outcome;
pub(crate) mod policy;
pub(crate) mod report;
pub(crate) mod report_view;
pub(crate) mod status;
pub(crate) mod verdict;
