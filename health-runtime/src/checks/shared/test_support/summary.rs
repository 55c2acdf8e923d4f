//! An outcome on one line, for the tables of the tests.

use crate::core::model::outcome::{Cause, Outcome};

/// Such as `degraded: less than 10% is free; free_gb 0.5, free_percent 7.1`.
pub(in crate::checks) fn said(outcome: &Outcome) -> String {
    let status = format!("{:?}", outcome.status).to_lowercase();
    let reason = match &outcome.cause {
        None => String::new(),
        Some(Cause::Message(reason)) => format!(": {reason}"),
        Some(Cause::Error(failure)) => format!(" by {}", failure.public),
    };
    let details: Vec<String> = outcome.details.iter().map(|detail| format!("{} {}", detail.key, detail.value)).collect();
    let separator = if details.is_empty() { "" } else { "; " };
    format!("{status}{reason}{separator}{}", details.join(", "))
}
