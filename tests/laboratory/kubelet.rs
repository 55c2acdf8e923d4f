//! The part of Kubernetes: probes with the rules of a kubelet, restarts, and the addresses of a headless Service in dnsmasq.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::http::Connection;
use health_tests::installed;
use health_tests::program::Program;
use rustix::process::Signal;

use crate::fleet::Fleet;

/// The name of the Service, and the address of its DNS server, which `scripts/laboratory` puts into `/etc/resolv.conf`.
pub(crate) const SERVICE: &str = "orders.test";
pub(crate) const DNS: &str = "127.0.53.1";

const PERIOD: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(1);
const FAILURE_THRESHOLD: u32 = 3;

pub(crate) struct Kubelet {
    shared: Arc<Shared>,
    probing: Vec<JoinHandle<()>>,
}

struct Shared {
    fleet: Arc<Fleet>,
    service: Mutex<Service>,
    terminating: Vec<AtomicBool>,
    restarts: AtomicUsize,
    stopped: AtomicBool,
}

/// The ready instances, as dnsmasq returns them.
struct Service {
    ready: Vec<bool>,
    hosts: PathBuf,
    dnsmasq: Program,
    _folder: Folder,
}

impl Kubelet {
    /// Starts to probe.
    pub(crate) fn start(fleet: &Arc<Fleet>) -> Self {
        let instances = fleet.replicas.len();
        let shared = Arc::new(Shared {
            fleet: Arc::clone(fleet),
            service: Mutex::new(Service::start(instances)),
            terminating: (0..instances).map(|_| AtomicBool::default()).collect(),
            restarts: AtomicUsize::default(),
            stopped: AtomicBool::default(),
        });
        let probing = (0..instances).map(|instance| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.probe_forever(instance))
        });
        let probing = probing.collect();
        Self { shared, probing }
    }

    pub(crate) fn ready(&self) -> usize {
        self.shared.service.lock().unwrap().ready.iter().filter(|ready| **ready).count()
    }

    pub(crate) fn is_ready(&self, instance: usize) -> bool {
        self.shared.service.lock().unwrap().ready[instance]
    }

    pub(crate) fn restarts(&self) -> usize {
        self.shared.restarts.load(Ordering::Relaxed)
    }

    /// Replaces a pod, as a rollout does: its address leaves the Service before it stops.
    pub(crate) fn replace(&self, instance: usize) {
        let terminating = &self.shared.terminating[instance];
        terminating.store(true, Ordering::SeqCst);
        self.shared.set_ready(instance, false);
        self.shared.fleet.replicas[instance].restart();
        terminating.store(false, Ordering::SeqCst);
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for probing in self.probing.drain(..) {
            let _ended = probing.join();
        }
    }
}

impl Shared {
    fn probe_forever(&self, instance: usize) {
        let address = self.fleet.replicas[instance].address;
        thread::sleep(PERIOD * u32::try_from(instance).unwrap() / u32::try_from(self.terminating.len()).unwrap());
        let (mut unready, mut dead) = (0, 0);
        while !self.stopped.load(Ordering::SeqCst) {
            thread::sleep(PERIOD);
            unready = if passes(address, "/readyz") { 0 } else { unready + 1 };
            dead = if passes(address, "/livez") { 0 } else { dead + 1 };
            if self.terminating[instance].load(Ordering::SeqCst) {
                (unready, dead) = (0, 0);
                continue;
            }
            if unready == 0 || unready == FAILURE_THRESHOLD {
                self.set_ready(instance, unready == 0);
            }
            if dead == FAILURE_THRESHOLD {
                dead = 0;
                self.restarts.fetch_add(1, Ordering::Relaxed);
                self.fleet.replicas[instance].restart();
            }
        }
    }

    fn set_ready(&self, instance: usize, is_ready: bool) {
        let mut service = self.service.lock().unwrap();
        if service.ready[instance] != is_ready {
            service.ready[instance] = is_ready;
            let addresses = self.fleet.replicas.iter().zip(&service.ready).filter(|(_, ready)| **ready);
            let hosts = addresses.fold(String::new(), |mut hosts, (replica, _)| {
                let _infallible = writeln!(hosts, "{} {SERVICE}", replica.address.ip());
                hosts
            });
            fs::write(&service.hosts, hosts).unwrap();
            service.dnsmasq.signal(Signal::HUP);
        }
    }
}

impl Service {
    fn start(instances: usize) -> Self {
        let folder = Folder::new();
        let hosts = folder.path().join("hosts");
        fs::write(&hosts, "").unwrap();
        let mut dnsmasq: Command = installed::program("dnsmasq", "dnsmasq", "dnsmasq-base");
        dnsmasq.args(["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces"]);
        dnsmasq.args(["--user=root", "--pid-file=", "--local=/test/", &format!("--listen-address={DNS}")]);
        dnsmasq.arg(format!("--addn-hosts={}", hosts.display()));
        Self { ready: vec![false; instances], hosts, dnsmasq: Program::start(&mut dnsmasq), _folder: folder }
    }
}

/// Returns whether a probe is answered with 200 in time.
fn passes(address: SocketAddr, path: &str) -> bool {
    let probe = || -> io::Result<u16> {
        let mut connection = Connection::open(address)?;
        connection.patient(TIMEOUT)?;
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        Ok(connection.response()?.status)
    };
    probe().is_ok_and(|code| code == 200)
}
