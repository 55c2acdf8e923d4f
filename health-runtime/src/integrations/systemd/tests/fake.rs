//! A manager that hears, and something to tell it of.

use std::future::ready;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::super::Notifier;
use super::super::environment::Manager;
use crate::builder::HealthBuilder;
use crate::core::health::Health;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Kind;
use crate::core::registry::check::Check;

/// In the place of systemd: a socket in a folder of its own.
pub(super) struct FakeSystemd {
    pub(super) folder: PathBuf,
    pub(super) socket: UnixDatagram,
    since: Instant,
    /// Of a second, that are over.
    tenths: u64,
}

impl FakeSystemd {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("health-systemd-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let socket = Self::bind(folder.join("notify"));
        Self { folder, socket, since: Instant::now(), tenths: 0 }
    }

    pub(super) fn bind(path: PathBuf) -> UnixDatagram {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    }

    pub(super) fn is_told_by(&self, health: &Health, watchdog: Option<Duration>) -> JoinHandle<()> {
        let address = SocketAddr::from_pathname(self.folder.join("notify")).unwrap();
        tokio::spawn(Notifier::new(health.inner(), Manager { address, watchdog }).unwrap().run())
    }

    pub(super) fn heard(&self) -> Vec<String> {
        let mut buffer = [0; 8192];
        let messages = std::iter::from_fn(|| self.socket.recv(&mut buffer).ok().map(|count| buffer[..count].to_vec()));
        messages.map(|message| String::from_utf8(message).unwrap()).collect()
    }

    /// What is said until this second, each with the second of its coming.
    pub(super) async fn until(&mut self, second: u64) -> Vec<String> {
        let mut heard = Vec::new();
        while self.tenths < second * 10 {
            // Half-way between two tenths, so that nothing else is due at this moment.
            sleep_until(self.since + Duration::from_millis(self.tenths * 100 + 50)).await;
            let at = format!("{}.{}", self.tenths / 10, self.tenths % 10);
            heard.extend(self.heard().into_iter().map(|message| format!("{at} {message}")));
            self.tenths += 1;
        }
        heard
    }
}

impl Drop for FakeSystemd {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn builder(checks: impl IntoIterator<Item = Check>) -> HealthBuilder {
    checks.into_iter().fold(Health::builder().linked_checks(false), HealthBuilder::check)
}

pub(super) fn health(checks: impl IntoIterator<Item = Check>) -> Health {
    builder(checks).start().unwrap()
}

/// A check that is run on every look, and what turns it.
pub(super) fn turned(kind: Kind, name: &str, is_up: bool) -> (Check, Arc<AtomicBool>) {
    let turn = Arc::new(AtomicBool::new(is_up));
    let seen = Arc::clone(&turn);
    let run = move || ready(if seen.load(Ordering::SeqCst) { Outcome::up() } else { Outcome::down("password=hunter2") });
    let check = match kind {
        Kind::Liveness => Check::liveness(name, run),
        Kind::Readiness => Check::readiness(name, run),
        Kind::Startup => Check::startup(name, run),
    };
    (check.cache(Duration::ZERO), turn)
}
