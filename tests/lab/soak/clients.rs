//! Those who probe, as fast as they are answered, and those who don't wait for the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use health_tests::client::Client;
use health_tests::http::{Answer, Connection};
use health_tests::random::Random;

use super::probes::{Probe, REASONS};

/// How long one who leaves waits before the next time.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// The mistakes that are shown.
const SHOWN: usize = 10;

/// What clients saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// How many answers there were of each code.
    pub(crate) codes: BTreeMap<u16, usize>,
    /// Those of [`REASONS`] that stood in an answer.
    pub(crate) reasons: BTreeSet<&'static str>,
    pub(crate) slowest: Duration,
    /// Answers that came later than they may on a machine that has nothing else to do.
    pub(crate) late: usize,
    pub(crate) mistakes: Vec<String>,
}

impl Seen {
    pub(crate) fn answers(&self) -> usize {
        self.codes.values().sum()
    }

    fn took(&mut self, took: Duration, limit: Duration) {
        self.slowest = self.slowest.max(took);
        self.late += usize::from(took > limit);
    }

    fn reasons_in(&mut self, answer: &Answer) {
        for reason in REASONS {
            if !self.reasons.contains(reason) && answer.text().contains(reason) {
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
        write!(f, "{} answers {:?}, slowest {:?}, {} late", self.answers(), self.codes, self.slowest, self.late)
    }
}

/// All that clients share.
pub(crate) struct Load<'l> {
    pub(crate) over: &'l AtomicBool,
    pub(crate) answered: &'l AtomicUsize,
    /// From here on an answer is late.
    pub(crate) limit: Duration,
}

impl Load<'_> {
    /// Probes at random on one connection that is kept.
    pub(crate) fn probe(&self, address: SocketAddr, probes: &[Probe], mut random: Random) -> Seen {
        let (mut client, mut seen) = (Client::new(address), Seen::default());
        while !self.over.load(Ordering::Relaxed) {
            let probe = &probes[random.below(probes.len())];
            let began = Instant::now();
            let answer = client.get(probe.path);
            seen.took(began.elapsed(), self.limit);
            match answer {
                Ok(answer) => {
                    *seen.codes.entry(answer.status).or_default() += 1;
                    match probe.judge(&answer) {
                        Ok(()) => seen.reasons_in(&answer),
                        Err(mistake) => seen.mistake(|| format!("{}: {mistake}: {answer:?}", probe.path)),
                    }
                }
                Err(error) => seen.mistake(|| format!("{}: {error}", probe.path)),
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
        seen
    }

    /// Asks for something that no check has a part in, which shows what the machine itself takes.
    pub(crate) fn compare(&self, address: SocketAddr) -> Seen {
        let (mut client, mut seen) = (Client::new(address), Seen::default());
        while !self.over.load(Ordering::Relaxed) {
            let began = Instant::now();
            match client.get("/tasks") {
                Ok(answer) => *seen.codes.entry(answer.status).or_default() += 1,
                Err(error) => seen.mistake(|| format!("/tasks: {error}")),
            }
            seen.took(began.elapsed(), self.limit);
            thread::sleep(PAUSE);
        }
        seen
    }

    /// Leaves in the middle of its request, behind it or with two more of them sent, and says how often it did.
    pub(crate) fn leave(&self, address: SocketAddr) -> usize {
        let whole = "GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n";
        let requests = [whole[..20].to_owned(), whole.to_owned(), whole.repeat(3)];
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
