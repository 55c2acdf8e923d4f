#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::health_check;

#[tracing::instrument(skip(pool))]
#[health_check(readiness)]
async fn above(pool: &String) -> Result<(), String> {
    Err(pool.clone())
}

#[health_check(readiness)]
#[tracing::instrument(skip_all, err)]
async fn below(pool: &String) -> Result<(), String> {
    Err(pool.clone())
}

#[tracing::instrument]
#[health_check(liveness)]
fn plain_above(beat: &u64) {
    let _ = beat;
}

#[health_check(liveness)]
#[tracing::instrument]
fn plain_below(beat: &u64) {
    let _ = beat;
}

fn main() {
    plain_above(&1);
    plain_below(&1);
    assert_eq!(inventory::iter::<Descriptor>().count(), 4);
}
