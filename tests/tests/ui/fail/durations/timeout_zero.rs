use health_runtime::health_check;

#[health_check(readiness, timeout = "0s")]
async fn database() {}

fn main() {}
