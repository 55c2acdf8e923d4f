//! The small examples, each built and started as a reader would. The larger ones have separate files, and
//! `examples/testing` contains its tests.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::thread;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::http;
use health_tests::program::{self, Program};
use health_tests::servers::free_port;
use health_tests::until;
use serde_json::json;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus::{NotServing, Serving};
use tonic_health::pb::health_client::HealthClient;

const LIMIT: Duration = Duration::from_mins(2);

/// A running example.
struct Example {
    // Dropped before the folder that it runs in.
    program: Program,
    address: SocketAddr,
    folder: Folder,
}

impl Example {
    /// Starts it and waits until it listens.
    fn start(name: &str, environment: &[(&str, String)]) -> Self {
        let folder = Folder::new();
        let address = local(free_port());
        let mut command = Command::new(program::build("health-examples", name));
        command.current_dir(folder.path()).env("ADDR", address.to_string()).envs(environment.iter().cloned());
        let mut program = Program::start(&mut command);
        until(LIMIT, "the example listens", || {
            assert_eq!(program.ended(), None, "{:?}", program.errors());
            http::get(address, "/startupz").ok()
        });
        Self { program, address, folder }
    }

    /// Stops it as Kubernetes does.
    fn terminate(mut self) {
        self.program.terminate();
        assert!(self.program.wait(LIMIT).success(), "{:?}", self.program.errors());
    }

    fn get(&self, path: &str) -> (u16, String) {
        let response = http::get(self.address, path).unwrap();
        (response.status, response.without_figures())
    }

