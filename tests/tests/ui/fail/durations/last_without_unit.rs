use health_runtime::health_check;

#[health_check(readiness, timeout = "1m30")]
async fn database() {}

fn main() {}
