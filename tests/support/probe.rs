//! One request to the endpoints of a health, in memory.

use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use health_runtime::Health;

/// One response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub code: u16,
    /// The headers, sorted and in lower case.
    pub headers: Vec<(String, String)>,
    /// Returns the body.
    pub body: String,
}

impl Response {
    /// Reads a response to its end.
    pub async fn read(response: ServiceResponse<impl MessageBody>) -> Self {
        let code = response.status().as_u16();
        let mut headers: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        headers.sort();
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Self { code, headers, body }
    }

    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends one request to an application with this service.
pub async fn send(service: impl HttpServiceFactory + 'static, request: TestRequest) -> Response {
    let app = test::init_service(App::new().service(service)).await;
    Response::read(test::call_service(&app, request.to_request()).await).await
}

/// Sends one request to the endpoints of a health.
pub async fn request(health: &Health, method: Method, path: &str) -> Response {
    send(health.service(), TestRequest::with_uri(path).method(method)).await
}

/// Returns the status code and the body of a `GET`.
pub async fn get(health: &Health, path: &str) -> (u16, String) {
    let response = request(health, Method::GET, path).await;
    (response.code, response.body)
}

/// Returns the status code of a `GET` of each path.
pub async fn codes<const N: usize>(health: &Health, paths: [&str; N]) -> [u16; N] {
    let mut codes = [0; N];
    for (code, path) in codes.iter_mut().zip(paths) {
        *code = get(health, path).await.0;
    }
    codes
}

/// Returns the body of a response at second 0 with these entries.
pub fn body(status: &str, entries: &str) -> String {
    format!(r#"{{"status":"{status}","checks":{{{entries}}},"uptime_seconds":0}}"#)
}
