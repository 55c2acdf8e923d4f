//! A probe response as actix-web's response, whose head and body leave in one write.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;

use crate::http::response::{Body, COMMON_HEADERS, JSON, ProbeResponse};

// Converted by the compiler: at run time each response would validate the texts.
const JSON_VALUE: HeaderValue = HeaderValue::from_static(JSON);
const COMMON: [(HeaderName, HeaderValue); COMMON_HEADERS.len()] = [common_header(0), common_header(1), common_header(2)];

const fn common_header(index: usize) -> (HeaderName, HeaderValue) {
    let (name, value) = COMMON_HEADERS[index];
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Responds with a response that does not depend on the method of the request.
pub(super) fn respond_for_method(req: ServiceRequest, response: ProbeResponse) -> ServiceResponse {
    let response = if req.method() == Method::HEAD { response.for_head() } else { response };
    respond(req, response)
}

pub(super) fn respond(req: ServiceRequest, response: ProbeResponse) -> ServiceResponse {
    let body = match response.body {
        Body::Full(bytes) => BoxBody::new(bytes),
        Body::LengthOnly(length) => BoxBody::new(HeadBody(length)),
    };
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut http_response = HttpResponse::with_body(status, body);
    // Each name occurs once in an empty map, so `append` does what `insert` does, without its search for previous values.
    let headers = http_response.headers_mut();
    let is_json = response.content_type == JSON;
    headers.append(CONTENT_TYPE, if is_json { JSON_VALUE } else { HeaderValue::from_static(response.content_type) });
    for (name, value) in COMMON {
        headers.append(name, value);
    }
    for (name, value) in response.extra_headers {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    req.into_response(http_response)
}

/// The body of the response to HEAD, with a length and no bytes. actix omits the bytes only on an HTTP/1.1 connection, and
/// not if its service is called without one.
struct HeadBody(u64);

impl MessageBody for HeadBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
