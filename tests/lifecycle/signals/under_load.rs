//! A drain under load loses nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use health_tests::client::Client;
use health_tests::http;
use health_tests::until;

use super::service::{LIMIT, LONG, Service};

const CLIENTS: u32 = 20;
/// The pause of each client: together they send 500 requests a second.
const PAUSE: Duration = Duration::from_millis(40);

/// The responses of one client: when it sent the request and whether the connection was closed; and its failures.
#[derive(Default)]
struct Seen {
    responses: Vec<(Instant, bool)>,
    failures: Vec<String>,
    repeated: usize,
}

/// What the clients and the test share.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    served: AtomicUsize,
}

fn load(address: SocketAddr, shared: &Shared) -> Seen {
    let mut client = Client::new(address);
    let (mut seen, began) = (Seen::default(), Instant::now());
    for number in 0.. {
        if shared.stop.load(Ordering::SeqCst) {
            break;
        }
        let sent_at = Instant::now();
        match client.get("/work?ms=5") {
            Ok(response) if (response.status, response.text()) == (200, "done") => {
                seen.responses.push((sent_at, response.header("connection") == Some("close")));
                shared.served.fetch_add(1, Ordering::SeqCst);
            }
            other => seen.failures.push(format!("{:?} after the start: {other:?}", sent_at - began)),
        }
        sleep((began + PAUSE * number).saturating_duration_since(Instant::now()));
    }
    Seen { repeated: client.repeated(), ..seen }
}

#[test]
fn l1_sigterm_under_load_loses_no_request() {
    let mut service = Service::ready(LONG);
    let (address, shared) = (service.address, Arc::new(Shared::default()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || load(address, &shared))
        })
        .collect();
    let served = || shared.served.load(Ordering::SeqCst);
    until(LIMIT, "100 responses", || (served() >= 100).then_some(()));
    assert_eq!(service.codes(["/readyz", "/livez"]), [200, 200]);
    // This request lasts until the server stops.
    let held = thread::spawn(move || http::get(address, "/held").unwrap());
    service.program.line(LIMIT, "it is in flight", |line| (line == "held").then_some(()));

    let signalled = Instant::now();
    service.program.terminate();
    let drains_from = until(LIMIT, "it drains", || (service.code("/readyz") == 503).then(Instant::now));
    eprintln!("not ready {:?} after the signal", drains_from - signalled);
    let before = served();
    until(LIMIT, "500 responses while it drains", || {
        assert_eq!(service.codes(["/livez", "/readyz"]), [200, 503]);
        (served() >= before + 500).then_some(())
    });
    // By now a load balancer has noticed. A second signal ends the drain delay.
    shared.stop.store(true, Ordering::SeqCst);
    let seen: Vec<Seen> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    service.assert_stops();
    let held = held.join().unwrap();
    assert_eq!((held.status, held.text()), (200, "done"));

    let failures: Vec<&String> = seen.iter().flat_map(|seen| &seen.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let responses: Vec<_> = seen.iter().flat_map(|seen| &seen.responses).collect();
    let repeated: usize = seen.iter().map(|seen| seen.repeated).sum();
    let while_draining: Vec<_> = responses.iter().filter(|(sent_at, _)| *sent_at > drains_from).collect();
    eprintln!("{} responses, {} of them while draining; {repeated} requests repeated", responses.len(), while_draining.len());
    assert!(!while_draining.is_empty() && while_draining.iter().all(|(_, closes)| *closes), "each moves its client away");
}
