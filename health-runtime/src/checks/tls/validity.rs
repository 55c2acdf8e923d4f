//! The evaluation of the dates of certificates.

use std::time::{SystemTime, UNIX_EPOCH};

use super::certificate::Validity;
use super::chain::Chain;
use crate::core::model::outcome::Outcome;

const DAY: i64 = 24 * 60 * 60;

/// Returns the outcome for a chain: every certificate that a client needs must be valid, and the others should be.
pub(super) fn evaluate(chain: &Chain, warn_days: u32, now: i64) -> Outcome {
    let Some((problem, days)) = problem("certificate", &chain.needed, warn_days, now) else {
        return Outcome::down("there is no certificate");
    };
    let outcome = match problem {
        Some(Problem::Invalid(reason)) => Outcome::down(reason),
        Some(Problem::EndsSoon(reason)) => Outcome::degraded(reason),
        None => match self::problem("an extra certificate", &chain.extra, warn_days, now) {
            Some((Some(Problem::Invalid(reason) | Problem::EndsSoon(reason)), _)) => Outcome::degraded(reason),
            _ => Outcome::up(),
        },
    };
    outcome.with("days_left", days)
}

enum Problem {
    Invalid(String),
    EndsSoon(String),
}

/// Returns the worst problem of some certificates and the days that all of them are valid, or `None` without certificates.
fn problem(what: &str, validities: &[Validity], warn_days: u32, now: i64) -> Option<(Option<Problem>, i64)> {
    let begin = validities.iter().map(|validity| validity.begin).max()?;
    let end = validities.iter().map(|validity| validity.end).min()?;
    let days = end.saturating_sub(now).div_euclid(DAY);
    let problem = if now > end {
        Some(Problem::Invalid(format!("{what} has expired")))
    } else if now < begin {
        Some(Problem::Invalid(format!("{what} is not valid yet")))
    } else if days >= i64::from(warn_days) {
        None
    } else {
        Some(Problem::EndsSoon(match days {
            0 => format!("{what} ends in less than a day"),
            1 => format!("{what} ends in 1 day"),
            days => format!("{what} ends in {days} days"),
        }))
    };
    Some((problem, days))
}

/// Truncates to seconds, the precision of certificates. A certificate is valid to the end of its last second.
pub(super) fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
