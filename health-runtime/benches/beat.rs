//! One beat of a heartbeat, relative to one reading of the clock, in real time. Prints the ratio and fails above the limit.
//!
//! Under valgrind reading the clock is a system call, so counting instructions does not help. The two are measured in turns, and
//! the median of many short rounds counts, so that a busy machine disturbs both alike.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use health_runtime::{Check, Health};

const ROUNDS: usize = 1_001;
const CALLS: u32 = 2_000;
const LIMIT: f64 = 1.5;

fn time(mut call: impl FnMut()) -> Duration {
    let began = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    began.elapsed()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let _entered = runtime.enter();
    let check = Check::heartbeat("consumer", Duration::from_secs(60 * 60));
    let health = Health::builder().linked_checks(false).check(check).start()?;
    let heartbeat = health.heartbeat("consumer")?;
    let (mut clock, mut beats) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        clock.push(time(|| _ = black_box(tokio::time::Instant::now())));
        beats.push(time(|| heartbeat.beat()));
    }
    let (clock, beat) = (median(clock), median(beats));
    let ratio = beat.as_secs_f64() / clock.as_secs_f64();
    println!("a beat takes {:?}, a reading of the clock {:?}: ratio {ratio:.3}, limit {LIMIT}", beat / CALLS, clock / CALLS);
    if ratio > LIMIT { Err("a beat takes longer than its limit".into()) } else { Ok(()) }
}
