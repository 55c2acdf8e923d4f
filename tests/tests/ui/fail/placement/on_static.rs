use health_runtime::health_check;

#[health_check(readiness)]
static DATABASE: u8 = 0;

fn main() {}
