//! Mounts the endpoints in an actix-web `App`.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse, fn_service};
use futures_util::future::{Either, LocalBoxFuture};

use super::heartbeat::Heartbeat;
#[cfg(feature = "prometheus")]
use super::metrics_service;
use super::request::probe_request;
use super::response::{respond, respond_for_method};
use crate::adapters::counted_request;
use crate::core::health::Health;
use crate::http::endpoint::{Endpoint, Step};
use crate::http::response::ProbeResponse;
use crate::http::response_cache::ResponseCache;
use crate::http::service::HealthService;

impl HttpServiceFactory for HealthService {
    fn register(self, config: &mut AppService) {
        let heartbeat = if self.has_heartbeat { Heartbeat::spawn(self.health.inner()).map(Rc::new) } else { None };
        // First, because the path of an endpoint, such as `/`, may be a prefix of theirs.
        #[cfg(feature = "prometheus")]
        if let Some((path, endpoint)) = self.metrics_endpoint() {
            metrics_service::mount(path, endpoint, config);
        }
        for (path, endpoint) in self.endpoints() {
            let resource = ResourceDef::prefix(&*path);
            match endpoint {
                Ok(endpoint) => {
                    let cache = ResponseCache::default();
                    let worker = Rc::new(EndpointWorker { endpoint, route: path, cache, _heartbeat: heartbeat.clone() });
                    config.register_service(resource, None, fn_service(move |req| worker.call(req)), None);
                }
                Err(problem) => {
                    let respond = move |req| respond_for_method(req, ProbeResponse::error(503, &problem));
                    let misconfigured = move |req| ready(Ok::<_, Error>(respond(req)));
                    config.register_service(resource, None, fn_service(misconfigured), None);
                }
            }
        }
    }
}

/// Mounts the endpoints with the default options, as [`Health::service`] does.
impl HttpServiceFactory for Health {
    fn register(self, config: &mut AppService) {
        self.service().register(config);
    }
}

/// One endpoint in one worker.
struct EndpointWorker {
    endpoint: Endpoint,
    route: String,
    /// The responses that this worker cached.
    cache: ResponseCache,
    /// The worker counts while one of its endpoints exists.
    _heartbeat: Option<Rc<Heartbeat>>,
}

type ResponseResult = Result<ServiceResponse, Error>;

impl EndpointWorker {
    fn call(self: &Rc<Self>, req: ServiceRequest) -> Either<Ready<ResponseResult>, LocalBoxFuture<'static, ResponseResult>> {
        counted_request::stop(self.endpoint.health.inner().lifecycle.in_flight());
        match self.endpoint.prepare(&self.cache, &probe_request(&req, &self.route)) {
            Step::Ready(response) => Either::Left(ready(Ok(respond(req, response)))),
            Step::Evaluate(evaluation) => {
                let worker = Rc::clone(self);
                Either::Right(Box::pin(async move {
                    let response = worker.endpoint.evaluate(&worker.cache, evaluation).await;
                    Ok(respond(req, response))
                }))
            }
        }
    }
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
        type Recorded = (String, String, Option<String>, Option<String>, Option<SocketAddr>);
        let recorded: Arc<Mutex<Vec<Recorded>>> = Arc::default();
        let health = Health::builder().linked_checks(false).start().unwrap();
        let record = Arc::clone(&recorded);
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
        assert_eq!(*recorded.lock().unwrap(), expected);
    }
}
