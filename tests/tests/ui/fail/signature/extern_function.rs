use health_runtime::health_check;

#[health_check(readiness)]
extern "C" fn database() {}

fn main() {}
