//! The two text formats of the metrics: OpenMetrics, which prometheus-client writes, and Prometheus's own format.

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpositionFormat {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// Prometheus's own format, which every scraper can parse.
    PrometheusText,
}

impl ExpositionFormat {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(crate) fn encode(self, registry: &Registry) -> String {
        let mut openmetrics = String::new();
        // Writing to a `String` cannot fail.
        let _ = text::encode(&mut openmetrics, registry);
        match self {
            Self::OpenMetrics => openmetrics,
            Self::PrometheusText => to_prometheus_text(&openmetrics),
        }
    }
}

/// Converts OpenMetrics: describes each counter by the name of its series, and omits the units and the end marker.
fn to_prometheus_text(openmetrics: &str) -> String {
    let mut text = String::with_capacity(openmetrics.len());
    let mut lines = openmetrics.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        // The `TYPE` line follows the `HELP` line.
        let type_line = if line.starts_with("# HELP ") { lines.peek().copied().unwrap_or(line) } else { line };
        let counter = type_line.strip_prefix("# TYPE ").and_then(|family| family.strip_suffix(" counter"));
        match counter.and_then(|name| line.split_once(name)) {
            Some((before, after)) => text.extend([before, counter.unwrap_or_default(), "_total", after]),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_described_by_the_name_of_its_series() {
        let openmetrics = "# HELP runs Of runs, how many.\n# TYPE runs counter\nruns_total 3\n# HELP age_seconds Age.\n# TYPE age_seconds gauge\n\
                    # UNIT age_seconds seconds\nage_seconds{check=\"runs counter\"} 0.5\n# EOF\n";
        let expected = "# HELP runs_total Of runs, how many.\n# TYPE runs_total counter\nruns_total 3\n# HELP age_seconds Age.\n\
                        # TYPE age_seconds gauge\nage_seconds{check=\"runs counter\"} 0.5\n";
        assert_eq!(to_prometheus_text(openmetrics), expected);
    }

    #[test]
    fn an_empty_exposition_stays_empty() {
        assert_eq!(to_prometheus_text("# EOF\n"), "");
    }
}
