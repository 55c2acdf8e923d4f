#![deny(warnings)]

extern crate health_runtime as vitals;

#[vitals::health_check(readiness, crate = vitals)]
async fn database(pool: &String) -> Result<(), String> {
    Err(pool.clone())
}

#[vitals::health_check(liveness, crate = ::vitals)]
fn alive() {}

fn main() {}
