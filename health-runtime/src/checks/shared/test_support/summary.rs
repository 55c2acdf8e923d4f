//! Outcomes as text, for assertions.

use crate::core::model::outcome::{Cause, Outcome};

/// Formats an outcome on one line: `Degraded: less than 10% is free, free_gb 0.5, free_percent 7.1`.
pub(in crate::checks) fn summary(outcome: &Outcome) -> String {
    let reason = match &outcome.cause {
        None => String::new(),
        Some(Cause::Message(reason)) => format!(": {reason}"),
        Some(Cause::Error(failure)) => format!(": {}", failure.public),
    };
    let details = outcome.details.iter().map(|detail| format!(", {} {}", detail.key, detail.value));
    format!("{:?}{reason}{}", outcome.status, details.collect::<String>())
}

/// Returns the error chain of an outcome.
pub(in crate::checks) fn error_chain(outcome: &Outcome) -> String {
    match &outcome.cause {
        Some(Cause::Error(failure)) => failure.masked_chain(),
        other => panic!("no error, but {other:?}"),
    }
}

/// Returns the text of a `BuildError` for two invalid percentages: the level, the percentage and the default of each.
pub(in crate::checks) fn usage_problems(check: &str, levels: [(&str, u8, u8); 2]) -> String {
    let [max, warn] = levels
        .map(|(level, percent, default)| format!("`{level}_used_percent` is {percent}; use 1 to 100, or omit it for {default}"));
    format!("`{check}` cannot be built; 2 problems:\n  {max}\n  {warn}")
}

#[test]
fn a_summary_has_the_status_the_reason_and_the_details() {
    let error = std::io::Error::other("the cause");
    let failed = Outcome::failed(&error);
    assert_eq!((summary(&failed).as_str(), error_chain(&failed).as_str()), ("Down: check failed", "the cause"));
    assert_eq!(summary(&Outcome::degraded("reason").with("a", 1).with("b", "two")), r#"Degraded: reason, a 1, b "two""#);
}
