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
    answers: Vec<(Instant, bool)>,
    failures: Vec<String>,
    repeated: usize,
}

fn load(address: SocketAddr, stop: &AtomicBool) -> Seen {
    let mut client = Client::new(address);
    let (mut seen, began) = (Seen::default(), Instant::now());
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let asked = Instant::now();
        match client.get("/work?ms=5") {
            Ok(answer) if (answer.status, answer.text()) == (200, "done") => {
                seen.answers.push((asked, answer.header("connection") == Some("close")));
            }
            other => seen.failures.push(format!("{:?} after the start: {other:?}", asked - began)),
        }
        sleep((began + PAUSE * turn).saturating_duration_since(Instant::now()));
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
    let answers: Vec<_> = seen.iter().flat_map(|seen| &seen.answers).collect();
    let repeated: usize = seen.iter().map(|seen| seen.repeated).sum();
    let while_draining: Vec<_> = answers.iter().filter(|(asked, _)| *asked > drains_from).collect();
    eprintln!("{} answers, {} of them while draining; {repeated} requests repeated", answers.len(), while_draining.len());
    assert!(while_draining.len() >= 100 && answers.len() - while_draining.len() >= 100, "{}", answers.len());
    assert!(while_draining.iter().all(|(_, closes)| *closes), "each moves its client away");
}
