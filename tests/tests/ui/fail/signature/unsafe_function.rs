use health_runtime::health_check;

#[health_check(readiness)]
async unsafe fn database() {}

fn main() {}
