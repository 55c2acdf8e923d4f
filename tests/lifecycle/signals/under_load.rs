//! A drain under load loses nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use health_tests::client::Client;
use health_tests::http;
use health_tests::until;

use super::service::{LIMIT, Service};

const CLIENTS: u32 = 20;
/// The pause of each client: together they send 500 requests a second.
const PAUSE: Duration = Duration::from_millis(40);
const DELAY: Duration = Duration::from_secs(5);

/// The responses of one client: when it sent the request and whether the connection was closed; and its failures.
#[derive(Default)]
struct Seen {
    responses: Vec<(Instant, bool)>,
    failures: Vec<String>,
    repeated: usize,
}

fn load(address: SocketAddr, stop: &AtomicBool) -> Seen {
    let mut client = Client::new(address);
    let (mut seen, began) = (Seen::default(), Instant::now());
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let sent_at = Instant::now();
        match client.get("/work?ms=5") {
            Ok(response) if (response.status, response.text()) == (200, "done") => {
                seen.responses.push((sent_at, response.header("connection") == Some("close")));
            }
            other => seen.failures.push(format!("{:?} after the start: {other:?}", sent_at - began)),
        }
        sleep((began + PAUSE * number).saturating_duration_since(Instant::now()));
    }
    Seen { repeated: client.repeated(), ..seen }
}

#[test]
fn l1_sigterm_under_load_loses_no_request() {
    let mut service = Service::ready(DELAY);
    let (address, stop) = (service.address, Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let stop = Arc::clone(&stop);
            thread::spawn(move || load(address, &stop))
        })
        .collect();
    sleep(Duration::from_secs(1));
    assert_eq!(service.codes(["/readyz", "/livez"]), [200, 200]);

    let signalled = Instant::now();
    service.program.terminate();
    let drains_from = until(Duration::from_secs(2), "it drains", || (service.code("/readyz") == 503).then(Instant::now));
    eprintln!("not ready {:?} after the signal", drains_from - signalled);
    while drains_from.elapsed() < Duration::from_secs(2) {
        assert_eq!(service.codes(["/livez", "/readyz"]), [200, 503]);
        sleep(Duration::from_millis(20));
    }
    // By now a load balancer has noticed. One request lasts longer than the delay.
    let slow = thread::spawn(move || http::get(address, "/work?ms=5000").unwrap());
    stop.store(true, Ordering::SeqCst);
    let seen: Vec<Seen> = clients.into_iter().map(|client| client.join().unwrap()).collect();

    assert_eq!(service.program.wait(LIMIT).code(), Some(0), "{:#?}", service.program.errors());
    let took = signalled.elapsed();
    assert!(took >= DELAY, "{took:?}");
    let slow = slow.join().unwrap();
    assert_eq!((slow.status, slow.text()), (200, "done"));

    let failures: Vec<&String> = seen.iter().flat_map(|seen| &seen.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    let responses: Vec<_> = seen.iter().flat_map(|seen| &seen.responses).collect();
    let repeated: usize = seen.iter().map(|seen| seen.repeated).sum();
    let while_draining: Vec<_> = responses.iter().filter(|(sent_at, _)| *sent_at > drains_from).collect();
    eprintln!("{} responses, {} of them while draining; {repeated} requests repeated", responses.len(), while_draining.len());
    assert!(while_draining.len() >= 100 && responses.len() - while_draining.len() >= 100, "{}", responses.len());
    assert!(while_draining.iter().all(|(_, closes)| *closes), "each moves its client away");
}
