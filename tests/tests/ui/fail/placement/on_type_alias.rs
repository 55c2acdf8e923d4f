use health_runtime::health_check;

#[health_check(readiness)]
type Database = u8;

fn main() {}
