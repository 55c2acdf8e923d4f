//! Mounts the endpoints in an actix-web `App`.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::Method;

use super::heartbeat::Heartbeat;
use super::probe_service::ProbeServiceFactory;
use super::response::http_response;
use crate::core::health::Health;
use crate::http::response::ProbeResponse;
use crate::http::service::HealthService;

#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
impl HttpServiceFactory for HealthService {
    fn register(self, config: &mut AppService) {
        let inner = self.health().inner();
        let heartbeat = if self.has_heartbeat() { Heartbeat::spawn(inner).map(Rc::new) } else { None };
        for (path, endpoint) in self.endpoints() {
            let resource = ResourceDef::prefix(&*path);
            match endpoint {
                Ok(endpoint) => {
                    let factory = ProbeServiceFactory::new(endpoint, path, heartbeat.clone());
                    config.register_service(resource, None, factory, None);
                }
                Err(problem) => {
                    let respond = move |req| respond_misconfigured(req, &problem);
                    config.register_service(resource, None, fn_service(respond), None);
                }
            }
        }
    }
}

/// Mounts the endpoints with the default options, as [`Health::service`] does.
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
impl HttpServiceFactory for Health {
    fn register(self, config: &mut AppService) {
        self.service().register(config);
    }
}

fn respond_misconfigured(req: ServiceRequest, problem: &str) -> Ready<Result<ServiceResponse, Error>> {
    ready(Ok(respond(req, ProbeResponse::misconfigured(problem))))
}

/// Converts a response that does not depend on the method.
pub(super) fn respond(req: ServiceRequest, response: ProbeResponse) -> ServiceResponse {
    let response = if req.method() == Method::HEAD { response.for_head() } else { response };
    req.into_response(http_response(response))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::{Arc, Mutex};

    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, web};

    use super::*;
    use crate::core::report::view::Expose;

    #[actix_web::test]
    async fn a_health_serves_the_default_paths() {
        let health = Health::builder().linked_checks(false).start().unwrap();
        let app = init_service(App::new().service(health.clone())).await;
        for path in ["/livez", "/readyz", "/startupz", "/health", "/healthz"] {
            let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
            assert_eq!(response.status(), 200, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_rule_sees_the_request_without_the_prefix_of_its_scope() {
        type Seen = (String, String, Option<String>, Option<String>, Option<SocketAddr>);
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let health = Health::builder().linked_checks(false).start().unwrap();
        let record = Arc::clone(&seen);
        let service = health.service().prefix("/internal").expose_when(
            move |request| {
                let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
                record.lock().unwrap().push((
                    request.method().to_owned(),
                    request.path().to_owned(),
                    owned(request.query()),
                    owned(request.header("X-Operator")),
                    request.peer_addr(),
                ));
                false
            },
            Expose::Errors,
        );
        let app = init_service(App::new().service(web::scope("/orders").service(service))).await;
        let client: SocketAddr = "192.0.2.1:4000".parse().unwrap();
        let first = TestRequest::with_uri("/orders/internal/readyz/a%20b?tag=x").peer_addr(client);
        let second = TestRequest::with_uri("/orders/internal/livez").insert_header(("x-operator", "yes")).peer_addr(client);
        for request in [first, second] {
            call_service(&app, request.to_request()).await;
        }
        let get = |path: &str, query: Option<&str>, operator: Option<&str>| {
            let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
            ("GET".to_owned(), path.to_owned(), owned(query), owned(operator), Some(client))
        };
        let expected = [get("/internal/readyz/a b", Some("tag=x"), None), get("/internal/livez", None, Some("yes"))];
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}
