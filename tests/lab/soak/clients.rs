//! Clients that probe as fast as they get responses, and clients that disconnect early.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use health_tests::client::Client;
use health_tests::http::{Connection, Response};
use health_tests::random::Random;

use super::probes::{Probe, REASONS};

/// The pause between two early disconnects.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// The maximum number of mistakes that are kept.
const SHOWN: usize = 10;

/// The responses that clients received.
#[derive(Default)]
pub(crate) struct Seen {
    /// The number of responses with each code.
    pub(crate) codes: BTreeMap<u16, usize>,
    /// Those of [`REASONS`] that were in a response.
    pub(crate) reasons: BTreeSet<&'static str>,
    pub(crate) slowest: Duration,
    /// Responses that came later than on an idle machine.
    pub(crate) late: usize,
    pub(crate) mistakes: Vec<String>,
}

impl Seen {
    pub(crate) fn responses(&self) -> usize {
        self.codes.values().sum()
    }

    fn took(&mut self, took: Duration, limit: Duration) {
        self.slowest = self.slowest.max(took);
        self.late += usize::from(took > limit);
    }

    fn reasons_in(&mut self, response: &Response) {
        for reason in REASONS {
            if !self.reasons.contains(reason) && response.text().contains(reason) {
                self.reasons.insert(reason);
            }
        }
    }

    fn mistake(&mut self, mistake: impl FnOnce() -> String) {
        if self.mistakes.len() < SHOWN {
            self.mistakes.push(mistake());
        }
    }

    pub(crate) fn join(mut self, other: Self) -> Self {
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        self.reasons.extend(other.reasons);
        self.slowest = self.slowest.max(other.slowest);
        self.late += other.late;
        self.mistakes.extend(other.mistakes);
        self
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} responses {:?}, slowest {:?}, {} late", self.responses(), self.codes, self.slowest, self.late)
    }
}

/// The state that all clients share.
pub(crate) struct Load<'l> {
    pub(crate) over: &'l AtomicBool,
    pub(crate) responded: &'l AtomicUsize,
    /// A response after this time is late.
    pub(crate) limit: Duration,
}

impl Load<'_> {
    /// Probes at random on one kept connection.
    pub(crate) fn probe(&self, address: SocketAddr, probes: &[Probe], mut random: Random) -> Seen {
        let (mut client, mut seen) = (Client::new(address), Seen::default());
        while !self.over.load(Ordering::Relaxed) {
            let probe = &probes[random.below(probes.len())];
            let began = Instant::now();
            let response = client.get(probe.path);
            seen.took(began.elapsed(), self.limit);
            match response {
                Ok(response) => {
                    *seen.codes.entry(response.status).or_default() += 1;
                    match probe.validate(&response) {
                        Ok(()) => seen.reasons_in(&response),
                        Err(mistake) => seen.mistake(|| format!("{}: {mistake}: {response:?}", probe.path)),
                    }
                }
                Err(error) => seen.mistake(|| format!("{}: {error}", probe.path)),
            }
            self.responded.fetch_add(1, Ordering::Relaxed);
        }
        seen
    }

    /// Requests a route without checks, which shows the delay of the machine.
    pub(crate) fn compare(&self, address: SocketAddr) -> Seen {
        let (mut client, mut seen) = (Client::new(address), Seen::default());
        while !self.over.load(Ordering::Relaxed) {
            let began = Instant::now();
            match client.get("/tasks") {
                Ok(response) => *seen.codes.entry(response.status).or_default() += 1,
                Err(error) => seen.mistake(|| format!("/tasks: {error}")),
            }
            seen.took(began.elapsed(), self.limit);
            thread::sleep(PAUSE);
        }
        seen
    }

    /// Disconnects within its request, after it, or after three of them, and returns how often it did.
    pub(crate) fn leave(&self, address: SocketAddr) -> usize {
        let request = "GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n";
        let requests = [request[..20].to_owned(), request.to_owned(), request.repeat(3)];
        let mut left = 0;
        while !self.over.load(Ordering::Relaxed) {
            let mut connection = Connection::open(address).unwrap();
            connection.send(requests[left % requests.len()].as_bytes()).unwrap();
            drop(connection);
            left += 1;
            thread::sleep(PAUSE);
        }
        left
    }
}
