//! The faults of each check, and the runs with them.

use std::future::pending;
use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

use health_runtime::{LivenessSafe, Outcome};
use health_tests::random::Random;
use tokio::time::sleep;

/// The message of every intended panic.
pub(crate) const ON_PURPOSE: &str = "a fault of the soak";

/// Longer than the timeout of each plain `fn`.
const BLOCKED: Duration = Duration::from_millis(150);

/// A fault of a check.
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

/// The checks and the tasks that have faults.
pub(crate) const NAMES: [&str; 16] = [
    "alive",
    "background",
    "beyond-deadline",
    "blocking",
    "blocking-background",
    "cached",
    "consumer-0",
    "consumer-1",
    "consumer-2",
    "consumer-3",
    "reported",
    "reported-often",
    "shard-0",
    "shard-1",
    "threshold",
    "uncached",
];

/// The current fault of each check and task.
#[derive(Debug, Default)]
pub(crate) struct Faults([AtomicU8; NAMES.len()]);

impl LivenessSafe for Faults {}

impl Faults {
    /// Switches the faults: one name in three gets one, the others have none.
    pub(crate) fn switch(&self, random: &mut Random) {
        for stored in &self.0 {
            // Zero is no fault; a fault is its index in `ALL` plus one.
            let fault = if random.below(3) == 0 { 1 + random.below(ALL.len()) } else { 0 };
            stored.store(u8::try_from(fault).unwrap_or_default(), Ordering::SeqCst);
        }
    }

    /// Returns the fault of the check or the task with this name.
    pub(crate) fn fault_of(&self, name: &str) -> Option<Fault> {
        let place = NAMES.iter().position(|known| *known == name)?;
        let fault = self.0.get(place)?.load(Ordering::SeqCst);
        ALL.get(usize::from(fault).checked_sub(1)?).copied()
    }

    /// Waits until it has this fault.
    pub(crate) async fn wait_for(&self, fault: Fault, name: &str) {
        while self.fault_of(name) != Some(fault) {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs an async check.
    pub(crate) async fn run(&self, name: &str) -> Result<Outcome, Error> {
        match self.fault_of(name) {
            Some(Fault::Hangs) => pending().await,
            Some(Fault::IsSlow) => sleep(Duration::from_millis(30)).await,
            // This blocks the thread of all checks.
            Some(Fault::Blocks) => thread::sleep(Duration::from_millis(10)),
            _ => {}
        }
        self.end(name)
    }

    /// Runs a plain `fn`, which blocks its dedicated thread.
    pub(crate) fn run_blocking(&self, name: &str) -> Result<Outcome, Error> {
        match self.fault_of(name) {
            Some(Fault::Hangs | Fault::Blocks) => thread::sleep(BLOCKED),
            Some(Fault::IsSlow) => thread::sleep(Duration::from_millis(10)),
            _ => {}
        }
        self.end(name)
    }

    fn end(&self, name: &str) -> Result<Outcome, Error> {
        match self.fault_of(name) {
            Some(Fault::Fails) => {
                Err(Error::new(ErrorKind::ConnectionRefused, format!("{name} at db://user:secret@host: {ON_PURPOSE}")))
            }
            Some(Fault::Panics) => panic!("{ON_PURPOSE}"),
            Some(Fault::Degrades) => Ok(Outcome::degraded("far behind").with("behind", 12)),
            _ => Ok(Outcome::up()),
        }
    }
}
