use health_runtime::health_check;

#[health_check(readiness, cache = "1s", interval = "10s")]
async fn database() {}

fn main() {}
