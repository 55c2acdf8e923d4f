//! A probe response as a response of the crate http, whose body is one frame.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;

use crate::http::response::{Body, COMMON_HEADERS, JSON, ProbeResponse};

// Converted by the compiler: at run time each response would validate the texts.
const COMMON: [(HeaderName, HeaderValue); COMMON_HEADERS.len()] = [common_header(0), common_header(1), common_header(2)];

const fn common_header(index: usize) -> (HeaderName, HeaderValue) {
    let (name, value) = COMMON_HEADERS[index];
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// The headers of a JSON response without a body. A copy costs half as much as a new map with the same headers.
static JSON_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let own = [(CONTENT_TYPE, HeaderValue::from_static(JSON)), (CONTENT_LENGTH, HeaderValue::from_static("0"))];
    own.into_iter().chain(COMMON).collect()
});

/// Converts a response. `Content-Length` is set here, because the body of a response to HEAD does not know it.
pub(super) fn respond(response: ProbeResponse) -> Response<Full<Bytes>> {
    let (length, body) = match response.body {
        Body::Full(bytes) => (bytes.len() as u64, Full::new(bytes)),
        Body::LengthOnly(length) => (length, Full::default()),
    };
    let mut http_response = Response::new(body);
    *http_response.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let headers = http_response.headers_mut();
    headers.clone_from(&JSON_HEADERS);
    if response.content_type != JSON {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(response.content_type));
    }
    headers.insert(CONTENT_LENGTH, length.into());
    for (name, value) in response.extra_headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    http_response
}
