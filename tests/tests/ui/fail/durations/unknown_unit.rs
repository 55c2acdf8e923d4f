use health_runtime::health_check;

#[health_check(readiness, timeout = "1d")]
async fn database() {}

fn main() {}
