//! One check on the page: status, reason and figures, and in a closed section its policy and latest changes.

use std::fmt::{self, Display, Formatter};

use super::elements::{icon, time_element};
use super::escape::{Escaped, EscapedAttr};
use super::template::{capitalized, comma_separated, from_fn, optional, write_template};
use super::timeline::TimelineStrip;
use crate::core::events::{HistorySnapshot, StatusChange};
use crate::core::model::policy::Policy;
use crate::core::model::status::Kind;
use crate::core::registry::StatusSource;
use crate::core::report::Report;
use crate::core::report::view::CheckView;
use crate::text::duration::{Coarse, Exact, Latency};

pub(super) fn write_check(f: &mut Formatter<'_>, report: &Report, entry: &CheckView<'_>) -> fmt::Result {
    let CheckView { check, error, cause, details } = entry;
    let (registered, HistorySnapshot { history, last_hour }) = (check.check(), check.history());
    let (policy, runner) = (&registered.policy, &registered.source);
    let time = |ago| time_element(report, ago);
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
        timeline = TimelineStrip(last_hour),
        latency = from_fn(|f| match check.latency() {
            Some(latency) => Latency(latency).fmt(f),
            None => f.write_str("–"),
        }),
        checked = from_fn(|f| match check.age() {
            Some(age) if age.as_secs() > 0 => write!(f, "{} ago", Coarse(age)),
            None if !is_watch(runner) => f.write_str("never"),
            _ => f.write_str("just now"),
        }),
        since = from_fn(|f| match history.since().map(|since| report.time_since(since)) {
            Some(ago) => write!(f, "{} <small>{} ago</small>", time(ago), Coarse(ago)),
            None => f.write_str("startup"),
        }),
        details = from_fn(|f| {
            let mut rows = details.iter().map(|detail| row(code(&detail.key), Some(code(detail.value.get()))));
            rows.try_for_each(|row| row.fmt(f))
        }),
        kinds = comma_separated(registered.kinds.iter().map(Kind::as_str)),
        critical = if policy.critical { "yes" } else { "no; a failure only degrades the state" },
        runs = from_fn(|f| runs(f, runner, policy)),
        timeout = row("Timeout", runner.is_executable().then_some(Exact(policy.timeout))),
        thresholds = row("Thresholds", (!is_watch(runner)).then(|| thresholds(policy))),
        consecutive_failures = check.consecutive_failures(),
        last_result = row("Last result", check.age().map(time)),
        transitions = history.transitions,
        error_id =
            row("Error in the log", history.error_id.map(|id| from_fn(move |f| write!(f, "<code><bdi>{id}</bdi></code>")))),
        tags = row("Tags", tags.as_deref().map(Escaped)),
        latest_changes = optional((!history.changes.is_empty()).then_some(&history.changes), |f, changes| {
            f.write_str("<div><dt>Latest changes</dt>")?;
            for StatusChange { at, to, reason } in changes.iter().rev() {
                let reason = optional(reason.as_deref(), |f, reason| write!(f, ": {}", Escaped(reason)));
                write!(f, "<dd>{} {to}{reason}</dd>", time(report.time_since(*at)))?;
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

fn runs(f: &mut Formatter<'_>, runner: &StatusSource, policy: &Policy) -> fmt::Result {
    match (runner, policy.interval) {
        (StatusSource::Reported, _) => f.write_str("none; the application reports it"),
        (StatusSource::Workers(workers), _) => {
            write!(f, "none; evaluated on read; each worker must send a heartbeat within {}", Exact(workers.limit()))
        }
        (StatusSource::Runtime(watch), _) => {
            write!(f, "none; evaluated on read; the runtime must make progress within {}", Exact(watch.limit()))
        }
        (StatusSource::Heartbeat(tasks), _) => {
            write!(f, "none; evaluated on read; each task must send a heartbeat within {}", Exact(tasks.limit()))
        }
        (_, Some(interval)) => write!(f, "in the background, every {}", Exact(interval)),
        (_, None) if policy.cache.is_zero() => f.write_str("on demand, for each probe"),
        (_, None) => write!(f, "on demand; results are cached for {}", Exact(policy.cache)),
    }
}

fn thresholds(policy: &Policy) -> impl Display {
    let runs = |count: u32, kind: &'static str| {
        from_fn(move |f| match count {
            1 => write!(f, "1 {kind} run"),
            _ => write!(f, "{count} consecutive {kind} runs"),
        })
    };
    let (failed, successful) = (runs(policy.failure_threshold, "failed"), runs(policy.success_threshold, "successful"));
    from_fn(move |f| write!(f, "down after {failed}, up after {successful}"))
}
