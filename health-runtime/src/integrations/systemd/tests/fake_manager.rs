//! A fake service manager, and checks whose status a test switches.

use std::future::ready;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::super::notifier;
use super::super::notify_config::NotifyConfig;
use crate::builder::HealthBuilder;
use crate::core::health::Health;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Kind;
use crate::core::registry::check::Check;

/// A socket in a temporary folder that receives the messages instead of systemd.
pub(super) struct FakeManager {
    pub(super) folder: PathBuf,
    pub(super) socket: UnixDatagram,
    started_at: Instant,
    /// The number of tenths of a second that have passed.
    tenths: u64,
}

impl FakeManager {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("health-systemd-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let socket = Self::bind(folder.join("notify"));
        Self { folder, socket, started_at: Instant::now(), tenths: 0 }
    }

    pub(super) fn bind(path: PathBuf) -> UnixDatagram {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    }

    pub(super) fn start_notifier(&self, health: &Health, watchdog: Option<Duration>) -> JoinHandle<()> {
        let address = SocketAddr::from_pathname(self.folder.join("notify")).unwrap();
        tokio::spawn(notifier::open(health.inner(), NotifyConfig { address, watchdog }).unwrap())
    }

    pub(super) fn received(&self) -> Vec<String> {
        let mut buffer = [0; 8192];
        let messages = std::iter::from_fn(|| self.socket.recv(&mut buffer).ok().map(|count| buffer[..count].to_vec()));
        messages.map(|message| String::from_utf8(message).unwrap()).collect()
    }

    /// Receives until this second. Each message follows the second of its arrival.
    pub(super) async fn until(&mut self, second: u64) -> Vec<String> {
        let mut received = Vec::new();
        while self.tenths < second * 10 {
            // Half-way between two tenths, so that no other timer is due at this moment.
            sleep_until(self.started_at + Duration::from_millis(self.tenths * 100 + 50)).await;
            let at = format!("{}.{}", self.tenths / 10, self.tenths % 10);
            received.extend(self.received().into_iter().map(|message| format!("{at} {message}")));
            self.tenths += 1;
        }
        received
    }
}

impl Drop for FakeManager {
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

/// Creates a check that runs for every report, and the switch of its status.
pub(super) fn switched_check(kind: Kind, name: &str, is_up: bool) -> (Check, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(is_up));
    let is_up = Arc::clone(&switch);
    let run = move || ready(if is_up.load(Ordering::SeqCst) { Outcome::up() } else { Outcome::down("password=hunter2") });
    let check = match kind {
        Kind::Liveness => Check::liveness(name, run),
        Kind::Readiness => Check::readiness(name, run),
        Kind::Startup => Check::startup(name, run),
    };
    (check.cache(Duration::ZERO), switch)
}
