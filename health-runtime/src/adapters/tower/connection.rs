//! Serves the connections of the dedicated port with hyper, in a program without actix-web.

use std::io;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::adapters::listener::accept::{Answering, CLIENT_TIMEOUT, accept};
use crate::http::service::HealthService;

/// Serves the endpoints for ever. Calls `on_started` when it is about to accept connections.
pub(in crate::adapters) async fn serve(
    listener: TcpListener,
    service: HealthService,
    on_started: impl FnOnce(),
) -> io::Result<()> {
    let (answering, service) = (Answering::default(), service.tower());
    let started = answering.clone();
    let mut http = Builder::new();
    // A client may close its side after the request, as it may with actix-web.
    http.timer(TokioTimer::new()).header_read_timeout(CLIENT_TIMEOUT).keep_alive(false).half_close(true);
    on_started();
    let serve_connection = move |stream, client| {
        let (started, service) = (started.clone(), service.clone());
        let respond = service_fn(move |mut request| {
            let guard = started.start(client);
            request.extensions_mut().insert(client);
            let response = service.respond(request);
            async move {
                let response = response.await;
                drop(guard);
                response
            }
        });
        http.serve_connection(TokioIo::new(stream), respond)
    };
    accept(listener, answering, serve_connection).await;
    Ok(())
}
