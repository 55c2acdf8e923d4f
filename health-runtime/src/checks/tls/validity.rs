//! What the dates of certificates mean at a moment.

use std::time::{SystemTime, UNIX_EPOCH};

use x509_cert::time::{Time, Validity};

use crate::core::model::outcome::Outcome;

const DAY: i64 = 24 * 60 * 60;

/// The outcome for certificates of which each is needed.
pub(super) fn judge(validities: &[Validity], warn_days: u32, now: SystemTime) -> Outcome {
    let now = seconds(now);
    let begin = validities.iter().map(|validity| moment(validity.not_before)).max();
    let end = validities.iter().map(|validity| moment(validity.not_after)).min();
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

/// Certificates know no parts of a second. The last second is a part of their time.
fn seconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn moment(time: Time) -> i64 {
    seconds(time.to_system_time())
}
