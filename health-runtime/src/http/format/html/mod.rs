//! `text/html`: a page for people. It is self-contained: it loads no other resources and requests only itself. It is complete
//! without its script, which refreshes it.

mod check;
mod elements;
mod escape;
mod template;
mod timeline;

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::core::model::sort::sort_by;
use crate::core::model::status::{Scope, Status};
use crate::core::report::view::{CheckView, ReportView};
use crate::text::duration::Coarse;
use check::write_check;
use elements::{favicon, icon_symbols, state_icon, time_element};
use escape::{Escaped, EscapedAttr};
use template::{capitalized, comma_separated, from_fn, optional, write_template};

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
    let (report, state) = (view.report(), view.state());
    let if_shown = |write: fn(&mut Formatter<'_>, &ReportView<'_>) -> fmt::Result| {
        from_fn(move |f| if view.shows_checks() { write(f, view) } else { Ok(()) })
    };
    let page = from_fn(|f| {
        write_template!(
            f,
            "page.html",
            state = state,
            state_label = capitalized(state.as_str()),
            state_icon = state_icon(state),
            title_prefix = if_shown(|f, view| {
                view.report().meta().name.as_deref().map_or(Ok(()), |name| write!(f, "{} · ", EscapedAttr(name)))
            }),
            title_suffix = if_shown(|f, view| write!(f, " · {}", scope_label(view.scope()))),
            favicon = favicon(state),
            style = STYLE,
            icons = icon_symbols(),
            summary = if_shown(summary),
            now = time_element(report, Duration::ZERO),
            main = if_shown(main),
            footer = if_shown(footer),
            script = SCRIPT,
        )
    });
    page.to_string().into_bytes()
}

fn summary(f: &mut Formatter<'_>, view: &ReportView<'_>) -> fmt::Result {
    write!(f, "<p>{}", scope_label(view.scope()))?;
    let mut separator = ": ";
    for status in [Status::Down, Status::Unknown, Status::Degraded, Status::Up] {
        let count = view.entries().iter().filter(|entry| entry.check.status() == status).count();
        if count > 0 {
            write!(f, r#"{separator}<span class="count">{count} {status}</span>"#)?;
            separator = ", ";
        }
    }
    f.write_str("</p>")?;
    view.reason().map_or(Ok(()), |reason| write!(f, "<p>{}</p>", reason_text(reason)))
}

fn main(f: &mut Formatter<'_>, view: &ReportView<'_>) -> fmt::Result {
    write_template!(
        f,
        "main.html",
        checks = from_fn(|f| checks(f, view)),
        excluded = note("Excluded: ", &view.options().excluded),
        unknown = note("Excluded, but not found: ", &view.options().unknown),
    )
}

fn checks(f: &mut Formatter<'_>, view: &ReportView<'_>) -> fmt::Result {
    let severity = |entry: &CheckView<'_>| (view.report().impact(entry.check), entry.check.status());
    let mut entries: Vec<_> = view.entries().iter().map(|entry| (severity(entry), entry)).collect();
    if entries.is_empty() {
        return f.write_str(r#"<p class="none">No checks.</p>"#);
    }
    // Those that make the state worst come first. The sort is stable, so checks of one status stay in the order of names.
    sort_by(&mut entries, |(a, _), (b, _)| b.cmp(a));
    let items = from_fn(|f| entries.iter().try_for_each(|(_, entry)| write_check(f, view.report(), entry)));
    write_template!(f, "checks.html", checks = items)
}

fn footer(f: &mut Formatter<'_>, view: &ReportView<'_>) -> fmt::Result {
    let meta = view.report().meta();
    write_template!(
        f,
        "footer.html",
        legend = from_fn(timeline::legend),
        version_and_running = from_fn(|f| match meta.version.as_deref() {
            Some(version) => write!(f, "Version {}, running", Escaped(version)),
            None => f.write_str("Running"),
        }),
        uptime = Coarse(meta.uptime),
        in_flight = optional(meta.in_flight, |f, count| write!(f, ", requests in flight: {count}")),
    )
}

fn note(label: &str, names: &[&str]) -> impl Display {
    optional((!names.is_empty()).then_some(names), move |f, names| {
        let names = comma_separated(names.iter().map(|name| Escaped(name)));
        write!(f, r#"<p class="note">{label}{names}</p>"#)
    })
}

fn scope_label(scope: Scope) -> impl Display {
    capitalized(match scope {
        Scope::Kind(kind) => kind.as_str(),
        Scope::All => "health",
    })
}

/// Returns the reason for an unhealthy state as a sentence.
fn reason_text(reason: &str) -> impl Display {
    from_fn(move |f| match reason {
        "starting" => f.write_str("Starting: startup has not passed yet."),
        "draining" => f.write_str("Draining: the process accepts no new traffic and will stop."),
        other => write!(f, "Maintenance: {}", Escaped(other.strip_prefix("maintenance: ").unwrap_or(other))),
    })
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
