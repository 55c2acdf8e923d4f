use health_runtime::health_check;

#[health_check(readiness)]
mod database {}

fn main() {}
