use health_runtime::health_check;

#[health_check(readiness)]
async fn _database() {}

fn main() {}
