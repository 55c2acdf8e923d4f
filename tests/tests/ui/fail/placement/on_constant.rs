use health_runtime::health_check;

#[health_check(readiness)]
const DATABASE: u8 = 0;

fn main() {}
