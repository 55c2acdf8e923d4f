use health_runtime::health_check;

#[health_check(readiness, timeout = "500ms", timeout = "1s")]
async fn database() {}

fn main() {}
