//! A real Envoy in front of the instances of a service.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{envoy, http, until, workspace};
use serde_json::Value;

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
        fs::write(&file, envoy::bootstrap(address, Some(admin), instances, options).to_string()).unwrap();
        let program = workspace::target().join("python/bin/envoy");
        assert!(program.is_file(), "there is no {}; run `tests/all`, which installs Envoy", program.display());
        let program = Program::start(Command::new(program).args(envoy::OPTIONS).arg(&file));
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
