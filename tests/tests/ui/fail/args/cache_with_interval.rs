use health_runtime::health_check;

#[health_check(readiness, interval = "10s", cache = "1s")]
async fn database() {}

fn main() {}
