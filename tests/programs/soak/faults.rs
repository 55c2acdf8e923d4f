//! What goes wrong with each check, and what a run of it then does.

use std::future::pending;
use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use health_runtime::{LivenessSafe, Outcome};
use health_tests::random::Random;
use tokio::time::sleep;

/// Part of every panic's message, by which the hook knows it.
pub(crate) const ON_PURPOSE: &str = "a fault of the soak";

/// Longer than the limit of each plain `fn`, so that nothing can cut it off.
const BLOCKED: Duration = Duration::from_millis(150);

/// What can go wrong with a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Fails,
    Panics,
    Hangs,
    IsSlow,
    Blocks,
    Degrades,
}

const ALL: [Fault; 6] = [Fault::Fails, Fault::Panics, Fault::Hangs, Fault::IsSlow, Fault::Blocks, Fault::Degrades];

/// The checks that have faults.
pub(crate) const NAMES: [&str; 12] = [
    "alive",
    "background",
    "beyond-deadline",
    "blocking",
    "blocking-background",
    "cached",
    "reported",
    "reported-often",
    "shard-0",
    "shard-1",
    "threshold",
    "uncached",
];

/// The fault that each check has now.
#[derive(Debug, Default)]
pub(crate) struct Faults([AtomicU8; NAMES.len()]);

impl LivenessSafe for Faults {}

impl Faults {
    /// Switches all: one check in three gets a fault, the others lose theirs.
    pub(crate) fn switch(&self, random: &mut Random) {
        for held in &self.0 {
            // Zero is none; the others are one more than their place in `ALL`.
            let fault = if random.below(3) == 0 { 1 + random.below(ALL.len()) } else { 0 };
            held.store(u8::try_from(fault).unwrap_or_default(), Ordering::SeqCst);
        }
    }

    /// That of the check with this name.
    pub(crate) fn of(&self, name: &str) -> Option<Fault> {
        let place = NAMES.iter().position(|known| *known == name)?;
        let fault = self.0.get(place)?.load(Ordering::SeqCst);
        ALL.get(usize::from(fault).checked_sub(1)?).copied()
    }

    /// A run of a check that awaits.
    pub(crate) async fn run(&self, name: &str) -> Result<Outcome, Error> {
        match self.of(name) {
            Some(Fault::Hangs) => pending().await,
            Some(Fault::IsSlow) => sleep(Duration::from_millis(30)).await,
            // The thread is that of all checks.
            Some(Fault::Blocks) => thread::sleep(Duration::from_millis(10)),
            _ => {}
        }
        self.end(name)
    }

    /// A run of a plain `fn`, which blocks its own thread.
    pub(crate) fn run_blocking(&self, name: &str) -> Result<Outcome, Error> {
        match self.of(name) {
            Some(Fault::Hangs | Fault::Blocks) => thread::sleep(BLOCKED),
            Some(Fault::IsSlow) => thread::sleep(Duration::from_millis(10)),
            _ => {}
        }
        self.end(name)
    }

    fn end(&self, name: &str) -> Result<Outcome, Error> {
        match self.of(name) {
            Some(Fault::Fails) => {
                Err(Error::new(ErrorKind::ConnectionRefused, format!("{name} at db://user:secret@host: {ON_PURPOSE}")))
            }
            Some(Fault::Panics) => panic!("{ON_PURPOSE}"),
            Some(Fault::Degrades) => Ok(Outcome::degraded("far behind").with("behind", 12)),
            _ => Ok(Outcome::up()),
        }
    }
}
