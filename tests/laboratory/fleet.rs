//! Twelve instances, each with a relay to the database, which a fault of one instance cuts.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use health_tests::http;
use health_tests::program::Program;
use health_tests::servers::{Counting, PASSWORD, Postgres, USER, free_port};
use health_tests::until;

use crate::PATIENCE;
use crate::instance::Variant;

pub(crate) const REPLICAS: u8 = 12;

pub(crate) struct Fleet {
    pub(crate) replicas: Vec<Replica>,
}

pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    /// Its way to the database.
    pub(crate) relay: Counting,
    variant: Mutex<Variant>,
    running: Mutex<Option<Program>>,
}

impl Fleet {
    /// Returns a fleet without processes. All listen on one port, each at a separate address, as the pods of a service do.
    pub(crate) fn new(database: &Postgres) -> Self {
        let port = free_port();
        let replica = |number| Replica {
            address: (Ipv4Addr::new(127, 0, 1, number), port).into(),
            relay: Counting::start(database.address()),
            variant: Mutex::new(Variant::Critical),
            running: Mutex::default(),
        };
        Self { replicas: (1..=REPLICAS).map(replica).collect() }
    }

    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.replicas.iter().map(|replica| replica.address).collect()
    }

    /// Replaces every process by one of this variant, without a drain.
    pub(crate) fn deploy(&self, variant: Variant) {
        for replica in &self.replicas {
            *replica.variant.lock().unwrap() = variant;
            drop(replica.running.lock().unwrap().take());
            replica.start();
        }
        self.replicas.iter().for_each(Replica::wait_until_ready);
    }

    pub(crate) fn stop(&self) {
        for replica in &self.replicas {
            drop(replica.running.lock().unwrap().take());
        }
    }

    /// Returns how often clients waited for the database so far.
    pub(crate) fn round_trips(&self) -> u64 {
        self.replicas.iter().map(|replica| replica.relay.counts().round_trips).sum()
    }
}

impl Replica {
    fn start(&self) {
        let database = format!("postgres://{USER}:{PASSWORD}@{}/{USER}", self.relay.address());
        // This program, also after cargo has replaced its file.
        let mut command = Command::new("/proc/self/exe");
        command.args(["instance", self.variant.lock().unwrap().name(), &self.address.to_string(), &database]);
        *self.running.lock().unwrap() = Some(Program::start(&mut command));
    }

    pub(crate) fn wait_until_ready(&self) {
        until(PATIENCE, "an instance is ready", || {
            http::get(self.address, "/readyz").ok().filter(|response| response.status == 200).map(drop)
        });
    }

    /// Sends SIGTERM, waits until the process has exited, and starts it again.
    pub(crate) fn restart(&self) {
        let running = self.running.lock().unwrap().take();
        if let Some(mut program) = running {
            program.terminate();
            // A kubelet sends SIGKILL after 30 s.
            let status = program.wait(Duration::from_secs(30));
            assert_eq!(status.code(), Some(0), "{:#?}", program.errors());
        }
        self.start();
    }
}
