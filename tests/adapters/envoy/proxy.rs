//! A real Envoy in front of the instances of a service.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{http, until, workspace};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Envoy {
    // Dropped before its folder.
    _program: Program,
    address: SocketAddr,
    _folder: Folder,
}

impl Envoy {
    /// Starts an Envoy with these instances. `options` are those of their cluster.
    pub(super) fn start(instances: &[SocketAddr], options: Value) -> Self {
        let (folder, [address, admin]) = (Folder::new(), [free_port(), free_port()].map(loopback));
        let file = folder.path().join("envoy.json");
        fs::write(&file, bootstrap(address, admin, instances, options).to_string()).unwrap();
        let program = workspace::target().join("python/bin/envoy");
        assert!(program.is_file(), "there is no {}; run `tests/all`, which installs Envoy", program.display());
        // Several Envoys on one machine must not share the memory of a hot restart.
        let options = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning", "--config-path"];
        let program = Program::start(Command::new(program).args(options).arg(&file));
        let envoy = Self { _program: program, address, _folder: folder };
        until(PATIENCE, "Envoy is ready", || http::get(admin, "/ready").ok().filter(|response| response.status == 200).map(drop));
        envoy
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn socket(address: SocketAddr) -> Value {
    json!({ "socket_address": { "address": address.ip(), "port_value": address.port() } })
}

/// Returns an extension of Envoy: the type of its configuration, without the common start, and its settings.
pub(super) fn extension(configuration: &str, mut settings: Value) -> Value {
    settings["@type"] = format!("type.googleapis.com/envoy.extensions.{configuration}").into();
    settings
}

fn bootstrap(address: SocketAddr, admin: SocketAddr, instances: &[SocketAddr], options: Value) -> Value {
    let router = json!({ "name": "router", "typed_config": extension("filters.http.router.v3.Router", json!({})) });
    let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": "service" } });
    let manager = json!({
        "stat_prefix": "clients",
        "route_config": { "virtual_hosts": [{ "name": "service", "domains": ["*"], "routes": [route] }] },
        "http_filters": [router],
    });
    let manager = extension("filters.network.http_connection_manager.v3.HttpConnectionManager", manager);
    let endpoints: Vec<_> = instances.iter().map(|at| json!({ "endpoint": { "address": socket(*at) } })).collect();
    let mut cluster = options;
    cluster["name"] = "service".into();
    cluster["load_assignment"] = json!({ "cluster_name": "service", "endpoints": [{ "lb_endpoints": endpoints }] });
    json!({
        "admin": { "address": socket(admin) },
        "static_resources": {
            "listeners": [{
                "address": socket(address),
                "filter_chains": [{ "filters": [{ "name": "http", "typed_config": manager }] }],
            }],
            "clusters": [cluster],
        },
    })
}
