//! Clients that send requests all the time, each on a kept connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use health_tests::client::Client;

use crate::instance::PRICES;

/// Running clients of one address and path.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Lost>>,
}

/// How many requests got each code that is not 200, or an error.
type Lost = BTreeMap<String, usize>;

#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) served: usize,
    pub(crate) lost: Lost,
}

impl Load {
    /// Starts clients that pause between two requests.
    pub(crate) fn start(address: SocketAddr, path: &'static str, clients: usize, pause: Duration) -> Self {
        let (stop, served) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let client = |_| {
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            thread::spawn(move || ask(address, path, pause, &stop, &served))
        };
        let clients = (0..clients).map(client).collect();
        Self { stop, served, clients }
    }

    /// Returns the number of 200 responses so far.
    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(self) -> Served {
        self.stop.store(true, Ordering::Relaxed);
        let mut lost = Lost::new();
        for (reason, count) in self.clients.into_iter().flat_map(|client| client.join().unwrap()) {
            *lost.entry(reason).or_default() += count;
        }
        Served { served: self.served.load(Ordering::Relaxed), lost }
    }
}

impl Served {
    pub(crate) fn lost(&self) -> usize {
        self.lost.values().sum()
    }

    pub(crate) fn sent(&self) -> usize {
        self.served + self.lost()
    }
}

fn ask(address: SocketAddr, path: &str, pause: Duration, stop: &AtomicBool, served: &AtomicUsize) -> Lost {
    let (mut client, mut lost) = (Client::new(address), Lost::new());
    while !stop.load(Ordering::Relaxed) {
        let reason = match client.get(path) {
            // A proxy might respond in place of an instance.
            Ok(response) if response.status == 200 && (path != "/prices" || response.text() == PRICES) => {
                served.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(response) => Some(response.status.to_string()),
            Err(error) => Some(error.kind().to_string()),
        };
        if let Some(reason) = reason {
            *lost.entry(reason).or_default() += 1;
        }
        thread::sleep(pause);
    }
    lost
}
