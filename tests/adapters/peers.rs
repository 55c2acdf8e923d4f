//! F9: instances that ask each other over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use health_runtime::{Check, Expose, Health, HealthService, Kind, Listener, Peers, Scope};
use health_tests::checks::builder;
use health_tests::http;
use health_tests::servers::free_port;
use health_tests::until;
use serde_json::Value;
use tokio::task::spawn_blocking;

const PATIENCE: Duration = Duration::from_mins(2);

/// One instance, with its own database and its own port.
struct Instance {
    database: Arc<AtomicBool>,
    address: SocketAddr,
    /// Dropping the last handle ends its questions.
    _health: Health,
    _listener: Listener,
}

impl Instance {
    /// Starts an instance whose database is good. It has its own address among those of its peers.
    fn start(ports: &[u16], own: u16, configure: impl Fn(HealthService) -> HealthService + Send + Sync + 'static) -> Self {
        let database = Arc::new(AtomicBool::new(true));
        let state = Arc::clone(&database);
        let run = move || {
            let is_good = state.load(SeqCst);
            async move { if is_good { Ok(()) } else { Err("bad") } }
        };
        let peers = Peers::list(ports.iter().map(|port| format!("127.0.0.1:{port}"))).path("/health/ready").keep(0.0);
        let peers = peers.leave_within(Duration::ZERO).readmit_within(Duration::ZERO);
        let check = Check::readiness("database", run).shared(true).cache(Duration::ZERO).timeout(PATIENCE);
        let health = builder([check]).deadline(PATIENCE).peers(peers).start().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], own));
        let listener = health
            .listen(address, move |service| configure(service.path(Kind::Readiness, "/health/ready").path(Scope::All, "/all")));
        Self { database, address, _health: health, _listener: listener.unwrap() }
    }

    /// Returns the code of its readiness, its state, and the reason of the check.
    fn ready(&self) -> (u16, String, String) {
        let response = http::get(self.address, "/health/ready").unwrap();
        let body: Value = serde_json::from_str(response.text()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (response.status, text(&body["status"]), text(&body["checks"]["database"]["error"]))
    }
}

fn expected(code: u16, state: &str, reason: &str) -> (u16, String, String) {
    (code, state.to_owned(), reason.to_owned())
}

fn wait_for(instance: &Instance, code: u16, state: &str, reason: &str) {
    let expected = expected(code, state, reason);
    until(PATIENCE, reason, || (instance.ready() == expected).then_some(()));
}

async fn on_a_thread(test: impl FnOnce() + Send + 'static) {
    spawn_blocking(test).await.unwrap();
}

fn instances(count: usize, configure: fn(usize, HealthService) -> HealthService) -> Vec<Instance> {
    let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
    (0..count).map(|index| Instance::start(&ports, ports[index], move |service| configure(index, service))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_instances_ask_each_other_and_not_themselves() {
    let instances = instances(3, |_, service| service);
    on_a_thread(move || {
        for instance in &instances {
            assert_eq!(instance.ready(), expected(200, "healthy", ""));
        }
        for instance in &instances {
            instance.database.store(false, SeqCst);
        }
        for instance in &instances {
            wait_for(instance, 200, "degraded", "down here and at 2 of 2 peers");
        }
        let [first, others @ ..] = &instances[..] else { unreachable!() };
        for instance in others {
            instance.database.store(true, SeqCst);
            wait_for(instance, 200, "healthy", "");
        }
        wait_for(first, 503, "unhealthy", "check failed");
        first.database.store(true, SeqCst);
        wait_for(first, 200, "healthy", "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_a_peer_that_shows_no_checks_does_not_count() {
    // The second shows no checks, and nothing listens for the third.
    let mut instances = instances(3, |index, service| if index == 1 { service.expose(Expose::Status) } else { service });
    on_a_thread(move || {
        drop(instances.pop());
        let first = &instances[0];
        assert_eq!(first.ready(), expected(200, "healthy", ""));
        for instance in &instances {
            instance.database.store(false, SeqCst);
        }
        wait_for(first, 503, "unhealthy", "check failed");
    })
    .await;
}
