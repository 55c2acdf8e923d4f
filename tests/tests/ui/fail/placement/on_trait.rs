use health_runtime::health_check;

#[health_check(readiness)]
trait Database {}

fn main() {}
