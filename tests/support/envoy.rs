//! The configuration of an Envoy in front of the instances of a service.

use std::net::SocketAddr;

use serde_json::{Value, json};

/// The options of the program, before the path of its configuration. Several Envoys on one machine must not share the memory of a hot
/// restart.
pub const OPTIONS: [&str; 6] = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning", "--config-path"];

fn socket(address: SocketAddr) -> Value {
    json!({ "socket_address": { "address": address.ip(), "port_value": address.port() } })
}

/// Returns an extension of Envoy: the type of its configuration, without the common start, and its settings.
#[must_use]
pub fn extension(configuration: &str, mut settings: Value) -> Value {
    settings["@type"] = format!("type.googleapis.com/envoy.extensions.{configuration}").into();
    settings
}

/// Returns the configuration of an Envoy that sends requests at this address to the instances. `options` are those of their cluster.
#[must_use]
pub fn bootstrap(address: SocketAddr, admin: Option<SocketAddr>, instances: &[SocketAddr], options: Value) -> Value {
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
    let mut configuration = json!({
        "static_resources": {
            "listeners": [{
                "address": socket(address),
                "filter_chains": [{ "filters": [{ "name": "http", "typed_config": manager }] }],
            }],
            "clusters": [cluster],
        },
    });
    if let Some(admin) = admin {
        configuration["admin"] = json!({ "address": socket(admin) });
    }
    configuration
}