    /// Stops it with SIGINT, as Ctrl-C does.
    fn stop(mut self) {
        self.program.interrupt();
        assert!(self.program.wait(LIMIT).success(), "{:?}", self.program.errors());
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[test]
fn minimal_is_ready_once_its_file_exists() {
    let example = Example::start("minimal", &[]);
    let body = |status, check| {
        let version = env!("CARGO_PKG_VERSION");
        format!(r#"{{"status":"{status}","checks":{{"prices":{{{check}}}}},"version":"{version}","uptime_seconds":_}}"#)
    };
    let down = body("unhealthy", r#""status":"down","latency_ms":_,"error":"entity not found""#);
    assert_eq!(example.get("/readyz"), (503, down));
    fs::write(example.folder.path().join("prices.csv"), "apple,3\n").unwrap();
    let up = (200, body("healthy", r#""status":"up","latency_ms":_"#));
    until(LIMIT, "it is ready", || (example.get("/readyz") == up).then_some(()));
    example.stop();
}

#[test]
fn axum_serves_the_same_endpoints_and_drains() {
    let example = Example::start("axum", &[]);
    let check = r#"{"status":"down","latency_ms":_,"error":"entity not found","cause":"No such file or directory (os error 2)"}"#;
    let version = env!("CARGO_PKG_VERSION");
    let body = format!(r#"{{"status":"unhealthy","checks":{{"prices":{check}}},"version":"{version}","uptime_seconds":_}}"#);
    assert_eq!(example.get("/readyz"), (503, body));
    fs::write(example.folder.path().join("prices.csv"), "apple,3\n").unwrap();
    until(LIMIT, "it is ready", || (example.get("/readyz").0 == 200).then_some(()));
    let (code, body) = example.get("/livez");
    assert!(code == 200 && body.contains(r#""runtime":{"status":"up","lag_ms":"#), "{body}");
    assert_eq!(example.get("/orders"), (200, "nothing sold\n".to_owned()));
    example.program.terminate();
    let draining = || http::get(example.address, "/readyz").unwrap();
    until(LIMIT, "it drains", || draining().text().contains(r#""reason":"draining""#).then_some(()));
    let response = http::get(example.address, "/orders").unwrap();
    assert_eq!((response.status, response.header("connection")), (200, Some("close")));
    example.terminate();
}

#[test]
fn grpc_serves_the_health_checks_and_says_why_over_http() {
    let grpc = local(free_port());
    let example = Example::start("grpc", &[("GRPC", grpc.to_string())]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let channel = Endpoint::try_from(format!("http://{grpc}")).unwrap();
    let channel = until(LIMIT, "it listens", || runtime.block_on(channel.connect()).ok());
    let mut client = HealthClient::new(channel);
    let mut check = |service: &str| {
        let request = HealthCheckRequest { service: service.to_owned() };
        runtime.block_on(client.check(request)).unwrap().into_inner().status()
    };
    assert_eq!(["", "prices", "liveness"].map(&mut check), [NotServing, NotServing, Serving]);
    assert!(example.get("/readyz").1.contains(r#""error":"entity not found""#));
    fs::write(example.folder.path().join("prices.csv"), "apple,3\n").unwrap();
    until(LIMIT, "it serves", || (check("") == Serving).then_some(()));
    // tonic waits for the end of open connections, and no task of this client runs any more.
    drop((client, runtime));
    example.stop();
}

#[test]
fn many_crates_has_the_check_of_a_crate_it_only_links() {
    let example = Example::start("many_crates", &[]);
    let both = r#"{"status":"healthy","checks":{"orders":{"status":"up","latency_ms":_},"stock":{"status":"up","latency_ms":_}},"uptime_seconds":_}"#;
    assert_eq!(example.get("/health"), (200, both.to_owned()));
    example.stop();
}

#[test]
fn shards_has_a_check_for_each_shard_and_is_degraded_without_one() {
    let eu = TcpListener::bind(local(0)).unwrap();
    let us = local(free_port());
    let shards = format!("eu={},us={us}", eu.local_addr().unwrap());
    let example = Example::start("shards", &[("SHARDS", shards)]);
    let one = r#"{"status":"degraded","checks":{"shard-eu":{"status":"up","latency_ms":_},"shard-us":{"status":"down","latency_ms":_,"error":"connection refused"}},"uptime_seconds":_}"#;
    assert_eq!(example.get("/readyz?tag=shards"), (200, one.to_owned()));
    let _us = TcpListener::bind(us).unwrap();
    let both = r#"{"status":"healthy","checks":{"shard-eu":{"status":"up","latency_ms":_},"shard-us":{"status":"up","latency_ms":_}},"uptime_seconds":_}"#;
    until(LIMIT, "both are there", || (example.get("/readyz") == (200, both.to_owned())).then_some(()));
    example.stop();
}

#[test]
fn own_port_responds_while_the_only_worker_is_busy() {
    let probes = local(free_port());
    let example = Example::start("own_port", &[("PROBES", probes.to_string())]);
    assert_eq!(example.get("/livez"), (200, r#"{"status":"healthy"}"#.to_owned()));

    let address = example.address;
    let report = thread::spawn(move || http::get(address, "/report").unwrap());
    // The only worker records no heartbeat while it is busy, so this response did not wait for it.
    let mut body = until(LIMIT, "the worker is busy", || {
        let response = http::get(probes, "/livez").unwrap();
        assert_eq!(response.status, 200);
        let body = response.json();
        (body["checks"]["workers"]["lag_ms"].as_u64()? > 1_000).then_some(body)
    });
    body["checks"]["workers"]["lag_ms"].take();
    body["uptime_seconds"].take();
    let workers = json!({"status": "up", "lag_ms": null, "workers": 1, "late": 0});
    assert_eq!(body, json!({"status": "healthy", "checks": {"workers": workers}, "uptime_seconds": null}));

    assert_eq!(report.join().unwrap().text(), "nothing sold\n");
    example.stop();
}

#[test]
fn metrics_has_results_without_a_probe() {
    let example = Example::start("metrics", &[]);
    let scrape = until(LIMIT, "the check has run", || {
        let (status, scrape) = example.get("/metrics");
        assert_eq!(status, 200);
        let mut runs =
            scrape.lines().filter_map(|line| line.strip_prefix(r#"health_check_runs_total{check="queue",result="degraded"} "#));
        (runs.next()?.parse::<u32>().unwrap() > 0).then_some(scrape)
    });
    for line in ["health_check_status{check=\"queue\"} 0.5", "health_status{kind=\"readiness\"} 0.5"] {
        assert!(scrape.lines().any(|found| found == line), "{line}:\n{scrape}");
    }
    example.stop();
}

#[test]
fn own_registry_prefixes_only_the_metrics_of_the_application() {
    let example = Example::start("own_registry", &[]);
    let scrape = until(LIMIT, "the check has run", || {
        let (status, scrape) = example.get("/metrics");
        assert_eq!(status, 200);
        scrape.contains("\nhealth_check_status{check=\"queue\"} 1.0\n").then_some(scrape)
    });
    assert!(scrape.contains("\nshop_orders_total 1\n") && !scrape.contains("shop_health"), "{scrape}");
    assert!(scrape.contains("\nhealth_status{kind=\"readiness\"} 1.0\n"), "{scrape}");
    assert_eq!(scrape.match_indices("# EOF\n").map(|(at, _)| at).collect::<Vec<_>>(), [scrape.len() - 6], "{scrape}");
    example.stop();
}

/// Its unit tests run with all others.
#[test]
fn testing_runs_as_a_program() {
    let output = Command::new(program::build("health-examples", "testing")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "healthy\n");
}
