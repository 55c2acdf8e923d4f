//! Serves the connections of the dedicated port with actix-http.

use std::future::ready;
use std::io;
use std::rc::Rc;

use actix_http::{HttpService, KeepAlive};
use actix_service::map_config;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceRequest, fn_service};
use actix_web::{App, Error};
use futures_util::FutureExt;
use tokio::net::TcpListener;

use super::response::respond_for_method;
use crate::adapters::listener::accept::{Answering, CLIENT_TIMEOUT, accept};
use crate::http::response::ProbeResponse;
use crate::http::service::HealthService;

/// Serves the endpoints for ever. Calls `on_started` when it is about to accept connections.
pub(in crate::adapters) async fn serve(
    listener: TcpListener,
    service: HealthService,
    on_started: impl FnOnce(),
) -> io::Result<()> {
    let answering = Answering::default();
    let started = answering.clone();
    let not_found = |req: ServiceRequest| ready(Ok::<_, Error>(respond_for_method(req, ProbeResponse::error(404, "not found"))));
    let app = App::new().service(service).default_service(fn_service(not_found)).wrap_fn(move |req, service| {
        let guard = req.peer_addr().map(|client| started.start(client));
        service.call(req).map(move |response| {
            drop(guard);
            response
        })
    });
    let app = map_config(app, |()| AppConfig::default());
    let http = HttpService::build().client_request_timeout(CLIENT_TIMEOUT).keep_alive(KeepAlive::Disabled).h1(app);
    let http = http.new_service(()).await.map_err(|()| io::Error::other("the endpoints cannot be mounted"))?;
    let http = Rc::new(http);
    on_started();
    accept(listener, answering, move |stream, client| http.call((stream, Some(client)))).await;
    Ok(())
}
