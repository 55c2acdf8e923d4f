use health_runtime::health_check;

#[health_check(readiness, interval = "0ms")]
async fn database() {}

fn main() {}
