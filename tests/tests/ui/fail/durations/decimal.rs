use health_runtime::health_check;

#[health_check(readiness, timeout = "1.5s")]
async fn database() {}

fn main() {}
