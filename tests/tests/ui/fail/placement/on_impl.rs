use health_runtime::health_check;

struct Database;

#[health_check(readiness)]
impl Database {}

fn main() {}
