#![deny(warnings)]

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use health_runtime::{LivenessSafe, health_check};

struct Heartbeat(AtomicU64);

impl LivenessSafe for Heartbeat {}

trait Beats: Send + Sync {}

impl LivenessSafe for dyn Beats {}

#[health_check(liveness)]
async fn own(beat: &Heartbeat, optional: Option<&Heartbeat>, data: Data<Heartbeat>, beats: &dyn Beats) {
    let _ = (&beat.0, optional, data, std::ptr::from_ref(beats));
}

#[health_check(liveness, readiness)]
async fn given(a: &AtomicBool, b: &u64, c: &str, d: &String, e: &Duration, f: &Instant, g: &bool, h: &(u8, char)) {
    let _ = (a, b, c, d, e, f, g, h);
}

#[health_check(liveness)]
fn wrapped(a: &Arc<Heartbeat>, b: &Mutex<u64>, c: &RwLock<Option<Instant>>, d: &OnceLock<Heartbeat>, e: &[AtomicU64; 2], f: &(Heartbeat, u8)) {
    let _ = (a, b, c, d, e, f);
}

fn main() {}
