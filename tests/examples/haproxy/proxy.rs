//! A real HAProxy in front of the instances of a service.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::{installed, until};

/// How often it probes an instance, and how many results in a row change its state.
pub(crate) const INTER: Duration = Duration::from_millis(250);
pub(crate) const FALL: u32 = 2;
const RISE: u32 = 2;

const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct HaProxy {
    // Dropped before its folder.
    _program: Program,
    socket: PathBuf,
    address: SocketAddr,
    _folder: Folder,
}

impl HaProxy {
    /// Starts a HAProxy that probes with its default request. `more` is added to the backend.
    pub(crate) fn start(instances: &[(&str, SocketAddr)], more: &str) -> Self {
        let folder = Folder::new();
        let (file, socket) = (folder.path().join("haproxy.cfg"), folder.path().join("stats"));
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let (inter, socket_of_it) = (INTER.as_millis(), socket.display());
        let mut config = format!(
            "global\n  stats socket {socket_of_it} level admin\n\
             defaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n  timeout check 1s\n\
             frontend clients\n  bind {address}\n  default_backend service\n\
             backend service\n  balance roundrobin\n  option httpchk /readyz\n  {more}\n"
        );
        for (name, at) in instances {
            let _ = writeln!(config, "  server {name} {at} check inter {inter} fall {FALL} rise {RISE}");
        }
        fs::write(&file, config).unwrap();
        let program = Program::start(installed::program("haproxy", "HAProxy", "haproxy").arg("-db").arg("-f").arg(&file));
        let proxy = Self { _program: program, socket, address, _folder: folder };
        until(PATIENCE, "HAProxy listens", || UnixStream::connect(&proxy.socket).ok().map(drop));
        proxy
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its state of an instance: `UP`, `DOWN`, `NOLB`, or a change in progress such as `UP 1/2`.
    pub(crate) fn state(&self, instance: &str) -> String {
        let mut stats = UnixStream::connect(&self.socket).unwrap();
        stats.write_all(b"show stat\n").unwrap();
        let mut table = String::new();
        stats.read_to_string(&mut table).unwrap();
        let mut rows = table.lines().map(|line| line.trim_start_matches("# ").split(',').collect::<Vec<_>>());
        let column = rows.next().unwrap().iter().position(|name| *name == "status").unwrap();
        let row = rows.find(|row| row.starts_with(&["service", instance]));
        row.unwrap_or_else(|| panic!("no {instance} in {table}"))[column].to_owned()
    }

    pub(crate) fn wait_until(&self, instance: &str, state: &str) {
        until(PATIENCE, &format!("{instance} is {state}"), || (self.state(instance) == state).then_some(()));
    }
}
