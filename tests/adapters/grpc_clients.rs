//! The gRPC health checks with the clients of Python and Node.js, which `tests/all` installs.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use health_runtime::{Check, Health, Kind, TowerHealth};
use health_tests::checks::builder;
use health_tests::random::Random;
use health_tests::workspace;
use http::Request;
use tokio::runtime::{Builder, Runtime};
use tonic::transport::Server;
use tower_service::Service;

const PATIENCE: Duration = Duration::from_mins(2);

/// A running client program.
struct Client {
    child: Child,
    input: ChildStdin,
    checks: Receiver<String>,
    watched: Receiver<String>,
}

impl Client {
    fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}; run `tests/all`, which installs the clients"));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let ((check, checks), (watch, watched)) = (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let (kind, status) = line.split_once(' ').unwrap();
                let sender = if kind == "check" { &check } else { &watch };
                let _ = sender.send(status.to_owned());
            }
        });
        Self { child, input, checks, watched }
    }

    fn check(&mut self, service: &str) -> String {
        writeln!(self.input, "{service}").unwrap();
        self.checks.recv_timeout(PATIENCE).unwrap()
    }

    fn next_watched(&self) -> String {
        self.watched.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn http_state(runtime: &Runtime, http: &mut TowerHealth, path: &str) -> &'static str {
    let response = runtime.block_on(http.call(Request::get(path).body(()).unwrap())).unwrap();
    if response.status() == 200 { "SERVING" } else { "NOT_SERVING" }
}

/// Starts the client with an address and the name of the service that it watches.
fn agrees_with_http(client: impl FnOnce(&str, &str) -> Command) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let checks = [("a", Kind::Readiness), ("b", Kind::Readiness), ("c", Kind::Liveness)];
    let _runtime = runtime.enter();
    let health: Health =
        builder(checks.map(|(name, kind)| Check::reported(name, kind))).drain_delay(Duration::ZERO).start().unwrap();
    let reporters = checks.map(|(name, _)| health.reporter(name).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(tokio::net::TcpListener::from_std(listener).unwrap());
    runtime.spawn(Server::builder().add_service(health.grpc()).serve_with_incoming(incoming));

    let mut client = Client::start(&mut client(&address.to_string(), "readiness"));
    let mut http = health.service().tower();
    assert_eq!(client.next_watched(), "NOT_SERVING");
    assert_eq!(client.check("nope"), "NOT_FOUND");
    let services = [
        ("", "/readyz"),
        ("readiness", "/readyz"),
        ("liveness", "/livez"),
        ("health", "/health"),
        ("a", "/health/a"),
        ("c", "/health/c"),
    ];
    let (mut random, mut last, mut changes) = (Random::seeded(11), "NOT_SERVING", 0);
    for round in 0..1_000 {
        let reporter = &reporters[random.below(reporters.len())];
        if random.below(2) == 0 {
            reporter.up();
        } else {
            reporter.down("broken");
        }
        let (service, path) = services[random.below(services.len())];
        assert_eq!(client.check(service), http_state(&runtime, &mut http, path), "{round}: {service}");
        let readiness = http_state(&runtime, &mut http, "/readyz");
        if readiness != last {
            assert_eq!(client.next_watched(), readiness, "{round}");
            (last, changes) = (readiness, changes + 1);
        }
    }
    assert!(changes > 100, "{changes}");
    reporters.iter().for_each(health_runtime::Reporter::up);
    if last == "NOT_SERVING" {
        assert_eq!(client.next_watched(), "SERVING");
    }
    health.drain();
    assert_eq!(client.next_watched(), "NOT_SERVING");
    assert_eq!(client.next_watched(), "END", "it saw each change once");
}

fn script(name: &str) -> PathBuf {
    workspace::root().join("tests/programs/grpc_clients").join(name)
}

#[test]
fn a3_the_client_of_python_agrees_with_http() {
    agrees_with_http(|address, service| {
        let mut command = Command::new(workspace::target().join("python/bin/python"));
        command.arg(script("client.py")).args([address, service]);
        command
    });
}

#[test]
fn a3_the_client_of_node_js_agrees_with_http() {
    agrees_with_http(|address, service| {
        let mut command = Command::new("node");
        command.arg(script("client.js")).arg(workspace::target().join("npm")).args([address, service]);
        command
    });
}
