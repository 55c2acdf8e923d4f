//! One check on the page: status, reason and figures, and in a closed section its policy and latest changes.

use std::fmt::{self, Display, Formatter};

use super::elements::{icon, time_element};
use super::escape::{Escaped, EscapedAttr};
use super::template::{capitalized, from_fn, optional, write_template};
use super::timeline::TimelineStrip;
use crate::core::events::StatusChange;
use crate::core::model::policy::Policy;
use crate::core::model::status::Kind;
use crate::core::registry::StatusSource;
use crate::core::report::Report;
use crate::core::report::view::CheckView;
use crate::text::duration::{format_coarse, format_exact, format_latency};

pub(super) fn write_check(f: &mut Formatter<'_>, report: &Report, entry: &CheckView<'_>) -> fmt::Result {
    let CheckView { check, error, cause, details } = entry;
    let (registered, record) = (check.check(), check.history());
    let (policy, runner) = (&registered.policy, &registered.source);
    let time = |at| time_element(report, at);
    let kinds: Vec<&str> = registered.kinds.iter().map(Kind::as_str).collect();
    let tags = (!policy.tags.is_empty()).then(|| policy.tags.join(", "));
    write_template!(
        f,
        "check.html",
        id = EscapedAttr(check.name()),
        status = check.status(),
        name = Escaped(check.name()),
        criticality = if policy.critical { "" } else { " <small>not critical</small>" },
        icon = icon(check.status().as_str()),
        status_label = capitalized(check.status().as_str()),
        error = paragraph("reason", error.as_deref()),
        cause = paragraph("reason", cause.as_deref()),
        description = paragraph("description", policy.description.as_deref()),
        timeline = TimelineStrip(&record.last_hour),
        latency = check.latency().map_or_else(|| "–".to_owned(), format_latency),
        checked = match check.age() {
            Some(age) if age.as_secs() > 0 => format!("{} ago", format_coarse(age)),
            None if !is_watch(runner) => "never".to_owned(),
            _ => "just now".to_owned(),
        },
        since = from_fn(|f| match record.since {
            Some(since) => {
                let ago = format_coarse(report.meta().taken_at.saturating_duration_since(since));
                write!(f, "{} <small>{ago} ago</small>", time(since))
            }
            None => f.write_str("startup"),
        }),
        details = from_fn(|f| {
            let mut rows = details.iter().map(|detail| row(code(&detail.key), Some(code(detail.value.get()))));
            rows.try_for_each(|row| row.fmt(f))
        }),
        kinds = kinds.join(", "),
        critical = if policy.critical { "yes" } else { "no; a failure only degrades the state" },
        runs = runs(runner, policy),
        timeout = row("Timeout", runner.is_executable().then(|| format_exact(policy.timeout))),
        thresholds = row("Thresholds", (!is_watch(runner)).then(|| thresholds(policy))),
        consecutive_failures = check.consecutive_failures(),
        last_result = row("Last result", check.age().map(|age| time(report.meta().taken_at - age))),
        transitions = record.transitions,
        error_id = row("Error in the log", record.error_id.as_deref().map(code)),
        tags = row("Tags", tags.as_deref().map(Escaped)),
        latest_changes = optional((!record.changes.is_empty()).then_some(&record.changes), |f, changes| {
            f.write_str("<div><dt>Latest changes</dt>")?;
            for StatusChange { at, to, reason } in changes.iter().rev() {
                let reason = optional(reason.as_deref(), |f, reason| write!(f, ": {}", Escaped(reason)));
                write!(f, "<dd>{} {to}{reason}</dd>", time(*at))?;
            }
            f.write_str("</div>")
        }),
    )
}

fn code(text: &str) -> impl Display {
    from_fn(move |f| write!(f, "<code>{}</code>", Escaped(text)))
}

fn paragraph(class: &str, text: Option<&str>) -> impl Display {
    optional(text, move |f, text| write!(f, r#"<p class="{class}">{}</p>"#, Escaped(text)))
}

fn row(label: impl Display, value: Option<impl Display>) -> impl Display {
    optional(value, move |f, value| write!(f, "<div><dt>{label}</dt><dd>{value}</dd></div>"))
}

fn is_watch(runner: &StatusSource) -> bool {
    matches!(runner, StatusSource::Workers(_) | StatusSource::Runtime(_) | StatusSource::Heartbeat(_))
}

fn runs(runner: &StatusSource, policy: &Policy) -> String {
    match (runner, policy.interval) {
        (StatusSource::Reported, _) => "none; the application reports it".to_owned(),
        (StatusSource::Workers(workers), _) => {
            format!("none; evaluated on read; each worker must send a heartbeat within {}", format_exact(workers.limit()))
        }
        (StatusSource::Runtime(watch), _) => {
            format!("none; evaluated on read; the runtime must make progress within {}", format_exact(watch.limit()))
        }
        (StatusSource::Heartbeat(tasks), _) => {
            format!("none; evaluated on read; each task must send a heartbeat within {}", format_exact(tasks.limit()))
        }
        (_, Some(interval)) => format!("in the background, every {}", format_exact(interval)),
        (_, None) if policy.cache.is_zero() => "on demand, for each probe".to_owned(),
        (_, None) => format!("on demand; results are cached for {}", format_exact(policy.cache)),
    }
}

fn thresholds(policy: &Policy) -> String {
    let runs = |count: u32, kind: &str| match count {
        1 => format!("1 {kind} run"),
        _ => format!("{count} consecutive {kind} runs"),
    };
    let (failed, successful) = (runs(policy.failure_threshold, "failed"), runs(policy.success_threshold, "successful"));
    format!("down after {failed}, up after {successful}")
}
