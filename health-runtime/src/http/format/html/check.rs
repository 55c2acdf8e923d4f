//! One check on the page: what matters at a glance, and behind a click what it was told to do.

use std::fmt::{self, Display, Formatter};

use super::escape::{Quoted, Text};
use super::favicon::Icon;
use super::time_element::Moment;
use super::timeline::Hour;
use crate::core::events::StatusChange;
use crate::core::model::policy::Policy;
use crate::core::model::status::{Kind, Status};
use crate::core::registry::StatusSource;
use crate::core::report::Report;
use crate::core::report::view::CheckView;
use crate::text::duration::{coarse, exact, latency};

pub(super) struct Check<'v> {
    pub(super) report: &'v Report,
    pub(super) entry: &'v CheckView<'v>,
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Up => "Up",
        Status::Degraded => "Degraded",
        Status::Unknown => "Unknown",
        Status::Down => "Down",
    }
}

impl Display for Check<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let CheckView { check, error, .. } = self.entry;
        let (status, name) = (check.status(), check.name());
        write!(f, r#"<li id="check-{}" class="check {status}"><div class="what"><h3>"#, Quoted(name))?;
        write!(f, "<span>{}", Text(name))?;
        if !check.check().policy.critical {
            f.write_str(" <small>not critical</small>")?;
        }
        write!(f, r#"</span> <span class="status">{}{}</span></h3>"#, Icon(status.as_str()), word(status))?;
        if let Some(error) = error {
            write!(f, r#"<p class="why">{}</p>"#, Text(error))?;
        }
        if let Some(description) = &check.check().policy.description {
            write!(f, r#"<p class="description">{}</p>"#, Text(description))?;
        }
        write!(f, "</div>{}", Hour(&check.history().minutes))?;
        self.figures(f)?;
        write!(f, r#"<details><summary>More<span class="unseen"> about {}</span></summary><dl>"#, Text(name))?;
        self.more(f)?;
        f.write_str("</dl></details></li>")
    }
}

impl Check<'_> {
    fn figures(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { report, entry: CheckView { check, .. } } = self;
        f.write_str(r#"<dl class="figures"><div><dt>Latency</dt><dd>"#)?;
        match check.latency() {
            Some(took) => f.write_str(&latency(took))?,
            None => f.write_str("–")?,
        }
        f.write_str("</dd></div><div><dt>Checked</dt><dd>")?;
        match check.age() {
            Some(age) if age.as_secs() == 0 => f.write_str("just now")?,
            Some(age) => write!(f, "{} ago", coarse(age))?,
            None if matches!(check.check().source, StatusSource::Workers(_)) => f.write_str("just now")?,
            None => f.write_str("never")?,
        }
        f.write_str("</dd></div><div><dt>Since</dt><dd>")?;
        match check.history().since {
            Some(since) => {
                let ago = report.meta().taken_at.saturating_duration_since(since);
                write!(f, "{} <small>{} ago</small>", Moment { report, at: since }, coarse(ago))?;
            }
            None => f.write_str("the start")?,
        }
        f.write_str("</dd></div></dl>")
    }

    fn more(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { report, entry: CheckView { check, details, .. } } = self;
        let (registered, record) = (check.check(), check.history());
        let policy = &registered.policy;
        for detail in *details {
            row(
                f,
                format_args!("<code>{}</code>", Text(&detail.key)),
                format_args!("<code>{}</code>", Text(detail.value.get())),
            )?;
        }
        let kinds: Vec<&str> = registered.kinds.iter().map(Kind::as_str).collect();
        row(f, "Kind", kinds.join(", "))?;
        row(f, "Critical", if policy.critical { "yes" } else { "no; the whole is degraded at most" })?;
        row(f, "Runs", runs(&registered.source, policy))?;
        if registered.source.is_executable() {
            row(f, "Timeout", exact(policy.timeout))?;
        }
        if !matches!(registered.source, StatusSource::Workers(_)) {
            row(f, "Thresholds", thresholds(policy))?;
        }
        row(f, "Failed in a row", check.consecutive_failures())?;
        if let Some(age) = check.age() {
            row(f, "Last result", Moment { report, at: report.meta().taken_at - age })?;
        }
        row(f, "Changes since the start", record.transitions)?;
        if let Some(id) = &record.error_id {
            row(f, "Error in the log", format_args!("<code>{}</code>", Text(id)))?;
        }
        if !policy.tags.is_empty() {
            row(f, "Tags", Text(&policy.tags.join(", ")))?;
        }
        if !record.changes.is_empty() {
            f.write_str("<div><dt>Latest changes</dt>")?;
            record.changes.iter().rev().try_for_each(|change| self.change(f, change))?;
            f.write_str("</div>")?;
        }
        Ok(())
    }

    fn change(&self, f: &mut Formatter<'_>, StatusChange { at, to, reason }: &StatusChange) -> fmt::Result {
        write!(f, "<dd>{} {to}", Moment { report: self.report, at: *at })?;
        if let Some(reason) = reason {
            write!(f, ": {}", Text(reason))?;
        }
        f.write_str("</dd>")
    }
}

fn row(f: &mut Formatter<'_>, what: impl Display, value: impl Display) -> fmt::Result {
    write!(f, "<div><dt>{what}</dt><dd>{value}</dd></div>")
}

fn runs(runner: &StatusSource, policy: &Policy) -> String {
    match (runner, policy.interval) {
        (StatusSource::Reported, _) => "none; the application reports it".to_owned(),
        (StatusSource::Workers(workers), _) => {
            format!("none; each worker is to turn once in {}, which is looked at when it is read", exact(workers.limit()))
        }
        (_, Some(interval)) => format!("in the background, every {}", exact(interval)),
        (_, None) if policy.cache.is_zero() => "on demand, for each probe".to_owned(),
        (_, None) => format!("on demand; a result is kept for {}", exact(policy.cache)),
    }
}

fn thresholds(policy: &Policy) -> String {
    let in_a_row = |count: u32, kind: &str| match count {
        1 => format!("1 {kind} run"),
        _ => format!("{count} {kind} runs in a row"),
    };
    let (failed, good) = (in_a_row(policy.failure_threshold, "failed"), in_a_row(policy.success_threshold, "good"));
    format!("down after {failed}, up after {good}")
}
