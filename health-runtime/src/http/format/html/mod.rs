//! `text/html`: a page for people. It is self-contained: it loads no other resources and requests only itself.
//!
//! - `*.html`, `*.svg`: the markup, with named holes.
//! - `page.css`, `page.js`: the style, and the script that refreshes the page. The page is complete without the script.
//! - `template`: fills the holes and removes the indentation.
//! - `check`: one check.
//! - `timeline`: its last hour, as a strip.
//! - `icon`, `time_element`: the elements for a status and for a point in time.
//! - `escape`: untrusted text.

mod check;
mod escape;
mod icon;
mod template;
mod time_element;
mod timeline;

use std::cmp::Reverse;
use std::fmt::{self, Display, Formatter};

use crate::core::model::status::{Scope, Status};
use crate::core::report::view::{CheckView, ReportView};
use crate::text::duration::format_coarse;
use check::CheckItem;
use escape::Escaped;
use template::{capitalized, from_fn, optional, preserve_lines, render};
use time_element::time_element;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Allows this script, this style and requests to the host of the page. A test compares the hashes with the files.
pub(crate) const CONTENT_SECURITY_POLICY: &str = concat!(
    "default-src 'none'; ",
    "script-src 'sha256-m/4ijqqq0dfeDKJY3AvCTR9XyXZfoC/o6JB+/h2+Nxw='; ",
    "style-src 'sha256-ZXlEl9v32MgvlDJRGvZ3hQW6KhR9YMMFUdWrFtxzJaI='; ",
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    render(Page(view)).into_bytes()
}

struct Page<'v>(&'v ReportView<'v>);

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (view, report, state) = (self.0, self.0.report(), self.0.state());
        let if_open = |write: fn(&Self, &mut Formatter<'_>) -> fmt::Result| {
            optional(view.shows_checks().then_some(self), move |f, page| write(page, f))
        };
        write!(
            f,
            include_str!("page.html"),
            state = state,
            state_label = capitalized(state.as_str()),
            state_icon = icon::state_icon(state),
            title_suffix = if_open(|page, f| write!(f, " · {}", scope_label(page.0.scope()))),
            favicon = icon::favicon(state),
            style = preserve_lines(STYLE),
            icons = icon::SYMBOLS,
            summary = if_open(Self::summary),
            now = time_element(report, report.meta().taken_at),
            main = if_open(Self::main),
            footer = if_open(Self::footer),
            script = preserve_lines(SCRIPT),
        )
    }
}

impl Page<'_> {
    fn summary(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "<p>{}", scope_label(self.0.scope()))?;
        let mut separator = ": ";
        for status in [Status::Down, Status::Unknown, Status::Degraded, Status::Up] {
            let count = self.0.entries().iter().filter(|entry| entry.check.status() == status).count();
            if count > 0 {
                write!(f, r#"{separator}<span class="count">{count} {status}</span>"#)?;
                separator = ", ";
            }
        }
        f.write_str("</p>")?;
        self.0.reason().map_or(Ok(()), |reason| write!(f, "<p>{}</p>", reason_text(reason)))
    }

    fn main(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let options = self.0.options();
        write!(
            f,
            include_str!("main.html"),
            checks = from_fn(|f| self.checks(f)),
            excluded = note("Excluded: ", &options.excluded),
            unknown = note("Excluded, but not found: ", &options.unknown),
        )
    }

    fn checks(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (report, scope) = (self.0.report(), self.0.scope());
        let mut entries: Vec<&CheckView<'_>> = self.0.entries().iter().collect();
        if entries.is_empty() {
            return f.write_str(r#"<p class="none">No checks.</p>"#);
        }
        // Those that make the state worst come first. The sort is stable, so checks of one status stay in the order of names.
        entries.sort_by_key(|entry| Reverse((entry.check.impact(scope), entry.check.status())));
        let items = from_fn(|f| entries.iter().try_for_each(|entry| CheckItem { report, entry }.fmt(f)));
        write!(f, include_str!("checks.html"), checks = items)
    }

    fn footer(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0.report();
        write!(
            f,
            include_str!("footer.html"),
            legend = from_fn(timeline::legend),
            version_and_running = from_fn(|f| match report.meta().version.as_deref() {
                Some(version) => write!(f, "Version {}, running", Escaped(version)),
                None => f.write_str("Running"),
            }),
            uptime = format_coarse(report.meta().uptime),
            in_flight = optional(report.meta().in_flight, |f, count| write!(f, ", requests in flight: {count}")),
        )
    }
}

fn note(label: &str, names: &[&str]) -> impl Display {
    optional((!names.is_empty()).then_some(names), move |f, names| {
        write!(f, r#"<p class="note">{label}"#)?;
        for (i, name) in names.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, Escaped(name))?;
        }
        f.write_str("</p>")
    })
}

fn scope_label(scope: Scope) -> impl Display {
    capitalized(match scope {
        Scope::Kind(kind) => kind.as_str(),
        Scope::All => "health",
    })
}

/// Returns the reason for an unhealthy state as a sentence.
fn reason_text(reason: &str) -> &str {
    match reason {
        "starting" => "Starting: startup has not passed yet.",
        "draining" => "Draining: the process accepts no new traffic and will stop.",
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
    fn the_content_security_policy_allows_only_this_script_and_this_style() {
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
