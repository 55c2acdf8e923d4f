use health_runtime::health_check;

#[health_check(readiness, timeout = "five seconds")]
async fn database() {}

fn main() {}
