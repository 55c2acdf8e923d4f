//! The response to a probe or a scrape, without the types of a server framework.

use bytes::Bytes;
use serde::Serialize;

use super::options::EndpointOptions;
use crate::core::model::status::Scope;
use crate::core::report::Report;
use crate::core::report::view::{ReportView, ViewOptions};
#[cfg(feature = "page")]
use crate::http::format::html;
use crate::http::format::{Format, to_json};

/// The name in lower case, and the value.
pub(crate) type StaticHeader = (&'static str, &'static str);

/// The headers of every response, besides `Content-Type` and `Content-Length`.
pub(crate) const COMMON_HEADERS: [StaticHeader; 3] =
    [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("vary", "Accept")];

pub(crate) const JSON: &str = "application/json";
#[cfg(feature = "page")]
const PAGE_CSP: StaticHeader = ("content-security-policy", html::CONTENT_SECURITY_POLICY);
/// Envoy checks only whether the header is there.
const ENVOY_DEGRADED: StaticHeader = ("x-envoy-degraded", "true");

/// A status code, static headers and a body.
#[derive(Debug, Clone)]
pub(crate) struct ProbeResponse {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Those that only some responses have.
    pub(crate) extra_headers: &'static [StaticHeader],
    pub(crate) body: Body,
}

/// The body of a response without a report.
#[derive(Serialize)]
struct ErrorBody<'e> {
    error: &'e str,
}

/// The body of a response. Its length is known in both cases, for `Content-Length`.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Full(Bytes),
    /// The response to HEAD: the length of the body, without its bytes.
    LengthOnly(u64),
}

impl ProbeResponse {
    pub(super) fn new(status: u16, content_type: &'static str, body: Bytes) -> Self {
        Self { status, content_type, extra_headers: &[], body: Body::Full(body) }
    }

    pub(super) fn from_report(
        report: &Report,
        scope: Scope,
        view: &ViewOptions<'_>,
        format: Format,
        options: &EndpointOptions,
    ) -> Self {
        let body = format.render(ReportView::new(report, scope, view));
        let response = Self::new(options.status_code(report), format.content_type(), body.into());
        let extra_headers: &[StaticHeader] = match (format, options.sends_degraded_header(report, scope)) {
            #[cfg(feature = "page")]
            (Format::Html, false) => &[PAGE_CSP],
            #[cfg(feature = "page")]
            (Format::Html, true) => &[PAGE_CSP, ENVOY_DEGRADED],
            (_, false) => &[],
            (_, true) => &[ENVOY_DEGRADED],
        };
        Self { extra_headers, ..response }
    }

    /// Returns a response without a report, with the error as its body.
    pub(crate) fn error(status: u16, error: &str) -> Self {
        Self::new(status, JSON, to_json(&ErrorBody { error }).into())
    }

    /// Returns the response to HEAD: the same headers, and the length of the body without its bytes.
    pub(crate) fn for_head(self) -> Self {
        let body = match self.body {
            Body::Full(bytes) => Body::LengthOnly(bytes.len() as u64),
            body @ Body::LengthOnly(_) => body,
        };
        Self { body, ..self }
    }
}
