//! The tables of the laboratory, in Markdown.

use std::fmt::{self, Write as _};

use crate::fleet::REPLICAS;
use crate::instance::Variant;
use crate::load::Served;
use crate::observation::Observation;

/// The round trips of one run: sqlx sends a ping on a connection of its pool before the query.
const ROUND_TRIPS: u64 = 2;

/// One scenario.
pub(crate) struct Row {
    pub(crate) variant: Variant,
    pub(crate) scenario: &'static str,
    pub(crate) seen: Observation,
    /// The requests that do not need the database, for each proxy.
    pub(crate) without: Vec<Served>,
    /// All requests that need it.
    pub(crate) with: Vec<Served>,
}

pub(crate) const HEAD: &str = "\
| readiness | scenario | least ready | lost without database | lost with database | restarts | round trips a second | peak | alerts |
|---|---|---|---|---|---|---|---|---|
";

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variant, scenario, seen, without, with } = self;
        let without: Vec<_> = without.iter().map(|served| percent(std::slice::from_ref(served))).collect();
        write!(f, "| {} | {scenario} | {} | {} | {} ", variant.name(), seen.least_ready, without.join(" / "), percent(with))?;
        writeln!(f, "| {} | {} | {} | {} |", seen.restarts, seen.mean_rate(), seen.peak_rate(), seen.alerts())
    }
}

/// Returns the share of lost requests: 0 only if none was lost.
fn percent(served: &[Served]) -> String {
    let lost: usize = served.iter().map(Served::lost).sum();
    let sent: usize = served.iter().map(Served::sent).sum();
    match (lost, sent) {
        (_, 0) => "–".to_owned(),
        (0, _) => "0 %".to_owned(),
        _ if lost * 100 < sent => "< 1 %".to_owned(),
        _ => format!("{} %", lost * 100 / sent),
    }
}

/// Returns the table of a rolling restart.
pub(crate) fn rolling_restart(proxies: impl Iterator<Item = &'static str>, restarted: &[Served]) -> String {
    let mut table = "| rolling restart through | requests | lost |\n|---|---|---|\n".to_owned();
    for (proxy, served) in proxies.zip(restarted) {
        let reasons: Vec<_> = served.lost.iter().map(|(reason, count)| format!(", {count} with {reason}")).collect();
        let _infallible = writeln!(table, "| {proxy} | {} | {}{} |", served.sent(), served.lost(), reasons.concat());
    }
    table
}

/// Compares the variants with what is wanted of a fleet.
pub(crate) fn wanted(restarted: &[Served], rows: &[Row]) -> String {
    let mut table = "| readiness | | wanted | measured |\n|---|---|---|---|\n".to_owned();
    let lost: usize = restarted.iter().map(Served::lost).sum();
    let _infallible = writeln!(table, "| every | requests lost in a rolling restart | 0 | {lost} |");
    for rows in rows.chunk_by(|one, next| one.variant == next.variant) {
        let row = |scenario: &str| rows.iter().find(|row| row.scenario.starts_with(scenario));
        let (Some(probes), Some(steady), Some(away), Some(recovery), Some(cut)) =
            (row("probes only"), row("steady"), row("database away"), row("recovery"), row("one instance"))
        else {
            continue;
        };
        let restarts: usize = rows.iter().map(|row| row.seen.restarts).sum();
        let lost: Vec<_> = away.without.iter().map(|served| percent(std::slice::from_ref(served))).collect();
        let left_after = cut.seen.left_after.map_or("never".to_owned(), |seconds| format!("{seconds} s"));
        let lines = [
            ("restarts", "0".to_owned(), restarts.to_string()),
            ("database away: lost requests that do not need it", "≤ 50 %".to_owned(), lost.join(" / ")),
            ("an instance that is cut off leaves the Service after", "≤ 15 s".to_owned(), left_after),
            (
                "peak of round trips a second at recovery",
                format!("≤ {}, 2 × steady", 2 * steady.seen.mean_rate()),
                recovery.seen.peak_rate().to_string(),
            ),
            (
                "round trips a second of probes",
                format!("≤ {}, a run of each instance", ROUND_TRIPS * u64::from(REPLICAS)),
                probes.seen.mean_rate().to_string(),
            ),
        ];
        for (what, wanted, measured) in lines {
            let _infallible = writeln!(table, "| {} | {what} | {wanted} | {measured} |", away.variant.name());
        }
    }
    table
}
