//! The response to a scrape of `/metrics`.

use bytes::Bytes;

use super::accept::media_ranges;
use super::request::ProbeRequest;
use super::response::ProbeResponse;
use crate::core::health::Health;
use crate::metrics::prometheus::exposition::{ExpositionFormat, HealthRegistry};

/// Responds to scrapes, from a dedicated registry.
pub(crate) struct MetricsEndpoint {
    pub(crate) health: Health,
    registry: HealthRegistry,
}

impl MetricsEndpoint {
    pub(crate) fn new(health: &Health) -> Self {
        Self { health: health.clone(), registry: HealthRegistry::new(health) }
    }

    /// Returns the metrics, or 405 for a method other than `GET` and `HEAD`.
    pub(crate) fn respond(&self, request: &ProbeRequest<'_>) -> ProbeResponse {
        if !matches!(request.method, "GET" | "HEAD") {
            let response = ProbeResponse::new(405, "text/plain; charset=utf-8", Bytes::from_static(b"method not allowed\n"));
            return ProbeResponse { extra_headers: &[("allow", "GET, HEAD")], ..response };
        }
        let format = negotiate(request);
        let response = ProbeResponse::new(200, format.content_type(), self.registry.write(format).into());
        if request.method == "HEAD" { response.for_head() } else { response }
    }
}

/// Returns the format that the scraper prefers. One that accepts neither gets Prometheus's own format.
fn negotiate(request: &ProbeRequest<'_>) -> ExpositionFormat {
    let ranges = media_ranges(request);
    let known = ranges.iter().filter(|range| range.quality > 0).filter_map(|range| {
        let format = if range.specificity(("application", "openmetrics-text")) == Some(2) {
            ExpositionFormat::OpenMetrics
        } else {
            range.specificity(("text", "plain")).map(|_| ExpositionFormat::PrometheusText)?
        };
        Some((range.quality, format))
    });
    // The first of several with the same quality wins.
    let preferred = known.reduce(|best, next| if next.0 > best.0 { next } else { best });
    preferred.map_or(ExpositionFormat::PrometheusText, |(_, format)| format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::tests::HeaderList;

    #[test]
    fn prometheus_gets_openmetrics_and_other_scrapers_the_text_format() {
        let negotiated = |accept| negotiate(&ProbeRequest::with_headers(&HeaderList(&[("accept", accept)])));
        // As Prometheus 2.42 sends it.
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let open = [prometheus, "application/openmetrics-text", "text/html, application/openmetrics-text;q=0.1"];
        let text = [
            "",
            "*/*",
            "text/plain",
            "text/html",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=0.2, text/plain;q=0.3",
            "nonsense",
            ";;;,q=",
        ];
        for accept in open {
            assert_eq!(negotiated(accept), ExpositionFormat::OpenMetrics, "{accept}");
        }
        for accept in text {
            assert_eq!(negotiated(accept), ExpositionFormat::PrometheusText, "{accept}");
        }
        assert_eq!(negotiate(&ProbeRequest::with_headers(&HeaderList(&[]))), ExpositionFormat::PrometheusText);
    }
}
