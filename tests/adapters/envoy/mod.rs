//! A real Envoy in front of two instances: it probes them over gRPC, and it reads their load.

mod proxy;

use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use health_runtime::{Check, Health, Kind, Reporter};
use health_tests::checks::{builder, health};
use health_tests::client::Client;
use health_tests::envoy::extension;
use health_tests::http::Connection;
use health_tests::until;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use self::proxy::Envoy;

const PATIENCE: Duration = Duration::from_mins(2);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Returns a listener for tokio, and its address. Must be called within a runtime.
fn listener() -> (tokio::net::TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (tokio::net::TcpListener::from_std(listener).unwrap(), address)
}

/// An instance that serves gRPC only, with one reported check.
struct OverGrpc {
    address: SocketAddr,
    health: Health,
    reporter: Reporter,
}

impl OverGrpc {
    fn start(runtime: &Runtime, check: &str) -> Self {
        let _runtime = runtime.enter();
        let health = builder([Check::reported(check, Kind::Readiness)]).start().unwrap();
        let reporter = health.reporter(check).unwrap();
        reporter.up();
        let (listener, address) = listener();
        let incoming = TcpListenerStream::new(listener);
        runtime.spawn(Server::builder().add_service(health.grpc()).serve_with_incoming(incoming));
        Self { address, health, reporter }
    }
}

/// Returns how many of twenty requests were served by the instance that has the check `one`.
async fn served_by_one(client: &mut HealthClient<Channel>) -> usize {
    let mut by_one = 0;
    for _ in 0..20 {
        match client.check(HealthCheckRequest { service: "one".to_owned() }).await {
            Ok(_) => by_one += 1,
            Err(status) if status.code() == Code::NotFound => {}
            Err(status) => panic!("no instance served: {status}"),
        }
    }
    by_one
}

#[test]
fn a7_the_grpc_probes_of_envoy_take_an_instance_out_of_rotation_and_in_again() {
    let runtime = runtime();
    let (one, two) = (OverGrpc::start(&runtime, "one"), OverGrpc::start(&runtime, "two"));
    let http2 = json!({ "explicit_http_config": { "http2_protocol_options": {} } });
    let envoy = Envoy::start(
        &[one.address, two.address],
        json!({
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": extension("upstreams.http.v3.HttpProtocolOptions", http2),
            },
            "health_checks": [{
                "timeout": "60s",
                "interval": "0.2s",
                "no_traffic_interval": "0.2s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 2,
                "grpc_health_check": { "service_name": "readiness" },
            }],
            // Or Envoy would send requests to unhealthy instances too.
            "common_lb_config": { "healthy_panic_threshold": { "value": 0 } },
        }),
    );
    let channel = Endpoint::from_shared(format!("http://{}", envoy.address())).unwrap();
    let mut client = HealthClient::new(runtime.block_on(channel.connect()).unwrap());
    let mut wait_until = |by_one: usize| {
        until(PATIENCE, &format!("the instance `one` serves {by_one} of twenty requests"), || {
            (runtime.block_on(served_by_one(&mut client)) == by_one).then_some(())
        });
    };

    wait_until(10);
    one.reporter.down("lost the lease");
    wait_until(0);
    one.reporter.up();
    wait_until(10);
    two.health.drain();
    wait_until(20);
}

/// Starts an instance that sends its load, and whose responses are its name.
fn with_load(runtime: &Runtime, name: &'static str) -> SocketAddr {
    let _runtime = runtime.enter();
    let (listener, address) = listener();
    let app = Router::new()
        .route("/held", get(async || pending::<()>().await))
        .route("/name", get(async move || name))
        .layer(health([]).layer().endpoint_load_metrics(true));
    runtime.spawn(async move { axum::serve(listener, app).await });
    address
}

#[test]
fn a7_envoy_sends_fewer_requests_to_the_instance_that_reports_more_load() {
    let runtime = runtime();
    let (busy, idle) = (with_load(&runtime, "busy"), with_load(&runtime, "idle"));
    let held: Vec<_> = (0..9)
        .map(|_| {
            let mut connection = Connection::open(busy).unwrap();
            connection.send(b"GET /held HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
            connection
        })
        .collect();
    let policy = json!({
        "blackout_period": "0s",
        "weight_update_period": "0.1s",
        "metric_names_for_computing_utilization": ["named_metrics.in_flight"],
    });
    let configuration = "load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin";
    let policy = json!({ "name": "weighted", "typed_config": extension(configuration, policy) });
    let envoy =
        Envoy::start(&[busy, idle], json!({ "load_balancing_policy": { "policies": [{ "typed_extension_config": policy }] } }));
    let mut client = Client::new(envoy.address());
    until(PATIENCE, "the idle instance serves more than 75 of 100 requests", || {
        let by_idle = (0..100).filter(|_| client.get("/name").unwrap().text() == "idle").count();
        (by_idle > 75).then_some(())
    });
    drop(held);
}
