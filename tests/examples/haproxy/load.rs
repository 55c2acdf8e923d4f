//! Clients that send requests all the time, each on a kept connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use health_tests::client::Client;

/// Running clients.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    pub(crate) fn start(address: SocketAddr, path: &'static str, clients: usize) -> Self {
        let (stop, served) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let client = || {
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            thread::spawn(move || ask(address, path, &stop, &served))
        };
        let clients = (0..clients).map(|_| client()).collect();
        Self { stop, served, clients }
    }

    /// Returns the number of 200 responses so far.
    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }

    /// Stops the clients and returns everything that was not a 200.
    pub(crate) fn stop(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    }
}

fn ask(address: SocketAddr, path: &str, stop: &AtomicBool, served: &AtomicUsize) -> Vec<String> {
    let (mut client, mut lost) = (Client::new(address), Vec::new());
    while !stop.load(Ordering::Relaxed) {
        match client.get(path) {
            Ok(response) if response.status == 200 => _ = served.fetch_add(1, Ordering::Relaxed),
            other => lost.push(format!("{other:?}")),
        }
    }
    lost
}
