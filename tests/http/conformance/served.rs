//! The ways to serve the endpoints, each on a port of this machine.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use axum::Router;
use axum::http::StatusCode;
use health_runtime::{Health, HealthService};
use health_tests::server::Server;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::runtime;
use tokio::sync::oneshot;

/// A running server of the endpoints. It stops when it is dropped.
pub(super) trait Served {
    /// The status and the body for any other path: those of the application, if there is one.
    const ELSEWHERE: (u16, &'static str);

    /// Serves what `make` returns. Checks run on the runtime that calls it.
    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self;

    fn address(&self) -> SocketAddr;
}

const APP: (u16, &str) = (418, "the app");
const NOT_FOUND: (u16, &str) = (404, r#"{"error":"not found"}"#);

/// actix-web with an application.
pub(super) struct Actix(Server);

impl Served for Actix {
    const ELSEWHERE: (u16, &'static str) = APP;

    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self {
        Self(Server::start(move || {
            let service = make();
            move |config: &mut ServiceConfig| {
                let app = web::to(|| async { HttpResponse::ImATeapot().body("the app") });
                config.service(service.clone()).default_service(app);
            }
        }))
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

/// axum with an application.
pub(super) struct Axum(Running);

impl Served for Axum {
    const ELSEWHERE: (u16, &'static str) = APP;

    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self {
        Self(Running::start(async move |listener| {
            let app = Router::new().merge(make().router()).fallback(async || (StatusCode::IM_A_TEAPOT, "the app"));
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
        }))
    }

    fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// hyper without a framework and without an application.
pub(super) struct Hyper(Running);

impl Served for Hyper {
    const ELSEWHERE: (u16, &'static str) = NOT_FOUND;

    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self {
        Self(Running::start(async move |listener| {
            let (listener, service) = (tokio::net::TcpListener::from_std(listener).unwrap(), make().tower());
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(service.clone());
                let mut http = http1::Builder::new();
                tokio::spawn(http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service));
            }
        }))
    }

    fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// The dedicated port in a program with actix-web.
pub(super) struct ActixListener(Running);

impl Served for ActixListener {
    const ELSEWHERE: (u16, &'static str) = NOT_FOUND;

    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self {
        Self(Running::listen(make, |other, service| other.listen("127.0.0.1:0", move |_| service.clone())))
    }

    fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// The dedicated port in a program without actix-web.
pub(super) struct HyperListener(Running);

impl Served for HyperListener {
    const ELSEWHERE: (u16, &'static str) = NOT_FOUND;

    fn start(make: impl FnOnce() -> HealthService + Send + 'static) -> Self {
        let listen = |other: &Health, service: HealthService| {
            health_runtime::__private::listen_over_hyper(other, "127.0.0.1:0", move |_| service.clone())
        };
        Self(Running::listen(make, listen))
    }

    fn address(&self) -> SocketAddr {
        self.0.address
    }
}

/// A thread with its runtime, which ends when this is dropped.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start<F: Future<Output = ()>>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        Self::run(address, async move || serve(listener).await)
    }

    fn listen(
        make: impl FnOnce() -> HealthService + Send + 'static,
        listen: impl FnOnce(&Health, HealthService) -> std::io::Result<health_runtime::Listener> + Send + 'static,
    ) -> Self {
        let (opened, open) = mpsc::channel();
        let mut running = Self::run(SocketAddr::from(([0, 0, 0, 0], 0)), async move || {
            // The closure of the listener ignores the endpoints of this one.
            let other = Health::builder().linked_checks(false).start().unwrap();
            let listener = listen(&other, make()).unwrap();
            opened.send(listener.local_addr()).unwrap();
            std::future::pending::<()>().await;
        });
        running.address = open.recv().unwrap();
        running
    }

    fn run<F: Future<Output = ()>>(address: SocketAddr, serve: impl FnOnce() -> F + Send + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = serve() => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
