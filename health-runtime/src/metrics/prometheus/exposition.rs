//! The two text formats of a scrape: OpenMetrics, which prometheus-client writes, and the Prometheus text format.

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;

use crate::core::health::Health;

/// A registry with the metrics of one `Health` and no others.
pub(crate) struct HealthRegistry(Registry);

impl HealthRegistry {
    pub(crate) fn new(health: &Health) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(health.collector()));
        Self(registry)
    }

    pub(crate) fn write(&self, format: ExpositionFormat) -> String {
        format.write(&self.0)
    }
}

/// The format of a scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpositionFormat {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The Prometheus text format 0.0.4, which every scraper supports.
    PrometheusText,
}

impl ExpositionFormat {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    fn write(self, registry: &Registry) -> String {
        let mut open_metrics = String::new();
        // Writing to a `String` cannot fail.
        let _ = text::encode(&mut open_metrics, registry);
        match self {
            Self::OpenMetrics => open_metrics,
            Self::PrometheusText => to_prometheus_text(&open_metrics),
        }
    }
}

/// Converts OpenMetrics: a counter is described under the name of its series, and there is neither `# UNIT` nor `# EOF`.
fn to_prometheus_text(open_metrics: &str) -> String {
    let mut text_format = String::with_capacity(open_metrics.len());
    let mut lines = open_metrics.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" || line.starts_with("# UNIT ") {
            continue;
        }
        // The type follows the help.
        let kind = if line.starts_with("# HELP ") { lines.peek().copied().unwrap_or(line) } else { line };
        let counter = kind.strip_prefix("# TYPE ").and_then(|kind| kind.strip_suffix(" counter"));
        match counter.and_then(|name| line.split_once(name)) {
            Some((before, after)) => text_format.extend([before, counter.unwrap_or_default(), "_total", after]),
            None => text_format.push_str(line),
        }
        text_format.push('\n');
    }
    text_format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_described_under_the_name_of_its_series() {
        let open_metrics = "# HELP runs Of runs, how many.\n# TYPE runs counter\nruns_total 3\n# HELP age_seconds Age.\n# TYPE age_seconds gauge\n\
                    # UNIT age_seconds seconds\nage_seconds{check=\"runs counter\"} 0.5\n# EOF\n";
        let expected = "# HELP runs_total Of runs, how many.\n# TYPE runs_total counter\nruns_total 3\n# HELP age_seconds Age.\n\
                        # TYPE age_seconds gauge\nage_seconds{check=\"runs counter\"} 0.5\n";
        assert_eq!(to_prometheus_text(open_metrics), expected);
    }

    #[test]
    fn an_empty_exposition_stays_empty() {
        assert_eq!(to_prometheus_text("# EOF\n"), "");
    }
}
