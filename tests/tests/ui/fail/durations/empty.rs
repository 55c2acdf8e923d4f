use health_runtime::health_check;

#[health_check(readiness, timeout = "")]
async fn database() {}

fn main() {}
