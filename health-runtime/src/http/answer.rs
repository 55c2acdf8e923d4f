//! A code, the headers that every answer has, and a body that leaves in one write with them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::prepared::Rendered;
use crate::format::Format;
use crate::report::Report;
use crate::status::{HealthState, Scope};
use crate::view::{Asked, View};

pub(super) fn render(report: &Report, scope: Scope, asked: &Asked<'_>, format: Format) -> Rendered {
    let code = match report.state() {
        HealthState::Healthy | HealthState::Degraded => StatusCode::OK,
        HealthState::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    Rendered { code, format, body: format.render(View::new(report, scope, asked)).into() }
}

/// The answer to a probe.
pub(super) fn report(method: &Method, rendered: Rendered) -> HttpResponse {
    finish(method, HttpResponse::build(rendered.code), rendered.format, rendered.body)
}

/// There is no such check, or no such path below ours.
pub(super) fn not_found(method: &Method) -> HttpResponse {
    finish(method, HttpResponse::NotFound(), Format::Json, Bytes::from_static(br#"{"error":"not found"}"#))
}

/// The methods that we answer.
pub(super) fn is_allowed(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

pub(super) fn method_not_allowed(method: &Method) -> HttpResponse {
    let mut builder = HttpResponse::MethodNotAllowed();
    builder.insert_header((header::ALLOW, "GET, HEAD, OPTIONS"));
    finish(method, builder, Format::Json, Bytes::from_static(br#"{"error":"method not allowed"}"#))
}

fn finish(method: &Method, mut builder: HttpResponseBuilder, format: Format, body: Bytes) -> HttpResponse {
    builder
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"));
    if *method == Method::HEAD { builder.body(BoxBody::new(Withheld(body.len() as u64))) } else { builder.body(body) }
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
