//! A code, the headers that every answer has, and a body that leaves in one write with them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;

use super::proxies::Proxies;
use super::response_cache::Rendered;
use crate::core::model::status::Scope;
use crate::core::report::Report;
use crate::core::report::view::{ReportView, ViewOptions};
use crate::http::format::Format;

// A text that is given as a header's value is checked and copied for each answer; a constant is not.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const BY_ACCEPT: HeaderValue = HeaderValue::from_static("Accept");
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

pub(crate) fn render(report: &Report, scope: Scope, asked: &ViewOptions<'_>, format: Format, proxies: Proxies) -> Rendered {
    let (code, degraded) = (proxies.code(report), proxies.tells_degraded(report, scope));
    Rendered { code, format, body: format.render(ReportView::new(report, scope, asked)).into(), degraded }
}

/// The answer to a probe.
pub(crate) fn report(method: &Method, rendered: Rendered) -> HttpResponse {
    let mut answer = finish(method, rendered.code, rendered.format, rendered.body);
    if rendered.degraded {
        // Envoy looks for the name alone.
        answer.headers_mut().insert(HeaderName::from_static("x-envoy-degraded"), HeaderValue::from_static("true"));
    }
    answer
}

/// There is no such check, or no such path below ours.
pub(crate) fn not_found(method: &Method) -> HttpResponse {
    finish(method, StatusCode::NOT_FOUND, Format::Json, Bytes::from_static(br#"{"error":"not found"}"#))
}

/// What was mounted cannot answer for anything.
pub(crate) fn misplaced(method: &Method, mistake: &str) -> HttpResponse {
    let body = serde_json::json!({ "error": mistake }).to_string().into();
    finish(method, StatusCode::SERVICE_UNAVAILABLE, Format::Json, body)
}

/// The methods that we answer.
pub(crate) fn is_allowed(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

pub(crate) fn method_not_allowed(method: &Method) -> HttpResponse {
    let body = Bytes::from_static(br#"{"error":"method not allowed"}"#);
    let mut answer = finish(method, StatusCode::METHOD_NOT_ALLOWED, Format::Json, body);
    answer.headers_mut().insert(header::ALLOW, ALLOWED);
    answer
}

fn finish(method: &Method, code: StatusCode, format: Format, body: Bytes) -> HttpResponse {
    let mut answer = sent(method, code, format.content_type(), body);
    if let Some(policy) = format.content_security_policy() {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    answer
}

pub(crate) fn sent(method: &Method, code: StatusCode, content_type: &'static str, body: Bytes) -> HttpResponse {
    let body = if *method == Method::HEAD { BoxBody::new(Withheld(body.len() as u64)) } else { BoxBody::new(body) };
    let mut answer = HttpResponse::with_body(code, body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(header::VARY, BY_ACCEPT);
    answer
}

/// A body whose length is told and whose bytes are not sent: the answer to HEAD. actix leaves them out on HTTP/1.1, but
/// not where its service is called without a connection.
struct Withheld(u64);

impl MessageBody for Withheld {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
