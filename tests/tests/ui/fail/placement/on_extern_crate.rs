use health_runtime::health_check;

#[health_check(readiness)]
extern crate core as database;

fn main() {}
