use health_runtime::health_check;

#[health_check(readiness)]
enum Database {}

fn main() {}
