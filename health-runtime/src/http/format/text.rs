//! `text/plain`: the state; with `?verbose` the lines that a Kubernetes API server writes.

use std::fmt::Write;

use crate::core::model::sort::sort_by;
use crate::core::model::status::{HealthState, Scope, Status};
use crate::core::report::view::{CheckView, ReportView};
use crate::http::routes::DEFAULT_PATHS;

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    let text = if view.is_verbose() && view.shows_checks() { lines(view) } else { format!("{}\n", view.state()) };
    text.into_bytes()
}

fn lines(view: &ReportView<'_>) -> String {
    let entries = view.entries().iter().map(|entry| (entry.check.name(), line(entry)));
    let excluded = view.options().excluded.iter().map(|name| (*name, format!("[+]{name} excluded: ok")));
    let mut lines: Vec<(&str, String)> = entries.chain(excluded).collect();
    sort_by(&mut lines, Ord::cmp);
    let mut text = String::new();
    for (_, line) in lines {
        text.push_str(&line);
        text.push('\n');
    }
    let unknown = &view.options().unknown;
    if !unknown.is_empty() {
        // `Debug` escapes characters that could end the line.
        let unknown: Vec<String> = unknown.iter().map(|name| format!("{name:?}")).collect();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "warn: some health checks cannot be excluded: no matches for {}", unknown.join(","));
    }
    let result = if view.state() == HealthState::Unhealthy { "failed" } else { "passed" };
    let _ = writeln!(text, "{} check {result}", endpoint(view.scope()));
    text
}

fn line(entry: &CheckView<'_>) -> String {
    let name = entry.check.name();
    let texts: Vec<_> = [&entry.error, &entry.cause].into_iter().flatten().map(|text| escape_controls(text)).collect();
    let reason = texts.join(": ");
    match entry.check.status() {
        Status::Up => format!("[+]{name} ok"),
        Status::Degraded => format!("[+]{name} degraded: {reason}"),
        Status::Unknown | Status::Down => format!("[-]{name} failed: {reason}"),
    }
}

/// Escapes line breaks, so that a reason stays on its line, and control characters, so that it cannot control a terminal.
fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Returns the name of the endpoint of a Kubernetes API server.
fn endpoint(scope: Scope) -> &'static str {
    let path = DEFAULT_PATHS.iter().find_map(|(other, path)| (*other == scope).then_some(*path));
    path.unwrap_or_default().trim_start_matches('/')
}
