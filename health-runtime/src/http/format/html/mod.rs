//! `text/html`: a page for people. It is one file: nothing in it comes from elsewhere, and it asks only for itself.
//!
//! - here: the page around the checks.
//! - `check`: one check.
//! - `hour`: its last hour, as a strip.
//! - `icon`, `moment`, `duration`: how a status, a point in time and a length of time are written.
//! - `escape`: how the text of others gets in.
//! - `page.css`, `page.js`: how it looks, and how it keeps itself up to date. It is whole without the script.

mod check;
mod escape;
mod favicon;
mod time_element;
mod timeline;

use std::fmt::{self, Display, Formatter};

use crate::core::model::status::{HealthState, Kind, Scope, Status};
use crate::core::report::view::{CheckView, ReportView};
use crate::text::duration::coarse;
use check::Check;
use escape::Text;
use favicon::Icon;
use time_element::Moment;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a browser may do for the page: run this script, use this style, and ask the page's own host. A test holds the two
/// hashes to the two files.
pub(crate) const CONTENT_SECURITY_POLICY: &str = concat!(
    "default-src 'none'; ",
    "script-src 'sha256-cGua52f79USm6ryx+558eApqYJG04GZKe0cYB0RuEYo='; ",
    "style-src 'sha256-paSJi+5z1nN5zLpS5cnFveMW5K/rG307lq0xhCklE6w='; ",
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    Page(view).to_string().into_bytes()
}

struct Page<'v>(&'v ReportView<'v>);

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let state = self.0.state();
        f.write_str(concat!(
            r#"<!doctype html><html lang="en"><head><meta charset="utf-8">"#,
            r#"<meta name="viewport" content="width=device-width, initial-scale=1">"#,
            r#"<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">"#,
        ))?;
        write!(f, "<title>{}", word(state))?;
        if self.0.shows_checks() {
            write!(f, " · {}", title(self.0.scope()))?;
        }
        write!(f, r#"</title><link id="tab" rel="icon" href="{}"><style>{STYLE}</style></head><body>"#, favicon::of_tab(state))?;
        f.write_str(favicon::SHAPES)?;
        self.header(f)?;
        if self.0.shows_checks() {
            self.main(f)?;
            self.footer(f)?;
        }
        write!(f, "<script>{SCRIPT}</script></body></html>")
    }
}

impl Page<'_> {
    fn header(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (view, report, state) = (self.0, self.0.report(), self.0.state());
        write!(f, r#"<header><div id="state" class="{state}" aria-live="polite" aria-atomic="true">"#)?;
        write!(f, "{}<div><h1>{}</h1>", Icon::of(state), word(state))?;
        if view.shows_checks() {
            write!(f, "<p>{}{}</p>", title(view.scope()), Counts(view.entries()))?;
            if let Some(reason) = view.reason() {
                write!(f, "<p>{}</p>", why(reason))?;
            }
        }
        write!(
            f,
            r#"</div></div><div class="fresh"><p>As of <span id="now">{} UTC</span></p>"#,
            Moment { report, at: report.meta().taken_at }
        )?;
        f.write_str(concat!(
            r#"<button id="pause" type="button" hidden>Pause refresh</button>"#,
            r#"<noscript><a href="">Reload</a></noscript><p id="lost" role="status"></p></div></header>"#,
        ))
    }

    fn main(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut entries: Vec<&CheckView<'_>> = self.0.entries().iter().collect();
        // What makes the whole worse comes first. The sort is stable: names stay in their order.
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.check.impact(self.0.scope()), entry.check.status())));
        f.write_str(r#"<main id="main"><h2>Checks</h2>"#)?;
        if entries.is_empty() {
            f.write_str(r#"<p class="none">There are none here.</p>"#)?;
        } else {
            f.write_str(concat!(
                r#"<p class="labels" aria-hidden="true"><span>Status</span><span>Check</span><span>Last hour</span>"#,
                r#"<span>Latency</span><span>Checked</span><span>Since, UTC</span></p><ul>"#
            ))?;
            let report = self.0.report();
            entries.into_iter().try_for_each(|entry| write!(f, "{}", Check { report, entry }))?;
            f.write_str("</ul>")?;
        }
        list(f, "Left out of this answer: ", &self.0.options().excluded)?;
        list(f, "To be left out, but no check here has the name: ", &self.0.options().unknown)?;
        f.write_str("</main>")
    }

    fn footer(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<footer id="foot"><p class="legend">In the last hour each bar is a minute, by the worst in it:"#)?;
        for (what, label) in timeline::LEGEND {
            write!(f, " <span>{what}{label}</span>")?;
        }
        f.write_str("</p><p>")?;
        if let Some(version) = self.0.report().meta().version.as_deref() {
            write!(f, "Version {}, running for ", Text(version))?;
        } else {
            f.write_str("Running for ")?;
        }
        f.write_str(&coarse(self.0.report().meta().uptime))?;
        if let Some(in_flight) = self.0.report().meta().in_flight {
            write!(f, ", requests in flight: {in_flight}")?;
        }
        f.write_str(". Times are in UTC.</p></footer>")
    }
}

/// How many checks have each status, the worst first.
struct Counts<'v>(&'v [CheckView<'v>]);

impl Display for Counts<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut separator = ": ";
        for status in [Status::Down, Status::Unknown, Status::Degraded, Status::Up] {
            let count = self.0.iter().filter(|entry| entry.check.status() == status).count();
            if count > 0 {
                write!(f, r#"{separator}<span class="count">{count} {status}</span>"#)?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

fn list(f: &mut Formatter<'_>, label: &str, names: &[&str]) -> fmt::Result {
    for (i, name) in names.iter().enumerate() {
        let before = if i == 0 { format!(r#"<p class="note">{label}"#) } else { ", ".to_owned() };
        write!(f, "{before}{}", Text(name))?;
    }
    if names.is_empty() { Ok(()) } else { f.write_str("</p>") }
}

fn word(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "Healthy",
        HealthState::Degraded => "Degraded",
        HealthState::Unhealthy => "Unhealthy",
    }
}

fn title(scope: Scope) -> &'static str {
    match scope {
        Scope::Kind(Kind::Liveness) => "Liveness",
        Scope::Kind(Kind::Readiness) => "Readiness",
        Scope::Kind(Kind::Startup) => "Startup",
        Scope::All => "Health",
    }
}

/// What a reason of the whole means for a reader.
fn why(reason: &str) -> &str {
    match reason {
        "starting" => "Starting: startup has not passed yet.",
        "draining" => "Draining: it takes no new traffic and will stop.",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_and_the_style_and_no_others() {
        let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
        let expected = format!(
            "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            hash(SCRIPT),
            hash(STYLE),
        );
        assert_eq!(CONTENT_SECURITY_POLICY, expected);
    }
}
