//! The two texts of an exposition: OpenMetrics, as prometheus-client writes it, and Prometheus's own format.

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

/// How an exposition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus's own format, which every reader of metrics knows.
    Classic,
}

impl Exposition {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(crate) fn write(self, registry: &Registry) -> String {
        let mut open = String::new();
        // Writing to a `String` cannot fail.
        let _ = text::encode(&mut open, registry);
        match self {
            Self::OpenMetrics => open,
            Self::Classic => classic(&open),
        }
    }
}

/// A counter is described under the name of its series, and neither units nor an end are said.
fn classic(open: &str) -> String {
    let mut classic = String::with_capacity(open.len());
    let mut lines = open.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        // The type stands below the help.
        let kind = if line.starts_with("# HELP ") { lines.peek().copied().unwrap_or(line) } else { line };
        let counter = kind.strip_prefix("# TYPE ").and_then(|kind| kind.strip_suffix(" counter"));
        match counter.and_then(|name| line.split_once(name)) {
            Some((before, after)) => classic.extend([before, counter.unwrap_or_default(), "_total", after]),
            None => classic.push_str(line),
        }
        classic.push('\n');
    }
    classic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_described_under_the_name_of_its_series() {
        let open = "# HELP runs Of runs, how many.\n# TYPE runs counter\nruns_total 3\n# HELP age_seconds Age.\n# TYPE age_seconds gauge\n\
                    # UNIT age_seconds seconds\nage_seconds{check=\"runs counter\"} 0.5\n# EOF\n";
        let expected = "# HELP runs_total Of runs, how many.\n# TYPE runs_total counter\nruns_total 3\n# HELP age_seconds Age.\n\
                        # TYPE age_seconds gauge\nage_seconds{check=\"runs counter\"} 0.5\n";
        assert_eq!(classic(open), expected);
    }

    #[test]
    fn nothing_stays_nothing() {
        assert_eq!(classic("# EOF\n"), "");
    }
}
