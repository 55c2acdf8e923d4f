//! The dedicated port, alongside a real application server.

mod blocked;
mod lifetime;
mod port;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;

use actix_web::web::ServiceConfig;
use health_runtime::{Health, HealthBuilder, HealthService, Listener};
use health_tests::http::{self, Response};
use health_tests::server::Server;

type Listen = fn(&Health, u16) -> io::Result<Listener>;

/// Opens a port as a program with actix-web does, and as one without it.
const LISTEN: [Listen; 2] = [
    |health, port| health.listen(("127.0.0.1", port), |service| service),
    |health, port| health_runtime::__private::listen_over_hyper(health, ("127.0.0.1", port), |service| service),
];

/// An application with two workers, which mount the service with `configure` as the listener does.
struct Service {
    listener: Listener,
    server: Server,
    health: Health,
}

impl Service {
    /// Checks run on the thread that the application's server is started on.
    fn start(
        build: impl FnOnce(HealthBuilder) -> HealthBuilder + Send + 'static,
        configure: fn(HealthService) -> HealthService,
        app: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        let server = Server::start(move || {
            let health = build(Health::builder().linked_checks(false)).start().unwrap();
            let listener = health.listen("127.0.0.1:0", configure).unwrap();
            sender.send((listener, health.clone())).unwrap();
            move |config: &mut ServiceConfig| {
                app(config);
                config.service(configure(health.service()));
            }
        });
        let (listener, health) = receiver.recv().unwrap();
        Self { listener, server, health }
    }

    /// Returns the addresses of the application and of the listener.
    fn addresses(&self) -> [SocketAddr; 2] {
        [self.server.address(), self.listener.local_addr()]
    }
}

fn get(address: SocketAddr, path: &str) -> Response {
    http::get(address, path).unwrap_or_else(|error| panic!("{address}{path}: {error}"))
}
