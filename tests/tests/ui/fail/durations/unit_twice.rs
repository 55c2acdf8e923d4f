use health_runtime::health_check;

#[health_check(readiness, timeout = "1s1s")]
async fn database() {}

fn main() {}
