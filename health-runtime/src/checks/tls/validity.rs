//! The evaluation of the dates of certificates.

use std::time::{SystemTime, UNIX_EPOCH};

use x509_cert::time::Validity;

use crate::core::model::outcome::Outcome;

const DAY: i64 = 24 * 60 * 60;

/// Returns the outcome for a chain, of which every certificate must be valid.
pub(super) fn evaluate(validities: &[Validity], warn_days: u32, now: SystemTime) -> Outcome {
    let now = unix_seconds(now);
    let begin = validities.iter().map(|validity| unix_seconds(validity.not_before.to_system_time())).max();
    let end = validities.iter().map(|validity| unix_seconds(validity.not_after.to_system_time())).min();
    let Some((begin, end)) = begin.zip(end) else { return Outcome::down("there is no certificate") };
    let days = end.saturating_sub(now).div_euclid(DAY);
    let outcome = if now > end {
        Outcome::down("certificate has expired")
    } else if now < begin {
        Outcome::down("certificate is not valid yet")
    } else if days >= i64::from(warn_days) {
        Outcome::up()
    } else {
        Outcome::degraded(match days {
            0 => "certificate ends in less than a day".to_owned(),
            1 => "certificate ends in 1 day".to_owned(),
            days => format!("certificate ends in {days} days"),
        })
    };
    outcome.with("days_left", days)
}

/// Truncates to seconds, the precision of certificates. A certificate is valid to the end of its last second.
fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
