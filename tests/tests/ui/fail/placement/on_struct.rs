use health_runtime::health_check;

#[health_check(readiness)]
struct Database;

fn main() {}
