//! A crate with a check, as another team would write it. The program calls nothing in it.

use std::sync::atomic::{AtomicUsize, Ordering};

use health_runtime::health_check;

static ITEMS: AtomicUsize = AtomicUsize::new(3);

/// At least one item is in stock.
#[health_check(readiness, critical = false)]
fn stock() -> Result<(), &'static str> {
    if ITEMS.load(Ordering::Relaxed) > 0 { Ok(()) } else { Err("nothing is in stock") }
}
