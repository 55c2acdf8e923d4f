//! Simulates fleets that use the real engine, one `Health` for each replica, on tokio's paused clock. Everything around it is a
//! model: the dependency, the probers, the endpoints, and the clients.

#![allow(clippy::indexing_slicing, clippy::expect_used, reason = "an error ends the simulation")]
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers are small")]

mod balancer;
pub(crate) mod blame;
mod clients;
mod dependency;
mod endpoints;
mod fleet;
mod kubelet;
mod peers;
mod plot;
pub(crate) mod policy;
pub(crate) mod probe_load;
mod replica;
mod report;
pub(crate) mod scenario;
pub(crate) mod simulation;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub(crate) use plot::plot;
pub(crate) use report::{blame_table, probe_load_table, table};

/// The seed of the figures in the guide.
pub(crate) const SEED: u64 = 1;

/// Maps items on as many threads as there are cores, and keeps their order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((index, item)) = items.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = map(item);
                    results.lock().expect("no simulation panicked").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no simulation panicked");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
